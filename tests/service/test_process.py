"""The service as a process: how it starts, what it does when there is too much to do, and how it ends."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.service.conftest import png

pytestmark = pytest.mark.slow

PROGRAM = """
import contextlib, sys
from glyphic import notations
notations.BUILT_IN["bars"] = "tests.bars"
from glyphic.service.app import create_app
from glyphic.service.processes import Processes
from glyphic.service.server import serve
from glyphic.service.settings import Settings
from tests.service.hazards import Hazardous
kind, limit, port, folder = sys.argv[1:]

settings = Settings(workers=1, waiting=1, seconds=float(limit), drain=1.0, models=(folder,))
chosen = {"readers": Hazardous(settings.models)} if kind == "threads" else {
    "workers": Processes(settings.models, 1, "tests.service.hazards")}
with contextlib.suppress(KeyboardInterrupt):  # as click does
    serve(create_app(settings, **chosen), settings, "127.0.0.1", int(port))
"""
KINDS = ["threads", "processes"] if sys.platform == "linux" else ["threads"]


class Running:
    """A service whose readings take so many seconds; one is read and one waits at a time."""

    def __init__(self, kind: str, folder: Path, seconds: float, limit: float):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        root = Path(__file__).parents[2]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)]),
                       "SECONDS": str(seconds)}
        command = [sys.executable, "-c", PROGRAM, kind, *map(str, (limit, port, folder))]
        self.words = tempfile.TemporaryFile()  # noqa: SIM115  # of all its processes
        self.process = subprocess.Popen(command, env=environment, stderr=self.words, start_new_session=True)
        self.address = f"http://127.0.0.1:{port}"
        for _ in range(1200):
            if self.ask("/readyz")[0] == 200:
                return
            time.sleep(0.1)
        raise AssertionError("the service never became ready")

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, dict, dict]:
        """Status (0: no connection), headers, JSON."""
        try:
            with urllib.request.urlopen(urllib.request.Request(self.address + path, body), timeout=120) as answer:
                return answer.status, _lower(answer.headers), json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _lower(error.headers), json.load(error)
        except OSError:
            return 0, {}, {}

    def descendants(self) -> set[int]:
        """The ids of the processes that it started, and of those that they did; of those that are left, once it ended.
        """
        found: set[int] = set()
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                state, _, _, session = path.read_text().rpartition(")")[2].split()[:4]
                if int(session) == self.process.pid and state != "Z":
                    found.add(int(path.parent.name))
        return found - {self.process.pid}

    def said(self) -> str:
        self.words.seek(0)
        return self.words.read().decode()

    def read(self) -> tuple[int, dict, dict]:
        return self.ask("/v1/read?notation=bars", png())

    def together(self, count: int, apart: float = 0.0) -> list[tuple[int, dict, dict]]:
        """So many readings at a time."""
        found: list[tuple[int, dict, dict]] = []
        threads = [threading.Thread(target=lambda: found.append(self.read())) for _ in range(count)]
        for thread in threads:
            thread.start()
            time.sleep(apart)
        for thread in threads:
            thread.join()
        return found


def _lower(headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@pytest.fixture(params=KINDS)
def kind(request):
    """Of what reads."""
    return request.param


@pytest.fixture
def running(kind, step_bundle):
    """Starts services, and ends those that are left."""
    started: list[Running] = []

    def start(seconds: float, limit: float = 60.0) -> Running:
        started.append(Running(kind, step_bundle.folder, seconds, limit))
        return started[-1]

    yield start
    for service in started:
        if service.process.poll() is None:
            service.process.kill()
            service.process.wait()
        service.words.close()


def test_a_full_queue_refuses_at_once_and_says_when_to_come_back(running):
    service = running(2.0)
    found = service.together(8)
    assert sorted(status for status, _, _ in found) == [200] * 2 + [429] * 6
    for status, headers, problem in found:
        if status == 429:
            assert int(headers["retry-after"]) >= 1 and problem["code"] == "queue-full"
            assert headers["content-type"] == "application/problem+json" and headers["x-request-id"]
    assert service.read()[0] == 200, "it goes on"


def test_who_is_refused_is_answered_on_the_same_connection_by_the_next(running):
    """The body of what is refused, sent late and in pieces, is passed over; ids and figures are those of any answer."""
    service = running(2.0)
    busy = [threading.Thread(target=service.read) for _ in range(2)]  # one is read, one waits
    for thread in busy:
        thread.start()
    time.sleep(0.5)
    connection = http.client.HTTPConnection(service.address.removeprefix("http://"), timeout=60)
    pieces = (part for part in (b"a" * 70_000, b"b" * 70_000))
    answers = []
    for body, name in ((png(), "first"), (pieces, "second"), (b"", "no id\u00e9")):
        connection.request("POST", "/v1/read?notation=bars", body, {"X-Request-ID": name.encode("latin-1")})
        answer = connection.getresponse()
        answers.append((answer.status, _lower(answer.headers), json.load(answer)))
    for status, headers, problem in answers:
        assert status == 429 and problem["code"] == "queue-full" and int(headers["retry-after"]) >= 1
        assert headers["content-type"] == "application/problem+json" and headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"] == problem["instance"]
    assert [problem["instance"] for _, _, problem in answers[:2]] == ["first", "second"]
    assert len(answers[2][2]["instance"]) == 32  # what could not be logged is given another
    connection.request("GET", "/metrics")
    told = connection.getresponse().read().decode()
    assert 'glyphic_requests_total{method="POST",route="/v1/read",status="429"} 3.0' in told
    for thread in busy:
        thread.join()
    connection.request("POST", "/v1/read?notation=bars", png())
    assert connection.getresponse().status == 200
    connection.close()


def test_what_takes_too_long_is_given_up(running):
    service = running(3.0, 1.0)
    assert [(status, problem["code"]) for status, _, problem in service.together(2, 0.3)] == [(504, "too-slow")] * 2
    assert service.ask("/healthz")[0] == 200


def test_at_sigterm_readiness_falls_at_once_accepted_requests_finish_and_the_process_ends(running):
    service = running(3.0)
    found: list[tuple[int, dict, dict]] = []
    thread = threading.Thread(target=lambda: found.append(service.read()))
    thread.start()
    time.sleep(1.0)
    start = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    status, _, problem = service.ask("/readyz")
    assert (status, problem.get("code")) in ((503, "leaving"), (0, None)), "or nobody listens any more"
    thread.join()
    assert [(status, reading["text"]) for status, _, reading in found] == [(200, "abba")]
    assert service.process.wait(20) == 0 or service.process.returncode == -signal.SIGTERM
    assert time.monotonic() - start < 20
    assert not service.descendants() and "Traceback" not in service.said()


@pytest.mark.parametrize(("number", "seconds"), [(signal.SIGKILL, 60.0), (signal.SIGINT, 2.0)])
@pytest.mark.parametrize("kind", KINDS[1:], indirect=True)
def test_no_process_outlives_the_service_nor_complains(running, number, seconds):
    service = running(seconds)
    thread = threading.Thread(target=service.read)
    thread.start()
    time.sleep(0.5)
    assert len(service.descendants()) == 2, "the nursery and a reader"
    os.killpg(service.process.pid, number)
    service.process.wait(20)
    thread.join()
    for _ in range(250):
        if not service.descendants():
            break
        time.sleep(0.02)
    assert not service.descendants() and "Traceback" not in service.said()
