"""The review queue, from the command line: `review add`, `review counts`, `review export`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from glyphic.cli.console import complain, main
from glyphic.core.errors import GlyphicError
from glyphic.core.results import Recognition


@main.group()
def review() -> None:
    """Readings in doubt, and what people made of them. QUEUE is sqlite:///FILE or postgresql+psycopg://..."""


@review.command()
@click.argument("queue")
@click.argument("pictures", nargs=-1, required=True)
@click.option("--model", default="formula", show_default=True, metavar="NAME|FOLDER", help="The model that reads.")
@click.option("--below", type=click.FloatRange(0, 1), default=0.9, show_default=True, metavar="X",
              help="Readings of less confidence are in doubt.")
@click.option("--alternatives", type=click.IntRange(0), default=3, show_default=True, metavar="N",
              help="Readings to choose from beside the best one.")
@click.pass_context
def add(ctx: click.Context, queue: str, pictures: tuple[str, ...], model: str, below: float,
        alternatives: int) -> None:
    """Read PICTURES, and put those into QUEUE whose readings are in doubt."""
    from glyphic.reading.recognizer import load
    from glyphic.review import open_store

    added = read = 0
    with open_store(queue) as store:
        recognizer = load(model, alternatives=alternatives, spots=True)
        for path in pictures:
            try:
                data = Path(path).read_bytes()
                found = recognizer.read(data)
            except (GlyphicError, OSError) as error:
                complain(str(error) if path in str(error) else f"{path}: {error}")
                continue
            read += 1
            if _in_doubt(found, below):
                store.add(data, found.to_json())
                added += 1
    click.echo(f"{read} read, {added} of them in doubt")
    ctx.exit(0 if read == len(pictures) else 1)


@review.command()
@click.argument("queue")
def counts(queue: str) -> None:
    """How many readings of QUEUE wait, and how many are decided."""
    from glyphic.review import open_store

    with open_store(queue) as store:
        found = store.counts()
    for name, count in found.items():
        click.echo(f"{name}: {count}")


@review.command()
@click.argument("queue")
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), metavar="DATE",
              help="Only what was decided from then on, in UTC.")
@click.option("--notation", metavar="NAME", help="Only this one; else several become a folder each.")
def export(queue: str, folder: str, since: datetime | None, notation: str | None) -> None:
    """Write what was decided into FOLDER: images/ and labels.tsv, to train on, and decisions.tsv."""
    from glyphic.review import open_store

    with open_store(queue) as store:
        count = store.export(folder, since and since.replace(tzinfo=UTC), notation)
    click.echo(f"{folder}: {count} pictures")


def _in_doubt(found: Recognition, below: float) -> bool:
    return found.confidence < below or found.decision == "review"
