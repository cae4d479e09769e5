"""Requests that find the service full are refused before anything of them is looked at but their path.

At ten times what can be read, nine of ten requests are refused, by the CPUs that read: the way through the framework,
its options and its errors took a quarter of a millisecond of them, and this takes a quarter of that.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from glyphic.service.answers import answer
from glyphic.service.state import Service

PATHS = ("/v1/read", "/v1/write")  # to which a POST takes a place; what else does answers in its own shape


class Gate:
    """A layer of the application inside of `Observer`."""

    def __init__(self, app: ASGIApp, service: Service):
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.service.admission.full and scope["path"] in PATHS \
                and scope["method"] == "POST":
            scope["glyphic.route"] = scope["path"]
            await answer(self.service.admission.refusal(), scope["glyphic.request_id"])(scope, receive, send)
        else:
            await self.app(scope, receive, send)
