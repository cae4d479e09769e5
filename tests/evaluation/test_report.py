"""Pages of pictures and readings."""

import base64
import io
import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from glyphic.core.errors import MissingProgramError
from glyphic.core.results import Alternative, ModelIdentity, Recognition, Sample, Token
from glyphic.data.samples import read_folder
from glyphic.evaluation.benchmark import evaluate
from glyphic.evaluation.report import Entry, summary, write_page, write_report
from tests import bars
from tests.evaluation.test_benchmark import Oracle

NASTY = "<script>alert('x')</script>&\"\\frac{a}{b}"


class Page(HTMLParser):
    """The tags, texts and pictures of a page; every tag must be closed by its own end."""

    VOID = ("meta", "img", "br", "!doctype")

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.sources: list[str] = []
        self.text = ""
        self.feed(html)
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.sources += [value for name, value in attributes if name in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text += data

    def pictures(self):
        return [Image.open(io.BytesIO(base64.b64decode(s.partition(",")[2]))) for s in self.sources]


def page(tmp_path, entries, **options) -> Page:
    write_page(tmp_path / "page.html", entries, "Title & more", **options)
    return Page((tmp_path / "page.html").read_text(encoding="utf-8"))


def reading(text: str, **fields) -> Recognition:
    return Recognition(text, "bars", 0.5, model=ModelIdentity("toy", "1"), **fields)


def test_each_picture_stands_beside_its_rendered_reading(tmp_path):
    image = Image.new("RGB", (30, 20), "red")
    found = page(tmp_path, [Entry("x.png", image, reading("abc"))], render=bars.render)
    original, rendered = found.pictures()
    assert original.size == (30, 20) and original.convert("RGB").getpixel((3, 3)) == (255, 0, 0)
    np.testing.assert_array_equal(np.asarray(rendered), bars.render("abc", bars.random.Random(0)))
    assert "x.png" in found.text and "abc" in found.text and "0.500" in found.text


def test_everything_is_escaped_and_nothing_is_loaded_from_elsewhere(tmp_path):
    result = reading(NASTY, warnings=(NASTY,), alternatives=(Alternative(NASTY, 0.1),))
    entries = [Entry(NASTY, np.ones((4, 4)), result, label=NASTY), Entry(NASTY, NASTY, error=NASTY)]
    found = page(tmp_path, entries, summary={NASTY: NASTY})
    assert "script" not in found.tags and found.text.count(NASTY) >= 9
    assert all(source.startswith("data:image/png;base64,") for source in found.sources)
    assert not re.search(r"url\(|@import|https?:", (tmp_path / "page.html").read_text())


def test_a_picture_that_cannot_be_shown_leaves_its_reason(tmp_path):
    found = page(tmp_path, [Entry("gone.png", tmp_path / "gone.png", error="no such file: gone.png")])
    assert not found.sources and "no such file" in found.text


def test_where_nothing_can_be_rendered_the_source_stands_alone(tmp_path):
    def missing(text, source):
        raise MissingProgramError("rendering formulas", "latex", "texlive")

    for render in (None, missing):
        found = page(tmp_path, [Entry("x.png", np.ones((4, 4)), reading("abc"))], render=render)
        assert len(found.sources) == 1 and "abc" in found.text
    assert "apt-get install texlive" in found.text


def test_readings_are_drawn_by_the_browser_where_the_notation_has_mathml(tmp_path):
    from glyphic.notations.latex.mathml import to_mathml

    entries = [Entry("x.png", np.ones((4, 4)), reading(text)) for text in (r"a<\frac{b}{c}", r"\nonsense")]
    found = page(tmp_path, entries, render=bars.render, mathml=to_mathml)
    assert found.tags.count("math") == found.tags.count("mfrac") == 1 and len(found.sources) == 2
    assert "not rendered" in found.text, "what is none of the notation still shows as source"


def test_big_pictures_are_shrunk(tmp_path):
    big = page(tmp_path, [Entry("x.png", np.ones((300, 5000)), reading("a"))])
    assert big.pictures()[0].size == (1200, 72)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F", "YCbCr"])
def test_pictures_of_every_mode_are_shown(tmp_path, mode):
    assert page(tmp_path, [Entry("x", Image.new(mode, (9, 9)), reading("a"))]).pictures()[0].size == (9, 9)


def test_characters_are_coloured_by_their_probability_and_marked_where_they_were_seen(tmp_path):
    tokens = (Token("a", math.log(0.25), (1, 2, 11, 22)), Token("<", 0.0, (11, 2, 20.5, 22)), Token("b", -math.inf))
    found = page(tmp_path, [Entry("x.png", np.ones((24, 60)), reading("a <b", tokens=tokens))])
    html = (tmp_path / "page.html").read_text()
    assert found.tags.count("rect") == 2 and found.text.count("a <b") == 1, "what is between tokens stays"
    assert re.findall(r"<span class='token t(\d)' style='--p:([\d.]+)'", html) == [
        ("0", "0.250"), ("1", "1.000"), ("2", "0.000")]
    assert "viewBox='0 0 60 24'" in html and "x='11.00' y='2.00' width='9.50' height='20.00'" in html
    assert "width:240px" in html, "a word of a scene is enlarged so that its letters can be pointed at"
    assert "section:has(.token.t2:hover)" in html and "t3" not in html


def test_tokens_without_boxes_leave_the_picture_alone_and_those_not_in_the_text_are_left_out(tmp_path):
    tokens = (Token(r"\frac", -0.1), Token("x", -0.1), Token("}", -0.1))
    found = page(tmp_path, [Entry("x.png", np.ones((24, 60)), reading(r"\frac{}", tokens=tokens))])
    assert "svg" not in found.tags and found.tags.count("span") == 2 and r"\frac{}" in found.text


def test_a_report_shows_confident_errors_first(tmp_path, bars_folder):
    samples = read_folder(bars_folder)
    answers = {s.path.name: s.text for s in samples} | {samples[7].path.name: "ccccccccc"}
    samples.append(Sample(bars_folder / "images/gone.png", "abx"))
    report = evaluate(Oracle({**answers, "gone.png": "a"}), samples, bars_folder)
    write_report(tmp_path / "r.html", report, bars_folder, bars.render)
    found = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    names = list(dict.fromkeys(re.findall(r"images/(\w+)\.png", found.text)))
    assert set(names[:2]) == {"000007", "gone"} and len(names) == 13
    assert "84.62 %" in found.text and "84.62 %" in summary(report)
    assert "1 labels that the notation cannot hold" in summary(report)
