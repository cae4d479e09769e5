"""Ink of InkML files (strokes of a pen, as CROHME publishes handwritten formulas) becomes pictures of handwriting.

What a file holds is where the pen went; with which pen, in which light and on which paper is drawn from a random
source, for pictures are what is read.
"""

import math
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from glyphic.core.errors import GlyphicError
from glyphic.notations.molecule.rendering.paper import pictured

Points = npt.NDArray[np.float64]  # (P, 2) x, y, in any unit, y downwards
Grey = npt.NDArray[np.uint8]  # (H, W), 255 = paper

FINE = 4  # pixels of the drawing for one of the picture


def read_inkml(path: Path) -> tuple[list[Points], str]:
    """The strokes of a file, and what its annotation `truth` says they are ("" without one); GlyphicError for another
    content."""
    root, traces = _opened(path)
    truth = next((str(note.text or "") for note in root.findall("{*}annotation") if note.get("type") == "truth"), "")
    return [stroke for _, stroke in traces], truth.strip().strip("$").strip()


def read_symbols(path: Path) -> list[tuple[str, list[Points]]]:
    """The symbols of a file, as its groups of traces tell them apart: (what it is, in LaTeX; its strokes).

    Empty where it has no such groups; errors as in `read_inkml`.
    """
    root, traces = _opened(path)
    by_id = dict(traces)
    symbols = []
    for group in root.iterfind(".//{*}traceGroup"):
        label = group.findtext("{*}annotation", "").strip()
        strokes = [by_id[view.get("traceDataRef", "")] for view in group.iterfind("{*}traceView")
                   if view.get("traceDataRef") in by_id]
        if label and strokes:  # the group of all groups has none of its own
            symbols.append((label, strokes))
    return symbols


def _opened(path: Path) -> tuple[ElementTree.Element, list[tuple[str, Points]]]:
    """The root of a file, and its traces that are not empty, with their ids."""
    try:
        root = ElementTree.parse(path).getroot()
        traces = []
        for trace in root.iterfind(".//{*}trace"):
            rows = [re.findall(r"-?[\d.]+(?:[eE]-?\d+)?", point) for point in (trace.text or "").split(",")]
            points = np.array([[float(row[0]), float(row[1])] for row in rows if len(row) >= 2]).reshape(-1, 2)
            if len(points):
                traces.append((trace.get("id", ""), points))
    except (OSError, ElementTree.ParseError, ValueError) as error:
        raise GlyphicError(f"{path} cannot be read as InkML: {error}") from error
    if not traces:
        raise GlyphicError(f"{path} holds no stroke; its traces are lines of x y, x y")
    return root, traces


def ink_files(source: Path) -> Iterator[Path]:
    """The InkML files below a folder, in order; GlyphicError where there are none."""
    found = sorted(source.rglob("*.inkml"))
    if not found:
        raise GlyphicError(f"{source} holds no *.inkml at any depth")
    yield from found


def drawn(strokes: Sequence[Points], rng: random.Random) -> Grey:
    """Strokes, written by some pen at some size and slant, scanned or photographed on some paper."""
    letter = min(max(rng.lognormvariate(math.log(22), 0.35), 10.0), 60.0)  # pixels of a symbol
    turn, slant, across = rng.gauss(0, 0.03), rng.gauss(0, 0.08), math.exp(rng.gauss(0, 0.1))
    matrix = np.array([[across * math.cos(turn), math.sin(turn) + slant], [-across * math.sin(turn), math.cos(turn)]])
    ink = written([stroke @ matrix for stroke in strokes], letter, letter * math.exp(rng.uniform(-3.2, -1.7)), rng,
                  margins=[letter * rng.uniform(0.1, 1.5) for _ in range(4)])
    return pictured(ink, max(1.0, 0.08 * letter), letter, rng)


def written(strokes: Sequence[Points], letter: float, pen: float, rng: random.Random | None = None,
            margins: Sequence[float] = (8, 8, 8, 8)) -> Grey:
    """Black strokes on white, a typical one `letter` pixels large, by a pen of `pen` pixels; with a random source its
    pressure varies. margins: left, top, right, bottom, in pixels."""
    extents = [float(np.ptp(stroke, axis=0).max()) for stroke in strokes]
    whole = np.concatenate(strokes)
    low, size = whole.min(axis=0), np.ptp(whole, axis=0)
    # dots and long rules say little about the size of letters
    typical = float(np.median([extent for extent in extents if extent > 0.02 * size.max()] or [1.0])) or 1.0
    scale = min(letter / typical, 3000 / max(float(size.max()), 1e-9))
    width, height = (max(1, math.ceil(side * scale + margins[axis] + margins[axis + 2]))
                     for axis, side in enumerate(size))
    canvas = Image.new("L", (FINE * width, FINE * height), 255)
    draw = ImageDraw.Draw(canvas)
    for stroke in strokes:
        points = ((stroke - low) * scale + np.array(margins[:2])) * FINE
        line = max(FINE, round(pen * FINE * (rng.uniform(0.8, 1.2) if rng else 1.0)))
        draw.line([tuple(point) for point in points.tolist()], 0, line, joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - line / 2, y - line / 2, x + line / 2, y + line / 2), 0)
    return np.asarray(canvas.resize((width, height), Image.Resampling.BOX))
