"""Words that are expected, and characters that are allowed, from a recognizer's options to its readings."""

import itertools
import math
import random
from dataclasses import replace

import numpy as np
import pytest

import glyphic
from glyphic.core.errors import GlyphicError, OptionError
from glyphic.reading.recognizer import Recognizer
from tests import bars as toy

pytestmark = pytest.mark.usefixtures("bars")
WORDS = ["abc", "cab", "bcb", "aacc"]
KINDS = pytest.mark.parametrize("kind", ["step_bundle", "frame_bundle"])


def picture(text: str) -> np.ndarray:
    return toy.render(text, random.Random(0))


@KINDS
def test_what_is_in_the_lexicon_is_read_as_without_it(kind, request):
    reader = Recognizer(request.getfixturevalue(kind), lexicon=WORDS)
    for word in WORDS:
        result = reader.read(picture(word))
        assert result.text == word and not result.warnings


@KINDS
def test_a_lexicon_stands_in_for_the_prior_of_the_notation(kind, request):
    """The prior would have anything but the words of the lexicon."""
    bundle = request.getfixturevalue(kind)
    choosing = replace(bundle, decoding=replace(bundle.decoding, beam_width=4, sound=True))
    notation = replace(toy.NOTATION, prior=lambda text: -50.0 if text in WORDS else 0.0)
    assert Recognizer(choosing, notation=notation).read(picture("abc")).text != "abc"
    reader = Recognizer(choosing, notation=notation, lexicon=WORDS, alternatives=2)
    assert [reader.read(picture(word)).text for word in WORDS] == WORDS


@KINDS
def test_behind_the_gate_the_reading_is_free_and_says_so(kind, request):
    result = Recognizer(request.getfixturevalue(kind), lexicon=WORDS).read(picture("cbbcb"))
    assert result.text == "cbbcb" and "outside the lexicon" in result.warnings[0]


@KINDS
def test_a_lexicon_that_comes_with_a_picture_is_complete_and_holds_for_it_alone(kind, request):
    reader = Recognizer(request.getfixturevalue(kind))
    result = reader.read(picture("cbbcb"), lexicon=["cbbc", "aaa"])
    assert result.text == "cbbc" and not any("lexicon" in warning for warning in result.warnings)
    assert reader.read(picture("cbbcb")).text == "cbbcb"


@KINDS
def test_the_readings_of_many_under_a_lexicon_are_those_of_each(kind, request):
    reader = Recognizer(request.getfixturevalue(kind), lexicon=WORDS, gate=math.inf)
    texts = ["abc", "ab", "cbbcb", "aacc", "ca"]
    many = [result.text for result in reader.read_many(map(picture, texts), batch=4)]
    assert many == [reader.read(picture(text)).text for text in texts] and set(many) <= set(WORDS)


@pytest.mark.parametrize("method", ["exact", "trie", "bk"])
def test_every_method_of_a_frame_model_reads_the_nearest_word(method, frame_bundle):
    reader = Recognizer(frame_bundle, lexicon=WORDS, lexicon_method=method, gate=math.inf)
    assert reader.read(picture("abcc")).text == "aacc"


@KINDS
def test_only_what_is_allowed_is_written(kind, request):
    reader = Recognizer(request.getfixturevalue(kind), allow="ca")
    for letters in itertools.product("abc", repeat=3):
        text = "".join(letters)
        got = reader.read(picture(text)).text
        assert set(got) <= {"a", "c"} and ("b" in text or got == text)


def test_words_come_from_a_file_and_what_the_model_cannot_write_is_left_out(frame_bundle, tmp_path):
    file = tmp_path / "words.txt"
    file.write_text("\ufeffabc\r\n\nxyz\ncab \n", encoding="utf-8")
    assert Recognizer(frame_bundle, lexicon=file, gate=math.inf).read(picture("ca")).text == "cab"
    with pytest.raises(OptionError, match="xyz"):
        Recognizer(frame_bundle, lexicon=["xyz"])
    with pytest.raises(GlyphicError, match=r"missing\.txt.*one word a line"):
        Recognizer(frame_bundle, lexicon=tmp_path / "missing.txt")


def test_nonsense_is_refused_before_the_first_picture(step_bundle, frame_bundle):
    for wrong in ({"gate": -1.0}, {"lexicon_method": "tree"}, {"allow": "xy"}, {"allow": ""}, {"allow": ["<eos>"]}):
        with pytest.raises(OptionError):
            Recognizer(frame_bundle, **wrong)
    with pytest.raises(OptionError, match="step model"):
        Recognizer(step_bundle, lexicon=WORDS, lexicon_method="bk")


def test_the_same_words_give_the_same_recognizer(frame_bundle):
    one = glyphic.load(frame_bundle.folder, lexicon=["abc", "cab"], allow={"a"})
    assert glyphic.load(frame_bundle.folder, lexicon=iter(["abc", "cab"]), allow={"a"}) is one
    assert glyphic.load(frame_bundle.folder, lexicon=["abc"], allow={"a"}) is not one
