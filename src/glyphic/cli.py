"""The command `glyphic`: one function per verb; what a verb needs is imported when it runs."""

import glob
import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glyphic import __version__
from glyphic.core.errors import GlyphicError, ImageError, MissingExtraError, OptionError, UnknownNameError

if TYPE_CHECKING:
    from glyphic.core.results import Recognition


class Verbs(click.Group):
    """Turns the library's errors into one line and an exit code: 1 an input failed, 2 the command makes no sense."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (UnknownNameError, OptionError) as error:
            complain(str(error))
            ctx.exit(2)
        except GlyphicError as error:
            complain(str(error))
            ctx.exit(1)


def complain(line: str) -> None:
    """One line on stderr."""
    click.echo("glyphic: " + " ".join(line.split()), err=True)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="glyphic")
def main() -> None:
    """Read formulas, molecules, sheet music and text from pictures."""


@main.command()
@click.argument("pictures", nargs=-1)
@click.option("--clipboard", is_flag=True, help="Read the picture (or the files) in the clipboard.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per picture and line.")
@click.option("--alternatives", type=click.IntRange(0), metavar="N", help="Also give the N next best readings.")
@click.option("--beam", type=click.IntRange(1), metavar="WIDTH", help="Width of the search; 1 is greedy.")
@click.option("--html", type=click.Path(dir_okay=False), metavar="OUT", help="Write a page of pictures and readings.")
@click.option("--model", default="formula", show_default=True, metavar="NAME|FOLDER", help="The model that reads.")
@click.pass_context
def read(ctx: click.Context, pictures: tuple[str, ...], clipboard: bool, as_json: bool, alternatives: int | None,
         beam: int | None, html: str | None, model: str) -> None:
    """Read PICTURES: files, patterns such as 'scans/*.png', or - for standard input.

    One picture prints its text; several print path<TAB>text. Pictures that cannot be read are reported on stderr, and
    the exit code is 1.
    """
    named = list(_named(pictures, clipboard))
    if not named:
        raise click.UsageError("nothing to read: give a picture, - for standard input, or --clipboard")
    from glyphic.core.results import Recognition
    from glyphic.reading.recognizer import load

    recognizer = load(model, beam_width=beam, alternatives=alternatives)
    kept: list[tuple[str, Any, Recognition | GlyphicError]] = []
    failed = False
    results = recognizer.read_many((source for _, source in named), errors="return")
    for (name, source), result in zip(named, results, strict=True):
        if isinstance(result, Recognition):
            _print(name, result, as_json, alone=len(named) == 1)
        else:
            failed = True
            complain(str(result) if name in str(result) else f"{name}: {result}")
        kept.append((name, source, result))
    if html:
        from glyphic.evaluation.report import Entry, write_page

        entries = (Entry(name, source, result) if isinstance(result, Recognition)
                   else Entry(name, source, error=str(result)) for name, source, result in kept)
        write_page(html, entries, "Glyphic's readings", recognizer.notation.render)
    ctx.exit(1 if failed else 0)


@main.command()
@click.argument("model")
@click.argument("dataset", type=click.Path(exists=True, file_okay=False))
@click.option("--json", "json_out", type=click.Path(dir_okay=False), metavar="OUT", help="Write the figures as JSON.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the N pictures whose paths hash lowest.")
@click.option("--predictions", type=click.Path(dir_okay=False), metavar="FILE", help="Keep every reading, as TSV.")
@click.option("--html", type=click.Path(dir_okay=False), metavar="OUT", help="Write a page of pictures and readings.")
@click.option("--score", "other", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
              help="Score these predictions (TSV: path, prediction) instead of reading; MODEL may name a notation.")
@click.option("--beam", type=click.IntRange(1), metavar="WIDTH", help="Width of the search; 1 is greedy.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
def evaluate(model: str, dataset: str, json_out: str | None, limit: int | None, predictions: str | None,
             html: str | None, other: str | None, beam: int | None, threads: int) -> None:
    """Measure MODEL on DATASET, a folder with images/ and labels.tsv (path<TAB>label)."""
    from glyphic.data import samples
    from glyphic.evaluation import benchmark
    from glyphic.evaluation.report import summary, write_report

    chosen = samples.read_folder(dataset)
    if limit is not None:
        chosen = samples.limit(chosen, limit, dataset)
    if other:
        notation = _notation_of(model)
        report = benchmark.score_predictions(other, chosen, dataset, notation)
    else:
        from glyphic.reading.recognizer import load

        recognizer = load(model, beam_width=beam, threads=threads)
        notation = recognizer.notation
        with _progress(len(chosen)) as bar:
            report = benchmark.evaluate(recognizer, chosen, dataset, lambda done: bar.update(1))
    if json_out:
        Path(json_out).write_text(json.dumps(report.to_json(), indent=1) + "\n", encoding="utf-8")
    if predictions:
        benchmark.write_predictions(report, predictions)
    if html:
        write_report(html, report, dataset, notation.render)
    click.echo(summary(report))


@main.command()
@click.argument("recipe")
@click.option("--data", type=click.Path(exists=True, file_okay=False), required=True, help="Folder of training data.")
@click.option("--run", "run_dir", type=click.Path(file_okay=False), help="Folder of the run [default: runs/RECIPE].")
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="As in training.steps=1000; repeatable.")
@click.option("--fresh", is_flag=True, help="Begin anew instead of going on where the run stopped.")
@click.option("--start", type=click.Path(exists=True, dir_okay=False), help="Weights of an earlier run to begin with.")
def train(recipe: str, data: str, run_dir: str | None, settings: tuple[str, ...], fresh: bool,
          start: str | None) -> None:
    """Train the model of RECIPE, a name or a Python file; the same command again goes on."""
    from glyphic import recipes

    chosen = recipes.get(recipe).override(settings)
    try:
        import glyphic.training.loop as loop
    except ImportError as error:
        if error.name and error.name.partition(".")[0] != "glyphic":
            raise MissingExtraError("training", "train") from error
        raise
    loop.train(chosen, Path(data), Path(run_dir or f"runs/{chosen.name}"), resume=not fresh,
               start=Path(start) if start else None)


@main.command()
@click.argument("notation")
@click.argument("out", type=click.Path(file_okay=False))
@click.option("--count", type=click.IntRange(1), default=100, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def synth(notation: str, out: str, count: int, seed: int) -> None:
    """Write COUNT sampled and rendered pictures of NOTATION into the folder OUT, with their labels.tsv."""
    from glyphic import notations
    from glyphic.data.samples import write_folder
    from glyphic.data.synthesis import batch

    found = notations.get(notation)
    if found.sample is None:
        raise OptionError(f"the notation {notation} has no sampler")
    source = found.sample

    def pictures() -> Iterator[tuple[Any, str]]:
        for index in itertools.count():  # batches of one size: picture i does not depend on how many there are
            samples = batch(found, source, seed, index, size=50)
            if not samples:
                raise GlyphicError(f"none of 50 samples of {notation} could be drawn; does its renderer work?")
            for sample in samples:
                yield _with_margin(sample.rendering.pixels), found.normalize(sample.text)
                bar.update(1)

    with _progress(count) as bar:
        write_folder(out, itertools.islice(pictures(), count))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As a JSON list.")
def models(as_json: bool) -> None:
    """List the models of this installation, with their sizes and measured scores."""
    from glyphic.reading.bundle import Bundle, list_models

    bundles = [Bundle.load(name) for name in list_models()]
    if as_json:
        click.echo(json.dumps([{"name": b.name, "version": b.version, "notation": b.notation, "kind": b.kind,
                                "bytes": b.bytes, "folder": str(b.folder), "scores": dict(b.scores)}
                               for b in bundles], indent=1))
        return
    for bundle in bundles:
        click.echo(f"{bundle.name} {bundle.version}  {bundle.notation}  {bundle.bytes / 1e6:.1f} MB")
        for line in _figures(bundle.scores):
            click.echo(f"  {line}")
    if not bundles:
        click.echo("no models are installed; train one, or give --model the folder of one")


@main.command()
@click.argument("notation")
@click.argument("text")
@click.argument("out", type=click.Path(dir_okay=False))
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses among the looks of the renderer.")
def render(notation: str, text: str, out: str, seed: int) -> None:
    """Draw TEXT of NOTATION into the picture OUT (PNG, or what its suffix says)."""
    import random

    from glyphic import notations

    found = notations.get(notation)
    if found.render is None:
        raise OptionError(f"the notation {notation} has no renderer")
    pixels = _with_margin(found.render(found.normalize(text), random.Random(seed)))
    from PIL import Image

    try:
        Image.fromarray(pixels).save(out)
    except (OSError, ValueError) as error:
        raise ImageError(f"cannot write {out}: {error}") from error


def _named(pictures: Iterable[str], clipboard: bool) -> Iterator[tuple[str, Any]]:
    """(name, source) of everything that is asked for; a pattern that the shell left alone is expanded here."""
    for picture in pictures:
        if picture == "-":
            yield "<stdin>", sys.stdin.buffer.read()
        elif not Path(picture).exists() and glob.has_magic(picture):
            # a pattern without a match is passed on, and reported as the missing file that it is
            yield from ((path, path) for path in sorted(glob.glob(picture, recursive=True)) or [picture])
        else:
            yield picture, picture
    if clipboard:
        yield from _clipboard()


def _clipboard() -> Iterator[tuple[str, Any]]:
    from PIL import ImageGrab

    try:
        found = ImageGrab.grabclipboard()
    except (OSError, NotImplementedError) as error:  # no display, or no program that reads it
        raise ImageError(f"the clipboard cannot be read here: {error}") from error
    if found is None:
        raise ImageError("the clipboard holds no picture; copy one first")
    yield from ((path, path) for path in found) if isinstance(found, list) else [("<clipboard>", found)]


def _print(name: str, result: "Recognition", as_json: bool, alone: bool) -> None:
    if as_json:
        click.echo(json.dumps({"path": name, **result.to_json()}))
        return
    for warning in result.warnings:
        complain(f"{name}: {warning}")
    click.echo(result.text if alone else f"{name}\t{result.text}")
    for alternative in result.alternatives:
        click.echo(f"  {alternative.confidence:.3f}  {alternative.text}")


def _notation_of(model: str) -> Any:
    from glyphic import notations
    from glyphic.reading.bundle import Bundle

    return notations.get(model if model in notations.names() else Bundle.load(model).notation)


def _with_margin(pixels: Any) -> Any:
    """Renderers may crop to the ink; a picture without paper looks like one of white ink on black."""
    import numpy as np

    return np.pad(pixels, 12, constant_values=255)


def _progress(length: int) -> Any:
    """A progress bar on stderr where that is a terminal, and nothing elsewhere."""
    return click.progressbar(length=length, file=sys.stderr, hidden=not sys.stderr.isatty())


def _figures(scores: Any, path: str = "") -> Iterator[str]:
    """Nested figures, one line each; {"value": ..., "low": ..., "high": ...} is one figure."""
    if isinstance(scores, dict) and "value" in scores:
        value = 100 * float(scores["value"])
        interval = f"  [{100 * scores['low']:.2f}, {100 * scores['high']:.2f}]" if "low" in scores else ""
        yield f"{path}: {value:.2f} %{interval}"
    elif hasattr(scores, "items"):
        for name, inner in scores.items():
            yield from _figures(inner, f"{path}.{name}" if path else str(name))
    else:
        yield f"{path}: {scores}"


if __name__ == "__main__":
    main()
