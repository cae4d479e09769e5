"""LaTeX -> pictures by MathJax and resvg, as browsers show formulas, each with the place of every glyph.

MathJax runs in one Node process that stays up; its packages lie in the `node_modules` of a folder that the environment
variable GLYPHIC_NODE names, of tests/node or of the working directory.
"""

import io
import json
import os
import re
import shutil
import subprocess
import threading
import weakref
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from glyphic.core.errors import GlyphicError, MissingExtraError, MissingProgramError
from glyphic.core.notation import Rendering

_UNITS = 1000.0  # of MathJax's coordinates, an em
_ROOM = 300.0  # units of paper around the box that TeX's metrics give: ink may reach out of it
_NUMBER = re.compile(r"[a-zA-Z]|-?\d*\.?\d+")
_MOVE = re.compile(r"(translate|scale)\(\s*([-\d.e]+)(?:[\s,]+([-\d.e]+))?\s*\)")
_SVG = "{http://www.w3.org/2000/svg}"

Affine = tuple[float, float, float, float]  # x -> a x + b, y -> c y + d


class MathJax:
    """A Node process with MathJax in it; close it, or use it in a `with`."""

    def __init__(self, node_folder: Path | None = None):
        """node_folder: where node_modules/mathjax-full is; MissingProgramError names the command that puts it there."""
        folder = node_folder or find_folder()
        environment = os.environ | {"NODE_PATH": str(folder.resolve() / "node_modules")}
        if shutil.which("node") is None:
            raise MissingProgramError("drawing formulas with MathJax", "node", "nodejs npm")
        if not (folder / "node_modules" / "mathjax-full").is_dir():
            raise MissingProgramError("drawing formulas with MathJax", "mathjax-full",
                                      "mathjax-full@3 (here, or in the folder that GLYPHIC_NODE names)", "npm install")
        self._process = subprocess.Popen(
            ["node", str(Path(__file__).with_suffix(".js"))], env=environment, text=True, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._lock = threading.Lock()
        self.close = weakref.finalize(self, _end, self._process)

    def __enter__(self) -> "MathJax":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def draw(self, texts: Sequence[str], display: bool = True) -> list[str | None]:
        """LaTeX -> SVG, 1000 units an em; None for what MathJax refuses or has no glyphs for."""
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        with self._lock:
            try:
                process.stdin.write(json.dumps({"texts": list(texts), "display": display}) + "\n")
                process.stdin.flush()
                answer = process.stdout.readline()
            except (OSError, ValueError):
                answer = ""
        if not answer:
            raise GlyphicError("the Node process of MathJax has ended; make a new MathJax()")
        drawn: list[str | None] = json.loads(answer)
        return drawn

    def render_many(self, texts: Sequence[str], em: float = 28.0, display: bool = True) -> list[Rendering | None]:
        """LaTeX -> pictures cropped to the ink, `em` pixels an em; None for those that MathJax cannot draw."""
        return [None if svg is None else rasterize(svg, em) for svg in self.draw(texts, display)]


def find_folder() -> Path:
    """Where to look for Node's packages."""
    named = os.environ.get("GLYPHIC_NODE")
    if named:
        return Path(named)
    own = Path(__file__).parents[4] / "tests" / "node"  # in a checkout
    return own if (own / "node_modules").is_dir() else Path()


def rasterize(svg: str, em: float) -> Rendering | None:
    """MathJax's SVG -> its picture cropped to the ink, with marks named as `mathjax:1D465`; None if it is blank, or as
    wide as a page."""
    try:
        import resvg_py
    except ImportError:
        raise MissingExtraError("drawing formulas with MathJax", "dev") from None
    from PIL import Image  # heavy, and not needed to read

    root = ElementTree.fromstring(svg)
    if "viewBox" not in root.attrib:  # numbered lines fill the page's width, and have no box of their own
        return None
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    left, top, width, height = left - _ROOM, top - _ROOM, width + 2 * _ROOM, height + 2 * _ROOM
    scale = em / _UNITS
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * scale:.3f}" height="{height * scale:.3f}" ' \
           f'viewBox="{left} {top} {width} {height}">'
    source = head + svg[svg.index(">") + 1:].replace("currentColor", "black")
    png = resvg_py.svg_to_bytes(svg_string=source, background="#ffffff", skip_system_fonts=True)
    with Image.open(io.BytesIO(png)) as image:
        pixels = np.array(image.convert("L"))
    rows, columns = (np.flatnonzero((pixels < 200).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    y0, x0 = int(rows[0]), int(columns[0])
    marks = tuple((f"mathjax:{code}", (x - left) * scale - x0, (y - top) * scale - y0)
                  for code, x, y in _glyphs(root, (1.0, 0.0, 1.0, 0.0)))
    return Rendering(pixels[y0:rows[-1] + 1, x0:columns[-1] + 1], marks)


def _glyphs(element: ElementTree.Element, outer: Affine) -> Iterator[tuple[str, float, float]]:
    """(code point, x, y) of every glyph's middle, in the coordinates of the root; not of pieces of stretched ones."""
    a, b, c, d = outer
    for kind, first, second in _MOVE.findall(element.get("transform", "")):
        x = float(first)
        y = float(second) if second else (x if kind == "scale" else 0.0)
        a, b, c, d = (a, a * x + b, c, c * y + d) if kind == "translate" else (a * x, b, c * y, d)
    code = element.get("data-c")
    if element.tag == _SVG + "path" and code and element.get("d"):
        x0, y0, x1, y1 = _box(element.attrib["d"])
        yield code, a * (x0 + x1) / 2 + b, c * (y0 + y1) / 2 + d
    for child in element:
        if child.tag != _SVG + "svg":
            yield from _glyphs(child, (a, b, c, d))


def _box(path: str) -> tuple[float, float, float, float]:
    """The box around the points of a path; MathJax's fonts have absolute commands only."""
    xs: list[float] = []
    ys: list[float] = []
    command, is_x = "", True
    for part in _NUMBER.findall(path):
        if part.isalpha():
            command, is_x = part, part != "V"
        else:
            (xs if is_x else ys).append(float(part))
            is_x = command == "H" or (command != "V" and not is_x)
    return min(xs), min(ys), max(xs), max(ys)


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
