"""The web page inside the package, if it is there, becomes routes that serve its files under a strict policy."""

from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PAGE = Path(__file__).parent / "page"
POLICY = ("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
          "font-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; "
          "form-action 'none'; frame-ancestors 'none'")
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
           "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-cache"}

MISSING = """This installation of Glyphic has no web page; everything else is there: see /openapi.json.

The page is built with Node and npm. In a checkout: web/build. For an installation: pip install '.[serve]' where npm is.
"""


class Guarded(StaticFiles):
    """Files with the headers of the policy."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        return response


def install(app: FastAPI, folder: Path = PAGE) -> None:
    """Serves the folder at /, where it has an index.html; elsewhere / tells how to build the page.

    Its files at the top and its folders have a route each: a mount at / would swallow the wrong methods of others.
    """
    if not (folder / "index.html").is_file():
        app.add_route("/", _missing, ["GET"], include_in_schema=False)
        return
    files = Guarded(directory=folder, html=True)

    def serve(name: str) -> None:
        async def endpoint(request: Request) -> Response:
            return await files.get_response(name, request.scope)

        app.add_route("/" if name == "index.html" else f"/{name}", endpoint, ["GET"], include_in_schema=False)

    for path in sorted(folder.iterdir()):
        if path.is_dir():
            app.mount(f"/{path.name}", Guarded(directory=path), name=path.name)
        else:
            serve(path.name)


async def _missing(request: Request) -> Response:
    return PlainTextResponse(MISSING, 404)
