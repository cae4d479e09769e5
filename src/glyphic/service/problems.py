"""What goes wrong becomes an answer in the format of RFC 9457, application/problem+json, whoever noticed it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from glyphic.core.errors import (
    GlyphicError,
    ImageError,
    MissingExtraError,
    OptionError,
    PictureSizeError,
    UnknownNameError,
)

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
    return Problem(500, "internal", "the reading failed; the log of the service tells why")


def answer(problem: Problem, request_id: str) -> JSONResponse:
    """The problem as it is sent."""
    body = {"type": "about:blank", "title": HTTPStatus(problem.status).phrase, "status": problem.status,
            "detail": problem.detail, "code": problem.code, "instance": request_id, **problem.more}
    return JSONResponse(body, problem.status, problem.headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Problems, whatever the framework raises, and the library's errors are answered by `answer`."""

    async def on_problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return answer(error, request_id(request))

    async def on_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, GlyphicError)
        return answer(of_error(error), request_id(request))

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        details = {404: f"nothing is at {request.url.path}; /openapi.json tells what is where",
                   405: f"{request.url.path} does not take {request.method}; the header Allow tells what it takes"}
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        found = Problem(error.status_code, code, details.get(error.status_code, str(error.detail)), error.headers)
        return answer(found, request_id(request))

    async def on_invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return answer(of_validation(error.errors()), request_id(request))

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(GlyphicError, on_error)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)


def of_validation(errors: Any) -> Problem:
    """pydantic's list of what is wrong with the options -> the answer; what was given is not repeated."""
    listed = [{"field": ".".join(map(str, error["loc"])) or "body", "message": error["msg"]} for error in errors]
    detail = "; ".join(f"{error['field']}: {error['message']}" for error in listed)
    return Problem(422, "invalid-option", detail, errors=listed)


def request_id(request: Request) -> str:
    """The X-Request-ID that the answer will carry."""
    return str(request.scope.get("glyphic.request_id", ""))
