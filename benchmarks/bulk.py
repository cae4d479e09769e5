"""What does `glyphic batch` bear? Runs of its own, on pictures of its own -> figures, printed and as JSON.

    python benchmarks/bulk.py throughput --pictures 20000 --json bulk.json    # half by one worker, half by two
    python benchmarks/bulk.py kills --pictures 3000 --kills 30
    python benchmarks/bulk.py ray-kills --pictures 3000 --kills 5
    python benchmarks/bulk.py foreign disk --pictures 3000

- throughput: mixed notations, read by one worker and by two in turn (--rounds), each the same share of the pictures, so
  that a machine which slows down does so for both; pictures a second, of each notation as well, and the memory of all
  processes over time
- kills: runs that end by SIGKILL at a random moment (the command, one worker, or all at once) and go on; every input
  has one row, and rows are those of a run that was left alone
- ray-kills: the same on a cluster of this machine with two actors; the command or an actor is killed
- foreign: one picture in a hundred is cut short, empty, huge or something else
- disk: the output is a small disk that fills up, and one that is read-only (needs the right to mount)

Pictures are drawn once into --work, so many different ones, which are repeated under other names. Kills read with the
model `text`. Runs take turns on the CPUs that this process may use.
"""

import argparse
import contextlib
import json
import os
import platform
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SHARES = {"text": 4, "formula": 3, "music": 2, "molecule": 1}  # of ten pictures
BAD = ("cut", "empty", "huge", "foreign")
NOISE = {"RAY_AUTH_MODE": "disabled", "RAY_DEDUP_LOGS": "1"}


