"""The body of a request, as it streams in, becomes the bytes of one picture and the options beside it."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from glyphic.service.orders import FORMATS
from glyphic.service.problems import Problem

FIELDS = 1000  # of a form, lexicon words among them

_SIGNATURES = {"PNG": (b"\x89PNG\r\n\x1a\n",), "JPEG": (b"\xff\xd8\xff",), "GIF": (b"GIF87a", b"GIF89a"),
               "BMP": (b"BM",), "TIFF": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")}
_REFUSED = {"PDF": (b"%PDF",), "EPS": (b"%!PS", b"\xc5\xd0\xd3\xc6"), "SVG": (b"<svg", b"<?xml", b"<!DOCTYPE svg")}


@dataclass(frozen=True)
class Upload:
    """A picture that came in, with the fields of its form; a field may have several values."""

    picture: bytes
    fields: dict[str, list[str]] = field(default_factory=dict)


async def receive(request: Request, largest: int, deadline: float, name: str = "picture") -> Upload:
    """The picture of a request: its body, or the field `name` of its form.

    Errors: Problem 413 as soon as more than `largest` bytes have come (or are announced), 408 at the deadline, 415 for
    what is no picture of FORMATS, 422 for a form without a picture.
    """
    body = await read_body(request, largest, deadline)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    upload = await _of_form(request, body, name) if kind == "multipart/form-data" else Upload(body)
    sniff(upload.picture)
    return upload


async def read_body(request: Request, largest: int, deadline: float) -> bytes:
    """The body of a request; errors as `receive`."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > largest:
        raise _too_large(largest)
    body = bytearray()
    try:
        async with asyncio.timeout_at(deadline):
            async for chunk in request.stream():
                body += chunk
                if len(body) > largest:
                    raise _too_large(largest)
    except TimeoutError:
        raise Problem(408, "upload-too-slow", f"the body did not arrive in time; {len(body)} bytes did") from None
    except ClientDisconnect:
        raise Problem(400, "disconnected", "the client left before its request was complete") from None
    return bytes(body)


def sniff(data: bytes) -> str:
    """The format that the first bytes tell, one of FORMATS; Problem 422 for no bytes, 415 for any other."""
    if not data:
        raise Problem(422, "no-picture", "there is no picture; send one as the body, or in the field picture of a form")
    for name, signatures in _SIGNATURES.items():
        if data.startswith(signatures):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    start = data[:256].lstrip(b"\xef\xbb\xbf \t\r\n")
    known = next((f"{name} is not read" for name, signatures in _REFUSED.items() if start.startswith(signatures)),
                 "this is none of the formats that are read")
    raise Problem(415, "unsupported-format", f"{known}; send {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")


async def _of_form(request: Request, body: bytes, name: str) -> Upload:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        parser = MultiPartParser(request.headers, whole(), max_files=1, max_fields=FIELDS)
        parser.spool_max_size = len(body) + 1  # nothing goes to the disk
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise Problem(422, "invalid-form", f"the form cannot be read: {error}") from None
    try:
        picture, fields = b"", dict[str, list[str]]()
        for key, value in form.multi_items():
            if isinstance(value, UploadFile):
                if key != name:
                    raise Problem(422, "no-picture", f"the picture belongs in the field {name}; got {key!r}")
                picture = await value.read()
            else:
                fields.setdefault(key, []).append(value)
    finally:
        await form.close()
    return Upload(picture, fields)


def _too_large(largest: int) -> Problem:
    return Problem(413, "body-too-large", f"a body may have {largest} bytes; send a smaller picture")
