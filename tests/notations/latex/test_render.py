"""LaTeX's pictures of formulas: ink where the marks are, None where TeX refuses, each formula by itself."""

import random

import numpy as np
import pytest

from glyphic.core.errors import MissingProgramError, NotationError
from glyphic.notations.latex.render import LOOKS, Look, render, render_many, typeset
from glyphic.notations.latex.sampler import SEEDS
from tests.notations.latex.walks import TOKENIZER, TOKENS, VOCABULARY, context, weird

pytestmark = [pytest.mark.tex, pytest.mark.usefixtures("tex")]
INVISIBLE_CENTRES = 0.35  # of the glyphs, such as O, have no ink in the middle


@pytest.fixture(scope="module")
def seeds():
    return list(zip(SEEDS, typeset(SEEDS, Look(dpi=150)), strict=True))


def test_a_picture_is_cropped_to_its_ink(seeds):
    for text, made in seeds:
        ink = made.pixels < 200
        assert made.pixels.dtype == np.uint8 and ink.any(), text
        assert ink[0].any() and ink[-1].any() and ink[:, 0].any() and ink[:, -1].any(), text


def test_marks_lie_in_the_picture_and_have_ink_around_them(seeds):
    around = 4
    for text, made in seeds:
        height, width = made.pixels.shape
        assert made.marks, text
        inked = 0
        for name, x, y in made.marks:
            assert -1 <= x <= width + 1 and -1 <= y <= height + 1, (text, name)
            patch = made.pixels[max(0, int(y) - around):int(y) + around + 1, max(0,
             int(x) - around):int(x) + around + 1]
            inked += bool((patch < 200).any())
        assert inked >= (1 - INVISIBLE_CENTRES) * len(made.marks), text


def test_marks_are_those_of_the_formula():
    made, = typeset([r"x+\alpha"])
    assert [name.split(":")[0] for name, _, _ in made.marks] == ["cmmi", "cmr", "cmmi"]
    assert [x for _, x, _ in made.marks] == sorted(x for _, x, _ in made.marks)


def test_a_higher_resolution_gives_a_larger_picture():
    small, large = (typeset([r"\frac{a}{b}"], Look(dpi=dpi))[0].pixels.shape for dpi in (100, 200))
    assert 1.8 < large[0] / small[0] < 2.2 and 1.8 < large[1] / small[1] < 2.2


@pytest.mark.parametrize("bad", [r"\undefined", "a}b", "{a", r"a^1^2", r"\left(a", r"\begin{matrix}a", r"\foo{\bar",
 "a&b", "$"])
def test_a_bad_formula_is_none_and_spoils_no_other(bad):
    alone = typeset(["x^2", "y+1"])
    made = typeset(["x^2", bad, "y+1"])
    assert made[1] is None
    for one, other in zip(alone, (made[0], made[2]), strict=True):
        assert np.array_equal(one.pixels, other.pixels)


def test_a_blank_formula_is_none():
    assert typeset(["", r"\,", "x"])[:2] == [None, None]


def test_comments_and_line_ends_hide_nothing_of_the_next_formula():
    made = typeset(["a % b } \n + c", r"5\%", "z"])
    plain = typeset(["a + c", r"5\%", "z"])
    for one, other in zip(made, plain, strict=True):
        assert np.array_equal(one.pixels, other.pixels)


def test_ninety_nine_bad_formulas_do_not_end_the_run():
    made = typeset([r"\undefined"] * 99 + ["x"])
    assert made[-1] is not None and made[:-1] == [None] * 99


@pytest.mark.parametrize("fatal", ["{} \\", r"\begin{array}{c", r"\end{document}", "\\csname x"])
def test_a_formula_at_which_tex_stops_costs_no_other(fatal):
    alone = typeset(["x^2", "y+1"])
    made = typeset(["x^2", fatal, "y+1", fatal, "y+1"])
    assert made[0] is not None and made[2] is not None and made[4] is not None
    assert np.array_equal(made[2].pixels, alone[1].pixels) and np.array_equal(made[4].pixels, alone[1].pixels)


def test_two_hundred_bad_formulas_do_not_end_it_either():
    made = typeset([r"\undefined"] * 200 + ["x"])
    assert made[-1] is not None and made[:-1] == [None] * 200


@pytest.mark.parametrize("font", sorted(LOOKS))
def test_latex_typesets_every_token_in_every_font(font):
    texts = [TOKENIZER.decode(VOCABULARY.encode(context(token))) for token in TOKENS]
    made = [one for start in range(0, len(texts), 300) for one in typeset(texts[start:start + 300], Look(font,
     dpi=120))]
    assert [text for text, one in zip(texts, made, strict=True) if one is None] == []


def test_latex_typesets_nearly_every_walk_through_the_grammar():
    texts = weird(300)
    assert sum(one is None for one in typeset(texts, Look(dpi=100))) <= 3


def test_a_seed_gives_a_picture():
    first, second = (render_many(["x^2", r"\sqrt{y}"], random.Random(5)) for _ in range(2))
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first, second, strict=True))
    assert np.array_equal(render("x^2", random.Random(5))[8:-8, 8:-8], render_many(["x^2"], random.Random(5))[0].pixels)


def test_rendering_what_latex_cannot_set_is_an_error():
    with pytest.raises(NotationError, match="cannot typeset"):
        render(r"\undefined", random.Random(0))


def test_a_missing_program_is_named(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: None)
    with pytest.raises(MissingProgramError, match=r"'latex'.*texlive"):
        typeset(["x"])
