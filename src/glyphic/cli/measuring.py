"""What measures: `evaluate`."""

import json
from pathlib import Path
from typing import Any

import click

from glyphic.cli.console import main, progress_bar
from glyphic.cli.reading import word_options
from glyphic.core.errors import OptionError


@main.command()
@click.argument("model")
@click.argument("dataset", type=click.Path(exists=True, file_okay=False))
@click.option("--json", "json_out", type=click.Path(dir_okay=False), metavar="OUT", help="Write the figures as JSON.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the N pictures whose paths hash lowest.")
@click.option("--predictions", type=click.Path(dir_okay=False), metavar="FILE", help="Keep every reading, as TSV.")
@click.option("--html", type=click.Path(dir_okay=False), metavar="OUT", help="Write a page of pictures and readings.")
@click.option("--score", "other", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
              help="Score these predictions (TSV: path, prediction) instead of reading; MODEL may name a notation.")
@click.option("--beam", type=click.IntRange(1), metavar="WIDTH", help="Width of the search; 1 is greedy, the quickest.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
@word_options
@click.option("--lexicons", "own", is_flag=True, help="Each picture holds one of its words in DATASET/lexicons.tsv.")
def evaluate(model: str, dataset: str, json_out: str | None, limit: int | None, predictions: str | None,
             html: str | None, other: str | None, beam: int | None, threads: int, words: dict[str, Any],
             own: bool) -> None:
    """Measure MODEL on DATASET, a folder with images/ and labels.tsv (path<TAB>label)."""
    from glyphic.data import samples
    from glyphic.evaluation import benchmark
    from glyphic.evaluation.report import summary, write_report

    chosen = samples.read_folder(dataset)
    if limit is not None:
        chosen = samples.limit(chosen, limit, dataset)
    if other and (own or any(words.values())):
        raise OptionError("--score takes predictions as they are; lexicons and --allow are for reading")
    if other:
        notation = _notation_of(model)
        report = benchmark.score_predictions(other, chosen, dataset, notation)
    else:
        from glyphic.reading.recognizer import load

        recognizer = load(model, beam_width=beam, threads=threads, **words)
        notation = recognizer.notation
        lexicons = samples.read_lexicons(dataset) if own else None
        with progress_bar(len(chosen)) as bar:
            report = benchmark.evaluate(recognizer, chosen, dataset, lambda done: bar.update(1), lexicons)
    if json_out:
        Path(json_out).write_text(json.dumps(report.to_json(), indent=1) + "\n", encoding="utf-8")
    if predictions:
        benchmark.write_predictions(report, predictions)
    if html:
        write_report(html, report, dataset, notation.render, notation.formats.get("mathml"))
    click.echo(summary(report))


def _notation_of(model: str) -> Any:
    from glyphic import notations
    from glyphic.reading.bundle import Bundle

    return notations.get(model if model in notations.names() else Bundle.load(model).notation)
