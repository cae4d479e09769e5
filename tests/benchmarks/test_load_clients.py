"""The load of a service: requests on time, over few connections, and all of them counted."""

import asyncio
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import load_clients
import service_load

REFUSAL = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 4\r\n\r\nbusy"


class Service(threading.Thread):
    """Answers each request after `seconds`; or hangs up instead."""

    def __init__(self, seconds=0.0, answer=REFUSAL):
        super().__init__(daemon=True)
        self.seconds, self.answer, self.ready, self.connections = seconds, answer, threading.Event(), 0
        self.start()
        self.ready.wait(10)

    def run(self):
        asyncio.run(self.serve())

    async def serve(self):
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await server.serve_forever()

    async def talk(self, reader, writer):
        self.connections += 1
        while head := await reader.readuntil(b"\r\n\r\n"):
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
            await asyncio.sleep(self.seconds)
            if not self.answer:
                return writer.close()
            writer.write(self.answer[:30])  # in two pieces
            await writer.drain()
            writer.write(self.answer[30:])


def ask(number):
    return load_clients.request("here", "/", b"x" * number)


def test_requests_come_as_often_as_is_asked_for():
    answers, seconds = load_clients.open_loop("127.0.0.1", Service().port, ask, 200, 1.0)
    assert 120 < len(answers) < 280 and seconds >= 0.9
    assert {answer.status for answer in answers} == {429}


def test_a_request_that_waits_for_a_connection_has_waited():
    service = Service(0.05)
    answers, _ = load_clients.open_loop("127.0.0.1", service.port, ask, 100, 0.5, most=1)
    assert service.connections == 1
    assert max(answer.seconds for answer in answers) > 0.05 * len(answers) / 3


def test_as_many_ask_as_there_are_clients():
    service = Service(0.05)
    answers, _ = load_clients.closed_loop("127.0.0.1", service.port, ask, 3, 0.5)
    assert service.connections == 3 and 6 <= len(answers) <= 33


@pytest.mark.parametrize("service", ["gone", "silent"])
def test_what_is_not_answered_is_no_answer(service, monkeypatch):
    monkeypatch.setattr(load_clients, "PATIENCE", 0.2)
    port = Service(answer=b"").port if service == "gone" else Service(5.0).port
    start = time.perf_counter()
    answers, _ = load_clients.open_loop("127.0.0.1", port, ask, 50, 0.3)
    assert answers and {answer.status for answer in answers} == {0} and time.perf_counter() - start < 4


def test_where_nobody_listens_nothing_is_answered():
    answers, _ = load_clients.open_loop("127.0.0.1", 9, ask, 50, 0.2)
    assert answers and {answer.status for answer in answers} == {0}


def test_a_picture_is_slowed_down_by_what_it_takes_longer_than_when_it_is_alone():
    def answers(*seconds):
        return [load_clients.Answer(200, took, number) for number, took in enumerate(seconds)]

    alone, busy = answers(1.0, 10.0, 1.0, 12.0), answers(2.0, 11.0, 3.0, 22.0)  # of two pictures in turn
    assert service_load.slowdown(alone, busy, 2) == {"p50": 2.0, "p95": 3.0, "p99": 3.0, "max": 3.0}
    refused = [load_clients.Answer(429, 0.1, 0)]
    assert service_load.slowdown(alone, busy + refused, 2) == service_load.slowdown(alone, busy, 2)
    assert service_load.slowdown(alone, refused, 2) is None


def test_a_picture_that_was_never_read_alone_is_not_compared():
    alone = [load_clients.Answer(200, 1.0, 0)]
    busy = [load_clients.Answer(200, 2.0, 0), load_clients.Answer(200, 9.0, 1)]
    assert service_load.slowdown(alone, busy, 2)["max"] == 2.0
