"""How often the kind of a picture is told right, kind by kind, and in how many milliseconds: two tables come out.

    python benchmarks/kinds.py DATA [--model BUNDLE] [--draw 150]

DATA has a folder for each kind of `glyphic.core.kinds.KINDS`, with pictures at any depth. --draw adds pictures of no
kind that no training has seen the like of, to DATA/none: parts of the photographs that scikit-image brings, plots by
matplotlib, pages and grand staves by Verovio. Those that need a package which is not installed are left out, and named
on stderr.
"""

import argparse
import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from glyphic.core.errors import GlyphicError
from glyphic.core.kinds import KINDS, NONE
from glyphic.data.kinds import part, pictures_of
from glyphic.evaluation.kinds import KindReport, evaluate
from glyphic.reading.kinds import KindReader

Picture = np.ndarray  # (H, W) or (H, W, 3) uint8

PHOTOGRAPHS = ("astronaut", "brick", "camera", "cell", "chelsea", "clock_motion", "coffee", "coins", "grass", "gravel",
               "hubble_deep_field", "ihc", "moon", "motorcycle_left", "page", "retina", "rocket", "text")
NEITHER = {"page", "text"}  # photographs of text, of which a part may be a line: only the whole is of no kind


def photograph(rng: random.Random) -> Picture:
    """A part of one of scikit-image's pictures, in grey."""
    import skimage

    name = rng.choice(PHOTOGRAPHS)
    folder = Path(skimage.__file__).parent / "data"
    with Image.open(next(folder.glob(f"{name}.*"))) as image:
        pixels = np.asarray(image.convert("L"))
    return pixels if name in NEITHER else part(pixels, rng)


def plotted(rng: random.Random) -> Picture:
    """Curves, bars, points or a field of greys, as matplotlib draws them."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    noise = np.random.default_rng(rng.randrange(2**32))
    figure = Figure(figsize=(rng.uniform(3, 7), rng.uniform(2, 5)), dpi=rng.choice((60, 100, 150)))
    axes = figure.subplots(*rng.choice(((1, 1), (1, 1), (1, 2), (2, 1))), squeeze=False).ravel()
    for axis in axes:
        kind = rng.choice(("curves", "bars", "points", "field"))
        if kind == "curves":
            for _ in range(rng.randint(1, 4)):
                axis.plot(np.cumsum(noise.normal(size=80)), label=rng.choice(("loss", "train", "a", "mean")))
            axis.legend()
        elif kind == "bars":
            axis.bar(range(6), noise.random(6))
        elif kind == "points":
            axis.scatter(*noise.normal(size=(2, 60)), s=rng.uniform(3, 30))
        else:
            axis.imshow(noise.normal(size=(12, 18)), aspect="auto")
        axis.set_title(rng.choice(("", "Figure 1", "Results by year")))
        axis.grid(rng.random() < 0.4)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:, :, :3]


def engraved(rng: random.Random) -> Picture:
    """Several staves, as Verovio sets them."""
    from not_a_staff import grand, page, systems

    return rng.choice((page, systems, grand))(rng)


MAKERS: dict[str, Callable[[random.Random], Picture]] = {
    "photograph": photograph, "plot": plotted, "staves": engraved}


def draw(folder: Path, count: int, seed: int = 0) -> None:
    """Writes `count` pictures of no kind into the folder; those that are there already stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, make in MAKERS.items():
        rng = random.Random(f"{seed} {kind}")
        try:
            for number in range(-(-count // len(MAKERS))):
                Image.fromarray(np.ascontiguousarray(make(rng))).save(folder / f"{kind}-{number:03}.png")
        except (ImportError, GlyphicError) as problem:
            print(f"{kind}: left out: {problem}", file=sys.stderr)


def tables(report: KindReport) -> str:
    """In Markdown: the share that is told right of each kind; then what is (rows) taken for what (columns)."""
    lines = [["kind", "pictures", "right %", "95 % interval", "median probability"], ["---", *["---:"] * 4]]
    for kind, score in {**report.by_kind, "all": report.accuracy}.items():
        sure = [told.shares[told.found] for told in report.told if kind in (told.kind, "all")]
        interval = f"{100 * score.low:.1f} to {100 * score.high:.1f}"
        lines.append([kind, str(score.count), f"{100 * score.value:.1f}", interval, f"{np.median(sure):.2f}"])
    counts = report.confusion
    matrix = [["is", *KINDS], ["---", *["---:"] * len(KINDS)],
              *([kind, *(str(counts[kind, found] or "") for found in KINDS)] for kind in report.by_kind)]
    parts = ["\n".join(f"| {' | '.join(row)} |" for row in rows) for rows in (lines, matrix)]
    return "\n\n".join([*parts, f"{report.milliseconds:.1f} ms a picture (median), one thread"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--model", default="kind", metavar="BUNDLE")
    parser.add_argument("--draw", type=int, default=0, metavar="N", help="pictures of no kind to be drawn first")
    parser.add_argument("--wrong", action="store_true", help="list what is told wrong, on stderr")
    given = parser.parse_args()
    try:
        if given.draw:
            draw(given.data / NONE / "drawn", given.draw)
        report = evaluate(KindReader(given.model), pictures_of(given.data))
    except GlyphicError as problem:
        sys.exit(str(problem))
    if given.wrong:
        for told in (told for told in report.told if not told.right):
            print(f"{told.path}: {told.kind}, taken for {told.found} ({told.shares[told.found]:.0%})", file=sys.stderr)
    print(tables(report))


if __name__ == "__main__":
    main()
