"""What reads: `read`, and `models`, which lists what it can read with."""

import functools
import glob
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glyphic.cli.console import complain, figures, main
from glyphic.core.errors import GlyphicError, ImageError

if TYPE_CHECKING:
    from glyphic.core.results import Recognition


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


@main.command()
@click.argument("pictures", nargs=-1)
@click.option("--clipboard", is_flag=True, help="Read the picture (or the files) in the clipboard.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per picture and line.")
@click.option("--alternatives", type=click.IntRange(0), metavar="N", help="Also give the N next best readings.")
@click.option("--beam", type=click.IntRange(1), metavar="WIDTH", help="Width of the search; 1 is greedy, the quickest.")
@click.option("--format", "form", metavar="NAME", help="Print the readings in this format, as in mathml.")
@click.option("--boxes/--no-boxes", default=None,
              help="With --json or --html: where each token was seen; text and molecules have it anyway.")
@click.option("--spots", is_flag=True, help="With --json: the least certain tokens, and what else might stand there.")
@click.option("--html", type=click.Path(dir_okay=False), metavar="OUT", help="Write a page of pictures and readings.")
@click.option("--model", "--notation", "model", default="formula", show_default=True, metavar="NAME|FOLDER",
              help="The model that reads; several with + between them read as one; auto takes that of what each "
                   "picture shows.")
@word_options
@click.pass_context
def read(ctx: click.Context, pictures: tuple[str, ...], clipboard: bool, as_json: bool, alternatives: int | None,
         beam: int | None, form: str | None, boxes: bool | None, spots: bool, html: str | None, model: str,
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
                      spots=spots, **words)
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
        notation = getattr(recognizer, "notation", None)  # of one that reads any kind, there is no single one
        write_page(html, entries, "Glyphic's readings", notation.render if notation else None,
                   mathml=notation.formats.get("mathml") if notation else None)
    ctx.exit(1 if failed else 0)


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
        for line in figures(bundle.scores):
            click.echo(f"  {line}")
    if not bundles:
        click.echo("no models are installed; train one, or give --model the folder of one")


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
