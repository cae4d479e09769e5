"""Pictures and their readings, or a `Report`, become one self-contained HTML page or a few lines of text."""

import base64
import io
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image

from glyphic.core.errors import GlyphicError
from glyphic.core.notation import Renderer
from glyphic.core.results import ModelIdentity, Recognition, Score, Token
from glyphic.evaluation.benchmark import Report
from glyphic.reading.pictures import open_image

SHOWN = 500  # pictures of a report's page
WIDEST = 1200  # pixels of an embedded picture
LEGIBLE, LARGEST = 96, 4.0  # pixels of height that a picture with boxes should have, and how far it is enlarged for it

STYLE = """
:root { color-scheme: light dark; --line: #8884; --bad: #c0392b; --good: #1e8449; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; } dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; }
dt { opacity: .7; } dd { margin: 0; }
section { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; padding: 1rem 0; }
section { border-top: 1px solid var(--line); }
img { max-width: 100%; background: #fff; } figure { margin: 0; } figcaption { opacity: .7; font-size: .85em; }
.rendered { margin: 0 0 .8rem; overflow-x: auto; overflow-y: hidden; }
math { width: max-content; font-size: 1.35em; font-family: "Latin Modern Math", "STIX Two Math", math; }
code { white-space: pre-wrap; overflow-wrap: anywhere; } .note { font-size: .85em; opacity: .7; }
.seen { position: relative; display: inline-block; max-width: 100%; } .seen img { width: 100%; display: block; }
.seen svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.token { background: hsl(calc(120 * var(--p)) 80% 45% / calc(.75 - .6 * var(--p))); border-radius: .15em; }
rect { fill: hsl(calc(120 * var(--p)) 80% 45% / calc(.45 - .4 * var(--p))); stroke: hsl(calc(120 * var(--p)) 80% 40%); }
rect { vector-effect: non-scaling-stroke; } rect:hover { fill: hsl(210 90% 55% / .5); }
.error { color: var(--bad); } .wrong { border-left: 4px solid var(--bad); padding-left: .6rem; }
.right { border-left: 4px solid var(--good); padding-left: .6rem; }
@media (max-width: 40rem) { section { grid-template-columns: 1fr; } }
"""


Converter = Callable[[str], str]


@dataclass(frozen=True)
class Entry:
    """One picture of the page: its reading, or why there is none."""

    name: str
    picture: Any  # whatever glyphic.reading.pictures.open_image takes
    reading: Recognition | None = None
    error: str = ""
    label: str | None = None
    exact: bool | None = None


def write_page(file: str | Path, entries: Iterable[Entry], title: str, render: Renderer | None = None,
               summary: Mapping[str, str] | None = None, mathml: Converter | None = None) -> None:
    """Write the page. `mathml` writes a text of the notation as MathML, which browsers draw; else `render` draws it;
    without them, or where they fail, the source stands alone. Tokens are coloured by their probability; those with a
    box are marked in the picture, and pointing at one of the two shows the other.
    """
    with Path(file).open("w", encoding="utf-8") as page:
        page.write("<!doctype html>\n<html lang=en><meta charset=utf-8>"
                   "<meta name=viewport content='width=device-width, initial-scale=1'>"
                   f"<title>{escape(title)}</title><style>{STYLE}</style>\n<h1>{escape(title)}</h1>\n")
        if summary:
            rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in summary.items())
            page.write(f"<dl>{rows}</dl>\n")
        longest = 0
        for entry in entries:
            page.write(_section(entry, render, mathml))
            longest = max(longest, len(entry.reading.tokens) if entry.reading else 0)
        page.write(f"<style>{_pointing(longest)}</style>\n</html>\n")


def write_report(file: str | Path, report: Report, folder: str | Path, render: Renderer | None = None,
                 mathml: Converter | None = None) -> None:
    """The page of an evaluation: the figures, then the wrong readings, the most confident of them first, since those
    are the ones to learn from, then the right ones, SHOWN in all."""
    shown = sorted(report.predictions, key=lambda p: (p.exact, -p.confidence))[:SHOWN]
    entries = (Entry(p.path, Path(folder) / p.path,
                     None if p.error else Recognition(p.text, report.notation, p.confidence, p.tokens,
                                                      model=ModelIdentity(report.model), milliseconds=p.milliseconds),
                     p.error, p.label, p.exact) for p in shown)
    figures = {name: f"{100 * s.value:.2f} % ({100 * s.low:.2f} to {100 * s.high:.2f})"
               for name, s in report.metrics.items()}
    write_page(file, entries, f"{report.model} on {report.dataset}", render,
               {**figures, "pictures": str(report.count), "ms per image": f"{report.ms_per_image:.1f}",
                "labels outside the notation": str(report.labels_outside),
                "readings outside the notation": str(report.predictions_invalid),
                "shown": f"{len(shown)}, wrong ones first"}, mathml)


def percent(score: Score) -> str:
    """A figure in per cent for a table in Markdown; behind it, smaller, its interval of 95 %."""
    return f"{100 * score.value:.1f} <sub>{100 * score.low:.1f} to {100 * score.high:.1f}</sub>"


