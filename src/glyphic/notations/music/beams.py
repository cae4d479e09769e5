"""Which notes of a staff share beams, by the beats of their metre, and how each of their beams begins and ends.

The semantic encoding does not say what is beamed. Writers that must beam (Plaine & Easie, MusicXML, MEI, ABC, the
agnostic encoding) all take their groups from here, or as an argument, so that a picture and its labels agree.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby

from glyphic.notations.music.bars import bars
from glyphic.notations.music.semantic import LENGTHS, Clef, GraceNote, Metre, Note, Rest, Staff, Tie, Value

Groups = tuple[tuple[int, ...], ...]  # indices of the notes of each group, two or more, from left to right
QUARTER = Fraction(1, 4)


def beams_of(value: Value) -> int:
    """How many beams or flags a note of this value has."""
    return max(0, list(LENGTHS).index(value.name) - list(LENGTHS).index("quarter"))


def beat_groups(staff: Staff) -> Groups:
    """Notes with flags that begin within one beat of their bar, nothing but small notes and clefs between them.

    A beat is a quarter; three units where eighths or shorter are counted in threes; the unit where that is longer.
    A pickup is counted from its end.
    """
    groups: list[tuple[int, ...]] = []
    metre: Metre | None = None
    for bar in bars(staff):
        metre = next((s for s in staff[bar.start:bar.stop] if isinstance(s, Metre)), metre)
        place = bar.wanted - bar.length if bar.verdict == "pickup" and bar.wanted else Fraction(0)
        beats: dict[int, tuple[int, int]] = {}  # index of a note -> its beat, and the run of notes that it stands in
        run = 0
        for index in range(bar.start, bar.stop):
            symbol = staff[index]
            if isinstance(symbol, Note) and beams_of(symbol.value):
                beats[index] = (int(place // beat(metre)), run)
            elif not isinstance(symbol, GraceNote | Clef | Tie):
                run += 1
            if isinstance(symbol, Note | Rest):
                place += symbol.value.length
        groups += [tuple(members) for _, members in groupby(beats, key=lambda index: beats[index])]
    return tuple(group for group in groups if len(group) > 1)


def beat(metre: Metre | None) -> Fraction:
    """The length of the notes that share beams, in whole notes."""
    if metre is None or metre.unit & (metre.unit - 1):
        return QUARTER
    if metre.unit >= 8 and metre.beats % 3 == 0:
        return Fraction(3, metre.unit)
    return max(Fraction(1, metre.unit), QUARTER) if metre.unit > 2 else QUARTER


def beam_marks(values: Sequence[Value]) -> list[list[str]]:
    """The values of one group -> for each note, from the first beam on: begin, continue, end, forward hook or backward
    hook (as MusicXML names them)."""
    counts = [beams_of(value) for value in values]
    marks: list[list[str]] = []
    for place, count in enumerate(counts):
        before = counts[place - 1] if place else 0
        after = counts[place + 1] if place + 1 < len(counts) else 0
        marks.append([_mark(level, before, after) for level in range(1, count + 1)])
    return marks


def _mark(level: int, before: int, after: int) -> str:
    if level <= before:
        return "continue" if level <= after else "end"
    if level <= after:
        return "begin"
    return "backward hook" if before else "forward hook"
