"""The renderer of texts: pictures follow from the seed, letters stand at their marks, faces draw what they claim.

Every test takes whatever fonts this machine has.
"""

import random
import shutil
import string
import time
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from glyphic.core.errors import GlyphicError, MissingProgramError, NotationError
from glyphic.core.images import fit
from glyphic.core.options import InputSpec
from glyphic.notations import conformance, text_fonts, text_looks
from glyphic.notations.text import NOTATION, PRINTABLE
from glyphic.notations.text_render import Warp, drawn, lay_out, render, render_many

pytestmark = pytest.mark.skipif(shutil.which("fc-list") is None, reason="needs fc-list (apt-get install fontconfig)")

LINE = InputSpec(line_height=32, max_height=32, margin=0)


@pytest.fixture(scope="module", autouse=True)
def some_faces(tmp_path_factory):
    """At most 12 of the machine's faces, checked here: a test needs no hundreds, and no cache of the user's."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    lines = [line for line in text_fonts._listing().splitlines() if "20-7e" in line]
    plain = [line for line in lines if "dejavu" in line.lower() or "liberation" in line.lower()]
    chosen = "\n".join([*plain[:6], *lines[::max(1, len(lines) // 6)]][:12])
    patch.setattr(text_fonts, "_listing", lambda: chosen)
    _forget()
    try:
        text_fonts.faces()
    except GlyphicError as error:
        pytest.skip(str(error))
    yield
    patch.undo()
    _forget()


def _forget():
    text_fonts.faces.cache_clear()
    text_fonts._weighted.cache_clear()


def test_its_pictures_keep_what_conformance_promises():
    conformance.check(NOTATION, count=40, renders=25)


def test_the_same_seed_gives_the_same_pictures_and_another_one_others():
    texts = [NOTATION.sample(random.Random(seed)) for seed in range(12)]
    first, again, other = (render_many(texts, random.Random(seed)) for seed in (1, 1, 2))
    for a, b in zip(first, again, strict=True):
        assert a.marks == b.marks and np.array_equal(a.pixels, b.pixels)
    assert not any(np.array_equal(a.pixels, b.pixels) for a, b in zip(first, other, strict=True))


def test_every_character_but_the_space_has_a_mark_in_reading_order():
    for seed in range(60):
        text = NOTATION.sample(random.Random(seed))
        rendering = drawn(text, random.Random(seed))
        assert "".join(name for name, _, _ in rendering.marks) == text.replace(" ", "")
        height, width = rendering.pixels.shape
        assert all(0 <= x < width and 0 <= y < height for _, x, y in rendering.marks)


def test_marks_lie_on_the_letters_through_every_map():
    """A bar's centre is on its ink, wherever the map takes it; and letters go from left to right."""
    hits = tried = 0
    for seed in range(40):
        rng = random.Random(seed)
        lettering = lay_out("IlIlI", 30.0, rng, alone=True)
        warp = Warp.of(lettering.box, 30.0, rng)
        mask = warp.of_mask(lettering.canvas)
        points = [warp.forward(x, y) for _, x, y in lettering.marks]
        assert all(a[0] < b[0] for a, b in pairwise(points))
        for x, y in points:
            row, column = int(y), int(x)
            if 2 <= row < mask.shape[0] - 2 and 3 <= column < mask.shape[1] - 3:
                tried += 1
                hits += mask[row - 2:row + 3, column - 3:column + 4].max() > 0.2
    assert tried > 150 and hits > 0.97 * tried


def test_a_crop_shows_most_of_the_letters():
    for seed in range(40):
        rng = random.Random(seed)
        lettering = lay_out("HOTEL", 30.0, rng, alone=True)
        mask = Warp.of(lettering.box, 30.0, rng).of_mask(lettering.canvas)
        assert 0.02 < mask.mean() < 0.9 and mask.max() > 0.5


def test_a_picture_is_read_as_it_was_drawn():
    """Cleaned once more, as every reading begins, it is the same but for paper cut off: packs hold what is read."""
    for seed in range(30):
        pixels = render(NOTATION.sample(random.Random(seed)), random.Random(seed)).astype(np.float32) / 255
        fitted = fit(pixels, LINE)
        assert not fitted.blank and fitted.pixels.shape[0] == 32


