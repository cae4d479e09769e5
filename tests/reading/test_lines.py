"""Pictures of one line: words on their side, and whatever else a detector of text may cut out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core.errors import ImageError
from glyphic.core.results import Recognition
from glyphic.reading.recognizer import Recognizer
from tests.lines import LINE, Blocks, drawn, write_text_bundle

WORD = "abccab"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_text_bundle(tmp_path_factory.mktemp("text") / "chance")


@pytest.fixture(scope="module")
def untrained(bundle):
    return Recognizer(bundle)


def reader(bundle, **options):
    return Recognizer(bundle, network=Blocks(), **options)


def plain(result):
    return replace(result, milliseconds=0.0)


@pytest.mark.parametrize(("k", "degrees"), [(0, None), (1, 90), (3, 270)])
@pytest.mark.parametrize("options", [{}, {"beam_width": 3}, {"lexicon": [WORD, "cab"]}])
def test_a_word_is_read_upright_and_on_either_side_and_says_how_it_was_turned(bundle, k, degrees, options):
    result = reader(bundle, **options).read(np.rot90(drawn(WORD), k))
    assert result.text == WORD and result.image.get("turned") == degrees


@pytest.mark.parametrize("k", [0, 1, 3])
def test_the_boxes_of_a_turned_word_lie_around_its_letters_in_the_given_picture(bundle, k):
    picture = np.pad(drawn(WORD, 2), ((6, 20), (30, 10)), constant_values=1)
    result = reader(bundle).read(np.rot90(picture, k))
    assert result.text == WORD
    for place, token in enumerate(result.tokens):
        ink = np.zeros_like(picture)
        ink[6:70, 30 + 16 + 32 * place:30 + 32 + 32 * place] = 1  # the columns of this letter
        rows, columns = np.nonzero(np.rot90(ink, k))
        left, top, right, bottom = token.box
        assert left <= columns.min() + 4 and top <= rows.min() + 4
        assert right >= columns.max() - 3 and bottom >= rows.max() - 3
        assert (right - left) * (bottom - top) < 3 * ink.sum()


def test_turning_costs_a_normal_word_nothing_and_can_be_switched_off(bundle):
    side = np.rot90(drawn(WORD))
    for picture, options, looks in ((drawn(WORD), {}, 1), (side, {}, 3), (side, {"turned": False}, 1)):
        recognizer = reader(bundle, **options)
        result = recognizer.read(picture)
        assert recognizer.network.pictures == looks
        assert (result.text == WORD) == (looks == 3 or picture is not side)
    off = replace(bundle, input=replace(LINE, turned_from=None))
    assert "turned" not in reader(off).read(side).image, "a bundle remembers it"


def test_a_single_character_is_not_taken_for_one_on_its_side(bundle):
    narrow = np.pad(np.zeros((32, 8)), ((0, 0), (8, 0)), constant_values=1.0)  # c upright, c and its paper sideways
    result = reader(bundle).read(narrow)
    assert result.text == "c" and "turned" not in result.image


def test_batches_of_upright_and_turned_words_read_as_each_alone(bundle):
    pictures = [drawn("ab"), np.rot90(drawn(WORD)), np.ones((9, 40)), np.rot90(drawn("cabc"), 3), drawn("c", 2)]
    for recognizer in (reader(bundle), Recognizer(bundle), Recognizer(bundle, beam_width=3, alternatives=2)):
        alone = [plain(recognizer.read(picture)) for picture in pictures]
        for batch in (2, 5):
            assert [plain(result) for result in recognizer.read_many(pictures, batch=batch)] == alone


def contents(kind, height, width, seed):
    rng = np.random.default_rng(seed)
    noise = rng.random((height, width))
    return {"black": np.zeros, "white": np.ones}[kind]((height, width)) if kind in ("black", "white") else {
        "noise": noise, "faint noise": 0.5 + 0.02 * noise, "salt": (noise > 0.02).astype(float),
        "pepper": (noise < 0.02).astype(float), "ramp": np.linspace(0, 1, height * width).reshape(height, width),
        "bars": np.broadcast_to(np.arange(width) // 3 % 2, (height, width)).astype(float),
        "one pixel": np.where(np.arange(height * width) == seed % (height * width), 0.0, 1.0).reshape(height, width),
    }[kind]


KINDS = ["black", "white", "noise", "faint noise", "salt", "pepper", "ramp", "bars", "one pixel"]
SIDES = st.one_of(st.integers(1, 6), st.integers(7, 80))


def check(recognizer, picture):
    """A recognition whose numbers are numbers and whose boxes lie in the picture."""
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        result = recognizer.read(picture)
    height, width = picture.shape[:2]
    assert isinstance(result, Recognition) and 0 <= result.confidence <= 1
    assert (result.image["height"], result.image["width"]) == (height, width)
    for token in result.tokens:
        left, top, right, bottom = token.box
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
        assert token.logprob <= 1e-6
    if not result.text:
        assert result.confidence == 0 and result.warnings
    if result.confidence < 0.4:
        assert result.warnings, "what is not to be trusted says so"
    return result


@given(kind=st.sampled_from(KINDS), height=SIDES, width=SIDES, seed=st.integers(0, 2**32 - 1), inverted=st.booleans())
@settings(max_examples=150)
def test_any_picture_is_answered(untrained, kind, height, width, seed, inverted):
    picture = contents(kind, height, width, seed)
    result = check(untrained, 1 - picture if inverted else picture)
    if kind in ("black", "white", "faint noise"):
        assert (result.text, result.confidence, result.tokens) == ("", 0.0, ()) and "blank" in result.warnings[0]


@pytest.mark.parametrize("kind", ["noise", "bars", "one pixel"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 60), (60, 1), (1, 3000), (3000, 1), (20, 1200), (1200, 20), (2000, 3)])
def test_strips_of_any_length_are_answered_both_ways(bundle, untrained, kind, shape):
    for recognizer in (untrained, Recognizer(bundle, beam_width=2), Recognizer(bundle, lexicon=["word", "words"])):
        check(recognizer, contents(kind, *shape, 0))


@pytest.mark.parametrize("shape", [(1500, 2000), (1_000_000, 1), (1, 1_000_000)])
def test_huge_pictures_are_answered(untrained, shape):
    picture = np.full(shape, 255, np.uint8)
    picture[::7, ::5] = 0
    assert check(untrained, picture).image["crop"]


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0), (0, 5, 3)])
def test_empty_crops_are_refused(untrained, shape):
    with pytest.raises(ImageError, match="empty"):
        untrained.read(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("k", range(4))
@pytest.mark.parametrize("inverted", [False, True])
def test_rotated_and_inverted_words_are_answered(untrained, k, inverted):
    picture = np.rot90(drawn(WORD), k)
    check(untrained, 1 - picture if inverted else picture)


def test_inverted_words_read_as_they_were(bundle):
    assert reader(bundle).read(np.pad(drawn(WORD), 3, constant_values=1)).text == WORD
    assert reader(bundle).read(1 - np.pad(drawn(WORD), 3, constant_values=1)).text == WORD
