"""A random source -> how one staff is engraved: Verovio's font and options, what is beamed, small variants of signs.

Verovio measures widths in units of half a staff space. What a style may not do is change what the picture says.
"""

import random
from dataclasses import dataclass

FONTS = ("Leipzig", "Bravura", "Gootville", "Leland", "Petaluma")  # all that Verovio brings
WEIGHTS = (4, 3, 3, 2, 1)  # PrIMuS has the first three; Petaluma is the hand of jazz charts
BEAMING = ("beats", "halves", "bars", "none", "random")  # see beaming.py


@dataclass(frozen=True)
class Style:
    font: str
    options: dict[str, object]  # of Verovio
    space: float  # pixels between two staff lines
    beaming: str
    slashed: bool  # grace notes
    oval: bool  # breves as LilyPond draws them, in place of square ones
    cancelled: bool  # a new key signature after the naturals of the old one
    double: bool  # the last barline; other barlines in one of forty
    level: float | None  # ink is what is darker, in one bit; None: grey
    ink: int  # the grey of it


def typeset(rng: random.Random) -> Style:
    """The look of PrIMuS and of engraving programs: 18 pixels a space and one bit, mostly, or grey at any size."""
    bilevel = rng.random() < 0.6
    return _style(rng, 18.0 if bilevel and rng.random() < 0.7 else rng.uniform(8.0, 20.0),
                  rng.uniform(0.55, 0.85) if bilevel else None)


def for_camera(rng: random.Random) -> Style:
    """Any size that a camera or a scanner leaves, in grey, which is what a camera sees of print."""
    return _style(rng, rng.choice((rng.uniform(9.0, 12.0), rng.uniform(10.0, 16.0))), None)


def _style(rng: random.Random, space: float, level: float | None) -> Style:
    usual = rng.random() < 0.4
    options: dict[str, object] = {
        "staffLineWidth": rng.choice((0.15, 0.2, 0.25, 0.3, 0.3)) if usual else rng.uniform(0.13, 0.3),
        "stemWidth": rng.choice((0.2, 0.25)) if usual else rng.uniform(0.14, 0.34),
        "barLineWidth": rng.choice((0.3, 0.25)) if usual else rng.uniform(0.18, 0.5),
        "spacingLinear": 0.25 if usual else rng.uniform(0.14, 0.42),
        "multiRestStyle": rng.choice(("block", "block", "block", "auto", "symbols")),  # PrIMuS has blocks
        "spacingNonLinear": 0.6 if usual else rng.uniform(0.45, 0.75),
    }
    if not usual:
        options |= {
            "ledgerLineThickness": rng.uniform(0.18, 0.36), "ledgerLineExtension": rng.uniform(0.35, 0.7),
            "beamMaxSlope": rng.choice((0, 4, 10, 10, 18)), "beamFrenchStyle": rng.random() < 0.1,
            "evenNoteSpacing": rng.random() < 0.08, "graceFactor": rng.uniform(0.6, 0.8),
            "multiRestThickness": rng.uniform(1.2, 3.5),
            "measureMinWidth": rng.choice((4, 8, 15, 22)), "tieMidpointThickness": rng.uniform(0.25, 0.8),
            "tieEndpointThickness": rng.uniform(0.05, 0.2), "slurCurveFactor": rng.uniform(0.6, 1.6),
            "leftMarginAccid": rng.uniform(0.6, 1.4), "rightMarginAccid": rng.uniform(0.3, 0.8),
            "leftMarginNote": rng.uniform(0.6, 1.6), "leftMarginClef": rng.uniform(0.7, 1.8),
            "rightMarginClef": rng.uniform(0.6, 1.8), "leftMarginKeySig": rng.uniform(0.6, 1.5),
            "rightMarginKeySig": rng.uniform(0.6, 1.8), "leftMarginMeterSig": rng.uniform(0.6, 1.5),
            "rightMarginMeterSig": rng.uniform(0.6, 1.8), "leftMarginRest": rng.uniform(0.6, 1.5),
        }
    return Style(
        font=rng.choices(FONTS, WEIGHTS)[0], options=options, space=space,
        beaming=rng.choices(BEAMING, (12, 3, 1, 3, 2))[0], slashed=rng.random() < 0.5, oval=rng.random() < 0.4,
        cancelled=rng.random() < 0.3, double=rng.random() < 0.08,
        level=level, ink=0 if rng.random() < 0.6 else rng.randint(0, 90))
