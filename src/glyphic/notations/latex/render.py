r"""LaTeX -> pictures by LaTeX and dvipng, many formulas a run, each with the place of every glyph.

One document holds up to a few hundred formulas, one a page; a small square above and to the left of each formula marks
the page's origin, so that DVI coordinates and pixels agree. Formulas that TeX complains about come back as None.
"""

import functools
import os
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import MissingProgramError, NotationError, UnknownNameError
from glyphic.core.notation import Rendering
from glyphic.notations.latex import dvi

if TYPE_CHECKING:
    from glyphic.notations.latex.mathjax import MathJax

_MARK, _GAP = 1.0, 7.0  # points: side of the origin's mark, white between it and the formula
LOOKS = {  # name -> preamble; every package is in Debian's texlive-latex-recommended and texlive-fonts-recommended
    "computer-modern": "",
    # mathptmx makes \coprod, \amalg and \jmath errors; three more symbol fonts would exceed TeX's 16 families
    "times": r"""\usepackage{mathptmx}
\renewcommand\jmath{\text{\usefont{OML}{cmm}{m}{it}\char"7C}}
\renewcommand\amalg{\mathbin{\text{\usefont{OMS}{cmsy}{m}{n}\char"71}}}
\renewcommand\coprod{\mathop{\vcenter{\hbox{\usefont{OMX}{cmex}{m}{n}\char"61}}}}""",
    "times-tx": r"\usepackage{txfonts}",
    "palatino-px": r"\usepackage{pxfonts}",
}
MATHJAX = "mathjax"
_DOCUMENT = r"""\documentclass[%dpt]{article}
\usepackage{amsmath,amssymb,mathrsfs,bm}
%s
\setlength\parindent{0pt}
\pagestyle{empty}
\newcount\Number
\def\Formula#1#2{\Number=#1\relax\begingroup\setbox0\hbox{$#2$}%%
\global\count0=\Number\relax
\shipout\vbox{\offinterlineskip\hbox{\vrule width%.1fpt height%.1fpt}\kern%.1fpt\hbox{\kern%.1fpt\box0}}\endgroup}
\begin{document}
\batchmode
%s
\end{document}
"""


@dataclass(frozen=True)
class Look:
    """How a run of formulas is typeset. `size` is the document's font size (10, 11 or 12), `dpi` of the picture."""

    font: str = "computer-modern"
    size: int = 10
    dpi: int = 200
    style: str = r"\displaystyle"


def render(text: str, rng: random.Random) -> npt.NDArray[np.uint8]:
    """One formula in a random look -> (H, W) uint8 picture with a margin; NotationError if LaTeX cannot set it."""
    made = render_many([text], rng)[0]
    if made is None:
        raise NotationError("LaTeX cannot typeset this formula", text)
    return np.pad(made.pixels, 8, constant_values=255)


def render_many(texts: Sequence[str], rng: random.Random, look: str | None = None) -> list[Rendering | None]:
    """Formulas -> pictures cropped to the ink, all in one random look; None for those that cannot be set.

    look: a font of LOOKS, or "mathjax" for MathJax's; one of LOOKS at random where none is given.
    """
    font = look or rng.choices(list(LOOKS), (12, 1, 2, 2))[0]
    if font not in (*LOOKS, MATHJAX):
        raise UnknownNameError("look", font, (*LOOKS, MATHJAX))
    size, dpi = rng.choice((10, 10, 10, 11, 12)), rng.randint(170, 260)
    style = rng.choices((r"\displaystyle", r"\textstyle"), (9, 1))[0]
    if font == MATHJAX:
        return _mathjax(os.getpid()).render_many(texts, size * dpi / 72.27, style == r"\displaystyle")
    return typeset(texts, Look(font, size, dpi, style))


@functools.cache
def _mathjax(process: int) -> "MathJax":
    """The MathJax of this process: a fork must not talk to its parent's."""
    from glyphic.notations.latex.mathjax import MathJax  # with an XML parser, which reading does without

    return MathJax()


