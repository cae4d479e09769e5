"""The client, against a server that answers what the test says."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from glyphic.client import BrokenError, BusyError, Client, RefusedError, ServiceError
from glyphic.core.errors import ImageError
from tests.core.test_results import RECOGNITION


@contextmanager
def served(*answers: tuple[int, dict[str, str], object]):
    """Answers in turn, the last one ever after; yields the address and what was asked."""
    asked: list[tuple[str, str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, value = answers[min(len(asked), len(answers) - 1)]
            asked.append((self.command, self.path, body))
            data = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            for name, text in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


GOOD = (200, {}, RECOGNITION.to_json())


def test_a_reading_comes_as_the_library_gives_it(tmp_path):
    (tmp_path / "x.png").write_bytes(b"picture")
    with served(GOOD) as (address, asked):
        client = Client(address + "/")
        assert client.read(tmp_path / "x.png") == client.read(b"picture") == RECOGNITION
        client.read(b"p", "text", model="m", formats=["a", "b"], alternatives=3, lexicon=["x y", "ü"])
    assert asked[0] == asked[1] == ("POST", "/v1/read?", b"picture")
    assert asked[2][1] == ("/v1/read?notation=text&model=m&alternatives=3&formats=a%2Cb&lexicon=x+y&lexicon=%C3%BC")


def test_models_are_what_the_service_says():
    with served((200, {}, [{"name": "toy"}])) as (address, asked):
        assert Client(address).models() == [{"name": "toy"}] and asked == [("GET", "/v1/models", b"")]


@pytest.mark.parametrize(("status", "kind"), [(415, RefusedError), (422, RefusedError), (500, BrokenError),
                                              (504, BrokenError), (429, BusyError), (503, BusyError)])
def test_problems_are_typed_errors(status, kind):
    problem = {"detail": "words", "code": "the-code"}
    answer = (status, {"X-Request-ID": "r1", "Retry-After": "7"}, problem)
    with served(answer) as (address, _), pytest.raises(kind, match="words") as caught:
        Client(address, retries=0).read(b"p")
    error = caught.value
    assert (error.status, error.code, error.request_id, error.retry_after) == (status, "the-code", "r1", 7.0)


def test_a_busy_service_is_asked_again_after_the_time_that_it_names_and_no_other_is():
    busy = (429, {"Retry-After": "1"}, {"detail": "full"})
    with served(busy, GOOD) as (address, asked):
        start = time.monotonic()
        assert Client(address).read(b"p") == RECOGNITION
        assert time.monotonic() - start >= 1.0 and len(asked) == 2
    with served((429, {"Retry-After": "9999"}, {})) as (address, asked):
        with pytest.raises(BusyError):
            Client(address, retries=2, patience=0.0).read(b"p")
        assert len(asked) == 3
    with served((422, {}, {})) as (address, asked):
        with pytest.raises(RefusedError, match="422"):
            Client(address).read(b"p")
        assert len(asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"text": "x"}', b"7"])
def test_what_is_no_reading_is_a_broken_service(body):
    with served((200, {}, body)) as (address, _), pytest.raises(BrokenError):
        Client(address).read(b"p")


def test_what_cannot_be_reached_or_opened_is_said(tmp_path):
    with pytest.raises(BrokenError, match="cannot be reached"):
        Client("http://127.0.0.1:9").read(b"p")
    with pytest.raises(ServiceError, match="http://"):
        Client("file:///etc/passwd")
    with pytest.raises(ImageError, match=r"gone\.png"):
        Client("http://127.0.0.1:9").read(tmp_path / "gone.png")
