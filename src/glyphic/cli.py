"""The command `glyphic`: one function per verb; what a verb needs is imported when it runs."""

import contextlib
import dataclasses
import functools
import glob
import itertools
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
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


def word_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """What `read` and `evaluate` know about the texts to come; the verb gets the options of a Recognizer as `words`."""

    @click.option("--lexicon", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
                  help="Words that are expected, one a line; others are read as well, unless --gate inf.")
    @click.option("--lexicon-method", type=click.Choice(["exact", "trie", "bk"]),
                  help="How words are looked up [default: exact for up to 1000, else trie].")
    @click.option("--lexicon-distance", type=click.IntRange(0), metavar="N",
                  help="With bk: letters in which a word may differ from what is read [default: 2].")
    @click.option("--gate", type=click.FloatRange(0), metavar="X",
                  help="How much less probable than what is read a word may be, in log-probability per letter "
                       "[default: 1; inf with --lexicons].")
    @click.option("--match-case", is_flag=True, help="Words are spelled as listed, not as the picture has them.")
    @click.option("--allow", metavar="CHARS", help="Write these characters only, as in 0123456789.")
    @functools.wraps(verb)
    def wrapped(*arguments: Any, lexicon: str | None, lexicon_method: str | None, lexicon_distance: int | None,
                gate: float | None, match_case: bool, allow: str | None, **others: Any) -> Any:
        words = {"lexicon": lexicon, "lexicon_method": lexicon_method, "lexicon_distance": lexicon_distance,
                 "gate": gate, "match_case": match_case, "allow": allow}
        return verb(*arguments, words=words, **others)

    return wrapped


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
@click.option("--format", "form", metavar="NAME", help="Print the readings in this format, as in mathml.")
@click.option("--boxes/--no-boxes", default=None,
              help="With --json or --html: where each token was seen; text and molecules have it anyway.")
@click.option("--html", type=click.Path(dir_okay=False), metavar="OUT", help="Write a page of pictures and readings.")
@click.option("--model", default="formula", show_default=True, metavar="NAME|FOLDER",
              help="The model that reads; several with + between them read as one.")
@word_options
@click.pass_context
def read(ctx: click.Context, pictures: tuple[str, ...], clipboard: bool, as_json: bool, alternatives: int | None,
         beam: int | None, form: str | None, boxes: bool | None, html: str | None, model: str,
         words: dict[str, Any]) -> None:
    """Read PICTURES: files, patterns such as 'scans/*.png', or - for standard input.

    One picture prints its text; several print path<TAB>text. Pictures that cannot be read are reported on stderr, and
    the exit code is 1.
    """
    named = list(_named(pictures, clipboard))
    if not named:
        raise click.UsageError("nothing to read: give a picture, - for standard input, or --clipboard")
    from glyphic.core.results import Recognition
    from glyphic.reading.recognizer import load

    recognizer = load(model, beam_width=beam, alternatives=alternatives, formats=(form,) if form else (), boxes=boxes,
                      **words)
    kept: list[tuple[str, Any, Recognition | GlyphicError]] = []
    failed = False
    results = recognizer.read_many((source for _, source in named), errors="return")
    for (name, source), result in zip(named, results, strict=True):
        if isinstance(result, Recognition):
            _print(name, result, as_json, form, alone=len(named) == 1)
        else:
            failed = True
            complain(str(result) if name in str(result) else f"{name}: {result}")
        kept.append((name, source, result))
    if html:
        from glyphic.evaluation.report import Entry, write_page

        entries = (Entry(name, source, result) if isinstance(result, Recognition)
                   else Entry(name, source, error=str(result)) for name, source, result in kept)
        write_page(html, entries, "Glyphic's readings", recognizer.notation.render,
                   mathml=recognizer.notation.formats.get("mathml"))
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
        with _progress(len(chosen)) as bar:
            report = benchmark.evaluate(recognizer, chosen, dataset, lambda done: bar.update(1), lexicons)
    if json_out:
        Path(json_out).write_text(json.dumps(report.to_json(), indent=1) + "\n", encoding="utf-8")
    if predictions:
        benchmark.write_predictions(report, predictions)
    if html:
        write_report(html, report, dataset, notation.render, notation.formats.get("mathml"))
    click.echo(summary(report))


