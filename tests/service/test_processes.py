"""Readers that are processes: they answer as threads do, and what dies, hangs or fails costs nobody else a reading."""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from glyphic.service.app import create_app
from glyphic.service.processes import Processes
from glyphic.service.settings import Settings
from tests.service.conftest import png, ready
from tests.service.test_reading import PATH, refused

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, threads read")


def service(*names: str, **chosen) -> TestClient:
    """A client of a service of one reader."""
    settings = Settings(workers=1, mathpix=True, **chosen)
    return TestClient(create_app(settings, workers=Processes(names, 1, "tests.service.hazards")))


@pytest.fixture(scope="module")
def forked(step_bundle):
    with service(str(step_bundle.folder)) as found:
        ready(found)
        yield found


def pids(client: TestClient) -> list[int]:
    """The nursery, and the readers that there are."""
    return list(client.app.state.service.workers.pids)


def gone(pid: int, within: float = 5.0) -> bool:
    """Whether a process ends."""
    for _ in range(int(within / 0.02)):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_processes_and_threads_say_the_same(forked, client):
    for method, path, body in (("POST", PATH, png()), ("POST", f"{PATH}&alternatives=2", png("cab")),
                               ("POST", "/v1/write", json.dumps({"notation": "bars", "text": "a b"}).encode()),
                               ("GET", "/v1/models", None), ("GET", "/readyz", None)):
        found = [one.request(method, path, content=body).json() for one in (forked, client)]
        for answer in found:
            if path.startswith(PATH):
                answer["milliseconds"] = 0
        assert found[0] == found[1]


@pytest.mark.parametrize(("path", "body", "status", "code"), [
    (PATH, b"\x89PNG\r\n\x1a\nnonsense", 422, "unreadable-picture"),
    ("/v1/read?notation=poems", png(), 422, "invalid-option"), ("/v1/read?model=nothing", png(), 422, "invalid-option"),
    (f"{PATH}&formats=nonsense", png(), 422, "invalid-option"),
    ("/v1/write", b'{"notation": "bars", "text": "abx"}', 422, "invalid-text"),
    ("/v3/text", b'{"src": "data:image/png;base64,iVBORw0KGgo="}', 422, "unreadable-picture"),
])
def test_errors_travel(forked, client, path, body, status, code):
    problems = [refused(one.post(path, content=body), status, code) for one in (forked, client)]
    for problem in problems:
        del problem["instance"]
        problem.pop("request_id", None)
    assert problems[0] == problems[1]
    assert forked.post(PATH, content=png()).status_code == 200, "the reader lives"


def test_the_largest_picture_travels(forked):
    refused(forked.post(PATH, content=png() + bytes(10_000_000 - len(png()) + 1)), 413, "body-too-large")
    assert forked.post(PATH, content=png() + bytes(10_000_000 - len(png()))).json()["text"] == "abba"


def test_what_fails_by_mistake_is_told_to_the_log_alone(forked, caplog):
    problem = refused(forked.post(f"{PATH}&lexicon=fail", content=png()), 500, "internal")
    assert "secret" not in json.dumps(problem)
    assert "a secret" in caplog.text and problem["instance"] in caplog.text and "hazards.py" in caplog.text


def test_the_picture_of_a_reader_that_is_killed_is_read_by_another(forked):
    [_, reader] = pids(forked)
    threading.Timer(0.5, os.kill, (reader, signal.SIGKILL)).start()
    assert forked.post(f"{PATH}&lexicon=slow", content=png()).json()["text"] == "abba"
    assert gone(reader) and reader not in pids(forked) and len(pids(forked)) == 2


def test_a_picture_that_kills_its_readers_is_given_up_and_a_reader_that_died_at_rest_is_replaced(forked):
    refused(forked.post(f"{PATH}&lexicon=die", content=png()), 500, "reader-died")
    assert forked.post(PATH, content=png()).json()["text"] == "abba"
    [_, reader] = pids(forked)
    os.kill(reader, signal.SIGKILL)
    assert gone(reader) and forked.post(PATH, content=png()).json()["text"] == "abba"


def test_readers_are_forked_by_a_new_nursery_where_theirs_died(forked):
    for pid in pids(forked):
        os.kill(pid, signal.SIGKILL)
        assert gone(pid)
    assert forked.post(PATH, content=png()).json()["text"] == "abba"
    assert len(pids(forked)) == 2


def test_the_reader_of_a_picture_that_takes_too_long_is_ended(step_bundle):
    with service(str(step_bundle.folder), seconds=2.0) as client:
        ready(client)
        [_, reader] = pids(client)
        start = time.monotonic()
        refused(client.post(f"{PATH}&lexicon=stuck", content=png()), 504, "too-slow")
        assert time.monotonic() - start < 4 and gone(reader)
        assert client.post(PATH, content=png()).json()["text"] == "abba"
        assert "glyphic_workers_busy 0.0" in client.get("/metrics").text


def test_figures_are_those_of_all_processes(forked):
    def figures() -> dict[str, float]:
        lines = [line for line in forked.get("/metrics").text.splitlines() if line[0] != "#"]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    forked.post(PATH, content=png())
    before = figures()
    forked.post(PATH, content=png())
    after = figures()
    for name in ('glyphic_reading_seconds_count{model="toy"}', 'glyphic_confidence_count{model="toy"}'):
        assert after[name] == before[name] + 1
    alone = float(Path("/proc/self/smaps_rollup").read_text().split("Pss:")[1].split()[0]) * 1024
    assert after["glyphic_memory_bytes"] > alone + 10_000_000


def test_models_that_cannot_be_used_are_no_readiness(tmp_path):
    with service(str(tmp_path / "nothing")) as client:
        for _ in range(600):
            answer = client.get("/readyz")
            if answer.json()["code"] != "starting":
                break
            time.sleep(0.05)
        assert "nothing" in refused(answer, 503, "not-ready")["detail"]
        found = pids(client)
    assert all(gone(pid) for pid in found)
