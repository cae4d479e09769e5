"""A list of staves becomes a random source of staves: other clefs and keys, and what incipits seldom have.

A staff of the list is drawn as it stands or moved, along the line of fifths and by steps, so that its intervals stay
what they are; then rests of many bars, fermatas, grace notes, ties and changes of clef, key and metre may come in.
What no list has (rare values, clefs, accidentals) is in the staves of the notation's own sampler, which are a part of
all. A line that stands twice in the list is drawn twice as often.
"""

import contextlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from glyphic.core.errors import NotationError, OptionError
from glyphic.notations.music.sampler import CLEF_WEIGHTS, KEY_WEIGHTS, METRE_WEIGHTS, RANGE, lowest, sample
from glyphic.notations.music.semantic import (
    FIFTHS,
    OCTAVES,
    SIGNS,
    Barline,
    Clef,
    GraceNote,
    Key,
    Metre,
    Multirest,
    Note,
    Pitch,
    Rest,
    Staff,
    Symbol,
    Tie,
    Value,
    canonical,
    parse,
    pitch_at,
    write,
)

SAMPLED = 0.12  # of the staves are the sampler's
MOVED = 0.6  # of the others have another key
RECLEFED = 0.5  # of the moved have another clef, where they have only one
TRIES = 50  # of a line: then the list is to blame
OTHERS = 2  # steps beyond the usual range that a voice may reach when it is moved
# how often a staff gets one more of what lists seldom have
MULTIREST, METRE, CLEF, KEY, FERMATA, GRACE, TIE = 0.06, 0.08, 0.03, 0.03, 0.05, 0.06, 0.04

Skeleton = tuple[tuple[str, int], ...]


class IncipitSource:
    """A random source of staves in canonical spelling, from a list; `exclude` holds `skeletons` never drawn."""

    def __init__(self, staves: Sequence[str], exclude: frozenset[Skeleton] = frozenset()):
        if not staves:
            raise OptionError("a source of staves needs at least one; got none")
        self.staves, self.exclude = staves, exclude

    def __call__(self, rng: random.Random) -> str:
        """A staff; OptionError after too many lines that are none, or that are all excluded."""
        if rng.random() < SAMPLED:
            return sample(rng)
        for _ in range(TRIES):
            with contextlib.suppress(NotationError):
                staff = parse(rng.choice(self.staves))
                if staff and isinstance(staff[0], Clef) and skeleton(staff) not in self.exclude:
                    return write(canonical(_varied(signed(staff), rng)))
        raise OptionError(f"none of {TRIES} lines of the list can be drawn; is it a list of staves in the semantic "
                          "encoding (clef-G2 note-C5_quarter ...), one a line?")


