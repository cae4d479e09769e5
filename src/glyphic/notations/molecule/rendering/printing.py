"""How chemistry is printed: the looks of journals, patents, catalogues and web pages, and a painter that sets them.

A look is drawn at random around one of the presets; each was made beside real pictures of its kind. Strokes are painted
three times as large as they are shown and then averaged, which gives smooth edges; bilevel scans begin from there
(scanning.py). All is grey: coloured atoms and highlights have the luminance of their colours.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from glyphic.notations.molecule.rendering.composition import Sheet
from glyphic.notations.molecule.rendering.lettering import Type
from glyphic.notations.molecule.rendering.strokes import Stroke
from glyphic.notations.molecule.rendering.style import Style

FINE = 3  # painted pixels for one that is shown
LEGIBLE, LEGIBLE_SCAN = 6.5, 8.5  # pixels of a capital, at least; of one in black and white
LUMINANCE = {  # of the colours that programs give elements, 0 = black
    "N": 0.29, "O": 0.30, "S": 0.66, "F": 0.55, "Cl": 0.47, "Br": 0.34, "I": 0.37, "P": 0.59, "B": 0.6, "Si": 0.55,
    "H": 0.5}


@dataclass(frozen=True)
class Look:
    """A style, the typeface it is set in, and what else makes a page of its kind."""

    name: str
    style: Style
    family: str
    bond: float  # pixels of a bond as shown
    round_ends: bool = True
    ink: float = 0.0  # grey of lines and letters, 0 = black
    paper: float = 1.0
    coloured: float = 0.0  # how much of the colours of the elements is seen
    highlighted: bool = False
    bilevel: float = 0.0  # how likely it comes as a scan in black and white
    photocopied: float = 0.0  # how likely that has been copied before
    captioned: float = 0.0  # how likely a number or word stands beside it


def look(rng: random.Random, name: str | None = None) -> Look:
    """A random look around a preset; around any where none is named."""
    names = list(PRESETS)
    chosen = name or rng.choices(names, [PRESETS[n][0] for n in names])[0]
    result = PRESETS[chosen][1](rng)
    style = result.style
    if rng.random() < 0.12:
        style = replace(style, ringed=True)
    style = replace(style, minus=rng.choice("---–−"), star_cut=rng.random() < 0.4, waves=rng.randint(3, 6),
                    wave=rng.uniform(0.06, 0.12), dashes=rng.randint(4, 7), leading=rng.uniform(1.1, 1.45),
                    head=rng.uniform(0.18, 0.42), head_open=rng.random() < 0.25, arrow=rng.uniform(1.5, 3.2),
                    part_gap=rng.uniform(0.5, 1.1), above=rng.uniform(0.7, 1.0), circle=rng.uniform(0.55, 0.78),
                    circle_dashed=rng.random() < 0.08, wedge_waist=0.25 if rng.random() < 0.05 else 0.0)
    return replace(result, style=style)


def _acs(rng: random.Random) -> Look:
    """ChemDraw with the style of the American Chemical Society, or near it: articles, new patents."""
    style = Style(line=rng.uniform(0.036, 0.055), double=rng.uniform(0.15, 0.2), cap=rng.uniform(0.42, 0.52),
                  gap=rng.uniform(0.07, 0.12), wedge=rng.uniform(0.17, 0.24), hashes=rng.randint(5, 8),
                  hash_line=rng.uniform(0.04, 0.07), bold=rng.uniform(0.12, 0.16), shorten=rng.uniform(0.0, 0.06),
                  end_sided=rng.random() < 0.08, drop=rng.uniform(0.2, 0.32), small=rng.uniform(0.68, 0.76))
    return Look("acs", style, rng.choices(("helvetica", "times", "helvetica-bold"), (8, 2, 0.5))[0], _bond(rng, 30),
                round_ends=rng.random() < 0.5, bilevel=0.35, photocopied=0.15, captioned=0.06)


def _patent(rng: random.Random) -> Look:
    """The United States' patents of 1995-2010: thin lines, small serif letters, scanned at 300 dpi in black and white.
    """
    style = Style(line=rng.choice((rng.uniform(0.02, 0.036), rng.uniform(0.03, 0.05))), double=rng.uniform(0.11, 0.18),
                  cap=rng.uniform(0.3, 0.42), gap=rng.uniform(0.05, 0.14), wedge=rng.uniform(0.1, 0.2),
                  hashes=rng.randint(5, 10), hash_line=rng.uniform(0.02, 0.045), shorten=rng.uniform(0.04, 0.16),
                  end_sided=rng.random() < 0.1, chain_sided=rng.random() < 0.8, bold=rng.uniform(0.09, 0.14),
                  drop=rng.uniform(0.15, 0.3), lowered=rng.random() > 0.05, hash_tapered=rng.random() < 0.8)
    return Look("patent", style, rng.choices(("times", "helvetica", "roman"), (8, 2, 0.7))[0], _bond(rng, 37),
                round_ends=rng.random() < 0.3, bilevel=0.9, photocopied=0.08, captioned=0.08)


def _catalogue(rng: random.Random) -> Look:
    """Copied pages of a catalogue (Maybridge, as in UOB): heavy lines with rough edges, large plain letters."""
    style = Style(line=rng.uniform(0.07, 0.115), double=rng.uniform(0.17, 0.24), cap=rng.uniform(0.42, 0.56),
                  gap=rng.uniform(0.06, 0.12), wedge=rng.uniform(0.2, 0.28), hashes=rng.randint(4, 6),
                  hash_line=rng.uniform(0.05, 0.08), shorten=rng.uniform(0.05, 0.14), bold=rng.uniform(0.18, 0.24),
                  end_sided=rng.random() < 0.35, drop=rng.uniform(0.2, 0.4), small=rng.uniform(0.65, 0.8))
    return Look("catalogue", style, rng.choices(("helvetica", "helvetica-bold", "times"), (8, 2, 0.5))[0],
                _bond(rng, 35), bilevel=0.95, photocopied=0.85, captioned=0.02)


def _gazette(rng: random.Random) -> Look:
    """The Japanese patent office's gazettes: coarse pictures, thin or heavy lines, any letters, numbers beside them."""
    thin = rng.random() < 0.5
    style = Style(line=rng.uniform(0.02, 0.04) if thin else rng.uniform(0.05, 0.09), double=rng.uniform(0.13, 0.22),
                  cap=rng.uniform(0.38, 0.6), gap=rng.uniform(0.03, 0.12), wedge=rng.uniform(0.14, 0.24),
                  hashes=rng.randint(4, 8), hash_line=rng.uniform(0.03, 0.06), shorten=rng.uniform(0.0, 0.2),
                  mitred=rng.random() < 0.7, end_sided=rng.random() < 0.3, short_inner=rng.random() < 0.7,
                  lowered=rng.random() > 0.12, small=rng.uniform(0.65, 1.0), drop=rng.uniform(0.15, 0.5),
                  tracking=rng.choice((0.0, 0.0, 0.1)))
    families = ("helvetica", "helvetica-bold", "typewriter", "narrow", "times", "drafted")
    return Look("gazette", style, rng.choices(families, (6, 2, 1, 1, 1, 1))[0], _bond(rng, 27),
                round_ends=rng.random() < 0.4, bilevel=0.9, photocopied=0.25, captioned=0.45)


