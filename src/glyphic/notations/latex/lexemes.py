r"""LaTeX as characters -> lexemes with their positions, and a reader that goes through them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from glyphic.core.errors import NotationError

_LEXEME = re.compile(r"\\(?:[a-zA-Z]+\*?|.)|%[^\n]*\n?|\s+|.", re.DOTALL)
_STARRED = frozenset([r"\operatorname*", r"\tag*", r"\hspace*", r"\vspace*"])
_DIMENSION = re.compile(r"\s*=?\s*[+-]?\s*[\d.,\s]*(?:\\[a-zA-Z]+|\s*(?:p\s*t|e\s*m|e\s*x|m\s*u|c\s*m|m\s*m|i\s*n|p\s*c"
                        r"|s\s*p|b\s*p|t\s*r\s*u\s*e\s*\w+))")
END = "<end>"


class Lexeme(NamedTuple):
    text: str
    position: int


def split(source: str) -> list[Lexeme]:
    r"""LaTeX without its comments as lexemes (commands, blanks, single characters), END last."""
    lexemes = []
    position = 0
    source = _with_line_breaks(source)
    while position < len(source):
        match = _LEXEME.match(source, position)
        assert match is not None  # the pattern's last branch takes any character
        text = match.group()
        if text.endswith("*") and len(text) > 2 and text not in _STARRED:
            text = text[:-1]
        length = len(text)
        text = {r"\sp": "^", r"\sb": "_", r"\lq": "'", r"\rq": "'"}.get(text, text)
        if text[0] != "%" and text != "\\":  # a last \ was a control space
            lexemes.append(Lexeme(" " if text.isspace() else text, position))
        position += length
    return [*lexemes, Lexeme(END, len(source))]


def _with_line_breaks(source: str) -> str:
    """A text of one line that begins with a comment would be nothing but one: there, the breaks that ended its comments
    were lost (im2latex-100k holds such labels), and every sign is one."""
    if source.lstrip().startswith("%") and "\n" not in source.strip():
        return re.sub(r"(?<!\\)%", "\n", source)
    return source


class Reader:
    """A place in a text: what comes next, and what it takes to read past it."""

    def __init__(self, source: str, lexemes: Sequence[Lexeme]):
        self.source, self.lexemes = source, lexemes
        self.i = 0

    @property
    def next(self) -> str:
        return self.lexemes[self.i].text

    def take(self) -> Lexeme:
        lexeme = self.lexemes[self.i]
        self.i += lexeme.text != END
        return lexeme

    def skip_space(self) -> None:
        while self.next.isspace():
            self.i += 1

    def expect(self, text: str, opened: Lexeme) -> None:
        if self.next != text:
            found = "the end" if self.next == END else repr(self.next)
            raise self.error(f"{opened.text!r} is closed by {text!r}, not by {found}")
        self.i += 1

    def error(self, message: str, at: Lexeme | None = None) -> NotationError:
        return NotationError(message, self.source, (at or self.lexemes[self.i]).position)

    def raw(self, command: Lexeme) -> str:
        """The characters of an argument, unread."""
        self.skip_space()
        if self.next in (END, "}", "&", r"\\"):
            raise self.error(f"{command.text} needs an argument in braces")
        if self.next != "{":
            return self.take().text
        start, level = self.i + 1, 0
        while True:
            lexeme = self.take()
            level += {"{": 1, "}": -1}.get(lexeme.text, 0)
            if lexeme.text == END:
                raise self.error(f"the argument of {command.text} is not closed", command)
            if level == 0:
                return "".join(x.text for x in self.lexemes[start:self.i - 1])

    def starred(self) -> None:
        """The * that may stand apart from its command."""
        mark = self.i
        self.skip_space()
        if self.next == "*":
            self.take()
        else:
            self.i = mark

    def optional(self) -> list[Lexeme]:
        """The lexemes of a [..] argument; none where there is no such argument."""
        mark = self.i
        self.skip_space()
        if self.next != "[":
            self.i = mark
            return []
        start, level = self.i + 1, 0
        while True:
            lexeme = self.take()
            if lexeme.text == END:
                self.i = mark
                return []
            level += {"{": 1, "}": -1}.get(lexeme.text, 0)
            if lexeme.text == "]" and level == 0:
                return list(self.lexemes[start:self.i - 1])

    def dimension(self) -> None:
        """A bare length, as after \\kern."""
        match = _DIMENSION.match(self.source, self.lexemes[self.i].position)
        if not match:
            raise self.error("a length was expected, as in 2pt")
        while self.next != END and self.lexemes[self.i].position < match.end():
            self.i += 1
