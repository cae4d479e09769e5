"""What answers over HTTP: `serve`."""

import logging
import sys
from importlib.util import find_spec

import click

from glyphic.cli.console import main, needed


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; 0.0.0.0 is all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1), help="Pictures read at a time [default: one more than CPUs].")
@click.option("--waiting", type=click.IntRange(0), metavar="N",
              help="Requests that may wait; more are refused with 429 [default: 8 a worker].")
@click.option("--model", "models", multiple=True, metavar="NAME|FOLDER",
              help="What to read with; repeatable [default: all that are installed].")
@click.option("--mathpix", is_flag=True, help="Also answer at /v3/text, in the shape of Mathpix's interface.")
@click.option("--review", "review_url", metavar="URL", help="Put doubtful readings into this review queue.")
@click.option("--review-below", type=click.FloatRange(0, 1), default=0.9, show_default=True, metavar="X",
              help="With --review: readings of less confidence are doubtful.")
@click.option("--quiet", is_flag=True, help="Log failures only, and not each request.")
def serve(host: str, port: int, workers: int | None, waiting: int | None, models: tuple[str, ...], mathpix: bool,
          review_url: str | None, review_below: float, quiet: bool) -> None:
    """Read pictures over HTTP: POST /v1/read, and a page for people at /."""
    with needed("serving", "serve"):
        for name in ("fastapi", "multipart", "prometheus_client", "uvicorn"):  # loaded when the models are being loaded
            if find_spec(name) is None:
                raise ModuleNotFoundError(name=name)
    from glyphic.service.processes import Processes
    from glyphic.service.settings import Settings, usual_workers

    logging.basicConfig(level=logging.WARNING if quiet else logging.INFO, format="%(asctime)s %(name)s %(message)s")
    settings = Settings(workers=workers or usual_workers(), waiting=waiting, models=models, mathpix=mathpix,
                        review_url=review_url, review_below=review_below)
    forked = Processes(models, settings.workers) if sys.platform == "linux" else None
    from glyphic.service.app import create_app
    from glyphic.service.server import serve as listen

    app = create_app(settings, workers=forked)
    click.echo(f"glyphic: http://{host}:{port}, {settings.workers} workers", err=True)
    listen(app, settings, host, port)
