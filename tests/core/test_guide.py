import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.guide import Both, accepts
from tests.toys import BRACES, A, B, BraceGuide, Prices, V, balanced

TEXTS = st.lists(st.integers(3, V - 1), max_size=8)


@given(TEXTS)
def test_a_grammar_accepts_just_its_texts(tokens):
    assert accepts(BraceGuide(), tokens, BRACES.eos) == balanced(tokens)


@given(TEXTS, st.sets(st.integers(3, V - 1)))
def test_several_guides_accept_what_each_accepts(tokens, forbidden):
    without = Prices([-np.inf if i in forbidden else 0.0 for i in range(V)])
    expected = balanced(tokens) and not forbidden & set(tokens)
    assert accepts(Both((BraceGuide(), without)), tokens, BRACES.eos) == expected
    assert accepts(Both((without, BraceGuide())), tokens, BRACES.eos) == expected


def test_the_biases_of_several_guides_add_up_and_stay_theirs():
    one, other = Prices(range(V)), Prices([-1.0] * V)
    both = Both((one, other))
    state = both.advance(both.start(), A)
    assert both.bias(state, 5).tolist() == [i - 1 for i in range(V)]
    assert one.bias(0, 5).tolist() == list(range(V))


def test_states_of_several_guides_are_hashable_and_advance_together():
    both = Both((BraceGuide(), Prices([0.0] * V)))
    deep = both.advance(both.start(), BRACES.ids["{"])
    assert hash(deep) != hash(both.start()) and deep == (1, 0)
    assert both.bias(deep, 9)[BRACES.eos] == -np.inf and both.bias(deep, 9)[B] == 0


def test_a_text_that_needs_more_than_its_length_is_not_accepted():
    assert not accepts(Prices([0, 0, -np.inf, 0, 0, 0, 0]), [A], BRACES.eos)
