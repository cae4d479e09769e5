"""Around every request: its X-Request-ID, what the metrics and the log tell of it, and an answer to what nobody caught.

The log names method, path, status, time and id of a request; never its options, and nothing of its picture.
"""

import contextlib
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glyphic.service.answers import answer
from glyphic.service.problems import Problem

LOG = logging.getLogger("glyphic.service")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEADERS = [(b"x-content-type-options", b"nosniff"), (b"cross-origin-resource-policy", b"same-origin")]


class Metrics:
    """What /metrics tells, in a registry of its own, so that one process may hold several services."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter("glyphic_requests", "Requests by route, method and status.",
                                ("route", "method", "status"), registry=self.registry)
        self.seconds = Histogram("glyphic_request_seconds", "From the first byte to the answer, by route.", ("route",),
                                 buckets=BUCKETS, registry=self.registry)
        self.readings = Histogram("glyphic_reading_seconds", "Of a picture, without waiting, by model.", ("model",),
                                  buckets=BUCKETS, registry=self.registry)
        self.confidence = Histogram("glyphic_confidence", "Of readings, by model.", ("model",),
                                    buckets=[0.1 * i for i in range(1, 11)], registry=self.registry)

    def answered(self, route: str, method: str, status: int, seconds: float, number: str) -> None:
        """A request has its answer: it is counted, and logged under its number."""
        self.requests.labels(route, method, status).inc()
        self.seconds.labels(route).observe(seconds)
        LOG.info("%s %s %d %.0f ms %s", method, route, status, 1000 * seconds, number)

    def watch(self, name: str, help_text: str, value: Callable[[], float]) -> None:
        """A figure that is looked up whenever somebody asks."""
        Gauge(name, help_text, registry=self.registry).set_function(value)


def memory(pids: Iterable[int]) -> int:
    """Bytes that these processes have in memory, by their proportional set sizes, which Linux tells; elsewhere 0."""
    found = 0
    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended
            told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            found += sum(1024 * int(kilobytes) for kilobytes in re.findall(r"^Pss:\s+(\d+) kB", told, re.MULTILINE))
    return found


class Observer:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics):
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = scope["glyphic.request_id"] = identified(dict(scope["headers"]))
        start, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", number.encode()), *HEADERS]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            LOG.exception("request %s failed", number)
            if status:  # half an answer is out already: the connection breaks
                raise
            if not isinstance(error, Problem):
                error = Problem(500, "internal", "the service failed; its log tells why, under this request's id")
            await answer(error, number)(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - start
            route = str(scope.get("glyphic.route") or getattr(scope.get("route"), "path", "other"))
            self.metrics.answered(route, _method(scope["method"]), status, seconds, number)


def identified(headers: Mapping[bytes, bytes]) -> str:
    """The X-Request-ID that came with a request, or a new one where it had none, or none that can be logged."""
    given = headers.get(b"x-request-id", b"").decode("latin-1")
    return given if _SANE.fullmatch(given) else uuid.uuid4().hex


def _method(given: str) -> str:
    """Anybody may invent methods, and each were a time series of its own."""
    return given if given in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"