def test_light_letters_on_dark_ground_come_out_dark_on_bright():
    polarity = []
    for seed in range(60):
        mask = np.zeros((40, 120), np.float32)
        mask[12:28, 20:100] = 1
        polarity.append(text_looks.painted(mask, None, 20.0, random.Random(seed))[20, 60] > 0.5)
        edge = render("HOTEL", random.Random(seed))
        assert max(np.median(edge), np.median(np.concatenate((edge[0], edge[-1], edge[:, 0], edge[:, -1])))) > 127
    assert 10 < sum(polarity) < 50


def test_letters_and_ground_are_told_apart():
    for seed in range(300):
        paper, ink = text_looks._pair(random.Random(seed))
        assert abs(paper - ink) > text_looks.CONTRAST


def test_textures_are_of_the_asked_size_and_bounded():
    for seed in range(200):
        rng = random.Random(seed)
        shape = rng.randint(8, 60), rng.randint(8, 200)
        field = text_looks.texture(shape, rng)
        assert field.shape == shape and np.isfinite(field).all() and np.abs(field).max() < 5


def test_blurring_keeps_flat_pictures_and_means():
    flat = np.full((9, 30), 0.4, np.float32)
    np.testing.assert_allclose(text_looks.blurred(flat, 2.0), 0.4, rtol=1e-5)
    dot = np.zeros((31, 31), np.float32)
    dot[15, 15] = 1
    assert text_looks.blurred(dot, 1.5).sum() == pytest.approx(1.0, rel=1e-4)


def test_a_text_that_no_font_draws_has_no_picture():
    drawings = render_many(["ok", "\U0010fffd", ""], random.Random(0))
    assert drawings[0] is not None and drawings[1:] == [None, None]
    with pytest.raises(NotationError, match="no installed font draws"):
        render("\U0010fffd", random.Random(0))


def test_faces_are_chosen_for_texts_that_they_cover():
    for seed in range(100):
        rng = random.Random(seed)
        text = "".join(rng.choices(PRINTABLE, k=5))
        assert text_fonts.choose(text, rng).covers(text)


def test_a_face_without_small_letters_is_for_capitals():
    face = text_fonts.Face("x.ttf", 0, string.printable, "a0-ff", True, 1.0)
    assert face.covers("EXIT 12!") and not face.covers("Exit")
    assert face.covers("É") and not face.covers("Œ")  # U+00C9 lies in its ranges, U+0152 does not


def test_pictures_of_letters_that_are_none_are_told_from_letters(tmp_path):
    """The shapes of a plain font resemble those of Pillow's own; blots do not."""
    from PIL import ImageFont

    own = {c: text_fonts._shape(ImageFont.load_default(40), c) for c in text_fonts.ALPHABET}
    face = text_fonts.faces()[0]
    likeness = np.mean([text_fonts._like(text_fonts._shape(text_fonts.opened(face, 40), c), own[c])
                        for c in text_fonts.ALPHABET])
    blots = np.mean([float(_normed(np.random.default_rng(i).random(144)) @ own[c])
                     for i, c in enumerate(text_fonts.ALPHABET)])
    assert likeness > text_fonts.LIKE_LETTERS > blots + 0.05


def _normed(values):
    values = values - values.mean()
    return values / np.linalg.norm(values)


def test_the_list_of_faces_is_kept_and_made_again_where_it_is_damaged():
    known = text_fonts.faces()
    kept = next(text_fonts._cache_file("x").parent.glob("fonts-*.json"))
    kept.write_text("{")
    _forget()
    assert text_fonts.faces() == known and kept.read_text() != "{"
    start = time.perf_counter()
    _forget()
    assert text_fonts.faces() == known and time.perf_counter() - start < 1


def test_a_machine_without_fontconfig_or_fonts_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(text_fonts, "_listing", lambda: "")
    _forget()
    with pytest.raises(GlyphicError, match="apt-get install fonts-"):
        text_fonts.faces()
    monkeypatch.undo()
    _forget()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingProgramError, match="apt-get install fontconfig"):
        LISTING()


LISTING = text_fonts._listing


@pytest.mark.slow
def test_it_draws_more_than_200_pictures_a_second():
    """500 is what it is made for, and reached with hundreds of fonts; a busy machine, or a slow one, is no failure:
    of three parts the quickest counts."""
    texts = [NOTATION.sample(random.Random(seed)) for seed in range(600)]
    seconds = []
    for part in (texts[:200], texts[200:400], texts[400:]):
        start = time.process_time()
        render_many(part, random.Random(0))
        seconds.append(time.process_time() - start)
    assert 200 / min(seconds) > 200


def test_pictures_can_be_saved(tmp_path):
    Image.fromarray(render("Glyphic", random.Random(3))).save(tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 100
