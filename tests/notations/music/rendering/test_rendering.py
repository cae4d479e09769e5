"""Staves are engraved with a mark for each symbol, in clean print or as cameras see them."""

import dataclasses
import random
import re
import sys

import numpy as np
import pytest

from glyphic.core.errors import MissingExtraError, NotationError, OptionError
from glyphic.notations.music import NOTATION, parse, render, render_many
from glyphic.notations.music.rendering import drawn, engraved, style
from glyphic.notations.music.semantic import Clef, GraceNote, Note, Tie

pytest.importorskip("verovio", reason="needs verovio")
pytest.importorskip("resvg_py", reason="needs resvg-py")

RICH = ("clef-C1 keySignature-EbM timeSignature-2/4 multirest-23 barline rest-quarter rest-eighth note-Bb4_eighth "
        "barline gracenote-C5_sixteenth note-Bb4_quarter. tie note-Bb4_eighth barline note-Eb5_half_fermata barline "
        "keySignature-CM timeSignature-C clef-G2 note-F#4_whole barline")
# the names of marks: heads lie where their natural notes do
NATURAL = [re.sub(r"note-([A-G])[b#]", r"note-\1", word) for word in RICH.split()]
MIDDLES = {"G": 32, "C": 28, "F": 24}


def test_every_symbol_has_a_mark_in_the_texts_order():
    for look in ("clean", "camera"):
        for seed in range(8):
            made = render_many([RICH], random.Random(seed), look)[0]
            assert made is not None and [name for name, _, _ in made.marks] == NATURAL
            height, width = made.pixels.shape
            assert all(0 <= x < width and 0 <= y < height for _, x, y in made.marks)


def test_marks_of_a_clean_staff_go_from_left_to_right():
    for seed in range(20):
        text = NOTATION.sample(random.Random(seed))
        made = render_many([text], random.Random(seed))[0]
        if made is not None:
            xs = [x for name, x, _ in made.marks if name != "tie"]
            assert xs == sorted(xs)


def test_the_height_of_a_notes_mark_is_its_pitch():
    """Relative to the other notes of the same staff: half a staff space for each step."""
    for seed in range(10):
        text = NOTATION.sample(random.Random(100 + seed))
        made = render_many([text], random.Random(seed))[0]
        if made is None:
            continue
        clef, steps, heights = Clef("G", 2), [], []
        for symbol, (_, _, y) in zip(parse(text), made.marks, strict=True):
            if isinstance(symbol, Clef):
                clef = symbol
            elif isinstance(symbol, Note | GraceNote):
                steps.append(symbol.pitch.height - MIDDLES[clef.sign] - 2 * (3 - clef.line))
                heights.append(y)
        if len(set(steps)) > 2:
            slope, start = np.polyfit(steps, heights, 1)
            assert slope < -3.5 and np.abs(np.polyval((slope, start), steps) - heights).max() < 0.1 * abs(slope)


def test_a_mark_of_a_filled_head_is_on_ink():
    text = "clef-G2 timeSignature-C note-A4_quarter note-C5_quarter note-E5_eighth note-B4_eighth note-G4_quarter"
    for seed in range(10):
        made = render_many([text], random.Random(seed))[0]
        assert made is not None
        for name, x, y in made.marks:
            if name.startswith("note"):
                assert made.pixels[round(y) - 1:round(y) + 2, round(x) - 1:round(x) + 2].mean() < 128


@pytest.mark.parametrize("look", ["clean", "camera", "mixed"])
def test_one_source_gives_one_picture_and_others_give_others(look):
    texts = [NOTATION.sample(random.Random(seed)) for seed in range(4)] + [RICH]
    first, again, other = (render_many(texts, random.Random(seed), look) for seed in (1, 1, 2))
    for a, b, c in zip(first, again, other, strict=True):
        if a is not None and b is not None and c is not None:
            assert np.array_equal(a.pixels, b.pixels) and a.marks == b.marks
            assert a.pixels.shape != c.pixels.shape or not np.array_equal(a.pixels, c.pixels)


