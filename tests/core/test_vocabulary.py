import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.errors import NotationError, OptionError
from glyphic.core.vocabulary import Vocabulary

TOKENS = st.lists(st.text(min_size=1).filter(lambda t: not t.startswith("<")), unique=True, max_size=20)


@given(TOKENS, st.booleans(), st.randoms())
def test_what_is_encoded_is_decoded_again(tokens, blank, random):
    vocabulary = Vocabulary.of(tokens, blank)
    text = [random.choice(tokens) for _ in range(12)] if tokens else []
    assert vocabulary.decode(vocabulary.encode(text)) == text
    assert not vocabulary.specials & set(vocabulary.encode(text))


@given(TOKENS, st.booleans())
def test_a_vocabulary_survives_json(tokens, blank):
    vocabulary = Vocabulary.of(tokens, blank)
    assert Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json()))) == vocabulary


def test_special_tokens_come_first_and_are_skipped_in_decoding():
    vocabulary = Vocabulary.of("ab", blank=True)
    assert len(vocabulary) == 6 and vocabulary.specials == {0, 1, 2, 3}
    assert vocabulary.decode(range(6)) == ["a", "b"]
    assert Vocabulary.of("ab").blank is None and Vocabulary.of("ab").ids["a"] == 3


def test_special_tokens_may_stand_anywhere():
    vocabulary = Vocabulary(("a", "<eos>", "<bos>", "b", "<pad>"), pad=4, bos=2, eos=1)
    assert vocabulary.decode([0, 1, 2, 3, 4]) == ["a", "b"]


def test_an_unknown_token_is_named_with_its_place():
    with pytest.raises(NotationError, match=r"'z' \(number 1\).*vocabulary of 5"):
        Vocabulary.of("ab").encode("az")


def test_tokens_given_twice_are_refused_by_name():
    with pytest.raises(OptionError, match=r"given twice: b$"):
        Vocabulary.of("abcb")
    with pytest.raises(OptionError, match="<pad>"):
        Vocabulary.of(["<pad>"])


@pytest.mark.parametrize("specials", [{"pad": 1}, {"eos": 9}, {"bos": -1}, {"blank": 2}, {"blank": 5}])
def test_special_ids_that_coincide_or_lie_outside_are_refused(specials):
    with pytest.raises(OptionError, match="different indices below 5"):
        Vocabulary(("<pad>", "<bos>", "<eos>", "a", "b"), **specials)
