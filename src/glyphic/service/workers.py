"""What reads pictures for a service, as many at a time as it has workers: threads of its own process, here, or
`glyphic.service.processes`."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:  # who has readers of another process loads none of this
    from glyphic.service.orders import Order
    from glyphic.service.readers import Readers

T = TypeVar("T")


class Workers(Protocol):
    """Is asked for no more at a time than there are workers, from one event loop, and answers in plain values."""

    async def start(self) -> None:
        """Loads the models. Errors: GlyphicError where they cannot be used."""

    @property
    def models(self) -> list[dict[str, Any]]:
        """What there is to read with, as plain values."""

    @property
    def pids(self) -> Iterable[int]:
        """The processes that there are beside this one."""

    @property
    def busy(self) -> int:
        """How many workers read or write."""

    async def read(self, picture: bytes, order: "Order") -> dict[str, Any]:
        """A reading, as `Recognition.to_json` says it. Errors: Problem, GlyphicError."""

    async def write(self, notation: str, text: str) -> dict[str, Any]:
        """A text in all formats, as `Readers.write` says it. Errors: Problem."""

    def stop(self) -> None:
        """No more work."""


class Threads:
    """Threads of this process: they share Python's lock, and one that nobody waits for any more reads on."""

    pids = ()

    def __init__(self, readers: "Readers", count: int):
        self.readers, self.count = readers, count
        self._working: set[Future[Any]] = set()

    async def start(self) -> None:
        self._pool = ThreadPoolExecutor(self.count, thread_name_prefix="reader")
        await asyncio.to_thread(self.readers.load)

    @property
    def models(self) -> list[dict[str, Any]]:
        return self.readers.describe()

    @property
    def busy(self) -> int:
        return len(self._working)

    async def read(self, picture: bytes, order: "Order") -> dict[str, Any]:
        return await self._run(lambda: self.readers.read(picture, order).to_json())

    async def write(self, notation: str, text: str) -> dict[str, Any]:
        return await self._run(partial(self.readers.write, notation, text))

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        future = self._pool.submit(work)
        self._working.add(future)
        future.add_done_callback(self._working.discard)
        return await asyncio.wrap_future(future)
