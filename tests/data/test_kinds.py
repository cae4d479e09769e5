"""Folders of kinds, ink, and pictures of nothing."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core.errors import GlyphicError, OptionError
from glyphic.core.kinds import KINDS, SHAPES
from glyphic.data import ink, nothing, sheets
from glyphic.data.kinds import Gallery, part, pictures_of, seen
from glyphic.data.packs import PackWriter
from glyphic.reading import pictures
from tests import bars as toy
from tests import kinds

INK = """<ink xmlns="http://www.w3.org/2003/InkML"><annotation type="truth"> $x+1$ </annotation>
<trace id="0">10 10, 20 30, 30 10</trace><trace id="1">40 20 5, 60 20 9</trace>
<trace id="2">70 10, 70 30</trace></ink>"""


@pytest.fixture(autouse=True)
def drawing(monkeypatch):
    """Words are drawn by bars: these tests need no fonts."""
    def lettered(lines, size, rng):
        return np.concatenate([toy.render("abc", rng)] * len(lines))
    monkeypatch.setattr(sheets, "lettered", lettered)


@pytest.fixture
def folder(tmp_path):
    return kinds.write_folder(tmp_path / "data")


def test_number_i_of_a_kind_is_always_the_same_picture(folder):
    first, again = Gallery(folder, pictures.load), Gallery(folder, pictures.load)
    for kind in KINDS:
        assert np.array_equal(first.picture(kind, 3), again.picture(kind, 3))
    assert not np.array_equal(first.picture("none", 3), Gallery(folder, pictures.load, seed=1).picture("none", 3))


def test_views_come_kind_by_kind_in_known_shapes(folder):
    found = list(Gallery(folder, pictures.load).views(2))
    assert [kind for kind, _ in found] == [*KINDS, *KINDS]
    assert all(view.shape in SHAPES and view.dtype == np.uint8 for _, view in found)


def test_views_from_a_number_on_are_those_that_follow(folder):
    gallery = Gallery(folder, pictures.load)
    whole, rest = list(gallery.views(2)), list(gallery.views(1, first=1))
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(whole[len(KINDS):], rest, strict=True))


def test_packs_of_any_vocabulary_pictures_and_ink_are_taken(folder):
    writer = PackWriter(toy.VOCABULARY)
    writer.add(toy.render("abc", random.Random(0)), 8.0, [3, 4])
    writer.write(folder / "music" / "some-000.npz")
    (folder / "formula-handwritten" / "some.inkml").write_text(INK)
    gallery = Gallery(folder, pictures.load)
    assert len(gallery.shelves["music"].packs) == len(gallery.shelves["formula-handwritten"].inks) == 1
    assert all(gallery.picture(kind, 0).min() < 1 for kind in ("music", "formula-handwritten"))


def test_a_kind_without_pictures_is_named(folder):
    for path in (folder / "molecule").iterdir():
        path.unlink()
    with pytest.raises(OptionError, match="of: molecule;"):
        Gallery(folder, pictures.load)


def test_labelled_pictures_are_listed_with_their_kinds_and_an_empty_folder_is_refused(folder, tmp_path):
    found = list(pictures_of(folder))
    assert {kind for kind, _ in found} == set(KINDS) - {"none"}
    assert all(path.parent.name == kind for kind, path in found)
    with pytest.raises(GlyphicError, match="holds no pictures"):
        list(pictures_of(tmp_path / "nowhere"))


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 10_000))
@settings(max_examples=30)
def test_what_is_seen_of_any_picture_is_a_picture(height, width, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    found = seen(pixels, random.Random(seed))
    assert found.ndim == 2 and min(found.shape) >= 1
    assert 0 <= found.min() <= found.max() <= 1


@given(st.integers(2, 50), st.integers(2, 50), st.integers(0, 10_000))
@settings(max_examples=20)
def test_a_part_lies_within_its_picture(height, width, seed):
    pixels = np.arange(height * width).reshape(height, width).astype(np.uint8)
    found = part(pixels, random.Random(seed))
    assert found.shape[0] <= height and found.shape[1] <= width and found.size


MAKERS = (nothing.blank, nothing.ruled, nothing.noise, nothing.texture, nothing.things, nothing.shapes, nothing.boxes,
          nothing.bars, nothing.plot, nothing.paragraph, nothing.table, nothing.line)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_pictures_of_nothing_follow_from_their_source(make):
    for seed in range(4):
        first, again = make(random.Random(seed)), make(random.Random(seed))
        assert first.dtype == np.uint8 and first.ndim == 2 and min(first.shape) >= 2
        assert np.array_equal(first, again)


def test_several_staves_stand_below_each_other_and_pages_hold_what_they_are_given():
    def staff(rng):
        return np.zeros((20, 100), np.uint8)
    assert nothing.systems(staff, random.Random(0)).shape[0] >= 40
    page = nothing.page({"music": staff}, random.Random(1))
    assert page.shape[0] > 40 or page.shape[1] > 100
    assert nothing.nothing({"music": staff})(random.Random(2)).size


def test_ink_is_read_with_its_truth_and_drawn(tmp_path):
    (tmp_path / "x.inkml").write_text(INK)
    strokes, truth = ink.read_inkml(tmp_path / "x.inkml")
    assert truth == "x+1"
    assert [len(stroke) for stroke in strokes] == [3, 2, 2]
    assert strokes[1].tolist() == [[40, 20], [60, 20]]
    assert list(ink.ink_files(tmp_path)) == [tmp_path / "x.inkml"]
    plain = ink.written(strokes, 20, 2)
    assert plain.min() < 100 and (plain == 255).mean() > 0.5
    assert 1.5 < plain.shape[1] / plain.shape[0] < 2.5
    assert np.array_equal(ink.drawn(strokes, random.Random(3)), ink.drawn(strokes, random.Random(3)))


@pytest.mark.parametrize("content", ["<ink></ink>", "no xml", "<ink><trace>x y</trace></ink>"])
def test_other_files_are_no_ink(tmp_path, content):
    (tmp_path / "x.inkml").write_text(content)
    with pytest.raises(GlyphicError, match=r"x\.inkml"):
        ink.read_inkml(tmp_path / "x.inkml")
    with pytest.raises(GlyphicError, match=r"no \*.inkml"):
        list(ink.ink_files(tmp_path / "nowhere"))
