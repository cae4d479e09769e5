"""A staff -> Plaine & Easie code, and back: how RISM writes incipits (IAMLs's specification, version 2.3).

`@clef:G-2`, `@keysig:bBE`, `@timesig:3/4` and `@data:'4A+//8{A6-xF}4DF/`, one on a line, as Verovio reads them.
"""

import re
from collections.abc import Iterator

from glyphic.core.errors import NotationError
from glyphic.notations.music.accidentals import Accidentals, drawn_signs
from glyphic.notations.music.beams import Groups, beat_groups
from glyphic.notations.music.semantic import (
    CLEFS,
    COMMON,
    CUT,
    FIFTHS,
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
)

CODES = {"quadruple_whole": "0", "double_whole": "9", "whole": "1", "half": "2", "quarter": "4", "eighth": "8",
         "sixteenth": "6", "thirty_second": "3", "sixty_fourth": "5", "hundred_twenty_eighth": "7"}
SIGNS = {-2: "bb", -1: "b", 0: "n", 1: "x", 2: "xx"}
_NAMES = {code: name for name, code in CODES.items()}
_ALTERS = {sign: alter for alter, sign in SIGNS.items()}


# ---- writing


def to_pae(staff: Staff, groups: Groups | None = None) -> str:
    """A staff -> four lines of Plaine & Easie. groups: which notes share beams, else by the beats of the metre.

    Errors: NotationError for a staff without a clef at its beginning.
    """
    if not staff or not isinstance(staff[0], Clef):
        raise NotationError("Plaine & Easie begins with a clef; this staff does not")
    head: dict[type, str] = {Clef: _clef(staff[0]), Key: "", Metre: ""}
    start = 1
    for kind in (Key, Metre):
        if start < len(staff) and isinstance(staff[start], kind):
            head[kind] = _signature(staff[start])
            start += 1
    data = "".join(_pieces(staff, start, beat_groups(staff) if groups is None else groups))
    return f"@clef:{head[Clef]}\n@keysig:{head[Key]}\n@timesig:{head[Metre]}\n@data:{data}\n"


def _pieces(staff: Staff, start: int, groups: Groups) -> Iterator[str]:
    signs = drawn_signs(staff)
    opening, closing = {group[0] for group in groups}, {group[-1] for group in groups}
    octave, value = 0, ""  # what holds; the reader of a grace note's duration may keep it or not: it is said again
    for index in range(start, len(staff)):
        symbol = staff[index]
        if isinstance(symbol, Note | GraceNote | Rest):
            yield "{" if index in opening else ""
            if isinstance(symbol, GraceNote):
                yield _grace(staff, index)
            if not isinstance(symbol, Rest) and symbol.pitch.octave != octave:
                octave = symbol.pitch.octave
                yield "'" * (octave - 3) if octave > 3 else "," * (4 - octave)
            code = CODES[symbol.value.name] + "." * symbol.value.dots
            yield code if code != value else ""
            value = "" if isinstance(symbol, GraceNote) else code
            head = "-" if isinstance(symbol, Rest) else SIGNS.get(signs.get(index, 9), "") + symbol.pitch.step
            yield f"({head})" if getattr(symbol, "fermata", False) else head
            if isinstance(symbol, GraceNote) and _ends_group(staff, index):
                yield "r"
            if isinstance(staff[index + 1] if index + 1 < len(staff) else None, Tie):
                yield "+"
            yield "}" if index in closing else ""
        elif isinstance(symbol, Clef):
            yield f"%{_clef(symbol)} "
        elif isinstance(symbol, Key | Metre):
            yield f"{'$' if isinstance(symbol, Key) else '@'}{_signature(symbol)} "
        elif isinstance(symbol, Multirest):
            yield f"={symbol.count}"
        elif isinstance(symbol, Barline):
            yield "/"


def _clef(clef: Clef) -> str:
    return f"{clef.sign}-{clef.line}"


def _signature(symbol: Symbol) -> str:
    if isinstance(symbol, Key):
        steps = FIFTHS[:symbol.fifths] if symbol.fifths > 0 else FIFTHS[::-1][:-symbol.fifths]
        return ("x" if symbol.fifths > 0 else "b") * bool(steps) + steps
    return str(symbol).partition("-")[2].lower()


