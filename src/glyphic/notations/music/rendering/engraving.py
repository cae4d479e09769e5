"""A staff in a style -> the drawing that Verovio makes of it (SVG), and the place of each symbol in it.

Verovio (extra [music]) reads our own MEI. What it draws is checked: a drawing in which a symbol has no place of its
own, as Verovio leaves some out silently (a second multirest in a bar), is no picture of the staff.
"""

import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from glyphic.core.errors import MissingExtraError
from glyphic.notations.music.mei import to_mei
from glyphic.notations.music.rendering.beaming import groups
from glyphic.notations.music.rendering.style import Style
from glyphic.notations.music.semantic import (
    Barline,
    Clef,
    GraceNote,
    Key,
    Metre,
    Multirest,
    Note,
    Rest,
    Staff,
    Symbol,
    Tie,
    pitch_at,
)

Mark = tuple[str, float, float]  # what the symbol is called, x and y of its middle

UNITS = 180.0  # of Verovio's drawings, from one staff line to the next
FIXED = {  # one line of any length, nothing else on the page
    "breaks": "none", "adjustPageHeight": True, "adjustPageWidth": True, "header": "none", "footer": "none",
    "pageMarginLeft": 0, "pageMarginRight": 0, "pageMarginTop": 0, "pageMarginBottom": 0, "xmlIdSeed": 1,
    "mnumInterval": 0, "pageWidth": 100_000, "scale": 100, "outputFormatRaw": True, "svgFormatRaw": True,
}
CLASSES: dict[type[Symbol], str] = {Clef: "clef", Key: "keySig", Metre: "meterSig", Note: "note", GraceNote: "note",
                                    Rest: "rest", Multirest: "multiRest", Barline: "barLine", Tie: "tie"}
# from the origin of the first glyph to the middle of the symbol, in staff spaces: half of the usual glyph
HALVES = {"clef": 1.3, "keySig": 0.5, "meterSig": 0.8, "note": 0.6, "rest": 0.55}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SQUARE = re.compile(r'(<g id="E0A1-[^"]*">)<path[^>]*/>')  # where the glyph is defined, once a drawing
_NARROWER = "translate(-120, 0) scale(0.85, -0.9)"
_PLACE = re.compile(r"translate\((-?[\d.]+), ?(-?[\d.]+)\)")


@dataclass(frozen=True)
class Engraving:
    """A drawing and its marks, in staff spaces from its upper left corner."""

    svg: str
    marks: tuple[Mark, ...]
    lines: tuple[float, float]  # the uppermost and the lowest line of the staff


def engraved(staff: Staff, style: Style, rng: random.Random) -> Engraving | None:
    """None where Verovio cannot set the staff as it stands. Errors: MissingExtraError without Verovio."""
    toolkit = _toolkit()
    toolkit.resetOptions()
    toolkit.setOptions(FIXED | style.options | {"font": style.font})
    if not toolkit.loadData(_varied(to_mei(staff, groups(staff, style.beaming, rng)), style, rng)):
        return None
    svg: str = toolkit.renderToSVG(1)
    if style.oval:
        svg = _with_oval_breves(svg, style.font)
    root = ET.fromstring(svg)
    marks = _marks(staff, root)
    lines = _lines(root)
    return Engraving(svg, marks, lines) if marks is not None and lines is not None else None


@cache
def _toolkit() -> Any:
    try:
        import verovio  # type: ignore[import-untyped, unused-ignore]
    except ImportError as error:
        raise MissingExtraError("engraving staves", "music") from error
    verovio.enableLog(verovio.LOG_OFF)
    return verovio.toolkit()


def _varied(mei: str, style: Style, rng: random.Random) -> str:
    """What the notation does not tell apart: slashes of grace notes, naturals before a new key, kinds of
    barlines."""
    if not style.slashed:
        mei = mei.replace('grace="acc"', 'grace="unacc"')
    if style.cancelled:
        mei = mei.replace("<keySig ", '<keySig cancelaccid="before" ')
    head, *measures = mei.split('right="single"')
    kinds = [rng.choice(("dbl", "dbl", "rptend", "dashed")) if rng.random() < 0.025 else "single" for _ in measures]
    if kinds and style.double:
        kinds[-1] = rng.choice(("end", "end", "dbl", "rptend"))
    return head + "".join(f'right="{kind}"{rest}' for kind, rest in zip(kinds, measures, strict=True))


