"""The doubtful places of a reading: where they are in the text, and what else might stand there."""

import itertools
import json
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphic import notations
from glyphic.core.errors import NotationError
from glyphic.reading.recognizer import Recognizer
from glyphic.reading.spots import CHOICES, HOPELESS, MOST, SURE, token_spans
from tests import bars as toy
from tests.reading.test_recognizer import Scripted, picture

NAMES = ("formula", "molecule", "music", "text")
SEEDS = st.integers(0, 100_000)


def spelled(name: str, seed: int) -> tuple[list[str], str]:
    """A random text of a notation, and its tokens."""
    notation = notations.get(name)
    ids = notation.tokenizer.encode(notation.sample(random.Random(seed)))
    return notation.tokenizer.vocabulary.decode(ids), notation.tokenizer.decode(ids)


@pytest.mark.parametrize("name", NAMES)
@given(SEEDS)
def test_spans_are_in_order_and_equal_or_apart_and_each_holds_what_its_token_wrote(name, seed):
    tokens, text = spelled(name, seed)
    spans = token_spans(notations.get(name), tokens, text)
    assert len(spans) == len(tokens) and all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(a == b or a[1] <= b[0] for a, b in itertools.pairwise(spans))
    for token, (start, end) in zip(tokens, spans, strict=True):
        assert HOLDS[name](token, text[start:end]), (token, text[start:end], text)


def formula_holds(token: str, part: str) -> bool:
    if token.startswith((r"\begin{", r"\end{")) or token in (r"\{", "[", "]", "(", ")", "|", r"\|", "~", r"\}"):
        return True  # one environment with their neighbours, \left in front, or a blank in \text{...}
    if token.endswith("}") and token[0] == "\\" and "{" in token:  # one letter of a font
        return part.rstrip("}").endswith(token[token.index("{") + 1:-1].rstrip("}"))
    grown = part.removeprefix(r"\left").removeprefix(r"\right")
    return grown.startswith(token[0]) or token.endswith(part)  # of the }{ behind a root's index, text has ]{


def music_holds(token: str, part: str) -> bool:
    kind, _, rest = token.partition("-")
    if kind in ("sign", "grace"):
        return part != "" and (kind == "sign" or part == rest)
    if kind in ("beats", "unit", "bars"):
        return part == rest
    if token[0] in "ABCDEFG" and token[1:].isdecimal():
        return part[:1] + part[-1:] == token
    return part in ("", token, f"_{token}")  # "": a last barline that the notation does not write


HOLDS = {"formula": formula_holds, "molecule": str.__eq__, "music": music_holds,
         "text": lambda token, part: part == token}


@pytest.mark.parametrize("name", NAMES)
@given(SEEDS, SEEDS)
def test_spans_are_in_order_and_equal_or_apart_whatever_a_network_wrote(name, seed, other):
    notation, rng = notations.get(name), random.Random(other)
    vocabulary = notation.tokenizer.vocabulary
    tokens = spelled(name, seed)[0]
    for _ in range(rng.randint(1, 3)):
        tokens[rng.randrange(len(tokens) + 1):rng.randrange(len(tokens) + 1)] = [
            rng.choice([t for i, t in enumerate(vocabulary.tokens) if i not in vocabulary.specials])]
    try:
        text = notation.tokenizer.decode(vocabulary.encode(tokens))
    except NotationError:  # under its grammar a network does not write that
        return
    spans = token_spans(notation, tokens, text)
    assert len(spans) == len(tokens) and all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(a == b or a[1] <= b[0] for a, b in itertools.pairwise(spans))


def test_delimiters_that_grow_and_fonts_that_are_shared_have_their_characters():
    notation = notations.get("formula")
    text = r"\left(\frac{a}{b}\right)\mathrm{dx}"
    tokens = notation.tokenizer.vocabulary.decode(notation.tokenizer.encode(text))
    parts = [text[start:end] for start, end in token_spans(notation, tokens, text)]
    assert parts == [r"\left(", r"\frac{", "a", "}{", "b", "}", r"\right)", r"\mathrm{d", "x}"]


