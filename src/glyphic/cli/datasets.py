"""What makes data sets and pictures: `synth`, `convert`, `split`, `pack`, `render`."""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from glyphic.cli.console import complain, main, progress_bar
from glyphic.core.errors import GlyphicError, ImageError, OptionError, UnknownNameError
from glyphic.core.recipe import Recipe


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
@click.option("--letters", type=click.Path(exists=True, file_okay=False), metavar="FOLDER",
              help="For the look handwritten: ink whose symbols are told apart (InkML, as CROHME has it). Letters are "
                   "taken from there.")
@click.option("--hold-out", multiple=True, metavar="SOURCE=COUNT",
              help="So many formulas of a source are never drawn, and plainly rendered into OUT/held-out; repeatable.")
def synth(notation: str, out: str, count: int | None, seed: int, packs: int | None, first: int, prefix: str | None,
          strings: str | None, weights: str, exclude: tuple[str, ...], look: str | None, letters: str | None,
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
    if letters:
        if look != "handwritten":
            raise OptionError("--letters are written in the look handwritten alone; give --look handwritten")
        from glyphic.data.letters import alphabet

        found = dataclasses.replace(found, render_many=functools.partial(found.render_many,
                                                                         letters=alphabet(Path(letters))))
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
        with progress_bar(count, path.name) as bar:
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

    with progress_bar(count) as bar:
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

    found, chosen_recipe = notations.get(notation), recipes.get(recipe or notation)
    if not isinstance(chosen_recipe, Recipe):
        raise OptionError(f"--recipe {recipe} is no recipe of a notation: it has no input that a pack could be for")
    spec = chosen_recipe.input
    if not out.endswith(".npz"):
        raise OptionError(f"a pack is called NAME.npz; got {out}")
    given, packed = read_folder(dataset), 0
    chosen = given
    if reader:
        from glyphic.evaluation.labelling import confirmed
        from glyphic.reading.recognizer import Recognizer

        with progress_bar(len(given)) as bar:
            chosen = []
            for sample in confirmed(Recognizer(reader, alternatives=3), given):
                bar.update(1)
                chosen += [sample] if sample else []
        if not chosen:
            raise OptionError(f"{reader} reads none of {len(given)} pictures as their labels say")
    with progress_bar(len(chosen)) as bar:
        for refused in pack_folder(Path(out), chosen, found, spec, load):
            bar.update(1)
            if refused:
                complain(f"{refused.sample.path}: left out: {refused.reason}")
            packed += refused is None
    click.echo(f"{out}: {packed} of {len(given)} pictures")


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


def _with_margin(pixels: Any) -> Any:
    """Renderers may crop to the ink; a picture without paper looks like one of white ink on black.

    One with grey along its edge shows what its letters stand on: paper around it would be another thing in the picture.
    """
    import numpy as np

    edge = np.median(np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])))
    return pixels if 64 < edge < 250 else np.pad(pixels, 12, constant_values=255)
