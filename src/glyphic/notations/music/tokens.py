"""Symbols <-> the tokens that a network writes: a note is its pitch, then its duration, then dots and fermata if any.

Why two tokens a note, in one stream: the shape of a note head with its stem and its height are read apart from each
other, so a network that writes them apart learns each from all notes, and can say pairs that it never saw (of the
combinations that OpenScore's melodies hold, hundreds are missing in the official list). Splitting height from shape is
what served end-to-end recognition best (Alfaro-Contreras et al., Pattern Recognition Letters 158, 2022). CTC needs a
frame for each token and one more between equal neighbours: pitch and duration alternate, so that notes never need
that one; digits above and below a line, and of multirests, are tokens of their own, so that 4/4 does not either. Steps,
alterations and octaves stay together: which of B, Bb and B# sounds is one decision over key, bar and sign, and a third
token for every sharp would cost a frame just where notes are narrow. Dots, fermatas and ties are marks of their own
in the picture, so they are tokens of their own. Rests have no pitch: one token, as grace notes' durations are other
tokens than those of notes, since size is seen where duration is.
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.music.semantic import (
    CLEFS,
    COMMON,
    CUT,
    KEYS,
    LENGTHS,
    MAX_DOTS,
    OCTAVES,
    SIGNS,
    STEPS,
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
)

PITCHES = {str(pitch): pitch for pitch in (
    Pitch(step, alter, octave) for octave in OCTAVES for step in STEPS for alter in SIGNS)}
REST = {f"rest-{name}": name for name in LENGTHS}
GRACE = {f"grace-{name}": name for name in LENGTHS}
DOTS = {"." * n: n for n in range(1, MAX_DOTS + 1)}
BEATS = {f"beats-{n}": n for n in range(10)}  # the upper number of a metre, digit by digit
UNIT = {f"unit-{n}": n for n in range(10)}
COUNT = {f"bars-{n}": n for n in range(10)}  # the number of a multirest
FERMATA = "fermata"
_WHOLE: tuple[Symbol, ...] = (
    Barline(), Tie(), *(Clef(clef[0], int(clef[1])) for clef in CLEFS), *(Key(n - 7) for n in range(len(KEYS))), COMMON,
    CUT)
WHOLE = {str(symbol): symbol for symbol in _WHOLE}  # one token each

VOCABULARY = Vocabulary.of((*WHOLE, *BEATS, *UNIT, *COUNT, *LENGTHS, *REST, *GRACE, *DOTS, FERMATA, *PITCHES),
                           blank=True)


def to_tokens(staff: Iterable[Symbol]) -> list[str]:
    """Symbols -> tokens of the vocabulary."""
    return [token for symbol in staff for token in _tokens(symbol)]


def _tokens(symbol: Symbol) -> list[str]:
    if isinstance(symbol, Note):
        return [str(symbol.pitch), *_written(symbol.value, ""), *[FERMATA] * symbol.fermata]
    if isinstance(symbol, GraceNote):
        return [str(symbol.pitch), *_written(symbol.value, "grace-")]
    if isinstance(symbol, Rest):
        return [*_written(symbol.value, "rest-"), *[FERMATA] * symbol.fermata]
    if isinstance(symbol, Multirest):
        return [f"bars-{digit}" for digit in str(symbol.count)]
    if isinstance(symbol, Metre) and not symbol.sign:
        return [f"beats-{digit}" for digit in str(symbol.beats)] + [f"unit-{digit}" for digit in str(symbol.unit)]
    return [str(symbol)]


def _written(value: Value, kind: str) -> list[str]:
    return [kind + value.name, *["." * value.dots] * bool(value.dots)]


def from_tokens(tokens: Sequence[str]) -> Staff:
    """Tokens -> symbols. What is no symbol is left out: a pitch without a duration, a dot behind a barline, half a
    metre (under the grammar there is none)."""
    staff: list[Symbol] = []
    place = 0
    while place < len(tokens):
        symbol, place = _read(tokens, place)
        if symbol is not None:
            staff.append(symbol)
    return tuple(staff)


def _read(tokens: Sequence[str], place: int) -> tuple[Symbol | None, int]:
    """The symbol that begins here, if one does, and where the next may begin."""
    token = tokens[place]
    if token in WHOLE:
        return WHOLE[token], place + 1
    if token in BEATS:
        beats, place = _number(tokens, place, BEATS)
        unit, place = _number(tokens, place, UNIT)
        return (Metre(beats, unit) if 0 < beats < 100 and 0 < unit < 100 else None), place
    if token in COUNT:
        count, place = _number(tokens, place, COUNT)
        return (Multirest(count) if 0 < count < 10_000 else None), place
    if token in REST:
        value, fermata, place = _duration(tokens, place, REST)
        return Rest(value, fermata), place
    following = tokens[place + 1] if place + 1 < len(tokens) else ""
    if token in PITCHES and following in LENGTHS:
        value, fermata, place = _duration(tokens, place + 1, {following: following})
        return Note(PITCHES[token], value, fermata), place
    if token in PITCHES and following in GRACE:
        value, _, place = _duration(tokens, place + 1, GRACE)
        return GraceNote(PITCHES[token], value), place
    return None, place + 1


def _number(tokens: Sequence[str], place: int, digits: dict[str, int]) -> tuple[int, int]:
    run = list(takewhile(digits.__contains__, tokens[place:]))
    return int("".join(str(digits[token]) for token in run) or "0"), place + len(run)


def _duration(tokens: Sequence[str], place: int, names: dict[str, str]) -> tuple[Value, bool, int]:
    name, place = names[tokens[place]], place + 1
    dots = DOTS.get(tokens[place], 0) if place < len(tokens) else 0
    place += bool(dots)
    fermata = place < len(tokens) and tokens[place] == FERMATA
    return Value(name, dots), fermata, place + fermata