def summary(report: Report) -> str:
    """A few lines for the terminal."""
    lines = [f"{report.model} on {report.dataset or 'the samples'}: {report.count} pictures"]
    lines += [f"  {name:<16} {100 * s.value:6.2f} %  [{100 * s.low:.2f}, {100 * s.high:.2f}]"
              for name, s in report.metrics.items()]
    lines.append(f"  {'ms per image':<16} {report.ms_per_image:6.1f}    (mean {report.ms_mean:.1f})")
    for count, what in ((report.labels_outside, "labels that the notation cannot hold (counted as wrong)"),
                        (report.predictions_invalid, "readings that the notation cannot hold (counted as wrong)"),
                        (report.unread, "pictures without a reading (counted as wrong)")):
        if count:
            lines.append(f"  {count} {what}")
    return "\n".join(lines)


def _section(entry: Entry, render: Renderer | None, mathml: Converter | None) -> str:
    parts = []
    if entry.error:
        parts.append(f"<p class=error>{escape(entry.error)}</p>")
    if entry.reading:
        parts.append(_reading(entry.reading, render, mathml))
    if entry.label is not None:
        parts.append(f"<p class=note>label</p><code>{escape(entry.label)}</code>")
    verdict = "" if entry.exact is None else " class=right" if entry.exact else " class=wrong"
    tokens = entry.reading.tokens if entry.reading else ()
    return (f"<section><figure>{_picture(entry.picture, tokens)}<figcaption>{escape(entry.name)}</figcaption></figure>"
            f"<div{verdict}>{''.join(parts)}</div></section>\n")


def _reading(reading: Recognition, render: Renderer | None, mathml: Converter | None) -> str:
    parts = [f"<div class=rendered>{_rendered(reading.text, render, mathml)}</div>"
             f"<code>{_coloured(reading)}</code>",
             f"<p class=note>confidence {reading.confidence:.3f}, {reading.milliseconds:.0f} ms, "
             f"{escape(str(reading.model))}</p>"]
    parts += [f"<p class=note>{escape(warning)}</p>" for warning in reading.warnings]
    if reading.alternatives:
        rows = "".join(f"<li><code>{escape(a.text)}</code> <span class=note>{a.confidence:.3f}</span></li>"
                       for a in reading.alternatives)
        parts.append(f"<ol start=2>{rows}</ol>")
    return "".join(parts)


def _rendered(text: str, render: Renderer | None, mathml: Converter | None) -> str:
    if not text or (render is None and mathml is None):
        return ""
    try:
        if mathml is not None:
            return mathml(text)
        assert render is not None
        return _img(Image.fromarray(render(text, random.Random(0))), "rendered reading")
    except GlyphicError as error:  # no TeX here, or the text is none of the notation: the page is still worth having
        return f"<span class=note>not rendered: {escape(str(error))}</span>"


def _coloured(reading: Recognition) -> str:
    """The text with each token, where it stands in it, in the colour of its probability."""
    parts, end = [], 0
    for number, token in enumerate(reading.tokens):
        start = reading.text.find(token.text, end)
        if start < 0:  # spelled otherwise in the text: what can be said is said of the rest
            continue
        share = math.exp(min(token.logprob, 0.0))
        parts.append(f"{escape(reading.text[end:start])}<span class='token t{number}' style='--p:{share:.3f}' "
                     f"title='{share:.1%}'>{escape(token.text)}</span>")
        end = start + len(token.text)
    return "".join(parts) + escape(reading.text[end:])


def _picture(source: Any, tokens: Sequence[Token]) -> str:
    try:
        image = open_image(source)
    except GlyphicError as error:
        return f"<span class=error>{escape(str(error))}</span>"
    if not any(token.box for token in tokens):
        return _img(image, "picture")
    marks = "".join(_mark(number, token) for number, token in enumerate(tokens) if token.box)
    larger = min(LARGEST, max(1.0, LEGIBLE / image.height))  # a word is 30 pixels high
    return (f"<div class=seen style='width:{larger * image.width:.0f}px'>{_img(image, 'picture')}"
            f"<svg viewBox='0 0 {image.width} {image.height}' preserveAspectRatio='none'>{marks}</svg></div>")


def _mark(number: int, token: Token) -> str:
    """A token's box, in the picture's own pixels."""
    assert token.box
    left, top, right, bottom = token.box
    share = math.exp(min(token.logprob, 0.0))
    return (f"<rect class=t{number} x='{left:.2f}' y='{top:.2f}' width='{right - left:.2f}' "
            f"height='{bottom - top:.2f}' style='--p:{share:.3f}'>"
            f"<title>{escape(token.text)} {share:.1%}</title></rect>")


def _pointing(count: int) -> str:
    """Rules, in place of a script, that join each of so many tokens and its box."""
    return "".join(f"section:has(.token.t{i}:hover) rect.t{i}{{fill:hsl(210 90% 55%/.5)}}"
                   f"section:has(rect.t{i}:hover) .token.t{i}{{outline:2px solid hsl(210 90% 55%)}}"
                   for i in range(count))


def _img(image: Image.Image, alt: str) -> str:
    if image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
        image = image.convert("RGB")
    image = image.copy()
    image.thumbnail((WIDEST, 2 * WIDEST))
    data = io.BytesIO()
    image.save(data, "PNG")
    return f"<img alt='{alt}' src='data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}'>"
