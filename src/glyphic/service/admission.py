"""Requests come in, as many as can be served: a bounded number waits, one a worker is read, and the rest is refused.

Two semaphores: a request takes a place (working or waiting) before its body is read, and finds none free when the
service is full; a picture takes a seat, one of the workers, while it is read.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from glyphic.service.problems import Problem
from glyphic.service.settings import Settings

T = TypeVar("T")


class Admission:
    """The places and seats of a service. It belongs to one event loop."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self._places = asyncio.Semaphore(settings.workers + settings.queue)
        self._seats = asyncio.Semaphore(settings.workers)
        self._mean = 0.1  # seconds that a reading takes, the last ones weighing most
        self.admitted = 0

    @property
    def full(self) -> bool:
        """Whether all places are taken."""
        return self._places.locked()

    def refusal(self) -> Problem:
        """What is answered where no place is free."""
        return Problem(429, "queue-full", f"{self.admitted} requests are being read or wait; try again later",
                       {"Retry-After": str(self._patience())})

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[float]:
        """A place for one request, and the moment of the loop's clock at which it must be answered; Problem 429 at
        once where all are taken."""
        if self.full:
            raise self.refusal()
        await self._places.acquire()
        self.admitted += 1
        try:
            yield asyncio.get_running_loop().time() + self.settings.seconds
        finally:
            self.admitted -= 1
            self._places.release()

    async def run(self, work: Callable[[], Awaitable[T]], deadline: float) -> T:
        """What `work` returns or raises, which asks a worker; Problem 503 or 504 where that is not so by the deadline,
        at which it is cancelled."""
        start = None
        try:
            async with asyncio.timeout_at(deadline), self._seats:
                start = time.monotonic()
                try:
                    return await work()  # in this task: a worker waits for its next picture while tasks take turns
                finally:
                    self._mean += 0.1 * (time.monotonic() - start - self._mean)
        except TimeoutError:
            if start is None:
                raise Problem(503, "too-busy", f"no worker was free within {self.settings.seconds:g} s; try again "
                              "later", {"Retry-After": str(self._patience())}) from None
            raise Problem(504, "too-slow", f"the picture was not read within {self.settings.seconds:g} s; "
                          "a smaller one is read faster") from None

    def _patience(self) -> int:
        """Seconds after which a place is likely to be free."""
        return max(1, math.ceil(self._mean * (self.admitted + 1) / self.settings.workers))