def _grace(staff: Staff, index: int) -> str:
    """q before a single grace note, qq before the first of a group that r ends."""
    if index and isinstance(staff[index - 1], GraceNote):
        return ""
    return "qq" if isinstance(staff[index + 1] if index + 1 < len(staff) else None, GraceNote) else "q"


def _ends_group(staff: Staff, index: int) -> bool:
    following = staff[index + 1] if index + 1 < len(staff) else None
    return isinstance(staff[index - 1], GraceNote) and not isinstance(following, GraceNote)


# ---- reading


_LEXEME = re.compile(
    r"(?P<octave>'+|,+)|(?P<values>(?:[0-9]\.*)+)|(?P<sign>xx?|bb?|n)|(?P<step>[A-G])|(?P<rest>-)"
    r"|(?P<multirest>=[0-9]*)|(?P<bar>:?/+:?)|(?P<tie>\+)|(?P<grace>qq|q|g|r)|(?P<paren>[()])"
    r"|(?P<clef>%[A-Za-z][-+][1-5])|(?P<key>\$[xbn]?[A-G]*)|(?P<metre>@(?:[cC]/?|[0-9]+/[0-9]+))"
    r"|(?P<again>i(?=/|$|\s))|(?P<nothing>[{}\st])")
_CLEF, _METRE = re.compile(r"([CFG])-([1-5])"), re.compile(r"([cC]/?)|([1-9][0-9]?)/([1-9][0-9]?)")


def from_pae(text: str) -> Staff:
    """Plaine & Easie lines -> a staff, with sounding pitches. Beams and trills are read over, as are ties to another
    pitch.

    Errors: NotationError with the position of what a monophonic staff of this notation has not (chords, tuplets,
    octave clefs) and of what is no Plaine & Easie.
    """
    head: dict[str, Symbol | None] = {"clef": None, "keysig": None, "timesig": None}
    for line in re.finditer(r"^@(\w+):(.*)$", text, re.MULTILINE):
        name, content = line[1], line[2].strip()
        if name == "data":
            return (*(symbol for symbol in head.values() if symbol is not None),
                    *_Reading(text, *line.span(2), head["keysig"]).staff)
        if name in head and content:
            read = {"clef": _read_clef, "keysig": _read_key, "timesig": _read_metre}[name]
            head[name] = read(content, text, line.start(2))
    raise NotationError("Plaine & Easie has a line @data:...; there is none", text, 0)


def _read_clef(content: str, text: str, position: int) -> Symbol:
    match = _CLEF.fullmatch(content)
    if not match or match[1] + match[2] not in CLEFS:
        raise NotationError(f"no clef {content!r}; there are {' '.join(f'{c[0]}-{c[1]}' for c in CLEFS)}", text,
                            position)
    return Clef(match[1], int(match[2]))


def _read_key(content: str, text: str, position: int) -> Symbol:
    content = content.removeprefix("$")
    for fifths in range(-7, 8):
        if content == _signature(Key(fifths)):
            return Key(fifths)
    if content.startswith("n"):
        return Key(0)
    raise NotationError(f"no key signature {content!r}; sharps come as {FIFTHS} behind x, flats as {FIFTHS[::-1]} "
                        "behind b", text, position)


def _read_metre(content: str, text: str, position: int) -> Symbol:
    match = _METRE.fullmatch(content.removeprefix("@"))
    if not match:
        raise NotationError(f"no metre {content!r}; there are c, c/ and two numbers as in 3/4", text, position)
    return {"c": COMMON, "c/": CUT}.get((match[1] or "").lower()) or Metre(int(match[2]), int(match[3]))


def _without_slurs(staff: list[Symbol]) -> Iterator[Symbol]:
    """Without ties to another pitch, of which there are some in RISM; Verovio draws nothing there."""
    for index, symbol in enumerate(staff):
        if isinstance(symbol, Tie):
            first, behind = staff[index - 1], (s for s in staff[index:] if isinstance(s, Note | Rest))
            second = next(behind, first)
            if not isinstance(first, Note) or not isinstance(second, Note) or first.pitch != second.pitch:
                continue
        yield symbol


