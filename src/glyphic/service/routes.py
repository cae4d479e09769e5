"""What can be asked of a service: a reading, its models, and how it does."""

import asyncio
import json
from functools import partial
from importlib import resources
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from glyphic.service.orders import Draft, Order
from glyphic.service.problems import MEDIA_TYPE, SCHEMA, Problem, of_validation
from glyphic.service.state import Service
from glyphic.service.uploads import Upload, read_body, receive

PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
RECOGNITION = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Recognition"}}}}
REFUSALS = {400: "The request cannot be read.", 408: "The body was too slow.", 413: "The body or picture is too large.",
            415: "No format that is read.", 422: "No picture in it, or options that make no sense.",
            429: "The queue is full.", 500: "The service failed.", 501: "Something is not installed.",
            503: "The service is starting or too busy.", 504: "The picture takes too long."}

DRAFT = 200_000  # bytes of a text with its notation

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "required": ["picture"], "properties": {
    "picture": {"type": "string", "format": "binary"}, "notation": {"type": "string"}, "model": {"type": "string"},
    "formats": {"type": "string"}, "alternatives": {"type": "integer", "minimum": 0, "maximum": 10},
    "lexicon": {"type": "array", "items": {"type": "string"}}}}}
BODY = {"required": True, "content": {"multipart/form-data": _FORM, **dict.fromkeys(
    ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff"), _BINARY)}}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Those problems, as OpenAPI lists them; all where none is named."""
    return {status: {"description": REFUSALS[status], **PROBLEM} for status in statuses or REFUSALS}


def router(service: Service) -> APIRouter:
    """The routes of a service."""
    routes = APIRouter()

    @routes.post("/v1/read", summary="Read a picture", openapi_extra={"requestBody": BODY},
                 responses={200: {"description": "What was read.", **RECOGNITION}, **refusals()})
    async def read(request: Request, order: Annotated[Order, Query()]) -> Response:
        """The picture is the body itself, or the field `picture` of a form, which may hold the options as well."""
        settings = service.settings
        async with service.admission.place() as deadline:
            upload: Upload = await receive(request, settings.largest, deadline)
            found = await service.read(upload.picture, order.updated(upload.fields), deadline)
        return JSONResponse(found)

    @routes.post("/v1/write", summary="Write a text in other formats",
                 openapi_extra={"requestBody": {"required": True, "content": {"application/json": {
                     "schema": Draft.model_json_schema()}}}},
                 responses={200: {"description": "Its canonical spelling, formats, checks and warnings.",
                                  "content": {"application/json": {"schema": {"type": "object"}}}}, **refusals()})
    async def write(request: Request) -> Response:
        """What a reading that a person corrected is in all formats."""
        async with service.admission.place() as deadline:
            try:
                draft = Draft.model_validate_json(await read_body(request, DRAFT, deadline))
            except ValidationError as error:
                raise of_validation(error.errors(include_url=False, include_input=False,
                                                 include_context=False)) from None
            service.check_loaded()
            found = await service.admission.run(partial(service.workers.write, draft.notation, draft.text), deadline)
        return JSONResponse(found)

    @routes.get("/v1/models", summary="List the models", responses=refusals(503))
    async def models() -> list[dict[str, Any]]:
        service.check_loaded()
        return service.workers.models

    @routes.get("/healthz", summary="Whether the process runs")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/readyz", summary="Whether pictures can be read", responses=refusals(503))
    async def readyz() -> dict[str, Any]:
        """200 once all models are loaded and have read a golden picture right, until the service is told to end."""
        service.check_loaded()
        if service.leaving:
            raise Problem(503, "leaving", "the service is about to end")
        return {"status": "ready", "models": sorted(model["name"] for model in service.workers.models)}

    @routes.get("/metrics", summary="Figures for Prometheus", response_class=Response,
                responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}})
    async def metrics() -> Response:
        figures = await asyncio.to_thread(generate_latest, service.metrics.registry)  # memory takes milliseconds
        return Response(figures, media_type=CONTENT_TYPE_LATEST)

    return routes


def describe(app: FastAPI) -> None:
    """Puts the shape of a reading, which the package ships as a schema, into what /openapi.json tells."""
    written = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schemas = written().setdefault("components", {}).setdefault("schemas", {})
            schemas |= {"Recognition": recognition_schema("#/components/schemas/Recognition"), "Problem": SCHEMA}
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def recognition_schema(root: str = "#") -> dict[str, Any]:
    """The schema of a reading's JSON; its references begin with `root`."""
    text = (resources.files("glyphic.core") / "recognition.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text.replace('"#/$defs/', f'"{root}/$defs/'))
    if root != "#":
        del schema["$schema"]
    return schema
