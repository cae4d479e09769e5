"""How does the service bear what it is asked? One of its own, or one that runs -> a table, and the figures as JSON.

    python benchmarks/service_load.py examples/formula/images --json service.json --table service.md
    python benchmarks/service_load.py PICTURES --notation text --seconds 60 --requests 10000 --mutated 10000
    python benchmarks/service_load.py PICTURES --address http://127.0.0.1:8000

- start: seconds from the command to a readiness of 200 (not of a service that runs already)
- single: seconds of one request at a time
- capacity: readings a second with as many clients as workers, each asking again when it is answered
- half: seconds of requests that come at half that rate, at random moments: their 95th percentile beside that of single
  ones, within 3 times; and how many times longer than alone (the median of its single ones) each picture takes
- overload: requests at ten times the capacity; none is answered by 5xx, and 80 % of the capacity is still read
- memory: of all processes of the service, before and after so many requests, and after a tenth of them
- mutated: damaged pictures, none of which is answered by 5xx, nor takes longer than the service allows

The load comes from this process: on a machine of few CPUs it takes from what it measures, in the capacity as under
overload. `load_seconds` are the seconds of CPU that it took itself. A request's seconds run from the moment at which it
was due, whether or not a connection was free.
"""

import argparse
import concurrent.futures
import contextlib
import http.client
import json
import platform
import random
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from load_clients import PATIENCE, Answer, closed_loop, open_loop, request

from glyphic.service.settings import usual_workers


class Target:
    """A service, asked over connections that each thread keeps."""

    def __init__(self, address: str, notation: str):
        self.host, self.path = urllib.parse.urlsplit(address).netloc, f"/v1/read?notation={notation}"
        self._own = threading.local()

    def read(self, picture: bytes, number: int = 0) -> Answer:
        start = time.perf_counter()
        return Answer(self._ask("POST", self.path, picture)[0], time.perf_counter() - start, number)

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path)

    def memory(self) -> int:
        """Bytes of all processes of the service."""
        lines = self.get("/metrics")[1].splitlines()
        return int(float(next(line for line in lines if line.startswith("glyphic_memory_bytes")).split()[1]))

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str]:
        connection = getattr(self._own, "connection", None)
        if connection is not None:
            with contextlib.suppress(OSError, http.client.HTTPException):  # the service may have closed an idle one
                return self._over(connection, method, path, body)
            connection.close()
        connection = self._own.connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        try:
            return self._over(connection, method, path, body)
        except (OSError, http.client.HTTPException):
            connection.close()
            self._own.connection = None
            return 0, ""

    @staticmethod
    def _over(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None) -> tuple[int, str]:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")