def test_nearly_every_sample_is_engraved():
    texts = [NOTATION.sample(random.Random(seed)) for seed in range(60)]
    ending = [isinstance(parse(text)[-2], Tie) for text in texts]  # a tie into nothing has no place
    missing = [made is None for made in render_many(texts, random.Random(0))]
    assert sum(missing) <= sum(ending) + 1


def test_what_cannot_be_engraved_is_none_alone_and_an_error_for_one():
    nothing = "clef-G2 note-C5_half tie barline"
    made = render_many([RICH, nothing, RICH], random.Random(0))
    assert [one is None for one in made] == [False, True, False]
    with pytest.raises(NotationError, match="cannot be engraved"):
        render(nothing, random.Random(0))


def test_an_unknown_look_is_refused():
    with pytest.raises(OptionError, match="clean, camera, mixed"):
        render_many([RICH], random.Random(0), "painted")


def test_without_its_extra_the_renderer_says_what_to_install(monkeypatch):
    from glyphic.notations.music.rendering import engraving

    engraving._toolkit.cache_clear()
    monkeypatch.setitem(sys.modules, "verovio", None)
    with pytest.raises(MissingExtraError, match="music"):
        render_many([RICH], random.Random(0))
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(MissingExtraError, match="music"):
        render_many([RICH], random.Random(0))


def test_beams_join_only_notes_that_stand_together():
    from glyphic.notations.music.beams import beams_of
    from glyphic.notations.music.rendering.beaming import groups
    from glyphic.notations.music.rendering.style import BEAMING

    for seed in range(60):
        staff = parse(NOTATION.sample(random.Random(seed)))
        for manner in BEAMING:
            found = groups(staff, manner, random.Random(seed))
            members = [index for group in found for index in group]
            assert members == sorted(set(members)) and all(len(group) > 1 for group in found)
            assert all(isinstance(staff[i], Note) and beams_of(staff[i].value) for i in members)
            for group in found:
                assert not any(str(s).startswith(("barline", "rest", "multirest", "key", "time"))
                               for s in staff[group[0]:group[-1]])
        assert not groups(staff, "none", random.Random(seed))


def test_any_clean_picture_can_be_seen_by_a_camera():
    from glyphic.core import staves
    from glyphic.notations.music.rendering import seen_by_camera

    clean = np.pad(render(RICH, random.Random(0)), 20, constant_values=255)
    space = staves.find(staves.evened(clean.astype(np.float32) / 255)).space
    for seed in range(10):
        seen = seen_by_camera(clean, space, random.Random(seed))
        assert seen.dtype == np.uint8 and seen.ndim == 2 and seen.shape != clean.shape
        assert np.array_equal(seen, seen_by_camera(clean, space, random.Random(seed)))
        found = staves.find(staves.evened(seen.astype(np.float32) / 255))
        assert found is not None and 4.5 < found.space < 1.1 * space


def test_an_oval_breve_stands_in_the_place_of_the_square_one_and_leaves_its_dot_alone():
    staff = parse("clef-G2 timeSignature-4/2 note-D5_double_whole. barline note-G4_whole note-A4_whole barline")
    plain = dataclasses.replace(style.typeset(random.Random(1)), level=None)
    square, oval = (engraved(staff, dataclasses.replace(plain, oval=oval), random.Random(0)) for oval in (False, True))
    assert square is not None and oval is not None and square.marks == oval.marks
    one, other = drawn(square, 18.0), drawn(oval, 18.0)
    assert one.shape == other.shape
    different = np.flatnonzero((np.abs(one - other) > 0.5).any(axis=0)) / 18.0
    place = oval.marks[2][1]
    assert len(different) and place - 1.7 < different.min() and different.max() < place + 1.2