class _Reading:
    """The data line, lexeme by lexeme."""

    def __init__(self, text: str, start: int, stop: int, key: Symbol | None):
        self.staff: list[Symbol] = []
        self.text, self.state = text, Accidentals()
        if key is not None:
            self.state.pass_by(key)
        self.octave = 4
        self.sign: int | None = None
        self.values, self.turn = [Value("quarter")], 0  # a rhythm of several values goes round
        self.grace = ""
        self.opened = -1  # where the staff stood when a parenthesis opened
        self.bar_from, self.last_bar = 0, (0, 0)
        position = start
        while position < stop:
            match = _LEXEME.match(text, position, stop)
            if not match:
                raise NotationError(f"{text[position]!r} is not read here: one voice without chords and tuplets is",
                                    text, position)
            getattr(self, f"_{match.lastgroup}")(match[0], position)
            position = match.end()
        self.staff = list(_without_slurs(self.staff))

    def _octave(self, lexeme: str, position: int) -> None:
        self.octave = 3 + len(lexeme) if lexeme[0] == "'" else 4 - len(lexeme)
        if self.octave not in OCTAVES:
            raise NotationError(f"octaves go from ,,, to ''''; got {lexeme}", self.text, position)

    def _values(self, lexeme: str, position: int) -> None:
        found = re.findall(r"([0-9])(\.*)", lexeme)
        if any(len(dots) > 3 for _, dots in found):
            raise NotationError("a note has three dots at most", self.text, position)
        self.values, self.turn = [Value(_NAMES[code], len(dots)) for code, dots in found], 0

    def _sign(self, lexeme: str, position: int) -> None:
        self.sign = _ALTERS[lexeme]

    def _step(self, lexeme: str, position: int) -> None:
        height = 7 * self.octave + STEPS.index(lexeme)
        pitch = self.state.sounding(height, self.sign, bool(self.grace))
        self.sign = None
        if not self.grace:
            self.staff.append(Note(pitch, self._value()))
            return
        self.staff.append(GraceNote(pitch, Value("eighth") if self.grace == "g" else self.values[0]))
        if self.grace != "qq":
            self.grace = ""

    def _value(self) -> Value:
        value = self.values[self.turn % len(self.values)]
        self.turn += 1
        return value

    def _rest(self, lexeme: str, position: int) -> None:
        self.staff.append(Rest(self._value()))

    def _multirest(self, lexeme: str, position: int) -> None:
        self._add(Multirest(int(lexeme[1:] or 1)))

    def _bar(self, lexeme: str, position: int) -> None:
        self._add(Barline())
        self.last_bar, self.bar_from = (self.bar_from, len(self.staff) - 1), len(self.staff)

    def _tie(self, lexeme: str, position: int) -> None:
        self._add(Tie())

    def _grace(self, lexeme: str, position: int) -> None:
        self.grace = "" if lexeme == "r" else lexeme

    def _paren(self, lexeme: str, position: int) -> None:
        if lexeme == "(":
            self.opened = len(self.staff)
            return
        last = self.staff[-1] if self.staff else None
        if len(self.staff) != self.opened + 1 or not isinstance(last, Note | Rest):
            raise NotationError("parentheses around several notes are tuplets, which are not read", self.text, position)
        self.staff[-1] = Note(last.pitch, last.value, True) if isinstance(last, Note) else Rest(last.value, True)

    def _clef(self, lexeme: str, position: int) -> None:
        self._add(_read_clef(lexeme[1:], self.text, position))

    def _key(self, lexeme: str, position: int) -> None:
        self._add(_read_key(lexeme, self.text, position))

    def _metre(self, lexeme: str, position: int) -> None:
        self._add(_read_metre(lexeme, self.text, position))

    def _again(self, lexeme: str, position: int) -> None:
        """The bar before once more."""
        self.staff += self.staff[slice(*self.last_bar)]

    def _nothing(self, lexeme: str, position: int) -> None:
        """Beams, spaces and trills leave no symbol."""

    def _add(self, symbol: Symbol) -> None:
        self.staff.append(symbol)
        self.state.pass_by(symbol)

