"""A model of molecules reads pictures that hold none: how often does it say so? One table comes out.

    python benchmarks/not_molecules.py --model BUNDLE --count 50

Blank paper, noise, lines of text, formulas (with LaTeX), staves (with Verovio) and what photographs are like, made anew
from a seed; and, for comparison, printed molecules, which are to raise no doubt. A reading is trusted when its
confidence is at least `Notation.unsure` and it comes without a warning: of what is no molecule, none may be.
"""

import argparse
import random
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from glyphic import notations
from glyphic.core.errors import GlyphicError
from glyphic.core.results import Recognition
from glyphic.reading.recognizer import Recognizer

Picture = np.ndarray  # (H, W) uint8


def blank(rng: random.Random) -> Picture:
    """Paper: white or grey, lit from one side, with the grain of a sensor."""
    height, width = rng.randint(60, 400), rng.randint(60, 600)
    light = np.linspace(0, rng.choice((0, 0, 8)), width)[None] + np.zeros((height, 1))
    return _grey(rng.uniform(150, 255) - light + _normal(rng, (height, width), rng.choice((0, 1, 2))))


def noise(rng: random.Random) -> Picture:
    """Grains of black, single or in clumps."""
    height, width, size = rng.randint(60, 300), rng.randint(60, 400), rng.choice((1, 1, 2, 4))
    grains = np.random.default_rng(rng.randrange(2**32)).random((height // size + 1, width // size + 1))
    clumps = np.kron(grains < rng.choice((0.003, 0.02, 0.1, 0.5)), np.ones((size, size), bool))
    return np.where(clumps[:height, :width], 0, 255).astype(np.uint8)


def text(rng: random.Random) -> Picture:
    """One to six lines of words."""
    notation = notations.get("text")
    rows = [notation.render(" ".join(_word(rng) for _ in range(rng.randint(1, 4))), rng)
            for _ in range(rng.choice((1, 1, 2, 4, 6)))]
    width = max(row.shape[1] for row in rows)
    return np.concatenate([np.pad(row, ((4, 4), (4, width - row.shape[1] + 4)), mode="edge") for row in rows])


def formula(rng: random.Random) -> Picture:
    """A formula as LaTeX sets it."""
    return _sampled("formula", rng)


def staff(rng: random.Random) -> Picture:
    """A staff of music as Verovio engraves it."""
    return _sampled("music", rng)


def photograph(rng: random.Random) -> Picture:
    """Clouds, edges and gradients of all sizes, as photographs have them."""
    source = np.random.default_rng(rng.randrange(2**32))
    height, width = rng.randint(120, 400), rng.randint(120, 500)
    total = np.zeros((height, width))
    for octave in range(1, 7):
        cells = source.normal(size=(2**octave + 1, 2**octave + 1))
        y, x = np.linspace(0, 2**octave - 1e-6, height), np.linspace(0, 2**octave - 1e-6, width)
        i, j, v, u = y.astype(int), x.astype(int), (y % 1)[:, None], (x % 1)[None]
        total += ((1 - v) * ((1 - u) * cells[i][:, j] + u * cells[i][:, j + 1])
                  + v * ((1 - u) * cells[i + 1][:, j] + u * cells[i + 1][:, j + 1])) / 1.6**octave
    for _ in range(rng.randint(0, 8)):  # things before it
        slope, at = rng.uniform(-2, 2), rng.uniform(0, height)
        total[np.arange(height)[:, None] > at + slope * (np.arange(width)[None] - width / 2)] += rng.uniform(-0.8, 0.8)
    return _grey(255 * (total - total.min()) / np.ptp(total))


def molecule(rng: random.Random) -> Picture:
    """A printed molecule, to compare with."""
    return _sampled("molecule", rng)


KINDS: dict[str, Callable[[random.Random], Picture]] = {
    "blank": blank, "noise": noise, "text": text, "formula": formula, "staff": staff, "photograph": photograph,
    "molecule": molecule}


@dataclass(frozen=True)
class Row:
    """What was read in the pictures of one kind."""

    kind: str
    readings: tuple[Recognition, ...]

    @property
    def trusted(self) -> float:
        """The share with a confident reading and no warning."""
        least = notations.get("molecule").unsure
        return statistics.fmean(r.confidence >= least and not r.warnings and bool(r.text) for r in self.readings)

    def cells(self) -> list[str]:
        confidences = [r.confidence for r in self.readings]
        doubted = sum(any(w.startswith("doubtful") for w in r.warnings) for r in self.readings)
        return [self.kind, str(len(self.readings)), f"{100 * self.trusted:.1f}",
                f"{statistics.median(confidences):.2f}", f"{max(confidences):.2f}", str(doubted)]


def measure(reader: Recognizer, count: int, seed: int = 0) -> Iterator[Row]:
    """A row for each kind that can be made here; what is missing is said on stderr."""
    for kind, make in KINDS.items():
        rng = random.Random(f"{seed} {kind}")
        try:
            pictures = [make(rng) for _ in range(count)]
        except GlyphicError as problem:
            print(f"{kind}: left out: {problem}", file=sys.stderr)
            continue
        yield Row(kind, tuple(reader.read_many(pictures)))


def table(rows: list[Row]) -> str:
    """In Markdown."""
    lines = [["picture", "count", "trusted %", "median confidence", "highest", "doubted"], ["---", *["---:"] * 5],
             *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _sampled(name: str, rng: random.Random) -> Picture:
    notation = notations.get(name)
    if notation.sample is None or notation.render is None:
        raise GlyphicError(f"the notation {name} has no sampler or no renderer")
    return np.pad(notation.render(notation.normalize(notation.sample(rng)), rng), 12, mode="edge")


def _word(rng: random.Random) -> str:
    return "".join(rng.choices("etaoinshrdlucmwfgypbvk", k=rng.randint(2, 9)))


def _normal(rng: random.Random, shape: tuple[int, int], spread: float) -> np.ndarray:
    return np.random.default_rng(rng.randrange(2**32)).normal(0, spread, shape)


def _grey(values: np.ndarray) -> Picture:
    return np.clip(values, 0, 255).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", required=True, metavar="BUNDLE")
    parser.add_argument("--count", type=int, default=50, help="pictures of each kind")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    try:
        print(table(list(measure(Recognizer(given.model), given.count, given.seed))))
    except GlyphicError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