def read_staves(path: Path) -> list[str]:
    """The lines of a file that are not empty. They are not looked at."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def skeletons(texts: Iterable[str]) -> frozenset[Skeleton]:
    """Of texts that are no staves, nothing."""
    found = set()
    for text in texts:
        with contextlib.suppress(NotationError):
            found.add(skeleton(parse(text)))
    return frozenset(found)


def skeleton(staff: Iterable[Symbol]) -> Skeleton:
    """What stays of a staff in every clef and key: kinds, values, and the steps from each note to the next. A barline
    at the end does not count, for it follows from the metre."""
    parts, before = [], None
    for symbol in staff:
        if isinstance(symbol, Note | GraceNote):
            height = symbol.pitch.height
            parts.append((f"{type(symbol).__name__} {symbol.value}", 0 if before is None else height - before))
            before = height
        elif isinstance(symbol, Rest | Barline):
            parts.append((str(symbol), 0))
    return tuple(parts[:-1] if parts and parts[-1][0] == str(Barline()) else parts)


def signed(staff: Staff) -> Staff:
    """With a key signature behind the first clef, C major if need be, and without those that repeat the one before."""
    key = next((symbol for symbol in staff[1:3] if isinstance(symbol, Key)), Key(0))
    result: list[Symbol] = [staff[0], key]
    for symbol in staff[1:]:
        if isinstance(symbol, Key):
            if symbol == key:
                continue
            key = symbol
        result.append(symbol)
    return tuple(result)


def transposed(staff: Iterable[Symbol], fifths: int, steps: int) -> Staff | None:
    """All pitches and keys so many fifths up, and all heights by `steps`, which is 4 * fifths but for octaves.

    None where a key would have more than seven signs, or a pitch lie beyond what can be written.
    """
    assert (steps - 4 * fifths) % 7 == 0  # another interval would not keep the letters
    moved: list[Symbol] = []
    for symbol in staff:
        if isinstance(symbol, Key):
            symbol = Key(symbol.fifths + fifths)
            if abs(symbol.fifths) > 7:
                return None
        elif isinstance(symbol, Note | GraceNote):
            place = FIFTHS.index(symbol.pitch.step) + 7 * symbol.pitch.alter + fifths
            pitch = pitch_at(symbol.pitch.height + steps, place // 7)
            if pitch.alter not in SIGNS or pitch.octave not in OCTAVES:
                return None
            symbol = replace(symbol, pitch=pitch)
        moved.append(symbol)
    return tuple(moved)


def _varied(staff: Staff, rng: random.Random) -> Staff:
    if rng.random() < MOVED:
        staff = _moved(staff, rng) or staff
    result = list(staff)
    # what inserts near the start comes last, so that the places of others stay known
    for chance, change in ((TIE, _tie), (FERMATA, _fermata), (GRACE, _grace), (CLEF, _clef), (KEY, _key),
                           (METRE, _metre), (MULTIREST, _multirest)):
        if rng.random() < chance:
            change(result, rng)
    return tuple(result)


def _moved(staff: Staff, rng: random.Random) -> Staff | None:
    """Another key, and perhaps another clef; the voice stays about where it was on the staff."""
    first, key = staff[0], staff[1]
    assert isinstance(first, Clef) and isinstance(key, Key)
    fifths = rng.choices(range(-7, 8), KEY_WEIGHTS)[0] - key.fifths
    if any(isinstance(symbol, Clef) for symbol in staff[1:]):
        return transposed(staff, fifths, _nearly_level(fifths))
    clef = _other_clef(rng) if rng.random() < RECLEFED else first
    wanted = lowest(clef) - lowest(first) + rng.randint(-3, 3)
    return transposed((clef, *staff[1:]), fifths, _nearest(staff, wanted, 4 * fifths, clef))


def _nearly_level(fifths: int) -> int:
    """The steps, upwards or downwards, that so many fifths are at least."""
    return (4 * fifths + 3) % 7 - 3


def _nearest(staff: Iterable[Symbol], wanted: int, steps: int, clef: Clef) -> int:
    """Of steps and its octaves the one that leaves the clef's range least, then the one nearest to `wanted`."""
    heights = [symbol.pitch.height for symbol in staff if isinstance(symbol, Note)] or [lowest(clef)]
    low, high = lowest(clef) - OTHERS, lowest(clef) + RANGE + OTHERS

    def worse(shift: int) -> tuple[int, int]:
        return max(0, low - min(heights) - shift) + max(0, max(heights) + shift - high), abs(shift - wanted)

    return min((steps % 7 + 7 * octave for octave in range(-7, 8)), key=worse)


def _other_clef(rng: random.Random) -> Clef:
    name = rng.choices(list(CLEF_WEIGHTS), list(CLEF_WEIGHTS.values()))[0]
    return Clef(name[0], int(name[1]))


# ---- what lists seldom have: each changes a staff in place, if it finds a place


def _places(staff: Sequence[Symbol], *kinds: type) -> list[int]:
    return [i for i, symbol in enumerate(staff) if isinstance(symbol, kinds)]


def _openings(staff: Sequence[Symbol]) -> list[int]:
    """Where a bar begins with a note or a rest, none being tied into it."""
    return [i + 1 for i in _places(staff, Barline) if not isinstance(staff[i - 1], Tie)
            and i + 1 < len(staff) and isinstance(staff[i + 1], Note | Rest | GraceNote)]


def _tie(staff: list[Symbol], rng: random.Random) -> None:
    """Between two notes of one pitch, in one bar or on both sides of a barline."""
    found = []
    for i in _places(staff, Note):
        after = i + 2 if isinstance(staff[min(i + 1, len(staff) - 1)], Barline) else i + 1
        here, there = staff[i], staff[after] if after < len(staff) else None
        if isinstance(here, Note) and isinstance(there, Note) and here.pitch == there.pitch:
            found.append(i + 1)
    if found:
        staff.insert(rng.choice(found), Tie())