@main.command()
@click.argument("recipe")
@click.option("--data", type=click.Path(exists=True, file_okay=False), required=True, help="Folder of training data.")
@click.option("--run", "run_dir", type=click.Path(file_okay=False), help="Folder of the run [default: runs/RECIPE].")
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="As in training.steps=1000; repeatable.")
@click.option("--fresh", is_flag=True, help="Begin anew instead of going on where the run stopped.")
@click.option("--start", type=click.Path(exists=True, dir_okay=False),
              help="Weights of an earlier run to begin with: its state.pt or light.pt.")
@click.option("--go-on", is_flag=True, help="With --start: at the step of the schedule where that run was.")
def train(recipe: str, data: str, run_dir: str | None, settings: tuple[str, ...], fresh: bool, start: str | None,
          go_on: bool) -> None:
    """Train the model of RECIPE, a name or a Python file; the same command again goes on."""
    from glyphic import recipes

    chosen = recipes.get(recipe).override(settings)
    if go_on and not start:
        raise OptionError("--go-on says where to go on from the weights of --start; give both")
    with _needed("training", "train"):
        import glyphic.training.loop as loop
    with _progress(chosen.training.steps) as bar:

        def progress(step: int, figures: Mapping[str, float]) -> None:
            bar.label = f"loss {figures['loss']:.3f}" if figures else ""
            bar.update(step - bar.pos)

        loop.train(chosen, Path(data), Path(run_dir or f"runs/{chosen.name}"), resume=not fresh,
                   start=Path(start) if start else None, go_on=go_on, progress=progress)


@main.command()
@click.argument("run_dir", metavar="RUN", type=click.Path(exists=True))
@click.argument("out", type=click.Path(file_okay=False))
@click.option("--name", required=True, help="The model's name, as `read --model` takes it.")
@click.option("--version", required=True, help="The model's version.")
@click.option("--check", type=click.Path(exists=True, file_okay=False), required=True, metavar="DIR",
              help="A data set that torch and ONNX, and 8 and 32 bits, are compared on.")
@click.option("--evaluate", "sets", multiple=True, metavar="DIR[=NAME]",
              help="A data set to measure the finished bundle on; repeatable.")
@click.option("--card-notes", default="", metavar="TEXT", help="Goes to the end of the model card.")
@click.option("--state", type=click.Path(dir_okay=False), metavar="FILE",
              help="Also write what a later run can --start from.")
def export(run_dir: str, out: str, name: str, version: str, check: str, sets: tuple[str, ...], card_notes: str,
           state: str | None) -> None:
    """Make the bundle OUT of RUN, a run's folder: graphs, figures and a model card."""
    with _needed("exporting", "train"):
        import glyphic.training.release as release
        from glyphic.training import checkpoint
    folders = {}
    for given in sets:
        path, _, title = given.partition("=")
        if not Path(path).is_dir():
            raise OptionError(f"--evaluate takes the folder of a data set; {path} is none")
        folders[title or Path(path).name] = Path(path)
    folder = release.release(Path(run_dir), Path(out), name, version, Path(check), folders, card_notes,
                             lambda words: click.echo(words, err=True))
    if state:
        checkpoint.save(Path(state), checkpoint.light(release.load(Path(run_dir)).state))
    from glyphic.reading.bundle import Bundle

    bundle = Bundle.load(folder)
    click.echo(f"{bundle.name} {bundle.version}  {bundle.notation}  {bundle.bytes / 1e6:.1f} MB")
    for line in _figures(bundle.scores):
        click.echo(f"  {line}")


@main.command()
@click.argument("notation")
@click.argument("out", type=click.Path(file_okay=False))
@click.option("--count", type=click.IntRange(1), help="Pictures in all, or in each pack [default: 100; 20000].")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--packs", type=click.IntRange(1), metavar="N", help="Write N packs to train on, instead of a data set.")
@click.option("--first", type=click.IntRange(0), default=0, metavar="K", help="The number of the first pack.")
@click.option("--prefix", metavar="NAME", help="What the packs are called: NAME-000.npz [default: latex, NOTATION].")
@click.option("--strings", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
              help="What to draw in place of the sampler's own: formulas to recombine, in lines of source<TAB>formula; "
                   "for text words, for molecules SMILES, for music staves in the semantic encoding, one a line.")
@click.option("--weights", default="", metavar="NAME=WEIGHT,...", help="How often to draw from a source [default: 1].")
@click.option("--exclude", multiple=True, type=click.Path(exists=True), metavar="DIR|TSV",
              help="A data set (or its labels.tsv) whose labels are never drawn; repeatable.")
