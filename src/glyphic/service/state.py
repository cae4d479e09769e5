"""What a service holds while it runs: its models, its places, its figures, and whether it is about to end."""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from glyphic.core.errors import GlyphicError
from glyphic.service.admission import Admission
from glyphic.service.observing import Metrics, memory
from glyphic.service.orders import Order
from glyphic.service.problems import Problem
from glyphic.service.settings import Settings
from glyphic.service.workers import Workers

LOG = logging.getLogger("glyphic.service")


class Service:
    """store: of the review queue, with `add(picture, recognition)`; None: readings are not kept."""

    def __init__(self, settings: Settings, workers: Workers, store: Any = None):
        self.settings, self.workers, self.store = settings, workers, store
        self.metrics = Metrics()
        self.leaving = False
        self.failure = ""  # why the models cannot be used
        self._loaded = False
        self.admission = Admission(settings)
        self.metrics.watch("glyphic_admitted", "Requests that are read or wait.", lambda: self.admission.admitted)
        self.metrics.watch("glyphic_workers_busy", "Pictures that are being read.", lambda: self.workers.busy)
        self.metrics.watch("glyphic_memory_bytes", "Of all processes, what several share counted once.",
                           lambda: memory([os.getpid(), *self.workers.pids]))

    async def start(self) -> None:
        """Begins to load the models; until that is done, `check_loaded` refuses."""
        self.admission = Admission(self.settings)  # it belongs to the event loop, and a service may start again
        self._loading = asyncio.create_task(self._load())

    async def stop(self) -> None:
        self.leaving = True
        self._loading.cancel()
        self.workers.stop()

    async def read(self, picture: bytes, order: Order, deadline: float) -> dict[str, Any]:
        """The reading of a picture, as `Recognition.to_json` says it; what is doubtful goes into the review queue, if
        there is one.

        Errors: Problem, GlyphicError.
        """
        self.check_loaded()
        found = await self.admission.run(partial(self._read, picture, order), deadline)
        if self.store is not None and found["confidence"] < self.settings.review_below:
            await self._review(picture, found)
        return found

    def check_loaded(self) -> None:
        """Problem 503 unless all models can be used."""
        if self.failure:
            raise Problem(503, "not-ready", self.failure)
        if not self._loaded:
            raise Problem(503, "starting", "the models are being loaded; try again in a second", {"Retry-After": "1"})

    async def _load(self) -> None:
        try:
            await self.workers.start()
            self._loaded = True
        except GlyphicError as error:
            self.failure = str(error)
            LOG.error("not ready: %s", error)
        except Exception:
            self.failure = "the models cannot be loaded; the log tells why"
            LOG.exception("not ready")

    async def _read(self, picture: bytes, order: Order) -> dict[str, Any]:
        start = time.perf_counter()
        found = await self.workers.read(picture, order)
        model = found["model"]["name"]
        self.metrics.readings.labels(model).observe(time.perf_counter() - start)
        self.metrics.confidence.labels(model).observe(found["confidence"])
        return found

    async def _review(self, picture: bytes, found: dict[str, Any]) -> None:
        """A queue that fails costs nobody a reading."""
        add: Callable[[bytes, dict[str, Any]], Any] = self.store.add
        try:
            await asyncio.to_thread(add, picture, found)
        except Exception:
            LOG.exception("a reading could not be put into the review queue")
