"""A DVI file -> the glyphs and rules of each page with their places: what TeX put where, before any pixel.

DVI and TFM are the formats of Knuth's DVItype and TFtoPL. Lengths here are TeX points (1 pt = 1/72.27 inch), y
downwards.
"""

import functools
import re
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from glyphic.core.errors import MissingProgramError

_SCALED_POINT = 65536.0


@dataclass(frozen=True)
class Glyph:
    """One character: `name` is font family and code (`cmmi:120`), the box is its TeX box in points."""

    name: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass
class Page:
    """One page: its number (TeX's \\count0), glyphs in TeX's order, and rules as (left, top, right, bottom)."""

    number: int
    glyphs: list[Glyph] = field(default_factory=list)
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class _Font:
    family: str
    size: float  # points
    metrics: dict[int, tuple[float, float, float]]  # code -> width, height, depth, in units of size


def pages(path: Path) -> list[Page]:
    """All pages of a DVI file that TeX has finished."""
    return list(_pages(path.read_bytes()))


def _pages(data: bytes) -> Iterator[Page]:
    fonts: dict[int, _Font] = {}
    page = Page(0)
    font: _Font | None = None
    h = v = w = x = y = z = 0
    stack: list[tuple[int, int, int, int, int, int]] = []
    i = 15 + data[14]  # preamble: pre, i, num, den, mag, k, comment

    def number(size: int, signed: bool = True) -> int:
        nonlocal i
        value = int.from_bytes(data[i:i + size], "big", signed=signed)
        i += size
        return value

    while i < len(data):
        op = data[i]
        i += 1
        if op < 128 or 128 <= op <= 131 or 133 <= op <= 136:
            code = op if op < 128 else number((op - 127) if op < 133 else (op - 132), signed=False)
            assert font is not None
            width, height, depth = (m * font.size for m in font.metrics.get(code, (0.0, 0.0, 0.0)))
            px, py = h / _SCALED_POINT, v / _SCALED_POINT
            page.glyphs.append(Glyph(f"{font.family}:{code}", px, py - height, px + width, py + depth))
            if op < 133:
                h += round(width * _SCALED_POINT)
        elif op in (132, 137):
            tall, wide = number(4), number(4)
            if tall > 0 and wide > 0:
                px, py = h / _SCALED_POINT, v / _SCALED_POINT
                page.rules.append((px, py - tall / _SCALED_POINT, px + wide / _SCALED_POINT, py))
            h += wide if op == 132 else 0
        elif op == 139:
            page = Page(number(4))
            i += 40
            h = v = w = x = y = z = 0
            stack = []
        elif op == 140:
            yield page
        elif op == 141:
            stack.append((h, v, w, x, y, z))
        elif op == 142:
            h, v, w, x, y, z = stack.pop()
        elif 143 <= op <= 146:
            h += number(op - 142)
        elif 147 <= op <= 151:
            w = number(op - 147) if op > 147 else w
            h += w
        elif 152 <= op <= 156:
            x = number(op - 152) if op > 152 else x
            h += x
        elif 157 <= op <= 160:
            v += number(op - 156)
        elif 161 <= op <= 165:
            y = number(op - 161) if op > 161 else y
            v += y
        elif 166 <= op <= 170:
            z = number(op - 166) if op > 166 else z
            v += z
        elif 171 <= op <= 238:
            font = fonts[op - 171 if op < 235 else number(op - 234, signed=False)]
        elif 239 <= op <= 242:
            length = number(op - 238, signed=False)
            i += length
        elif 243 <= op <= 246:
            key = number(op - 242, signed=False)
            i += 4
            scaled = number(4)
            i += 4
            length = data[i] + data[i + 1]
            name = data[i + 2:i + 2 + length].decode("ascii")
            i += 2 + length
            fonts[key] = _Font(re.sub(r"\d+$", "", name), scaled / _SCALED_POINT, _metrics(name))
        elif op >= 248:
            return


@functools.cache
def _metrics(name: str) -> dict[int, tuple[float, float, float]]:
    """A TFM file -> code -> (width, height, depth) as fractions of the design size."""
    data = Path(_locate(name + ".tfm")).read_bytes()
    sizes = struct.unpack(">12H", data[:24])
    header, first, last, widths, heights, depths = sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6]
    start = 24 + 4 * header

    def table(offset: int, count: int) -> list[float]:
        return [v / (1 << 20) for v in struct.unpack(f">{count}i", data[offset:offset + 4 * count])]

    count = last - first + 1
    after = start + 4 * count
    width, height, depth = (table(after, widths), table(after + 4 * widths, heights),
                            table(after + 4 * (widths + heights), depths))
    result = {}
    for k in range(count):
        a, b = data[start + 4 * k], data[start + 4 * k + 1]
        result[first + k] = width[a], height[b >> 4], depth[b & 15]
    return result


def _locate(file: str) -> str:
    try:
        return subprocess.run(["kpsewhich", file], capture_output=True, text=True, check=True).stdout.strip()
    except (FileNotFoundError, subprocess.CalledProcessError):
        raise MissingProgramError(f"reading the font metrics {file}", "kpsewhich", "texlive-base") from None