def pictures(work: Path, count: int, distinct: int, notations: Sequence[str]) -> Path:
    """A folder of so many pictures, the notations mixed; it is made once."""
    folder = work / f"{'-'.join(notations)}-{count}"
    if (folder / ".complete").exists():
        return folder
    drawn = {name: _drawn(work / "drawn", name, distinct) for name in notations}
    order = [name for name in notations for _ in range(SHARES[name])]
    random.Random(0).shuffle(order)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        name = order[number % len(order)]
        original = drawn[name][number // len(order) % len(drawn[name])]
        place = folder / f"{number // 1000:03d}" / f"{number:06d}-{name}.png"
        place.parent.mkdir(exist_ok=True)
        if not place.exists():
            os.link(original, place)
    (folder / ".complete").touch()
    return folder


def _drawn(folder: Path, name: str, count: int) -> list[Path]:
    """Random pictures of a notation."""
    from PIL import Image

    from glyphic import notations
    from glyphic.data.synthesis import batch

    paths = [folder / f"{name}-{number:05d}.png" for number in range(count)]
    if not all(path.exists() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        notation = notations.get(name)
        assert notation.sample
        made: list[Any] = []
        while len(made) < count:
            made += batch(notation, notation.sample, 0, len(made), min(50, count - len(made)))
        for path, sample in zip(paths, made, strict=False):
            Image.fromarray(sample.rendering.pixels).save(path)
    return paths


class Run:
    """A command that reads, and its processes."""

    def __init__(self, source: Path, out: Path, *options: object):
        self.start = time.perf_counter()
        command = [sys.executable, "-m", "glyphic", "batch", str(source), str(out), *map(str, options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, **NOISE}, start_new_session=True)

    def end(self) -> tuple[int, str, float]:
        """Exit code, what was said on stderr, seconds."""
        _, said = self.process.communicate()
        return self.process.returncode, said, time.perf_counter() - self.start

    def kill(self, whom: str) -> None:
        if whom == "all":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        elif whom == "command":
            self.process.kill()
        else:
            workers = descendants(self.process.pid)
            if workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(random.choice(workers), signal.SIGKILL)


def descendants(root: int, named: str = "") -> list[int]:
    """The processes below one, those whose command has a word in it."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found, new = [], {root}
    while new := {child for child, parent in parents.items() if parent in new}:
        found += new
    return [child for child in found if named in _command(child)]


def _command(process: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text(errors="replace")
    return ""


def resident(process: int) -> float:
    """Megabytes."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
    return 0.0


def rows_of(out: Path) -> list[dict[str, Any]]:
    from glyphic.bulk import shards

    return [row for path in sorted((out / "rows").glob("part-*")) for row in shards.read(path)]


def faults(out: Path, wanted: Sequence[str], steady: dict[str, Any] | None = None) -> list[str]:
    """What is wrong with the rows: inputs without one or with two, and, beside those of a run that was left alone,
    other readings."""
    rows = rows_of(out)
    counts = Counter(row["input"] for row in rows)
    found = [f"{name}: {counts[name]} rows" for name in wanted if counts[name] != 1]
    found += [f"{name} is no input" for name in counts.keys() - set(wanted)]
    for row in rows if steady else ():
        other = (steady or {})[row["input"]]
        if (row["text"], row["error"], row["notation"]) != other[:3] \
                or abs((row["confidence"] or 0) - (other[3] or 0)) > 1e-4:
            found.append(f"{row['input']}: {row['text']!r} is not {other[0]!r}")
    return found


def readings(out: Path) -> dict[str, Any]:
    return {row["input"]: (row["text"], row["error"], row["notation"], row["confidence"]) for row in rows_of(out)}


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")
                  if path.is_file() and not path.name.startswith("."))


def throughput(given: argparse.Namespace) -> dict[str, Any]:
    count = given.pictures // (2 * given.rounds)
    folder = pictures(given.work, count, given.distinct, list(SHARES))
    runs: dict[str, list[dict[str, Any]]] = {"one": [], "two": []}
    for number in range(given.rounds):
        for name, workers in (("one", 1), ("two", 2)):
            runs[name].append(_timed(folder, _new(given.work / f"out-{name}"), workers))
            print(f"  round {number + 1}, {name}: {json.dumps(runs[name][-1])}", file=sys.stderr)
    seconds = {name: sum(run["seconds"] for run in each) for name, each in runs.items()}
    return {"read": count * 2 * given.rounds, "two_over_one": round(seconds["one"] / seconds["two"], 3),
            "of_each_round": [round(one["seconds"] / two["seconds"], 3)
                              for one, two in zip(runs["one"], runs["two"], strict=True)],
            **{name: {"a_second": round(count * given.rounds / seconds[name], 2), "runs": each}
               for name, each in runs.items()}}


def _timed(folder: Path, out: Path, workers: int) -> dict[str, Any]:
    """A run over a folder: how long it took, of what, in how much memory."""
    wanted, memory, over = names(folder), [], threading.Event()
    run = Run(folder, out, "--workers", workers, "--quiet")

    def watch() -> None:
        while not over.wait(1.0):
            memory.append((round(time.perf_counter() - run.start, 1), round(resident(run.process.pid)),
                           sorted(round(resident(worker)) for worker in descendants(run.process.pid))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code, said, seconds = run.end()
    over.set()
    watcher.join()
    assert code == 0, said
    summary = json.loads((out / "summary.json").read_text())
    return {"pictures": len(wanted), "seconds": round(seconds, 1), "a_second": round(len(wanted) / seconds, 2),
            "errors": summary["errors"],
            "notations": {name: {"count": each["count"], "a_second_and_worker": each["a_second"]}
                          for name, each in summary["notations"].items()},
            "megabytes": _over_time(memory), "faults": faults(out, wanted)[:5]}


def _over_time(memory: list[Any]) -> list[dict[str, Any]]:
    """Of the command and of its workers, at some moments of the run."""
    at = sorted({min(len(memory) - 1, int(share * len(memory))) for share in (0.1, 0.25, 0.5, 0.75, 0.98)})
    return [{"second": memory[i][0], "command": memory[i][1], "workers": memory[i][2]} for i in at] if memory else []


def kills(given: argparse.Namespace) -> dict[str, Any]:
    folder = pictures(given.work, given.pictures, given.distinct, ["text"])
    return _kills(given, folder, ("command", "worker", "all"), ["--workers", 2])


def _kills(given: argparse.Namespace, folder: Path, whom: Sequence[str], options: list[object],
           actors: Any = None) -> dict[str, Any]:
    options = ["--model", "text", "--shard", 100, "--quiet", *options]
    whole, wanted, rng = _new(given.work / "whole"), names(folder), random.Random(given.seed)
    code, said, length = Run(folder, whole, *options).end()
    assert code == 0, said
    steady, done, wrong, moments = readings(whole), 0, [], []
    while done < given.kills:
        out, who = _new(given.work / "killed"), whom[done % len(whom)]
        run, moment = Run(folder, out, *options), rng.uniform(0.2, length)
        time.sleep(moment)
        if run.process.poll() is not None:  # it was over: another moment
            run.end()
            continue
        if who == "actor":
            actors()
        else:
            run.kill(who)
        code, said, _ = run.end()
        before = len(list((out / "rows").glob("part-*"))) if (out / "rows").is_dir() else 0
        if who in ("command", "all"):
            code, said, _ = Run(folder, out, *options).end()
        done += 1
        moments.append({"second": round(moment, 1), "killed": who, "shards_before": before})
        wrong += [f"{who} after {moment:.1f} s: exit code {code}: {said[-300:]}"] if code else []
        wrong += [f"{who} after {moment:.1f} s: {fault}" for fault in faults(out, wanted, steady)][:5]
        print(f"  kill {done}: {who} after {moment:.1f} of {length:.1f} s, {before} shards done; "
              f"{len(wrong)} faults so far", file=sys.stderr)
    return {"kills": done, "pictures": len(wanted), "seconds_alone": round(length, 1), "faults": wrong,
            "moments": moments}


def ray_kills(given: argparse.Namespace) -> dict[str, Any]:
    folder = pictures(given.work, given.pictures, given.distinct, ["text"])
    with cluster() as (address, head):
        def actor() -> None:
            found = descendants(head, "ray::MapWorker")
            if found:
                os.kill(random.choice(found), signal.SIGKILL)

        options = ["--engine", "ray", "--address", address, "--workers", 2]
        return _kills(given, folder, ("command", "actor"), options, actor)


@contextlib.contextmanager
def cluster() -> Iterator[tuple[str, int]]:
    """A Ray cluster of this machine, of three CPUs: two to read, and one for Ray."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # paths of its sockets must be short
    command = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block", "--port", str(port),
               "--num-cpus", "3", "--include-dashboard", "false", "--disable-usage-stats", "--temp-dir", home]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                               env={**os.environ, **NOISE})
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.2)
        time.sleep(5)
        yield f"127.0.0.1:{port}", process.pid
    finally:
        found = descendants(process.pid)
        for each in (process.pid, *found):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        process.wait()
        shutil.rmtree(home, ignore_errors=True)


def foreign(given: argparse.Namespace) -> dict[str, Any]:
    folder = _new(given.work / "foreign")
    good = pictures(given.work, given.pictures, given.distinct, list(SHARES) if given.mixed else ["text"])
    shutil.copytree(good, folder, copy_function=os.link)
    paths, wrong = sorted(folder.rglob("*.png")), Counter[str]()
    for place, path in enumerate(random.Random(given.seed).sample(paths, max(len(BAD), len(paths) // 100))):
        data, kind = path.read_bytes(), BAD[place % len(BAD)]
        path.unlink()  # it is a link
        path.write_bytes(_bad(kind, data))
        wrong[kind] += 1
    out = _new(given.work / "foreign-out")
    model = "auto" if given.mixed else "text"
    code, said, seconds = Run(folder, out, "--model", model, "--workers", 2).end()
    summary = json.loads((out / "summary.json").read_text())
    return {"pictures": len(paths), "bad": dict(wrong), "exit_code": code, "seconds": round(seconds, 1),
            "said": said[-300:], "errors": summary["errors"], "errors_by_kind": summary["errors_by_kind"],
            "faults": faults(out, names(folder))[:5]}


def _bad(kind: str, data: bytes) -> bytes:
    if kind == "huge":
        import io

        from PIL import Image

        huge = io.BytesIO()
        Image.new("1", (6000, 5000)).save(huge, "PNG")
        return huge.getvalue()
    other = b"%PDF-1.7\n" + random.Random(0).randbytes(2000)
    return {"cut": data[:len(data) // 2], "empty": b"", "foreign": other}[kind]


def disk(given: argparse.Namespace) -> dict[str, Any]:
    """Too small for the rows first; then read-only; then there is room."""
    folder = pictures(given.work, given.pictures, given.distinct, ["text"])
    place = _new(given.work / "disk")
    place.mkdir()
    options = ["--model", "text", "--shard", 100, "--quiet", "--workers", 2]
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={given.pictures * 300}", "tmpfs", str(place)], check=True)
    try:
        out = place / "out"
        code, said, _ = Run(folder, out, *options).end()
        found = {"full": {"exit_code": code, "said": said.strip(), "shards": len(list((out / "rows").glob("part-*"))),
                          "left": [path.name for path in out.rglob(".*.tmp")]}}
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        code, said, _ = Run(folder, out, *options).end()
        found["read_only"] = {"exit_code": code, "said": said.strip()}
        subprocess.run(["mount", "-o", "remount,rw,size=100m", str(place)], check=True)
        code, said, _ = Run(folder, out, *options).end()
        found["room"] = {"exit_code": code, "said": said.strip(), "faults": faults(out, names(folder))[:5]}
        return found
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _new(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


TESTS = {"throughput": throughput, "kills": kills, "ray-kills": ray_kills, "foreign": foreign, "disk": disk}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("tests", nargs="+", choices=TESTS)
    parser.add_argument("--pictures", type=int, default=20_000)
    parser.add_argument("--distinct", type=int, default=250, help="pictures that are drawn of each notation")
    parser.add_argument("--rounds", type=int, default=2, help="throughput: how often one worker and two take turns")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--mixed", action="store_true", help="foreign: among all notations, and not text alone")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "glyphic-bulk", metavar="FOLDER")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found: dict[str, Any] = {"python": platform.python_version(), "cpus": len(os.sched_getaffinity(0)),
                             "pictures": given.pictures, "distinct": given.distinct}
    for test in given.tests:
        found[test] = TESTS[test](given)
        print(f"{test}: {json.dumps(found[test], indent=1)}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
