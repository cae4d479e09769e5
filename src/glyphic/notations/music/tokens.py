"""Symbols <-> the tokens that a network writes: a note is its sign if one is drawn, its height, its duration and marks.

Why two tokens a note, in one stream: the shape of a note head with its stem and its height are read apart from each
other, so a network that writes them apart learns each from all notes, and can say pairs that it never saw (of the
combinations that OpenScore's melodies hold, hundreds are missing in the official list). Splitting height from shape is
what served end-to-end recognition best (Alfaro-Contreras et al., Pattern Recognition Letters 158, 2022). CTC needs a
frame for each token and one more between equal neighbours: height and duration alternate, so that notes never need
that one; digits above and below a line, and of multirests, are tokens of their own, so that 4/4 does not either.

What sounds is not what is drawn: which of B, Bb and B# follows from key, bar, tie and sign by rules that hold without
exception (accidentals.py), and a network that had to learn them erred in a fifth of all staves. So the sharps, flats
and naturals that the picture shows are tokens, each the same before every note, and the rules say the pitch. Dots,
fermatas and ties are marks of their own in the picture, too. Rests have no height: one token, as grace notes' durations
are other tokens than those of notes, since size is seen where duration is.
"""

from collections.abc import Sequence
from itertools import takewhile

from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.music.accidentals import Accidentals, drawn_signs
from glyphic.notations.music.semantic import (
    CLEFS,
    COMMON,
    CUT,
    KEYS,
    LENGTHS,
    MAX_DOTS,
    OCTAVES,
    STEPS,
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
    Value,
    pitch_at,
)

# where a head lies, named by the natural note there: token -> steps above C0, as `Pitch.height`
HEIGHTS = {str(pitch_at(7 * octave + step)): 7 * octave + step for octave in OCTAVES for step in range(len(STEPS))}
SIGNS = {"sign-bb": -2, "sign-b": -1, "sign-n": 0, "sign-#": 1, "sign-x": 2}  # drawn before a head -> semitones
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

VOCABULARY = Vocabulary.of((*WHOLE, *BEATS, *UNIT, *COUNT, *LENGTHS, *REST, *GRACE, *DOTS, FERMATA, *SIGNS,
                            *HEIGHTS), blank=True)

_NAME_OF = {height: name for name, height in HEIGHTS.items()}
_SIGN_OF = {alter: name for name, alter in SIGNS.items()}


def to_tokens(staff: Sequence[Symbol]) -> list[str]:
    """Symbols -> tokens of the vocabulary."""
    signs, result = drawn_signs(staff), list[str]()
    for index, symbol in enumerate(staff):
        result += [_SIGN_OF[signs[index]]] if index in signs else []
        result += _tokens(symbol)
    return result


def _tokens(symbol: Symbol) -> list[str]:
    if isinstance(symbol, Note):
        return [_NAME_OF[symbol.pitch.height], *_written(symbol.value, ""), *[FERMATA] * symbol.fermata]
    if isinstance(symbol, GraceNote):
        return [_NAME_OF[symbol.pitch.height], *_written(symbol.value, "grace-")]
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
    """Tokens -> symbols. What is no symbol is left out: a height without a duration, a dot behind a barline, half a
    metre (under the grammar there is none)."""
    return tuple(symbol for symbol, _, _ in symbols_at(tokens))


def symbols_at(tokens: Sequence[str]) -> list[tuple[Symbol, int, int]]:
    """As `from_tokens`, each symbol with its tokens, from the first to before the last."""
    held = Accidentals()
    found: list[tuple[Symbol, int, int]] = []
    place = 0
    while place < len(tokens):
        start = place
        symbol, place = _read(tokens, start, held)
        if symbol is not None:
            found.append((symbol, start, place))
    return found


def _read(tokens: Sequence[str], place: int, held: Accidentals) -> tuple[Symbol | None, int]:
    """The symbol that begins here, if one does, and where the next may begin; `held` is told of it."""
    if tokens[place] in SIGNS or tokens[place] in HEIGHTS:
        return _note(tokens, place, held)
    symbol, place = _other(tokens, place)
    if symbol is not None:
        held.pass_by(symbol)
    return symbol, place


def _note(tokens: Sequence[str], place: int, held: Accidentals) -> tuple[Note | GraceNote | None, int]:
    sign = SIGNS.get(tokens[place])
    place += sign is not None
    head, following = (*tokens[place:place + 2], "", "")[:2]
    for names in (LENGTHS, GRACE):
        if head in HEIGHTS and following in names:
            grace = names is GRACE
            value, fermata, place = _duration(tokens, place + 1, GRACE if grace else {following: following})
            pitch = held.sounding(HEIGHTS[head], sign, grace)
            return (GraceNote(pitch, value) if grace else Note(pitch, value, fermata)), place
    return None, place + (head in HEIGHTS)


def _other(tokens: Sequence[str], place: int) -> tuple[Symbol | None, int]:
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