def typeset(texts: Sequence[str], look: Look = Look()) -> list[Rendering | None]:
    """Formulas -> their pictures, None for those that TeX refuses; at most a few hundred a run of TeX.

    TeX stops for good after 100 errors, or where it cannot go on; the formulas behind that are set in another run.
    """
    for program, package in (("latex", "texlive-latex-recommended texlive-fonts-recommended"), ("dvipng", "dvipng")):
        if shutil.which(program) is None:
            raise MissingProgramError("rendering formulas", program, package)
    result: list[Rendering | None] = []
    while len(result) < len(texts):
        rest = texts[len(result):]
        made, reached = _run(rest, look)
        result += made[:max(reached, 1)]  # a formula at which TeX stops at once is refused
    return result


def _run(texts: Sequence[str], look: Look) -> tuple[list[Rendering | None], int]:
    """One run of TeX: the pictures, and of how many formulas something is known; TeX did not get to those behind."""
    from PIL import Image  # heavy, and not needed to read

    with tempfile.TemporaryDirectory(prefix="glyphic-") as name:
        folder = Path(name)
        first_line = _write_document(folder / "f.tex", texts, look)
        run = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        subprocess.run(["latex", "-interaction=batchmode", "-no-shell-escape", "-file-line-error", "f.tex"],
                       check=False, timeout=120, **run)  # type: ignore[call-overload]
        if not (folder / "f.dvi").exists():
            return [None] * len(texts), 1
        log = (folder / "f.log").read_text(encoding="latin-1")
        refused = {int(line) - first_line for line in re.findall(r"^\./f\.tex:(\d+):", log, re.MULTILINE)}
        pages = {page.number: page for page in dvi.pages(folder / "f.dvi")}
        subprocess.run(["dvipng", "-q", "-D", str(look.dpi), "-T", "tight", "-z", "1", "-bg", "White", "--gamma", "1.0",
                        "-o", "%d.png", "f.dvi"], check=False, timeout=240, **run)  # type: ignore[call-overload]
        result: list[Rendering | None] = []
        for i in range(len(texts)):
            picture = folder / f"{i + 1}.png"
            if i in refused or i + 1 not in pages or not picture.exists():
                result.append(None)
                continue
            with Image.open(picture) as image:
                pixels = np.array(image.convert("L"))
            result.append(_cropped(pixels, pages[i + 1], look.dpi))
    return result, 1 + max((i for i in range(len(texts)) if i in refused or i + 1 in pages), default=0)


def _write_document(path: Path, texts: Sequence[str], look: Look) -> int:
    """Writes the LaTeX file and returns the line number of the first formula."""
    body = "\n".join(f"\\Formula{{{i + 1}}}{{{look.style} {_one_line(text)}}}" for i, text in enumerate(texts))
    source = _DOCUMENT % (look.size, LOOKS[look.font], _MARK, _MARK, _GAP, _GAP, body)
    path.write_text(source, encoding="utf-8")
    return source[:source.index("\\Formula{1}")].count("\n") + 1


def _one_line(text: str) -> str:
    r"""The formula without comments and line ends; \undefined, which TeX refuses, where its braces do not match."""
    text = " ".join(re.sub(r"(?<!\\)%[^\n]*", "", text).split())
    text = re.sub(r"(\\[hv]space) ?(\*?) ?(\{[^{}]*\})", lambda m: m[1] + m[2] + m[3].replace(" ", ""), text)  # 1 c m
    depth = 0
    for brace in re.findall(r"\\.|[{}]", text):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            break
    return text + " " if depth == 0 else r"\undefined"  # the space is that of a last "\ ", which the join has taken


def _cropped(pixels: npt.NDArray[np.uint8], page: dvi.Page, dpi: int) -> Rendering | None:
    """The formula without the mark, and its glyphs in the crop's pixels."""
    per_point = dpi / 72.27
    mark = int(np.ceil((_MARK + _GAP / 3) * per_point))
    pixels = pixels.copy()
    pixels[:mark, :mark] = 255
    rows, columns = (np.flatnonzero((pixels < 200).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    top, left = int(rows[0]), int(columns[0])
    crop = pixels[top:rows[-1] + 1, left:columns[-1] + 1]
    origin_x, origin_y = page.rules[0][0], page.rules[0][1]
    glyphs = tuple((g.name, ((g.left + g.right) / 2 - origin_x) * per_point - left,
                    ((g.top + g.bottom) / 2 - origin_y) * per_point - top) for g in page.glyphs)
    return Rendering(crop, glyphs)
