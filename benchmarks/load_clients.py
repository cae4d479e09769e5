"""Requests on many connections from one event loop: what they were answered, and after how many seconds.

What asks takes from the CPUs of what is measured: a request costs a tenth of a millisecond here, and half of one with a
thread and `http.client` each, as much as the refusal that it asks for.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple


class Answer(NamedTuple):
    """What a request was answered."""

    status: int  # 0: not at all
    seconds: float
    number: int  # of the request


Ask = Callable[[int], bytes]  # the number of a request -> the request, as it goes over the wire

PATIENCE = 30.0  # seconds after which an answer is taken to be none


def request(host: str, path: str, body: bytes) -> bytes:
    """A POST whose connection is kept."""
    return f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class Connection(asyncio.Protocol):
    """One request at a time; `answered` is called with the status of each, 0 where the connection breaks."""

    def __init__(self, answered: Callable[["Connection", int], None]):
        self.answered, self.open, self.busy = answered, False, False
        self._got, self._whole = bytearray(), 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.open = transport, True

    def send(self, message: bytes) -> None:
        self._got, self._whole, self.busy = bytearray(), 0, True
        self.transport.write(message)

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._whole and (end := self._got.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._got[:end]).lower()
            at = head.index(b"\r\ncontent-length:") + len(b"\r\ncontent-length:")
            self._whole = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
        if self._whole and len(self._got) >= self._whole:
            self._end(int(self._got[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        self._end(0)

    def _end(self, status: int) -> None:
        if self.busy:
            self.busy = False
            self.answered(self, status)


class Clients:
    """At most so many connections to one host and port. A request that finds none free waits, and its time runs."""

    def __init__(self, host: str, port: int, most: int):
        self.host, self.port, self.most = host, port, most
        self.answers: list[Answer] = []
        self.asked: Callable[[], None] = lambda: None  # called after each answer
        self._idle: list[Connection] = []
        self._count = 0
        self._waiting: deque[tuple[int, bytes, float]] = deque()
        self._begun: dict[Connection, tuple[int, float]] = {}  # number and moment
        self._opening: set[asyncio.Task[None]] = set()

    def ask(self, number: int, message: bytes, due: float) -> None:
        """number: of the request; due: the moment of time.perf_counter from which its seconds count."""
        while self._idle:
            connection = self._idle.pop()
            if connection.open:
                self._send(connection, number, message, due)
                return
            self._count -= 1
        self._waiting.append((number, message, due))
        if self._count < self.most:
            self._count += 1
            task = asyncio.get_running_loop().create_task(self._connect())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def finished(self) -> None:
        """Once all are answered; those that are not within PATIENCE have no answer."""
        end = time.perf_counter() + PATIENCE
        while (self._begun or self._waiting) and time.perf_counter() < end:
            await asyncio.sleep(0.005)
        lost = [*self._begun.values(), *((number, due) for number, _, due in self._waiting)]
        self.answers += [Answer(0, time.perf_counter() - due, number) for number, due in lost]
        for connection in [*self._idle, *self._begun]:
            connection.busy = False
            connection.transport.close()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(lambda: Connection(self._answered), self.host, self.port)
        except OSError:
            self._count -= 1
            if self._waiting:
                number, _, due = self._waiting.popleft()
                self.answers.append(Answer(0, time.perf_counter() - due, number))
                self.asked()
            return
        self._free(connection)

    def _send(self, connection: Connection, number: int, message: bytes, due: float) -> None:
        self._begun[connection] = number, due
        connection.send(message)

    def _answered(self, connection: Connection, status: int) -> None:
        number, due = self._begun.pop(connection)
        self.answers.append(Answer(status, time.perf_counter() - due, number))
        self._free(connection)
        self.asked()

    def _free(self, connection: Connection) -> None:
        if not connection.open:
            self._count -= 1
        elif self._waiting:
            self._send(connection, *self._waiting.popleft())
        else:
            self._idle.append(connection)


async def _closed(host: str, port: int, ask: Ask, clients: int, seconds: float) -> list[Answer]:
    found, start, number = Clients(host, port, clients), time.perf_counter(), 0

    def another() -> None:
        nonlocal number
        if time.perf_counter() < start + seconds:
            number += 1
            found.ask(number - 1, ask(number - 1), time.perf_counter())

    found.asked = another
    for _ in range(clients):
        another()
    await asyncio.sleep(seconds)
    await found.finished()
    return found.answers


async def _open(host: str, port: int, ask: Ask, rate: float, seconds: float, seed: int, most: int) -> list[Answer]:
    found, rng, number = Clients(host, port, most), random.Random(seed), 0
    start = time.perf_counter()
    due = start + rng.expovariate(rate)
    while due < start + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        while due <= time.perf_counter() and due < start + seconds:
            found.ask(number, ask(number), due)
            number += 1
            due += rng.expovariate(rate)
    await found.finished()
    return found.answers


def closed_loop(host: str, port: int, ask: Ask, clients: int, seconds: float) -> tuple[list[Answer], float]:
    """So many clients, each asking again when it is answered -> answers, and the seconds that it took."""
    start = time.perf_counter()
    return asyncio.run(_closed(host, port, ask, clients, seconds)), time.perf_counter() - start


def open_loop(host: str, port: int, ask: Ask, rate: float, seconds: float, seed: int = 0,
              most: int = 256) -> tuple[list[Answer], float]:
    """Requests at random moments, so many a second, whether or not others are answered, over at most so many
    connections -> as `closed_loop`. A request's seconds run from the moment at which it was due."""
    start = time.perf_counter()
    return asyncio.run(_open(host, port, ask, rate, seconds, seed, most)), time.perf_counter() - start