def _rdkit(rng: random.Random) -> Look:
    """As RDKit, PubChem or CDK paint for screens: coloured atoms, sans-serif letters, smooth lines."""
    style = Style(line=rng.uniform(0.03, 0.07), double=rng.uniform(0.14, 0.22), cap=rng.uniform(0.3, 0.5),
                  gap=rng.uniform(0.06, 0.16), wedge=rng.uniform(0.15, 0.26), hashes=rng.randint(6, 12),
                  hash_line=rng.uniform(0.025, 0.05), shorten=rng.uniform(0.08, 0.18), small=rng.uniform(0.6, 0.72),
                  drop=rng.uniform(0.2, 0.4), rise=rng.uniform(0.35, 0.6))
    return Look("rdkit", style, "helvetica", _bond(rng, 28), round_ends=rng.random() < 0.5,
                coloured=1.0 if rng.random() < 0.75 else 0.0, highlighted=rng.random() < 0.2, bilevel=0.05,
                ink=rng.choice((0.0, 0.0, 0.1)), paper=_paper(rng, 0.25), captioned=0.04)


def _indigo(rng: random.Random) -> Look:
    """As Indigo, Marvin or JChem paint: thin lines, wide double bonds, small letters close to the lines."""
    style = Style(line=rng.uniform(0.022, 0.045), double=rng.uniform(0.16, 0.24), cap=rng.uniform(0.3, 0.42),
                  gap=rng.uniform(0.04, 0.1), wedge=rng.uniform(0.1, 0.18), hashes=rng.randint(6, 12),
                  hash_line=rng.uniform(0.02, 0.035), shorten=rng.uniform(0.05, 0.12), small=rng.uniform(0.58, 0.7),
                  chain_sided=rng.random() < 0.85, hash_tapered=rng.random() < 0.7)
    return Look("indigo", style, rng.choice(("helvetica", "helvetica", "times")), _bond(rng, 30),
                round_ends=rng.random() < 0.5, coloured=0.8 if rng.random() < 0.5 else 0.0, bilevel=0.1,
                highlighted=rng.random() < 0.06, paper=_paper(rng, 0.1), captioned=0.04)