def _fermata(staff: list[Symbol], rng: random.Random) -> None:
    places = _places(staff, Note, Rest)
    if places:
        place = rng.choice((rng.choice(places), places[-1]))
        symbol = staff[place]
        assert isinstance(symbol, Note | Rest)
        staff[place] = replace(symbol, fermata=True)


def _grace(staff: list[Symbol], rng: random.Random) -> None:
    """One to three of them, stepwise, before a note that no tie leads to."""
    places = [i for i in _places(staff, Note) if not _tied_to(staff, i)]
    if not places:
        return
    place = rng.choice(places)
    note = staff[place]
    assert isinstance(note, Note)
    key = next((symbol for symbol in reversed(staff[:place]) if isinstance(symbol, Key)), Key(0))
    value = Value(rng.choice(("eighth", "eighth", "sixteenth", "sixteenth", "quarter", "thirty_second")))
    way, count = rng.choice((-1, 1)), rng.choice((1, 1, 1, 1, 2, 2, 3))
    for distance in range(1, count + 1):  # the last one stands next to the note
        plain = pitch_at(note.pitch.height + way * distance)
        pitch = Pitch(plain.step, key.alter(plain.step), plain.octave)
        if pitch.octave in OCTAVES:
            staff.insert(place, GraceNote(pitch, value))


def _tied_to(staff: Sequence[Symbol], place: int) -> bool:
    before = next((s for s in reversed(staff[:place]) if isinstance(s, Tie | Note)), None)
    return isinstance(before, Tie)


def _clef(staff: list[Symbol], rng: random.Random) -> None:
    """What follows goes by octaves to where the new clef has its range."""
    places = _openings(staff)
    clef = _other_clef(rng)
    if places:
        place = rng.choice(places)
        if clef == next(s for s in reversed(staff[:place]) if isinstance(s, Clef)):
            return
        following = next((i for i in _places(staff, Clef) if i > place), len(staff))
        moved = transposed(staff[place:following], 0, _nearest(staff[place:following], 0, 0, clef))
        if moved is not None:
            staff[place:following] = [clef, *moved]


def _key(staff: list[Symbol], rng: random.Random) -> None:
    """What follows goes into the new key."""
    places = [i for i in _openings(staff) if not any(isinstance(s, Key) for s in staff[i:])]
    if places:
        place = rng.choice(places)
        before = next(s for s in reversed(staff[:place]) if isinstance(s, Key))
        clef = next(s for s in reversed(staff[:place]) if isinstance(s, Clef))
        fifths = rng.choices(range(-7, 8), KEY_WEIGHTS)[0] - before.fifths
        if fifths:
            clefs = any(isinstance(s, Clef) for s in staff[place:])
            steps = _nearly_level(fifths) if clefs else _nearest(staff[place:], 0, 4 * fifths, clef)
            moved = transposed(staff[place:], fifths, steps)
            if moved is not None:
                staff[place:] = [Key(before.fifths + fifths), *moved]


def _metre(staff: list[Symbol], rng: random.Random) -> None:
    """A metre becomes another, which need not fit the bars: what is there is to be read."""
    places = _places(staff, Metre)
    if places:
        usual = rng.choices(list(METRE_WEIGHTS), list(METRE_WEIGHTS.values()))[0]
        odd = Metre(rng.randint(1, 24), rng.choice((1, 2, 4, 8, 16)))
        staff[rng.choice(places)] = rng.choice((usual, odd))


def _multirest(staff: list[Symbol], rng: random.Random) -> None:
    """Some bars of rest, before the first or between two."""
    head = next((i for i, s in enumerate(staff) if not isinstance(s, Clef | Key | Metre)), len(staff))
    if head == len(staff) or isinstance(staff[head], Multirest | Barline):
        return
    place = rng.choice([head, *_openings(staff)])
    count = int(2 ** rng.uniform(0, 7))  # few bars are more frequent than many
    staff[place:place] = [Multirest(count), Barline()]
