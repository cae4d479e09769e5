r"""Famous formulas -> the ten example pictures, `images/` and `labels.tsv`: crops of pages, screenshots, a scan.

    python examples/formula/make.py

Crops come from whole pages that LaTeX set, with some of the paper around them; screenshots from MathJax. Needs latex,
dvipng, node with the packages of tests/node, and resvg-py (in the extra [dev]). None of these formulas is in the
training corpus.
"""

import io
import json
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image, ImageFilter

from glyphic import notations

HERE = Path(__file__).parent
NODE = HERE.parents[1] / "tests" / "node"
MARGIN = 14  # pixels of paper that are left around a crop

PAGE = r"""\documentclass[%s]{article}
\usepackage{amsmath,amssymb}
%s
\newcommand\formula[1]{%s}
\begin{document}
\noindent The following identity is well known, and its proof is left as an exercise. Under the assumptions made
above, and with the notation of the previous section, we have
\begin{equation}
\formula{%s}
\end{equation}
whenever both sides are defined. We shall use this fact several times without mentioning it again, since everything
that follows is a consequence of it.
\end{document}
"""
MATHJAX = r"""
const {mathjax} = require("mathjax-full/js/mathjax.js");
const {TeX} = require("mathjax-full/js/input/tex.js");
const {SVG} = require("mathjax-full/js/output/svg.js");
const {liteAdaptor} = require("mathjax-full/js/adaptors/liteAdaptor.js");
const {RegisterHTMLHandler} = require("mathjax-full/js/handlers/html.js");
const {AllPackages} = require("mathjax-full/js/input/tex/AllPackages.js");
const adaptor = liteAdaptor();
RegisterHTMLHandler(adaptor);
const input = new TeX({packages: AllPackages}), output = new SVG({fontCache: "none"});
const page = mathjax.document("", {InputJax: input, OutputJax: output});
const [formula, em] = JSON.parse(process.argv[1]);
console.log(adaptor.innerHTML(page.convert(formula, {display: true, em, ex: em / 2})));
"""


def page(formula: str, dpi: int, size: str = "10pt", preamble: str = "") -> Image.Image:
    """The displayed formula, cut from a page of text at this resolution."""
    full, without = (_typeset(PAGE % (size, preamble, body, formula), dpi) for body in ("#1", r"\phantom{#1}"))
    rows, columns = (np.flatnonzero((full != without).any(axis=axis)) for axis in (1, 0))
    return Image.fromarray(full[rows[0] - MARGIN:rows[-1] + MARGIN, columns[0] - MARGIN:columns[-1] + 2 * MARGIN])


def scan(formula: str, dpi: int) -> Image.Image:
    """A crop as a scanner sees it: soft, noisy, on grey paper that is darker on one side."""
    clean = page(formula, dpi).filter(ImageFilter.GaussianBlur(0.8))
    pixels = np.asarray(clean, np.float32)
    rng = np.random.default_rng(7)
    paper = np.linspace(205, 180, pixels.shape[1], dtype=np.float32)
    pixels = 40 + pixels / 255 * (paper - 40) + rng.normal(0, 5, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def screenshot(formula: str, em: float, ink: str, paper: str) -> Image.Image:
    """The formula as a browser shows it, `em` pixels large, in CSS colours."""
    svg = subprocess.run(["node", "-e", MATHJAX, json.dumps([formula, em])], cwd=NODE, check=True, capture_output=True,
                         text=True).stdout
    svg = re.sub(r'(width|height)="([\d.]+)ex"', lambda m: f'{m[1]}="{float(m[2]) * em / 2:.2f}"', svg, count=2)
    png = resvg_py.svg_to_bytes(svg_string=svg.replace("currentColor", ink), background=paper)
    with Image.open(io.BytesIO(bytes(png))) as drawn:
        shown = drawn.convert("RGB")
    around = Image.new("RGB", (shown.width + 60, shown.height + 36), paper)
    around.paste(shown, (30, 18))
    return around


EXAMPLES: dict[str, tuple[str, Callable[[str], Image.Image]]] = {
    "cauchy.png": (r"f(a)=\frac{1}{2\pi i}\oint_{\gamma}\frac{f(z)}{z-a}\,dz",
                   lambda f: page(f, 200)),
    "fourier.png": (r"\hat{f}(\xi)=\int_{-\infty}^{\infty}f(x)e^{-2\pi ix\xi}\,dx",
                    lambda f: page(f, 150, "12pt")),
    "taylor.png": (r"f(x)=\sum_{n=0}^{\infty}\frac{f^{(n)}(a)}{n!}(x-a)^n",
                   lambda f: page(f, 220, "11pt")),
    "stirling.png": (r"n!\sim\sqrt{2\pi n}\left(\frac{n}{e}\right)^n",
                     lambda f: page(f, 180)),
    "rotation.png": (r"R(\theta)=\begin{pmatrix}\cos\theta&-\sin\theta\\\sin\theta&\cos\theta\end{pmatrix}",
                     lambda f: page(f, 200, "11pt")),
    "planck.png": (r"B_\nu(T)=\frac{2h\nu^3}{c^2}\frac{1}{e^{h\nu/k_BT}-1}",
                   lambda f: page(f, 200, "10pt", r"\usepackage{mathptmx}")),
    "euler-lagrange.png": (r"\frac{d}{dt}\frac{\partial L}{\partial\dot{q}_i}-\frac{\partial L}{\partial q_i}=0",
                           lambda f: scan(f, 200)),
    "black-scholes.png": (r"\frac{\partial V}{\partial t}+\frac{1}{2}\sigma^2S^2\frac{\partial^2V}{\partial S^2}"
                          r"+rS\frac{\partial V}{\partial S}-rV=0",
                          lambda f: screenshot(f, 22, "#e6e6e6", "#1e1e1e")),
    "logistic.png": (r"\sigma(x)=\frac{1}{1+e^{-x}}",
                     lambda f: screenshot(f, 28, "#1f3f8f", "#fdf6e3")),
    "lorentz.jpg": (r"\gamma=\frac{1}{\sqrt{1-v^2/c^2}}",
                    lambda f: screenshot(f, 32, "#222222", "#ffffff")),
}


def _typeset(source: str, dpi: int) -> np.ndarray:
    """A LaTeX document of one page -> the whole page, (H, W) uint8."""
    with tempfile.TemporaryDirectory(prefix="glyphic-") as name:
        Path(name, "p.tex").write_text(source, encoding="utf-8")
        for command in (["latex", "-interaction=nonstopmode", "-halt-on-error", "p.tex"],
                        ["dvipng", "-q", "-D", str(dpi), "-bg", "White", "-o", "p.png", "p.dvi"]):
            subprocess.run(command, cwd=name, check=True, stdout=subprocess.DEVNULL)
        with Image.open(Path(name, "p.png")) as image:
            return np.array(image.convert("L"))


def main() -> None:
    (HERE / "images").mkdir(exist_ok=True)
    normalize = notations.get("formula").normalize
    with (HERE / "labels.tsv").open("w", encoding="utf-8", newline="\n") as labels:
        for name, (formula, draw) in EXAMPLES.items():
            options = {"quality": 60} if name.endswith(".jpg") else {"optimize": True}
            draw(formula).save(HERE / "images" / name, **options)
            labels.write(f"images/{name}\t{normalize(formula)}\n")


if __name__ == "__main__":
    main()