def _with_oval_breves(svg: str, font: str) -> str:
    """Breves as whole notes between double lines (SMuFL's E0A0), in place of the square ones (E0A1) of Verovio."""
    return _SQUARE.sub(lambda found: found.group(1) + _oval(font), svg)


@cache
def _oval(font: str) -> str:
    import verovio

    glyph = (Path(verovio.__file__).parent / "data" / font / "E0A0.xml").read_text(encoding="utf-8")
    path = glyph[glyph.index("<path"):glyph.index("</g>")]
    return path.replace("scale(1,-1)", _NARROWER)  # the wider glyph in the place of the square one, before its dot


# ---- where things are


def _marks(staff: Staff, root: ET.Element) -> tuple[Mark, ...] | None:
    """In the order of the staff; None if the drawing has more or fewer symbols than that, or in another order."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in CLASSES.values()}
    for element in root.iter():
        kind = element.get("class", "")
        if kind in found:
            place = _middle(element, kind)
            if place is not None:
                found[kind].append(place)
    wanted = [CLASSES[type(symbol)] for symbol in staff]
    if any(len(places) != wanted.count(kind) for kind, places in found.items()):
        return None
    ordered = {kind: iter(sorted(places)) for kind, places in found.items()}
    marks = tuple((_name(symbol), *next(ordered[kind])) for symbol, kind in zip(staff, wanted, strict=True))
    standing = [x for (_, x, _), kind in zip(marks, wanted, strict=True) if kind != "tie"]
    return marks if all(a < b for a, b in pairwise(standing)) else None


def _name(symbol: Symbol) -> str:
    """The symbol's official string; of a note with its natural pitch, for what alters it is no part of its head."""
    if isinstance(symbol, Note | GraceNote):
        symbol = replace(symbol, pitch=pitch_at(symbol.pitch.height))
    return str(symbol)


def _middle(element: ET.Element, kind: str) -> tuple[float, float] | None:
    """The middle of a symbol, in spaces; None for one that shows nothing."""
    if kind == "note":
        element = next((e for e in element.iter() if e.get("class") == "notehead"), element)
    points = list(_places(element)) or list(_corners(element))
    if not points:
        return None
    x0, x1 = min(x for x, _ in points), max(x for x, _ in points)
    y0, y1 = min(y for _, y in points), max(y for _, y in points)
    return (x0 + x1) / (2 * UNITS) + HALVES.get(kind, 0.0), (y0 + y1) / (2 * UNITS)


def _places(element: ET.Element) -> Iterator[tuple[float, float]]:
    """The origins of glyphs. (Of a multirest, its number stands in the middle.)"""
    for part in element.iter():
        match = _PLACE.search(part.get("transform", ""))
        if match and part.tag.endswith("use"):
            yield float(match[1]), float(match[2])


def _corners(element: ET.Element) -> Iterator[tuple[float, float]]:
    """The points of lines, curves and polygons (all absolute in what Verovio draws itself)."""
    for part in element.iter():
        numbers = [float(n) for n in _NUMBER.findall(part.get("d", "") or part.get("points", ""))]
        yield from zip(numbers[::2], numbers[1::2], strict=False)
        if part.tag.endswith("rect"):
            x, y, width, height = (float(part.get(name, "0")) for name in ("x", "y", "width", "height"))
            yield from ((x, y), (x + width, y + height))


def _lines(root: ET.Element) -> tuple[float, float] | None:
    for element in root.iter():
        if element.get("class") == "staff":
            heights = [y for child in element if child.tag.endswith("path") for _, y in _corners(child)]
            return (min(heights) / UNITS, max(heights) / UNITS) if heights else None
    return None
