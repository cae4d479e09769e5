"""A hand that draws and writes: its habits, from careful to careless, and its letters.

Letters are written in strokes (penstrokes.py), a hand having one usual form of each, ours or, where some are given, as
people wrote them; some hands write in one of the machine's handwritten fonts, and all do so what penstrokes.py lacks.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from glyphic.notations.molecule.rendering import lettering, penstrokes
from glyphic.notations.molecule.rendering.labels import Box
from glyphic.notations.molecule.rendering.lettering import Type
from glyphic.notations.molecule.rendering.style import Style

STEADY = 0.4  # of the hands do not tremble, or write on a tablet, which smooths what they do
WRITTEN = 0.7  # of the hands write as people did, where their letters are given


@dataclass(frozen=True)
class Hand:
    """A writer's habits; lengths in bonds, unless said otherwise."""

    style: Style
    bond: float  # pixels of a bond as shown
    misplaced: float = 0.04  # of each corner, standard deviation
    off: float = 0.03  # of each end of a line, standard deviation
    over: float = 0.04  # lines go too far at corners, or end too early, standard deviation
    sag: float = 0.02  # of a long line
    wobble: float = 0.008
    fluent: float = 0.5  # how often the next bond is drawn without lifting the pen
    round_corners: int = 1
    pressure: float = 0.15  # by which part the width changes
    tapered: float = 0.0  # by which part strokes get thinner at their ends
    matrix: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 1.0)  # how shapes are stretched, slanted and turned
    near: tuple[float, float] = (0.0, 0.0)  # perspective: how much nearer one side is, of the picture's size
    slant: float = 0.0  # of letters
    uneven: float = 0.06  # of the size and place of letters, in capitals
    typed: bool = False  # letters of a font
    scribbled: bool = False  # wedges are hatched, not filled


def hand(rng: random.Random, crowded: bool = False) -> Hand:
    """Somebody's hand: from careful to careless, with a fine or a thick pen; for a crowded drawing, smaller letters."""
    care = 0.2 + 0.8 * rng.betavariate(1.6, 2.0)  # 0: like print, 1: careless
    line = math.exp(rng.uniform(math.log(0.035), math.log(0.13)))
    cap = rng.uniform(0.42, 1.1) if not crowded and rng.random() < 0.7 else rng.uniform(0.3, 0.6)
    style = Style(
        line=line, double=max(rng.uniform(0.14, 0.3), 2.2 * line), shorten=rng.uniform(0.05, 0.22),
        mitred=rng.random() < 0.85, ring_sided=rng.random() < 0.9, chain_sided=rng.random() < 0.4,
        end_sided=rng.random() < 0.15, wedge=rng.uniform(0.16, 0.34), hashes=rng.randint(4, 8), hash_line=line,
        hash_tapered=rng.random() < 0.85, bold=rng.uniform(0.16, 0.26), wave=rng.uniform(0.07, 0.14),
        waves=rng.randint(2, 5), dashes=rng.randint(3, 6), cap=cap, gap=rng.uniform(0.02, 0.16),
        small=rng.uniform(0.55, 1.0), drop=rng.uniform(0.05, 0.45), rise=rng.uniform(0.3, 0.6),
        lowered=rng.random() < 0.93, leading=rng.uniform(1.1, 1.4), ringed=rng.random() < 0.1,
        tracking=rng.uniform(0.0, 0.28), star_cut=rng.random() < 0.4, least=rng.uniform(0.4, 0.9),
        circle=rng.uniform(0.3, 0.68), part_gap=rng.choice((rng.uniform(0.12, 0.5), rng.uniform(0.3, 1.0))),
        arrow=rng.uniform(1.4, 4.2),
        head=rng.uniform(0.2, 0.45), head_open=rng.random() < 0.8, above=rng.uniform(0.65, 1.0))
    turn, across = rng.gauss(0, 0.03), math.exp(rng.gauss(-0.04, 0.14))
    slant = rng.gauss(0, 0.05)

    def habit() -> float:
        """How careless in one respect: people are not equally so in all."""
        return min(care * rng.lognormvariate(0.0, 0.4), 1.2)

    cos, sin = math.cos(turn), math.sin(turn)
    return Hand(
        style, bond=min(max(rng.lognormvariate(math.log(26), 0.3), 13.0), 56.0), misplaced=0.02 + 0.08 * habit(),
        off=0.008 + 0.075 * habit(), over=0.01 + 0.1 * habit(), sag=0.005 + 0.055 * habit(),
        wobble=0.002 if rng.random() < STEADY else 0.003 + 0.02 * habit(),
        fluent=rng.choice((0.0, rng.random(), 0.9)), round_corners=rng.choice((0, 0, 1, 1, 2)),
        pressure=rng.uniform(0.0, 0.3), tapered=rng.choice((0.0, 0.0, rng.uniform(0.2, 0.6))),
        matrix=(cos * across, sin + slant, -sin * across, cos), slant=rng.gauss(0.08, 0.12),
        near=(rng.gauss(0, 0.04), rng.gauss(0, 0.04)) if rng.random() < 0.5 else (0.0, 0.0),
        uneven=0.025 + 0.11 * care, typed=rng.random() < 0.25, scribbled=rng.random() < 0.35)


@dataclass
class Script:
    """The letters of a hand: for each use of a character one of its forms, else those of a font."""

    hand: Hand
    type: Type
    rng: random.Random
    letters: penstrokes.Letters = field(default_factory=dict)  # as people wrote them; for all others ours
    usual: dict[str, penstrokes.Form] = field(default_factory=dict)

    @classmethod
    def of(cls, hand: Hand, rng: random.Random, letters: penstrokes.Letters | None = None) -> "Script":
        chosen = Type(lettering.choose("handwritten", rng), rng, "chinese-handwritten")
        if letters and rng.random() < WRITTEN:
            return cls(replace(hand, typed=False), chosen, rng, letters)
        return cls(hand, chosen, rng)

    def forms(self, character: str) -> Sequence[penstrokes.Form]:
        """The ways in which this hand may write a character; none if it takes a font's."""
        if self.hand.typed:
            return ()
        return self.letters.get(character) or penstrokes.forms(character)

    def form(self, character: str) -> penstrokes.Form | None:
        """The form that this hand mostly gives a character; None if it takes a font's."""
        if character not in self.usual:
            known = self.forms(character)
            if not known:
                return None
            self.usual[character] = self.rng.choice(known)
        return self.usual[character]

    def measure(self, character: str, size: float) -> tuple[float, Box]:
        form = self.form(character)
        if form is None:
            return self.type.measure(character, size)
        left, bottom, right, top = form.box
        return (right + 0.14) * size, (left * size, -top * size, right * size, -bottom * size)
