"""Which notes share a beam in one picture: what its meaning leaves open, and sources do as they like."""

import random
from fractions import Fraction
from itertools import pairwise

from glyphic.notations.music.bars import bars
from glyphic.notations.music.beams import QUARTER, Groups, beams_of, beat_groups
from glyphic.notations.music.semantic import Barline, Clef, GraceNote, Note, Rest, Staff, Tie


def groups(staff: Staff, manner: str, rng: random.Random) -> Groups:
    """manner: by "beats" of the metre, by "halves" of the bar where that has two, by whole "bars", "none" at all (as in
    vocal music), or "random" cuts."""
    if manner == "none":
        return ()
    if manner == "beats":
        return beat_groups(staff)
    result: list[tuple[int, ...]] = []
    for run, places, wanted in _runs(staff):
        cuts = set()
        for index, (before, after) in enumerate(pairwise(places), 1):
            half = wanted / 2 if wanted else 2 * QUARTER
            if (manner == "halves" and before // half != after // half) or (manner == "random" and rng.random() < 0.3):
                cuts.add(index)
        edges = [0, *sorted(cuts), len(run)]
        result += [tuple(run[a:b]) for a, b in pairwise(edges) if b - a > 1]
    return tuple(result)


def _runs(staff: Staff) -> list[tuple[list[int], list[Fraction], Fraction | None]]:
    """Notes with flags that nothing but small notes, clefs and ties part, where they begin in their bar, its length."""
    found: list[tuple[list[int], list[Fraction], Fraction | None]] = []
    for bar in bars(staff):
        place, run, places = Fraction(0), list[int](), list[Fraction]()
        for index in range(bar.start, bar.stop + 1):
            symbol = staff[index] if index < bar.stop else Barline()
            if isinstance(symbol, Note) and beams_of(symbol.value):
                run.append(index)
                places.append(place)
            elif not isinstance(symbol, GraceNote | Clef | Tie) and run:
                found.append((run, places, bar.wanted))
                run, places = [], []
            if isinstance(symbol, Note | Rest):
                place += symbol.value.length
    return found
