"""Settings become the application: routes, problems, metrics, the page, and, if asked for, the review queue."""

import contextlib
import importlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from glyphic import __version__
from glyphic.service import answers, mathpix, pages, routes
from glyphic.service.gate import Gate
from glyphic.service.observing import Observer
from glyphic.service.settings import Settings
from glyphic.service.state import Service
from glyphic.service.workers import Threads, Workers

if TYPE_CHECKING:  # heavy, and needed by threads alone
    from glyphic.service.readers import Readers


def create_app(settings: Settings | None = None, readers: "Readers | None" = None,
               workers: Workers | None = None) -> FastAPI:
    """The ASGI application; `app.state.service` is what it holds.

    readers: in place of those of the settings, for threads. workers: in place of threads of this process.

    Errors: those of the review queue, where its URL is of no use.
    """
    settings = settings or Settings()
    store = _store(settings.review_url) if settings.review_url else None
    service = Service(settings, workers or _threads(settings, readers), store)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await service.start()
        yield
        await service.stop()

    # no pages about the interface: those that the framework has load scripts from elsewhere
    app = FastAPI(title="Glyphic", version=__version__, docs_url=None, redoc_url=None, lifespan=lifespan,
                  description="Reads formulas, molecules, sheet music and text from pictures.")
    app.state.service = service
    answers.install(app)
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


def _threads(settings: Settings, readers: "Readers | None") -> Threads:
    from glyphic.service.readers import Readers  # numpy and what it reads with, which others need not pay

    return Threads(readers or Readers(settings.models), settings.workers)


def _store(url: str) -> Any:
    return importlib.import_module("glyphic.review").open_store(url)
