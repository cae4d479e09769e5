"""The optional /v3/text: pictures of formulas in, answers in the shape of Mathpix's interface of that name out.

For programs that speak it already. A picture comes as data, in JSON or as the field `file` of a form; addresses of
pictures are refused, for the service fetches nothing.
"""

import base64
import binascii
import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from glyphic.core.errors import GlyphicError
from glyphic.core.results import ModelIdentity
from glyphic.service import answers, routes
from glyphic.service.answers import request_id
from glyphic.service.orders import Order
from glyphic.service.problems import Problem, of_error
from glyphic.service.state import Service
from glyphic.service.uploads import Upload, read_body, receive, sniff

_JSON = {"schema": {"type": "object", "required": ["src"], "properties": {
    "src": {"type": "string", "description": "data:image/png;base64,..."}}}}
_FORM = {"schema": {"type": "object", "required": ["file"], "properties": {
    "file": {"type": "string", "format": "binary"}, "options_json": {"type": "string"}}}}


def router(service: Service) -> APIRouter:
    """The route of a service."""
    found = APIRouter()

    @found.post("/v3/text", summary="Read a formula, as Mathpix answers", responses=routes.refusals(),
                openapi_extra={"requestBody": {"required": True, "content": {
                    "application/json": _JSON, "multipart/form-data": _FORM}}})
    async def text(request: Request) -> Response:
        try:
            async with service.admission.place() as deadline:
                picture = await _picture(request, service, deadline)
                reading = await service.read(picture, Order(notation="formula", formats="mathml"), deadline)
        except (Problem, GlyphicError) as error:
            problem = error if isinstance(error, Problem) else of_error(error)
            problem.more |= {"request_id": request_id(request), "error": problem.detail,
                             "error_info": {"id": problem.code, "message": problem.detail}}
            return answers.answer(problem, request_id(request))
        return JSONResponse(_answer(reading, request_id(request)))

    return found


async def _picture(request: Request, service: Service, deadline: float) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        upload: Upload = await receive(request, service.settings.largest, deadline, "file")
        for options in upload.fields.get("options_json", []):
            _object(options.encode())
        return upload.picture
    # in base64, a body is a third larger than its picture
    given = _object(await read_body(request, service.settings.largest * 4 // 3 + 10_000, deadline)).get("src")
    if not isinstance(given, str):
        raise Problem(422, "no-picture", "src must hold the picture, as data:image/png;base64,...")
    head, comma, data = given.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        raise Problem(422, "no-download", "nothing is fetched from addresses here; give the picture itself, as src: "
                      "data:image/png;base64,...")
    try:
        picture = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Problem(422, "no-picture", "the data in src are no base64") from None
    sniff(picture)
    return picture


def _object(data: bytes) -> dict[str, Any]:
    try:
        given = json.loads(data)
    except (ValueError, RecursionError):
        raise Problem(422, "invalid-json", "this is no JSON; send an object with src") from None
    if not isinstance(given, dict):
        raise Problem(422, "invalid-json", "send a JSON object with src")
    return given


def _answer(reading: dict[str, Any], number: str) -> dict[str, Any]:
    text, mathml, image = reading["text"], reading["formats"].get("mathml"), reading["image"]
    return {
        "request_id": number, "version": str(ModelIdentity(**reading["model"])), "is_printed": True,
        "is_handwritten": False, "image_width": image["width"], "image_height": image["height"],
        "auto_rotate_degrees": image.get("turned", 0),
        "text": rf"\( {text} \)" if text else "", "latex_styled": text,
        "confidence": reading["confidence"], "confidence_rate": reading["confidence"],
        "data": [{"type": "latex", "value": text}, *([{"type": "mathml", "value": mathml}] if mathml else [])],
        **({} if text else {"error": "Content not found",
                            "error_info": {"id": "image_no_content", "message": " ".join(reading["warnings"])}}),
    }
