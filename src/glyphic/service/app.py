"""Settings become the application: routes, problems, metrics, the page, and, if asked for, the review queue."""

import contextlib
import importlib
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI

from glyphic import __version__
from glyphic.service import mathpix, pages, problems, routes
from glyphic.service.gate import Gate
from glyphic.service.observing import Observer
from glyphic.service.readers import Readers
from glyphic.service.settings import Settings
from glyphic.service.state import Service


def create_app(settings: Settings | None = None, readers: Readers | None = None) -> FastAPI:
    """The ASGI application; `app.state.service` is what it holds. readers: in place of those of the settings.

    Errors: those of the review queue, where its URL is of no use.
    """
    settings = settings or Settings()
    store = _store(settings.review_url) if settings.review_url else None
    service = Service(settings, readers, store)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await service.start()
        yield
        await service.stop()

    # no pages about the interface: those that the framework has load scripts from elsewhere
    app = FastAPI(title="Glyphic", version=__version__, docs_url=None, redoc_url=None, lifespan=lifespan,
                  description="Reads formulas, molecules, sheet music and text from pictures.")
    app.state.service = service
    problems.install(app)
    app.include_router(routes.router(service))
    if settings.mathpix:
        app.include_router(mathpix.router(service))
    if store is not None:
        app.include_router(importlib.import_module("glyphic.service.queue").router(store))
    pages.install(app)
    routes.describe(app)
    app.add_middleware(Gate, service=service)
    app.add_middleware(Observer, metrics=service.metrics)
    return app


def _store(url: str) -> Any:
    return importlib.import_module("glyphic.review").open_store(url)