@click.option("--look", metavar="NAME", help="How all are drawn. Formulas: mathjax, or a set of LaTeX's fonts; "
              "molecules: printed, handwritten; staves: clean, camera, mixed.")
@click.option("--hold-out", multiple=True, metavar="SOURCE=COUNT",
              help="So many formulas of a source are never drawn, and plainly rendered into OUT/held-out; repeatable.")
def synth(notation: str, out: str, count: int | None, seed: int, packs: int | None, first: int, prefix: str | None,
          strings: str | None, weights: str, exclude: tuple[str, ...], look: str | None,
          hold_out: tuple[str, ...]) -> None:
    """Write pictures of NOTATION into the folder OUT: a data set with its labels.tsv, or packs to train on.

    A pack follows from seed and number alone; packs that are there already are kept, so the same command goes on.
    """
    from glyphic import notations

    found = notations.get(notation)
    if look:
        if look not in found.looks:
            raise UnknownNameError(f"look of {notation}", look, found.looks)
        found = dataclasses.replace(found, render_many=functools.partial(found.render_many, look=look))
    if packs is None:
        if strings or weights or exclude or hold_out or prefix or first:
            raise OptionError("--strings, --weights, --exclude, --hold-out, --prefix and --first belong to --packs N")
        _synth_folder(found, out, count or 100, seed)
        return
    if strings:
        from glyphic.data import sources

        shares = dict(_pairs(filter(None, weights.split(",")), float, "--weights NAME=WEIGHT,..."))
        held = _pairs(hold_out, int, "--hold-out SOURCE=COUNT")
        choice = sources.Choice(shares, tuple(map(Path, exclude)), held)
        source = sources.of_file(notation, Path(strings), choice, Path(out))
    elif weights or exclude or hold_out:
        raise OptionError("--weights, --exclude and --hold-out choose among the texts of --strings FILE")
    else:
        source = _sampler(found)
    from glyphic.data.synthesis import BATCHES, write_pack

    count = count or 20_000
    for number in range(first, first + packs):
        path = Path(out) / f"{prefix or ('latex' if strings and notation == 'formula' else notation)}-{number:03}.npz"
        if path.exists():
            continue
        with _progress(count, path.name) as bar:
            for done in write_pack(path, found, source, count, seed, number * BATCHES):
                bar.update(done - bar.pos)


def _synth_folder(notation: Any, out: str, count: int, seed: int) -> None:
    from glyphic.data.samples import write_folder
    from glyphic.data.synthesis import batch

    source = _sampler(notation)

    def pictures() -> Iterator[tuple[Any, str]]:
        for index in itertools.count():  # batches of one size: picture i does not depend on how many there are
            samples = batch(notation, source, seed, index, size=50)
            if not samples:
                raise GlyphicError(f"none of 50 samples of {notation.name} could be drawn; does its renderer work?")
            for sample in samples:
                yield _with_margin(sample.rendering.pixels), notation.normalize(sample.text)
                bar.update(1)

    with _progress(count) as bar:
        write_folder(out, itertools.islice(pictures(), count))


@main.command()
@click.argument("layout")
@click.argument("source", type=click.Path(exists=True))
@click.argument("out", type=click.Path(file_okay=False))
def convert(layout: str, source: str, out: str) -> None:
    """Make the folder OUT, with images/, labels.tsv and perhaps lexicons.tsv, of a public data set.

    LAYOUT is what SOURCE is: iiit5k (its traindata.mat or testdata.mat), svt (train.xml or test.xml), icdar2003
    (word.xml), icdar2013 or icdar2015 (gt.txt), lmdb (the folder of data.mdb), tar (KEY.png and KEY.txt), primus or
    camera-primus (the folder of its folders).
    """
    from glyphic.data import readers

    count = sum(1 for _ in readers.convert(layout, source, out))
    click.echo(f"{out}: {count} pictures")


@main.command()
@click.argument("dataset", type=click.Path(exists=True, file_okay=False))
@click.argument("training", type=click.Path(file_okay=False))
@click.argument("held_out", type=click.Path(file_okay=False))
@click.option("--share", type=float, default=0.2, show_default=True, help="How much of DATASET goes to HELD_OUT.")
def split(dataset: str, training: str, held_out: str, share: float) -> None:
    """Make the data sets TRAINING and HELD_OUT of DATASET.

    The last pictures are held out, in the order of their names (2 before 10): crops of one photograph mostly follow
    each other, and stay on one side.
    """
    from glyphic.data.samples import cut

    for out, count in zip((training, held_out), cut(dataset, training, held_out, share), strict=True):
        click.echo(f"{out}: {count} pictures")