def _registry(rng: random.Random) -> Look:
    """Drug registers and dictionaries (USAN): clean lines, plain letters, hashes as short ticks, salts beside."""
    style = Style(line=rng.uniform(0.03, 0.05), double=rng.uniform(0.15, 0.2), cap=rng.uniform(0.4, 0.5),
                  gap=rng.uniform(0.07, 0.14), wedge=rng.uniform(0.14, 0.2), hashes=rng.randint(4, 8),
                  hash_tapered=rng.random() < 0.4, hash_line=rng.uniform(0.035, 0.05), shorten=rng.uniform(0.0, 0.12))
    if not style.hash_tapered:
        style = replace(style, wedge=rng.uniform(0.1, 0.16))
    return Look("registry", style, rng.choice(("helvetica", "helvetica", "times")), _bond(rng, 32),
                bilevel=0.2, photocopied=0.05, captioned=0.05)


def _any(rng: random.Random) -> Look:
    """Whatever a textbook, a poster, a thesis or a hobbyist may set."""
    style = Style(line=math.exp(rng.uniform(math.log(0.018), math.log(0.13))), double=rng.uniform(0.11, 0.28),
                  cap=rng.uniform(0.27, 0.65), gap=rng.uniform(0.02, 0.18), wedge=rng.uniform(0.1, 0.32),
                  hashes=rng.randint(4, 12), hash_line=rng.uniform(0.02, 0.08), hash_tapered=rng.random() < 0.7,
                  bold=rng.uniform(0.1, 0.25), shorten=rng.uniform(0.0, 0.22), mitred=rng.random() < 0.75,
                  ring_sided=rng.random() < 0.9, chain_sided=rng.random() < 0.6, end_sided=rng.random() < 0.3,
                  short_inner=rng.random() < 0.7, small=rng.uniform(0.58, 0.9), drop=rng.uniform(0.05, 0.5),
                  rise=rng.uniform(0.25, 0.6), lowered=rng.random() < 0.92, tracking=rng.choice((0.0, 0.0, 0.08, 0.2)),
                  least=rng.uniform(0.3, 0.9))
    style = replace(style, double=max(style.double, 2.0 * style.line))
    families = ("helvetica", "helvetica-bold", "times", "times-bold", "roman", "typewriter", "narrow", "drafted")
    return Look("any", style, rng.choice(families), _bond(rng, 30), round_ends=rng.random() < 0.6,
                coloured=rng.choice((0.0, 0.0, 1.0)), highlighted=rng.random() < 0.15, bilevel=0.3, photocopied=0.2,
                ink=rng.choice((0.0, 0.0, rng.uniform(0.0, 0.45))), paper=_paper(rng, 0.35), captioned=0.1)


PRESETS: dict[str, tuple[float, Callable[[random.Random], Look]]] = {  # name -> how often, how
    "acs": (22, _acs), "patent": (26, _patent), "catalogue": (11, _catalogue), "gazette": (11, _gazette),
    "rdkit": (9, _rdkit), "indigo": (6, _indigo), "registry": (7, _registry), "any": (8, _any)}


def _bond(rng: random.Random, usual: float) -> float:
    return min(max(rng.lognormvariate(math.log(usual), 0.28), 14.0), 60.0)


def _paper(rng: random.Random, tinted: float) -> float:
    return 1.0 if rng.random() > tinted else rng.uniform(0.72, 1.0) if rng.random() < 0.8 else 0.0


# ---- the painter


