"""The review queue over HTTP: the next reading in doubt, its picture, what a person decides, and all as a data set.

The store waits for its database, so every route is a plain function, which FastAPI runs in a thread.
"""

import asyncio
import tempfile
import zipfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, JSONResponse, Response

from glyphic.core.errors import NotationError
from glyphic.review.store import NAME, ConflictError, Store, UnknownItemError
from glyphic.service.problems import Problem, of_validation
from glyphic.service.routes import PROBLEM, refusals
from glyphic.service.uploads import read_body

LARGEST = 1_000_000  # bytes of a decision
PATIENCE = 10.0  # seconds for its body to come

TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "bmp": "image/bmp", "tif": "image/tiff",
         "webp": "image/webp"}

Id = Annotated[int, InPath(ge=1, le=2**63 - 1, description="of the item")]
Shape = TypeVar("Shape", bound=BaseModel)


class Wish(BaseModel):
    """Who wants to review, and of which notation."""

    model_config = ConfigDict(extra="forbid")
    reviewer: str = Field(min_length=1, max_length=NAME)
    notation: str | None = Field(None, max_length=NAME)


class Verdict(BaseModel):
    """What a reviewer decided: that the reading is right, or what is, or that others should look."""

    model_config = ConfigDict(extra="forbid")
    reviewer: str = Field(min_length=1, max_length=NAME)
    decision: Literal["accept", "correct", "skip", "undo"]
    text: str | None = Field(None, description="with correct: the right reading")


def _body(shape: type[Shape]) -> Callable[[Request], Awaitable[Shape]]:
    """A dependency that reads no more of a body than a decision may have; FastAPI's own would read all of it."""

    async def read(request: Request) -> Shape:
        body = await read_body(request, LARGEST, asyncio.get_running_loop().time() + PATIENCE)
        try:
            return shape.model_validate_json(body)
        except ValidationError as error:
            raise of_validation(error.errors()) from None

    return read


def _takes(shape: type[BaseModel]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": shape.model_json_schema()}}}}


@contextmanager
def _answered() -> Iterator[None]:
    """The queue's errors as problems."""
    try:
        yield
    except UnknownItemError as error:
        raise Problem(404, "no-such-item", str(error)) from error
    except ConflictError as error:
        raise Problem(409, "not-yours", str(error)) from error
    except NotationError as error:
        raise Problem(422, "invalid-text", str(error), position=error.position) from error


def router(store: Store) -> APIRouter:
    """The routes of a queue."""
    routes = APIRouter(tags=["review"])
    missing: dict[int | str, dict[str, Any]] = {404: {"description": "No such item.", **PROBLEM}}
    held: dict[int | str, dict[str, Any]] = {
        409: {"description": "Another reviewer's, or decided already.", **PROBLEM}}

    @routes.get("/v1/review", summary="How many readings wait")
    def counts() -> dict[str, int]:
        return store.counts()

    @routes.post("/v1/review/next", summary="The next reading to review", openapi_extra=_takes(Wish),
                 responses={204: {"description": "Nothing waits."}, **refusals(400, 408, 413, 422)})
    def following(wish: Annotated[Wish, Depends(_body(Wish))]) -> Response:
        """The least confident one, which is the reviewer's alone until `leased_until`."""
        item = store.next(wish.reviewer, wish.notation)
        if item is None:
            return Response(status_code=204)
        return JSONResponse({"id": item.id, "picture_url": f"/v1/review/{item.id}/picture", "reading": item.reading,
                             "leased_until": item.leased_until.isoformat(timespec="seconds")})

    @routes.get("/v1/review/export", summary="What was decided, as a data set", response_class=Response,
                responses={200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}})
    def export() -> Response:
        """images/, labels.tsv and decisions.tsv; a folder of each for every notation, where there are several."""
        folder = tempfile.TemporaryDirectory(prefix="glyphic-review-")
        try:
            packed = Path(folder.name, "corrections.zip")
            written = Path(folder.name, "corrections")
            store.export(written)
            with zipfile.ZipFile(packed, "w") as archive:  # pictures are compressed already
                for path in sorted(written.rglob("*")):
                    archive.write(path, path.relative_to(written))
        except BaseException:
            folder.cleanup()
            raise
        return FileResponse(packed, media_type="application/zip", filename="corrections.zip",
                            background=BackgroundTask(folder.cleanup))

    @routes.get("/v1/review/{id}/picture", summary="The picture of a reading", response_class=Response,
                responses={200: {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}},
                           **missing, **refusals(422)})
    def picture(id: Id) -> Response:
        with _answered():
            data, suffix = store.picture(id)
        return Response(data, media_type=TYPES.get(suffix, "application/octet-stream"), headers={
            "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store"})

    @routes.post("/v1/review/{id}", summary="Decide on a reading", openapi_extra=_takes(Verdict),
                 responses={**missing, **held, **refusals(400, 408, 413, 422)})
    def decide(id: Id, verdict: Annotated[Verdict, Depends(_body(Verdict))]) -> dict[str, int]:
        """Answers how many wait then. `undo` takes back what this reviewer last decided on this reading."""
        if (verdict.decision == "correct") != (verdict.text is not None):
            raise Problem(422, "invalid-option", "a text belongs to the decision correct, and to no other")
        with _answered():
            if verdict.text is not None:
                store.correct(id, verdict.reviewer, verdict.text)
            else:
                {"accept": store.accept, "skip": store.skip, "undo": store.undo}[verdict.decision](id, verdict.reviewer)
        return store.counts()

    return routes
