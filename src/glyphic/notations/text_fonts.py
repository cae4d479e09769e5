"""The fonts of this machine become a list of faces, each with the characters that it can really draw.

fontconfig says which files there are; what it says of their characters is checked by drawing them, because many display
fonts leave characters empty, and some have pictures or capitals in place of letters. That takes seconds, so the list is
kept in the user's cache folder until the fonts change. All faces of the list are in an order that follows from their
names alone: two machines with the same fonts draw the same pictures.
"""

import hashlib
import json
import os
import random
import string
import subprocess
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from glyphic.core.errors import GlyphicError, MissingProgramError, NotationError

VERSION = 3  # of the checks below: another one makes a new list
ALPHABET = string.ascii_letters + string.digits
TELLING = "abdeghmnqrt"  # letters whose two cases differ in more than size
SIDE = 12  # pixels: glyphs are compared as pictures of this size, whatever their own

LIKE_LETTERS = 0.12  # faces that resemble plain letters less (italics and scripts do by 0.2) are dingbats or illegible
LIKE_CAPITALS = 0.93


@dataclass(frozen=True)
class Face:
    """One font file (or one of a collection). `weight` says how often it is drawn with: plain faces more often."""

    path: str
    index: int
    ascii: str  # the printable ASCII characters that it draws
    ranges: str  # what it claims beyond, as fontconfig writes it: "a0-ff 131 152-153"
    capitals: bool  # its small letters look like capitals
    weight: float

    def covers(self, text: str) -> bool:
        """Whether it draws every character of `text` as that character."""
        if self.capitals and text.upper() != text:
            return False
        return all(c in self.ascii or (not c.isascii() and _within(ord(c), self.ranges)) or c == " " for c in text)


@lru_cache(maxsize=4096)
def _within(code: int, ranges: str) -> bool:
    for part in ranges.split():
        first, _, last = part.partition("-")
        if int(first, 16) <= code <= int(last or first, 16):
            return True
    return False


def choose(text: str, rng: random.Random) -> Face:
    """A face that covers the text; NotationError where none does."""
    known, sums = _weighted()
    for _ in range(40):
        face = known[bisect(sums, rng.random() * sums[-1], hi=len(known) - 1)]
        if face.covers(text):
            return face
    fitting = [face for face in known if face.covers(text)]
    if not fitting:
        missing = next((i for i, c in enumerate(text) if not any(face.covers(c) for face in known)), 0)
        raise NotationError(f"no installed font draws {text[missing]!r} with the rest; install one that does "
                            "(scripts/fonts lists Debian's)", text, missing)
    return rng.choice(fitting)


def drawable(text: str) -> bool:
    """Whether any installed face covers the text."""
    return any(face.covers(text) for face in faces())