@main.command()
@click.argument("notation")
@click.argument("dataset", type=click.Path(exists=True, file_okay=False))
@click.argument("out", metavar="OUT.npz", type=click.Path(dir_okay=False))
@click.option("--recipe", metavar="NAME|FILE.py", help="Whose input the pack is for [default: the one named NOTATION].")
@click.option("--reader", metavar="NAME|FOLDER", help="Labels that say what a picture means and not what is drawn, as "
              "SMILES do, become what this model reads, where that means the same.")
def pack(notation: str, dataset: str, out: str, recipe: str | None, reader: str | None) -> None:
    """Pack the real pictures of DATASET, a folder with images/ and labels.tsv, to be trained on.

    Pictures without ink and labels that NOTATION cannot hold are left out, and named on stderr.
    """
    from glyphic import notations, recipes
    from glyphic.data.packing import pack_folder
    from glyphic.data.samples import read_folder
    from glyphic.reading.pictures import load

    found, spec = notations.get(notation), recipes.get(recipe or notation).input
    if not out.endswith(".npz"):
        raise OptionError(f"a pack is called NAME.npz; got {out}")
    given, packed = read_folder(dataset), 0
    chosen = given
    if reader:
        from glyphic.evaluation.labelling import confirmed
        from glyphic.reading.recognizer import Recognizer

        with _progress(len(given)) as bar:
            chosen = []
            for sample in confirmed(Recognizer(reader, alternatives=3), given):
                bar.update(1)
                chosen += [sample] if sample else []
        if not chosen:
            raise OptionError(f"{reader} reads none of {len(given)} pictures as their labels say")
    with _progress(len(chosen)) as bar:
        for refused in pack_folder(Path(out), chosen, found, spec, load):
            bar.update(1)
            if refused:
                complain(f"{refused.sample.path}: left out: {refused.reason}")
            packed += refused is None
    click.echo(f"{out}: {packed} of {len(given)} pictures")


def _pairs(given: Iterable[str], kind: Callable[[str], Any], wanted: str) -> list[tuple[str, Any]]:
    pairs = []
    for item in given:
        name, _, value = item.strip().partition("=")
        try:
            pairs.append((name, kind(value)))
        except ValueError:
            raise OptionError(f"the option reads {wanted}; got {item!r}") from None
    return pairs


def _sampler(notation: Any) -> Any:
    if notation.sample is None:
        raise OptionError(f"the notation {notation.name} has no sampler")
    return notation.sample


@contextlib.contextmanager
def _needed(purpose: str, extra: str) -> Iterator[None]:
    """Imports that an extra brings: where it is not installed, the error names the command that installs it."""
    try:
        yield
    except ImportError as error:
        if error.name and error.name.partition(".")[0] != "glyphic":
            raise MissingExtraError(purpose, extra) from error
        raise


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


def _print(name: str, result: "Recognition", as_json: bool, form: str | None, alone: bool) -> None:
    if as_json:
        click.echo(json.dumps({"path": name, **result.to_json()}))
        return
    for warning in result.warnings:
        complain(f"{name}: {warning}")
    text = result.formats.get(form, "") if form else result.text
    click.echo(text if alone else f"{name}\t{text}")
    for alternative in result.alternatives:
        click.echo(f"  {alternative.confidence:.3f}  {alternative.text}")


def _notation_of(model: str) -> Any:
    from glyphic import notations
    from glyphic.reading.bundle import Bundle

    return notations.get(model if model in notations.names() else Bundle.load(model).notation)


def _with_margin(pixels: Any) -> Any:
    """Renderers may crop to the ink; a picture without paper looks like one of white ink on black.

    One with grey along its edge shows what its letters stand on: paper around it would be another thing in the picture.
    """
    import numpy as np

    edge = np.median(np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])))
    return pixels if 64 < edge < 250 else np.pad(pixels, 12, constant_values=255)


def _progress(length: int, label: str = "") -> Any:
    """A progress bar on stderr where that is a terminal, and nothing elsewhere."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


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
