"""Bytes of a connection become requests, by uvicorn; those that find the service full are refused right there.

At ten times what can be read, nine of ten requests are refused, by the CPUs that read. A task for each of them, and the
way to the application and back, take as long again as reading the request from its socket does.
"""

import asyncio
import json
from http import HTTPStatus
from types import SimpleNamespace
from typing import Literal

from glyphic.service.answers import content
from glyphic.service.gate import PATHS
from glyphic.service.observing import HEADERS, identified
from glyphic.service.problems import MEDIA_TYPE, Problem
from glyphic.service.state import Service

_PATHS = {path.encode(): path for path in PATHS}
_ANSWERED = SimpleNamespace(response_complete=True, disconnected=False, message_event=asyncio.Event())


def refusing(service: Service) -> type[asyncio.Protocol] | Literal["auto"]:
    """uvicorn's protocol over httptools with a shorter way out; without httptools, whatever uvicorn finds, and the
    application's `Gate` refuses."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return "auto"

    class Protocol(HttpToolsProtocol):
        def on_headers_complete(self) -> None:
            path = _PATHS.get(self.url.partition(b"?")[0])
            answered = self.cycle is None or self.cycle.response_complete  # else this request waits for its turn
            if path and answered and service.admission.full and self.parser.get_method() == b"POST":
                self._refuse(path)
            else:
                super().on_headers_complete()

        def _refuse(self, path: str) -> None:
            number = identified(dict(self.headers))
            stays = self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()
            self.transport.write(_written(service.admission.refusal(), number, stays))
            service.metrics.answered(path, "POST", 429, 0.0, number)
            self.cycle = _ANSWERED  # type: ignore[assignment]  # whose body is passed over
            if not stays:
                self.transport.close()
            self.on_response_complete()

    return Protocol


def _written(problem: Problem, number: str, stays: bool) -> bytes:
    """A problem as it goes over the wire."""
    body = json.dumps(content(problem, number), ensure_ascii=False, separators=(",", ":")).encode()
    headers = {**(problem.headers or {}), "content-type": MEDIA_TYPE, "content-length": str(len(body)),
               "x-request-id": number, "connection": "keep-alive" if stays else "close"}
    lines = [f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}",
             *(f"{name.lower()}: {value}" for name, value in headers.items())]
    fixed = b"".join(b"%b: %b\r\n" % pair for pair in HEADERS)
    return "\r\n".join(lines).encode("latin-1") + b"\r\n" + fixed + b"\r\n" + body
