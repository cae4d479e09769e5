"""Many threads and processes at one queue, and processes that are killed while they write."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="needs sqlalchemy: pip install 'glyphic[serve]'")

from glyphic.data.samples import read_folder
from glyphic.review.store import Store
from tests.review.readings import picture, reading

KILLS = int(os.environ.get("GLYPHIC_KILLS", "10"))  # more of them where there is time

REVIEWER = """
import sys
from glyphic.review import open_store
store, name = open_store(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
while item := store.next(name):
    store.correct(item.id, name, f"{name} {item.id}")
    print(item.id, flush=True)
"""


def start(url: str, name: str) -> "subprocess.Popen[str]":
    source = str(Path(__file__).parents[2] / "src")
    program = f"import sys; sys.path.insert(0, {source!r})\n{REVIEWER}"
    return subprocess.Popen([sys.executable, "-c", program, url, name], stdout=subprocess.PIPE, text=True)


def labels(store: Store, folder: Path) -> dict[int, str]:
    store.export(folder)
    return {int(sample.path.stem): sample.text for sample in read_folder(folder)}


def fill(store: Store, count: int) -> set[int]:
    return {store.add(picture(n), reading(f"word {n}")) for n in range(count)}


def test_threads_at_once_never_get_the_same_item(url, tmp_path):
    store = Store(url)
    ids = fill(store, 60)
    got: dict[str, list[int]] = {f"reviewer {n}": [] for n in range(8)}
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            while item := store.next(name):
                got[name].append(item.id)
                store.correct(item.id, name, f"{name} {item.id}")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in got]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(id for mine in got.values() for id in mine) == sorted(ids)
    assert labels(store, tmp_path / "out") == {id: f"{name} {id}" for name, mine in got.items() for id in mine}


def test_threads_that_add_the_same_make_one_item(url):
    store, ids = Store(url), []
    threads = [threading.Thread(target=lambda: ids.append(store.add(picture(1), reading()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8 and len(set(ids)) == 1 and store.counts()["waiting"] == 1


@pytest.mark.slow
def test_processes_at_once_never_get_the_same_item(url, tmp_path):
    store = Store(url)
    ids = fill(store, 60)
    workers = [start(url, f"reviewer{n}") for n in range(3)]
    got = {n: [int(line) for line in worker.communicate(timeout=600)[0].split()[1:]]
           for n, worker in enumerate(workers)}
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert sorted(id for mine in got.values() for id in mine) == sorted(ids)
    assert labels(store, tmp_path / "out") == {id: f"reviewer{n} {id}" for n, mine in got.items() for id in mine}


@pytest.mark.slow
def test_processes_that_open_a_new_queue_at_once_make_one(url):
    workers = [start(url, f"reviewer{n}") for n in range(4)]
    assert [worker.communicate(timeout=600)[0] for worker in workers] == ["ready\n"] * 4
    assert Store(url).counts()["waiting"] == 0


@pytest.mark.slow
def test_killed_while_it_writes_no_acknowledged_correction_is_lost(tmp_path):
    """A kill after 1, 3, 5 ... acknowledgements, at whatever moment of the next write it falls."""
    url = f"sqlite:///{tmp_path / 'queue.db'}"
    store = Store(url)
    fill(store, 40 * KILLS)
    acknowledged: dict[int, str] = {}
    for number in range(KILLS):
        name = f"reviewer{number}"
        with start(url, name) as worker:
            assert worker.stdout is not None and worker.stdout.readline() == "ready\n"
            for _ in range(1 + 2 * (number % 10)):
                id = int(worker.stdout.readline())
                acknowledged[id] = f"{name} {id}"
            worker.send_signal(signal.SIGKILL)
            for line in worker.stdout:  # what it had said before it died
                if line.endswith("\n"):
                    acknowledged[int(line)] = f"{name} {int(line)}"
        assert worker.returncode == -signal.SIGKILL
    store.close()
    found = labels(Store(url), tmp_path / "out")
    assert acknowledged.items() <= found.items()
    assert len(found) - len(acknowledged) <= KILLS  # at most one a kill was written and not yet told of
    assert len(acknowledged) >= KILLS