def test_a_note_is_parted_into_its_pitch_its_duration_and_its_marks():
    notation = notations.get("music")
    text = "clef-G2 timeSignature-12/8 note-F#4_quarter._fermata rest-eighth"
    tokens = notation.tokenizer.vocabulary.decode(notation.tokenizer.encode(text))
    parts = dict(zip(tokens, (text[slice(*span)] for span in token_spans(notation, tokens, text)), strict=True))
    assert parts == {"clef-G2": "clef-G2", "beats-1": "1", "beats-2": "2", "unit-8": "8", "sign-#": "F#4", "F4": "F#4",
                     "quarter": "quarter", ".": ".", "fermata": "_fermata", "rest-eighth": "rest-eighth"}


@pytest.mark.usefixtures("bars")
class TestOfBars:
    def test_a_spot_says_what_else_might_stand_there_and_the_whole_reading_with_it(self, step_bundle):
        network = Scripted({"a": 0.96, "b": 0.04}, {"b": 0.5, "c": 0.3, "a": 0.15, "<eos>": 0.05}, {"<eos>": 1.0})
        found = Recognizer(step_bundle, network=network, spots=True).read(picture("ab"))
        [spot] = found.spots
        assert (found.text, spot.index, spot.span, spot.token) == ("ab", 1, (1, 2), "b")
        assert spot.p == pytest.approx(0.5) and spot.box is None
        assert [(c.token, c.text) for c in spot.alternatives] == [("c", "ac"), ("a", "aa"), ("", "a")]
        assert [c.p for c in spot.alternatives] == pytest.approx([0.3, 0.15, 0.05])

    def test_there_are_few_spots_the_least_certain_ones_and_none_unless_asked_for(self, step_bundle):
        shares = (0.9, 0.6, 0.5, 0.94, 0.7, 0.8, 0.99)
        turns = [{"a": share, "b": 1 - share} for share in shares] + [{"<eos>": 1.0}]
        reader = Recognizer(step_bundle, network=Scripted(*turns), spots=True)
        found = reader.read(picture("abcabca"))
        assert [spot.index for spot in found.spots] == [0, 1, 2, 4, 5] and len(found.spots) == MOST
        assert all(spot.p <= SURE and len(spot.alternatives) <= CHOICES for spot in found.spots)
        assert Recognizer(step_bundle, network=Scripted(*turns)).read(picture("a")).spots == ()

    def test_a_hopeless_reading_has_spots_without_choices(self, step_bundle):
        turns = ({"a": 0.3, "b": 0.29, "c": 0.28}, {"<eos>": 0.4, "a": 0.3})
        found = Recognizer(step_bundle, network=Scripted(*turns), spots=True).read(picture("a"))
        assert found.confidence < HOPELESS and [spot.alternatives for spot in found.spots] == [()]

    @pytest.mark.parametrize("kind", ["step_bundle", "frame_bundle"])
    @pytest.mark.parametrize("options", [{}, {"alternatives": 2}, {"lexicon": ["abca", "cc"]}])
    def test_spots_change_nothing_of_the_reading_and_are_valid(self, kind, options, request):
        bundle = request.getfixturevalue(kind)
        noisy = picture("abcab").astype(np.float32)
        noisy = np.clip((noisy + np.random.default_rng(0).normal(0, 60, noisy.shape)) / 255, 0, 1)
        plain = Recognizer(bundle, **options).read(noisy)
        found = Recognizer(bundle, spots=True, **options).read(noisy)
        assert (found.text, found.confidence, found.tokens) == (plain.text, plain.confidence, plain.tokens)
        for spot in found.spots:
            assert found.text[slice(*spot.span)] == spot.token == found.tokens[spot.index].text
            assert spot.p == pytest.approx(math.exp(found.tokens[spot.index].logprob))
            for choice in spot.alternatives:
                assert toy.normalize(choice.text) == choice.text != found.text and 0 < choice.p <= 1
        json.dumps(found.to_json(), allow_nan=False)

    def test_a_blank_picture_has_none(self, frame_bundle):
        assert Recognizer(frame_bundle, spots=True).read(np.full((50, 90), 0.7)).spots == ()