@lru_cache(maxsize=256)
def opened(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """The face at `size` pixels."""
    return ImageFont.truetype(face.path, size, face.index, layout_engine=ImageFont.Layout.BASIC)


@cache
def _weighted() -> tuple[tuple[Face, ...], tuple[float, ...]]:
    known = faces()
    return known, tuple(accumulate(face.weight for face in known))


@cache
def faces() -> tuple[Face, ...]:
    """All faces of this machine that draw letters and digits; GlyphicError where there is none.

    Each process looks once; delete the folder glyphic in the user's cache folder to have the fonts checked again.
    """
    listing = _listing()
    kept = _cache_file(hashlib.sha256(f"{VERSION}\n{listing}".encode()).hexdigest()[:16])
    try:
        found = tuple(Face(**entry) for entry in json.loads(kept.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        found = tuple(_checked(listing))
        _keep(kept, found)
    if not found:
        raise GlyphicError("fontconfig knows no font with letters and digits; install some, as scripts/fonts does "
                           "(apt-get install fonts-dejavu-core gives one)")
    return found


def _listing() -> str:
    """What fontconfig knows of scalable fonts, a line a face, sorted by file name."""
    form = "%{file|basename}|%{file}|%{index}|%{variable}|%{charset}\n"
    try:
        told = subprocess.run(["fc-list", "--format", form, ":scalable=true"], check=True, capture_output=True,
                              text=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=120)
    except FileNotFoundError as error:
        raise MissingProgramError("drawing text", "fc-list", "fontconfig") from error
    except (subprocess.SubprocessError, OSError) as error:
        raise GlyphicError(f"fontconfig cannot list the fonts: {error}") from error
    return "\n".join(sorted(set(told.stdout.splitlines())))


def _cache_file(key: str) -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(home) / "glyphic" / f"fonts-{key}.json"


def _keep(path: Path, found: Sequence[Face]) -> None:
    """Writes the list, whole or not at all; where nothing can be written, the next process looks again."""
    partial = path.with_suffix(f".{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps([asdict(face) for face in found]), encoding="utf-8")
        partial.replace(path)
    except OSError:
        return


def _checked(listing: str) -> Iterator[Face]:
    """The faces of a listing that draw letters, without those that look like an earlier one."""
    plain = {c: _shape(ImageFont.load_default(40), c) for c in ALPHABET}
    seen: set[bytes] = set()
    for line in listing.splitlines():
        _, path, index, variable, charset = line.split("|", 4)
        if variable == "True" or int(index) >= 1 << 16 or not path.lower().endswith((".ttf", ".otf", ".ttc")):
            continue  # the instances of variable fonts are there as files of their own, or else not at all
        claimed = [c for c in map(chr, range(33, 127)) if _within(ord(c), charset)]
        if not set(ALPHABET) <= set(claimed):
            continue
        try:
            font = ImageFont.truetype(path, 40, int(index), layout_engine=ImageFont.Layout.BASIC)
            shapes = {c: _shape(font, c) for c in claimed}
            nothing = _shape(font, "\uffff")  # the box or blank of an unknown character
        except (OSError, ValueError):
            continue
        drawn = {c: shape for c, shape in shapes.items() if shape is not None and _like(shape, nothing) < 0.99}
        outline = b"".join((drawn[c] > 0).tobytes() for c in ALPHABET if c in drawn)
        likeness = float(np.mean([_like(drawn[c], plain[c]) if c in drawn else 0.0 for c in ALPHABET]))
        if likeness < LIKE_LETTERS or outline in seen:
            continue
        seen.add(outline)
        small = [c for c in TELLING if c in drawn and c.upper() in drawn]
        capitals = sum(_like(drawn[c], drawn[c.upper()]) > LIKE_CAPITALS for c in small) > len(small) / 2
        beyond = " ".join(part for part in charset.split() if int(part.partition("-")[2] or part, 16) > 126)
        yield Face(path, int(index), "".join(drawn), beyond, capitals, 0.15 + likeness)


Shape = npt.NDArray[np.float32]


def _shape(font: ImageFont.ImageFont | ImageFont.FreeTypeFont, character: str) -> Shape | None:
    """(SIDE * SIDE,) the glyph as a picture of fixed size, with mean 0 and norm 1; None for a blank one."""
    canvas = Image.new("L", (160, 120))
    ImageDraw.Draw(canvas).text((50, 35), character, 255, font)
    box = canvas.getbbox()
    if box is None:
        return None
    shape = np.asarray(canvas.crop(box).resize((SIDE, SIDE), Image.Resampling.BOX), np.float32).ravel()
    shape -= shape.mean()
    norm = float(np.linalg.norm(shape))
    # glyphs such as | and - fill their boxes: nothing of them varies, and they all look alike
    return shape / np.float32(norm) if norm > 1 else np.full(SIDE * SIDE, 1 / SIDE, np.float32)


def _like(a: Shape | None, b: Shape | None) -> float:
    return 0.0 if a is None or b is None else float(a @ b)
