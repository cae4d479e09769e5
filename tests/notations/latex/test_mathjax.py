"""MathJax's pictures of formulas: the second look, with the same promises as LaTeX's."""

import random

import numpy as np
import pytest

from glyphic.core.errors import GlyphicError, MissingProgramError, UnknownNameError
from glyphic.notations.latex.mathjax import MathJax, find_folder
from glyphic.notations.latex.render import render_many
from glyphic.notations.latex.sampler import SEEDS
from tests.notations.latex.walks import TOKENIZER, TOKENS, VOCABULARY, context, walk

ABSENT = {r"\S", r"\P", r"\Bbbk", r"\boldsymbol{\digamma}"}  # from MathJax's fonts: a browser takes its own


@pytest.fixture(scope="module")
def mathjax(node_folder):
    pytest.importorskip("resvg_py", reason="needs resvg-py: pip install 'glyphic[dev]'")
    with MathJax(node_folder) as drawer:
        yield drawer


def ink(made) -> np.ndarray:
    return made.pixels < 200


@pytest.mark.node
def test_a_picture_is_cropped_to_its_ink_and_marks_lie_on_it(mathjax):
    for text, made in zip(SEEDS, mathjax.render_many(SEEDS), strict=True):
        height, width = made.pixels.shape
        assert made.pixels.dtype == np.uint8 and made.marks, text
        assert ink(made)[[0, -1]].any(axis=1).all() and ink(made)[:, [0, -1]].any(axis=0).all(), text
        inked = 0
        for _, x, y in made.marks:
            assert 0 <= x <= width and 0 <= y <= height, text
            inked += ink(made)[max(0, int(y) - 6):int(y) + 7, max(0, int(x) - 6):int(x) + 7].any()
        assert inked >= 0.9 * len(made.marks), text


@pytest.mark.node
def test_marks_are_centres_of_ink(mathjax):
    for text in ("+", "=", "O", "x", "H"):
        made, = mathjax.render_many([text], em=60)
        (_, x, y), = made.marks
        height, width = made.pixels.shape
        assert abs(x - width / 2) < 2 and abs(y - height / 2) < 2, text


@pytest.mark.node
def test_marks_bear_code_points_and_follow_scripts(mathjax):
    made, = mathjax.render_many(["x^2+y"], em=60)
    assert [name for name, _, _ in made.marks] == ["mathjax:1D465", "mathjax:32", "mathjax:2B", "mathjax:1D466"]
    (_, x0, y0), (_, x1, y1), (_, x2, _), (_, x3, _) = made.marks
    assert x0 < x1 < x2 < x3 and y1 < y0


@pytest.mark.node
def test_an_em_has_as_many_pixels_as_are_asked_for(mathjax):
    (small,), (large,) = (mathjax.render_many([r"\frac{a}{b}"], em) for em in (30, 90))
    assert large.pixels.shape[0] / small.pixels.shape[0] == pytest.approx(3, rel=0.05)


@pytest.mark.node
@pytest.mark.parametrize("bad", [r"\undefined", "{a", "a^1^2", r"\left(a", "é", "", r"\,", r"\def\frac{}\undefined"])
def test_a_bad_formula_is_none_and_spoils_no_other(mathjax, bad):
    first, second, third = mathjax.render_many([r"\frac{a}{b}", bad, r"\frac{a}{b}"])
    assert second is None and np.array_equal(first.pixels, third.pixels)


@pytest.mark.node
def test_a_numbered_line_as_wide_as_the_page_is_none(mathjax):
    assert [made is None for made in mathjax.render_many([r"a=b\tag{1}", "a=b"])] == [True, False]


def test_it_draws_every_token_that_its_fonts_have(mathjax):
    drawn = mathjax.draw([TOKENIZER.decode(VOCABULARY.encode(context(token))) for token in TOKENS])
    assert {token for token, svg in zip(TOKENS, drawn, strict=True) if svg is None} == ABSENT


@pytest.mark.node
def test_it_draws_every_walk_through_the_grammar(mathjax):
    walks = [walk(seed) for seed in range(300)]
    within = [TOKENIZER.decode(ids) for ids in walks if not ABSENT & set(VOCABULARY.decode(ids))]
    assert len(within) > 250 and None not in mathjax.draw(within)


@pytest.mark.node
def test_render_many_uses_it_when_it_is_asked_for(mathjax, node_folder, monkeypatch):
    monkeypatch.setenv("GLYPHIC_NODE", str(node_folder))
    first, second = (render_many(["x", r"\undefined"], random.Random(3), "mathjax") for _ in range(2))
    assert first[0].marks[0][0] == "mathjax:1D465" and first[1] is None
    assert np.array_equal(first[0].pixels, second[0].pixels)


def test_an_unknown_look_lists_those_there_are():
    with pytest.raises(UnknownNameError, match=r"no look 'papyrus'; .*mathjax"):
        render_many(["x"], random.Random(0), "papyrus")


@pytest.mark.node
def test_a_process_that_was_closed_says_so(node_folder):
    drawer = MathJax(node_folder)
    drawer.close()
    with pytest.raises(GlyphicError, match="has ended"):
        drawer.draw(["x"])


def test_what_is_missing_is_named_with_its_command(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: None)
    with pytest.raises(MissingProgramError, match="'node': apt-get install nodejs npm"):
        MathJax(tmp_path)
    monkeypatch.setattr("shutil.which", lambda program: program)
    with pytest.raises(MissingProgramError, match=r"npm install mathjax-full@3 .*GLYPHIC_NODE"):
        MathJax(tmp_path)


def test_the_environment_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GLYPHIC_NODE", str(tmp_path))
    assert find_folder() == tmp_path