@contextlib.contextmanager
def service(workers: int | None) -> Iterator[tuple[str, float]]:
    """A service of this installation: its address, and the seconds that it took to be ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "glyphic", "serve", "--quiet", "--port", str(port)]
    start = time.perf_counter()
    process = subprocess.Popen([*command, *(["--workers", str(workers)] if workers else [])])
    try:
        target = Target(f"http://127.0.0.1:{port}", "formula")
        while target.get("/readyz")[0] != 200:
            if process.poll() is not None:
                raise SystemExit(f"the service ended with {process.returncode}")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}", time.perf_counter() - start
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def mutated(picture: bytes, rng: random.Random) -> bytes:
    """The picture with some bytes changed, taken out or put in, or cut short."""
    body = bytearray(picture)
    for _ in range(rng.randint(1, 8)):
        at, how = rng.randrange(max(1, len(body))), rng.randrange(5)
        if how == 0 and body:
            body[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            body[at:at + rng.randint(0, 16)] = rng.randbytes(rng.randint(0, 16))
        elif how == 2 and body:
            body[rng.randrange(min(64, len(body)))] = rng.randrange(256)  # in the header
        elif how == 3:
            body[at:at] = body[rng.randrange(max(1, len(body))):][:64]
        elif rng.random() < 0.3:
            del body[at:]
    return bytes(body)


def summary(answers: Sequence[Answer], seconds: float) -> dict[str, Any]:
    """Counts by status, readings a second, and seconds of those that were read and of those that were refused."""
    statuses = Counter(answer.status for answer in answers)
    return {"requests": len(answers), "seconds": round(seconds, 2), "statuses": dict(sorted(statuses.items())),
            "failures": sum(n for status, n in statuses.items() if status >= 500 or status == 0),
            "read_a_second": round(statuses[200] / seconds, 2),
            "read": quantiles([answer.seconds for answer in answers if answer.status == 200]),
            "refused": quantiles([answer.seconds for answer in answers if answer.status == 429])}


def slowdown(alone: Sequence[Answer], busy: Sequence[Answer], pictures: int) -> dict[str, float] | None:
    """Of what was read: its seconds, divided by the median of those that the same picture took alone.

    pictures: how many there are, read in turn. A mixed set needs this: of ten pictures, one may take ten times as long
    as another, with nothing beside it.
    """
    taken = defaultdict(list)
    for answer in alone:
        if answer.status == 200:
            taken[answer.number % pictures].append(answer.seconds)
    medians = {picture: statistics.median(seconds) for picture, seconds in taken.items()}
    return quantiles([answer.seconds / medians[answer.number % pictures] for answer in busy
                      if answer.status == 200 and answer.number % pictures in medians])


def quantiles(values: Sequence[float]) -> dict[str, float] | None:
    """None for no values."""
    ranked = sorted(values)
    return {name: round(ranked[min(len(ranked) - 1, int(share * len(ranked)))], 4)
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))} if ranked else None


def measure(address: str, given: argparse.Namespace, pictures: list[bytes]) -> dict[str, Any]:
    """All but the start."""
    target, rng = Target(address, given.notation), random.Random(given.seed)
    host, port = str(urllib.parse.urlsplit(address).hostname), urllib.parse.urlsplit(address).port or 80
    requests = [request(target.host, target.path, picture) for picture in pictures]

    def wire(number: int) -> bytes:
        return requests[number % len(requests)]

    answered: dict[str, list[Answer]] = {}

    def loaded(name: str, answers: Callable[[], tuple[list[Answer], float]]) -> dict[str, Any]:
        before = time.process_time()
        answered[name], seconds = answers()
        return {**summary(answered[name], seconds), "load_seconds": round(time.process_time() - before, 2)}

    def ask(number: int) -> Answer:
        return target.read(pictures[number % len(pictures)])

    for number in range(5):
        ask(number)
    workers = given.workers or given.clients
    found: dict[str, Any] = {
        "single": loaded("single", lambda: closed_loop(host, port, wire, 1, given.seconds / 6))}
    capacity = loaded("capacity", lambda: closed_loop(host, port, wire, workers, given.seconds / 3))
    rate = capacity["read_a_second"]
    if not rate:
        raise SystemExit(f"nothing was read: {capacity}")
    found["capacity"] = capacity
    for name, times in (("half", 0.5), ("overload", 10.0)):
        found[name] = loaded(name, lambda times=times: open_loop(  # type: ignore[misc]
            host, port, wire, rate * times, given.seconds, given.seed))
    half, single = found["half"], found["single"]["read"]
    half["slowdown"] = slowdown(answered["single"], answered["half"], len(pictures))
    half |= {f"p95_over_single_{name}": round(half["read"]["p95"] / single[name], 2) for name in ("p50", "p95")}
    found["overload"]["served_of_capacity"] = round(found["overload"]["read_a_second"] / rate, 3)

    def all_of(count: int, work: Callable[[int], Answer]) -> tuple[list[Answer], float]:
        start = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            return list(pool.map(work, range(count))), time.perf_counter() - start

    megabytes = {"start": target.memory() / 1e6}
    answers, seconds = all_of(given.requests // 10, ask)
    megabytes["tenth"] = target.memory() / 1e6
    more, longer = all_of(given.requests - given.requests // 10, ask)
    megabytes["end"] = target.memory() / 1e6
    found["memory"] = {**summary(answers + more, seconds + longer),
                       "megabytes": {name: round(value, 1) for name, value in megabytes.items()}}
    bodies = [mutated(rng.choice(pictures), random.Random(given.seed + i)) for i in range(given.mutated)]
    found["mutated"] = summary(*all_of(given.mutated, lambda i: target.read(bodies[i])))
    found["mutated"]["reads_on"] = all(target.read(picture).status == 200 for picture in pictures)
    return found


def table(found: dict[str, Any]) -> str:
    """The figures as Markdown."""
    lines = ["| | requests | read a second | p50 s | p95 s | 429 | 5xx or none | |",
             "|---|---:|---:|---:|---:|---:|---:|---|"]
    notes = {"half": lambda f: f"p95 is {(f['slowdown'] or {}).get('p95')} times what the picture takes alone "
                               f"({f['p95_over_single_p50']} times the single median, {f['p95_over_single_p95']} times "
                               "the single p95)",
             "overload": lambda f: f"{100 * f['served_of_capacity']:.0f} % of the capacity; refused within "
                                   f"{(f['refused'] or {}).get('p95', 0)} s (p95)",
             "memory": lambda f: ", ".join(f"{name} {value:.0f} MB" for name, value in f["megabytes"].items()),
             "mutated": lambda f: f"longest {max((f['read'] or {'max': 0})['max'], 0)} s; afterwards it "
                                  f"{'reads on' if f['reads_on'] else 'does not read any more'}"}
    for name in ("single", "capacity", "half", "overload", "memory", "mutated"):
        row = found[name]
        read = row["read"] or {"p50": 0, "p95": 0}
        note = notes[name](row) if name in notes else ""
        lines.append(f"| {name} | {row['requests']} | {row['read_a_second']} | {read['p50']} | {read['p95']} | "
                     f"{row['statuses'].get(429, 0)} | {row['failures']} | {note} |")
    start = f"ready after {found['start_seconds']:.1f} s; " if found.get("start_seconds") else ""
    return "\n".join([*lines, "", f"{start}{found['workers']} workers, {found['notation']}, Python {found['python']}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("pictures", type=Path, help="a folder of pictures that are read in turn")
    parser.add_argument("--notation", default="formula")
    parser.add_argument("--address", help="of a service that runs; else one is started")
    parser.add_argument("--workers", type=int, help="of the service [default: one more than CPUs]")
    parser.add_argument("--clients", type=int, default=usual_workers(), help="for the capacity, without --workers")
    parser.add_argument("--seconds", type=float, default=60.0, help="of overload, and of half load")
    parser.add_argument("--requests", type=int, default=10_000, help="over which memory is watched")
    parser.add_argument("--mutated", type=int, default=10_000, help="damaged pictures")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--table", type=Path, metavar="FILE.md")
    given = parser.parse_args()
    pictures = [path.read_bytes() for path in sorted(given.pictures.iterdir()) if path.is_file()]
    if not pictures:
        raise SystemExit(f"{given.pictures} holds no pictures")
    about = {"notation": given.notation, "workers": given.workers or given.clients,
             "python": platform.python_version(), "pictures": len(pictures)}
    if given.address:
        found = {**about, **measure(given.address, given, pictures)}
    else:
        with service(given.workers) as (address, seconds):
            found = {**about, "start_seconds": round(seconds, 2), **measure(address, given, pictures)}
    print(table(found))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if given.table:
        given.table.write_text(table(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
