"""Problems, the library's errors and the framework's own become answers in the format of RFC 9457."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from glyphic.core.errors import GlyphicError
from glyphic.service.problems import MEDIA_TYPE, Problem, of_error, of_validation


def answer(problem: Problem, request_id: str) -> JSONResponse:
    """The problem as it is sent."""
    return JSONResponse(content(problem, request_id), problem.status, problem.headers, MEDIA_TYPE)


def content(problem: Problem, request_id: str) -> dict[str, Any]:
    """The members of the problem's JSON."""
    return {"type": "about:blank", "title": HTTPStatus(problem.status).phrase, "status": problem.status,
            "detail": problem.detail, "code": problem.code, "instance": request_id, **problem.more}


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


def request_id(request: Request) -> str:
    """The X-Request-ID that the answer will carry."""
    return str(request.scope.get("glyphic.request_id", ""))