def painted(sheet: Sheet, look: Look, type: Type, margins: tuple[float, float, float, float],
            rng: random.Random) -> tuple[npt.NDArray[np.uint8], float, float]:
    """A sheet in fine pixels -> (H, W) greys as shown, and the sheet's point that lies in the corner of the picture.

    margins: paper to the left, above, to the right and below the ink, in fine pixels; negative ones cut into it.
    """
    left, top, right, bottom = sheet.box()
    x0, y0 = left - margins[0], top - margins[1]
    width, height = (max(8, math.ceil(extent / FINE)) for extent in
                     (right - left + margins[0] + margins[2], bottom - top + margins[1] + margins[3]))
    canvas = Image.new("L", (width * FINE, height * FINE), 255)
    draw = ImageDraw.Draw(canvas)
    if look.highlighted:
        _highlight(draw, sheet, look, x0, y0, rng)
    ink = round(255 * look.ink)
    tones = [round(255 * (look.ink + (_tone(text) - look.ink) * look.coloured)) if look.coloured and text else ink
             for text, _, _ in sheet.atoms]
    for stroke in sheet.strokes:
        _paint(draw, stroke, x0, y0, look, tones, ink)
    for glyph in sheet.glyphs:
        draw.text((glyph.x - x0, glyph.y - y0), glyph.character, tones[glyph.atom] if glyph.atom >= 0 else ink,
                  type.font(glyph.character, glyph.size), "ls")
    pixels = np.asarray(canvas.reduce(FINE))
    if look.paper < 1.0:  # what was white is the paper's grey; on black paper light lines
        tint = look.paper or 1.0
        pixels = (pixels * tint).astype(np.uint8)
        if not look.paper:
            pixels = 255 - pixels
    return pixels, x0, y0


def _paint(draw: ImageDraw.ImageDraw, stroke: Stroke, x0: float, y0: float, look: Look, tones: list[int],
           ink: int) -> None:
    points = [(x - x0, y - y0) for x, y in stroke.points]
    if stroke.filled:
        draw.polygon(points, fill=ink)
        return
    width = max(1, round(stroke.width))
    a, b = stroke.atoms
    if look.coloured and a >= 0 and len(points) == 2 and tones[a] != tones[b]:
        middle = ((points[0][0] + points[1][0]) / 2, (points[0][1] + points[1][1]) / 2)
        draw.line((points[0], middle), tones[a], width)
        draw.line((middle, points[1]), tones[b], width)
        return
    tone = tones[a] if a >= 0 and tones[a] == tones[b] else ink
    draw.line(points, tone, width)
    ends = points if stroke.smooth and width > 5 else (points[0], points[-1])
    if width > 2:
        reach = (width - 1) / 2
        for k, (x, y) in enumerate(ends):
            if look.round_ends or stroke.smooth or stroke.open[min(k, 1)]:
                draw.ellipse((x - reach, y - reach, x + reach, y + reach), tone)


def _tone(text: str) -> float:
    """The luminance that programs give a label: that of its first element but for hydrogen and carbon."""
    for name in (text[:2], text[:1], text[1:2]):
        if name in LUMINANCE and name != "H":
            return LUMINANCE[name]
    return LUMINANCE["H"] if text == "H" else 0.0


def _highlight(draw: ImageDraw.ImageDraw, sheet: Sheet, look: Look, x0: float, y0: float, rng: random.Random) -> None:
    """Discs behind some neighbouring atoms, and bands behind the bonds between them."""
    if not sheet.atoms:
        return
    unit = look.style.unit
    _, cx, cy = rng.choice(sheet.atoms)
    reach, tone = unit * rng.uniform(0.5, 3.5), round(255 * rng.uniform(0.6, 0.93))
    chosen = [math.hypot(x - cx, y - cy) <= reach for _, x, y in sheet.atoms]
    radius, band = unit * rng.uniform(0.22, 0.45), max(1, round(unit * rng.uniform(0.15, 0.5)))
    for stroke in sheet.strokes:
        a, b = stroke.atoms
        if a >= 0 and chosen[a] and chosen[b]:
            draw.line([(sheet.atoms[k][1] - x0, sheet.atoms[k][2] - y0) for k in (a, b)], tone, band)
    for (_, x, y), is_chosen in zip(sheet.atoms, chosen, strict=True):
        if is_chosen:
            draw.ellipse((x - x0 - radius, y - y0 - radius, x - x0 + radius, y - y0 + radius), tone)
