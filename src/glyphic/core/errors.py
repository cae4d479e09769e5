"""Everything Glyphic raises on purpose: each error says what was given, what is allowed and what to do."""


class GlyphicError(Exception):
    """The root of all errors that a caller may want to catch."""


class NotationError(GlyphicError, ValueError):
    """A text that its notation cannot hold.

    `position` is the 0-based character offset in `text` at which reading stopped.
    """

    def __init__(self, message: str, text: str = "", position: int = 0):
        where = f" at character {position}: {_around(text, position)}" if text else ""
        super().__init__(message + where)
        self.message, self.text, self.position = message, text, position


class ImageError(GlyphicError, ValueError):
    """A picture that cannot be read: missing, truncated, no picture at all, too large.

    `kind` says it in a word, by which such errors are counted: "empty", "no-picture", "damaged", "too-large",
    "several-staves", or "unreadable" for all others.
    """

    def __init__(self, message: str, kind: str = "unreadable"):
        super().__init__(message)
        self.kind = kind


class PictureSizeError(ImageError):
    """A picture of more pixels than are read."""

    def __init__(self, message: str, kind: str = "too-large"):
        super().__init__(message, kind)


class BundleError(GlyphicError):
    """A model bundle that is damaged, incomplete or made for another version."""


class ExportError(GlyphicError):
    """A network whose exported graphs do not read as it does, or that cannot be written where it was asked to."""


class UnknownNameError(GlyphicError, LookupError):
    """A name that is in no table; the message lists those that are."""

    def __init__(self, kind: str, given: str, allowed: object):
        names = ", ".join(sorted(map(str, allowed))) or "none"  # type: ignore[call-overload]
        super().__init__(f"no {kind} {given!r}; there are: {names}")
        self.kind, self.given = kind, given


class OptionError(GlyphicError, ValueError):
    """Options that contradict each other or the model."""


class MissingExtraError(GlyphicError, ImportError):
    """An optional dependency is not installed; the message names the command that installs it."""

    def __init__(self, purpose: str, extra: str):
        super().__init__(f"{purpose} needs the extra [{extra}]: pip install 'glyphic[{extra}]'")
        self.extra = extra


class MissingProgramError(GlyphicError):
    """A program outside Python is not installed; the message names the package that holds it, and what installs it."""

    def __init__(self, purpose: str, program: str, package: str, installer: str = "apt-get install"):
        super().__init__(f"{purpose} needs the program {program!r}: {installer} {package}")
        self.program, self.package = program, package


def _around(text: str, position: int, width: int = 24) -> str:
    start, end = max(0, position - width), position + width
    return repr(("..." if start else "") + text[start:end] + ("..." if end < len(text) else ""))
