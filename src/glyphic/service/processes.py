"""Pictures are read by processes of this machine, each with a CPU and Python's lock for itself.

They are forks of one that has the models (`glyphic.service.nursery`). One that dies is replaced, and its picture read
by another; one whose picture takes too long is ended.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from glyphic.core.errors import GlyphicError
from glyphic.service.problems import Problem

if TYPE_CHECKING:  # pydantic, before which the nursery begins to load
    from glyphic.service.orders import Order

LOG = logging.getLogger("glyphic.service")
TRIES = 2  # processes that a picture may cost
PATIENCE = 3  # seconds for a nursery to end its readers and itself
LONGEST = 100_000_000  # bytes of an answer

# one thread each, for numpy's libraries as well: a process with threads had better not be forked
CALM = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class Processes:
    """Workers (`glyphic.service.workers`) that are forked; on Linux alone, where that is safe.

    The models begin to be loaded at once, while this process has other things to do. names: as for `Readers`. module:
    that runs as the nursery.
    """

    def __init__(self, names: Iterable[str], count: int, module: str = "glyphic.service.nursery"):
        self.count, self.models = count, list[dict[str, Any]]()
        self._command = [sys.executable, "-P", "-m", module, *names]
        self._nursery = _Nursery(self._command)
        self._readers: set[_Reader] = set()
        self._idle: list[_Reader] = []
        self._stopped = False

    @property
    def pids(self) -> Iterable[int]:
        return [self._nursery.pid, *(reader.pid for reader in self._readers)]

    @property
    def busy(self) -> int:
        return len(self._readers) - len(self._idle)

    async def start(self) -> None:
        self._idle = [await self._born() for _ in range(self.count)]
        self.models = self._idle[0].models

    async def read(self, picture: bytes, order: "Order") -> dict[str, Any]:
        return await self._ask({"read": order.model_dump(exclude_unset=True), "bytes": len(picture)}, picture)

    async def write(self, notation: str, text: str) -> dict[str, Any]:
        return await self._ask({"write": [notation, text]})

    def stop(self) -> None:
        self._stopped = True
        for reader in self._readers:
            reader.close()
        self._nursery.close()

    async def _ask(self, order: dict[str, Any], picture: bytes = b"") -> dict[str, Any]:
        for _ in range(TRIES):
            reader = await self._free()
            try:
                answer = await reader.ask(order, picture)
            except (OSError, EOFError):
                LOG.warning("the reader %d died at work", reader.pid)
                self._end(reader)
            except BaseException:
                self._end(reader)
                raise
            else:
                self._idle.append(reader)
                return _result(answer)
        raise Problem(500, "reader-died", "two processes died while they read this; a smaller picture takes "
                      "less memory")

    async def _free(self) -> "_Reader":
        """A reader that has nothing to do; a new one where there is none."""
        while self._idle:
            reader = self._idle.pop()
            if reader.alive:
                return reader
            self._end(reader)
        return await self._born()

    async def _born(self) -> "_Reader":
        """Errors: GlyphicError where the nursery says why there can be no reader, or dies."""
        if self._stopped:
            raise Problem(503, "leaving", "the service is about to end")
        if not self._nursery.alive:
            self._nursery.close()
            self._nursery = _Nursery(self._command)
        reader = await _Reader.at(self._nursery.fork())
        self._readers.add(reader)
        return reader

    def _end(self, reader: "_Reader") -> None:
        reader.close()
        self._readers.discard(reader)
        self._nursery.end(reader.pid)


class _Nursery:
    """The process that has the models, as this one sees it."""

    def __init__(self, command: list[str]):
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                command, stdin=theirs.fileno(), process_group=0,
                env={**os.environ, **CALM, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))})
        self.pid = self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def fork(self) -> socket.socket:
        """A socket that leads to a new reader, or to nobody."""
        ours, theirs = socket.socketpair()
        with theirs, contextlib.suppress(BrokenPipeError):
            socket.send_fds(self._control, [bytes(4)], [theirs.fileno()])
        return ours

    def end(self, pid: int) -> None:
        """At once, whatever the reader of that id is doing."""
        with contextlib.suppress(OSError):
            self._control.send(pid.to_bytes(4, "little"))

    def close(self) -> None:
        """The end of it and of all its readers."""
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


class _Reader:
    """A process that reads one picture at a time, as this one sees it."""

    def __init__(self, stream: asyncio.StreamReader, writer: asyncio.StreamWriter, pid: int,
                 models: list[dict[str, Any]]):
        self._stream, self._writer, self.pid, self.models = stream, writer, pid, models

    @classmethod
    async def at(cls, channel: socket.socket) -> "_Reader":
        """The reader at the other end, once it says that it is there."""
        stream, writer = await asyncio.open_unix_connection(sock=channel, limit=LONGEST)
        try:
            hello = json.loads(await stream.readline() or b'{"failed": "the process that loads the models died"}')
        except BaseException:
            writer.close()
            raise
        if "failed" in hello:
            writer.close()
            raise GlyphicError(hello["failed"])
        return cls(stream, writer, hello["pid"], hello["models"])

    @property
    def alive(self) -> bool:
        return not (self._stream.at_eof() or self._writer.is_closing())

    async def ask(self, order: dict[str, Any], picture: bytes) -> dict[str, Any]:
        """What it answers. Errors: OSError or EOFError where it dies."""
        self._writer.write(json.dumps(order).encode() + b"\n")
        self._writer.write(picture)
        await self._writer.drain()
        answer = await self._stream.readline()
        if not answer.endswith(b"\n"):
            raise EOFError
        found: dict[str, Any] = json.loads(answer)
        return found

    def close(self) -> None:
        self._writer.close()


def _result(answer: dict[str, Any]) -> dict[str, Any]:
    """What was done. Errors: the problem that the answer tells of; RuntimeError with the traceback of what failed."""
    if "refused" in answer:
        fields = answer["refused"]
        raise Problem(fields["status"], fields["code"], fields["detail"], fields["headers"], **fields["more"])
    if "failed" in answer:
        raise RuntimeError(f"in a reader:\n{answer['failed']}")
    found: dict[str, Any] = answer["done"]
    return found
