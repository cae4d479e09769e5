"""What goes wrong, whoever noticed it: a status, a word for programs, and what was given and what is allowed.

Nothing here knows the framework: processes that read pictures speak of problems without loading it.
"""

import logging
from collections.abc import Mapping
from typing import Any

from glyphic.core.errors import (
    GlyphicError,
    ImageError,
    MissingExtraError,
    OptionError,
    PictureSizeError,
    UnknownNameError,
)

LOG = logging.getLogger("glyphic.service")
MEDIA_TYPE = "application/problem+json"

SCHEMA: dict[str, Any] = {
    "title": "Problem", "description": "RFC 9457", "type": "object",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what was given, what is allowed, what to do"},
        "code": {"type": "string", "description": "the kind of problem in a word that does not change"},
        "instance": {"type": "string", "description": "the X-Request-ID of the answer"},
        "errors": {"type": "array", "items": {"type": "object"}, "description": "of several fields, each"},
    },
}


class Problem(Exception):
    """An answer that is no success. code: a word for programs; more: further members of the answer."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any):
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers, self.more = status, code, detail, headers, more


def of_error(error: GlyphicError) -> Problem:
    """What the library raised on purpose -> the answer."""
    if isinstance(error, PictureSizeError):
        return Problem(413, "picture-too-large", str(error))
    if isinstance(error, ImageError):
        return Problem(422, "unreadable-picture", str(error))
    if isinstance(error, UnknownNameError | OptionError):
        return Problem(422, "invalid-option", str(error))
    if isinstance(error, MissingExtraError):
        return Problem(501, "not-installed", str(error))
    LOG.error("a reading failed: %s", error)
    return Problem(500, "internal", "the reading failed; the log of the service tells why")


def of_validation(errors: Any) -> Problem:
    """pydantic's list of what is wrong with the options -> the answer; what was given is not repeated."""
    listed = [{"field": ".".join(map(str, error["loc"])) or "body", "message": error["msg"]} for error in errors]
    detail = "; ".join(f"{error['field']}: {error['message']}" for error in listed)
    return Problem(422, "invalid-option", detail, errors=listed)
