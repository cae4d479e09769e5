"""The valence guide makes one bond too many dear, and knows what an atom's text leaves to draw."""

import numpy as np
import pytest

from glyphic.core.errors import OptionError
from glyphic.core.guide import Both
from glyphic.notations.molecule import NOTATION
from glyphic.notations.molecule.tokens import VOCABULARY
from glyphic.notations.molecule.valence import ValenceGuide, bonds_of

GUIDE = ValenceGuide()


def dear(text: str) -> set[str]:
    """The tokens that draw one bond too many behind these, of those that the grammar allows."""
    both = Both((NOTATION.grammar, GUIDE))
    state = both.start()
    for token in text.split():
        state = both.advance(state, VOCABULARY.ids[token])
    bias = both.bias(state, 100)
    return {VOCABULARY.tokens[i] for i in np.flatnonzero((bias < 0) & (bias > -np.inf))}


@pytest.mark.parametrize(("text", "count"), [
    ("", 4), ("N", 3), ("NH", 2), ("H2N", 1), ("NH3", 0), ("N^+", 4), ("NH3^+", 1), ("O^-", 1), ("O^+", 3), ("N^-", 2),
    ("OH", 1), ("Cl", 1), ("N\nH", 2), ("CH3", 1), ("B^-", 4), ("Ph", 99), ("S", 99), ("R^1", 99), ("CO2Me", 99),
])
def test_a_text_leaves_so_many_bonds(text, count):
    assert bonds_of(text) == count


@pytest.mark.parametrize(("text", "token"), [
    ("O double [:0] O", "[:60]"), ("Cl [:0] Cl", "[:0]"), ("triple [:0] triple [:0]", "double"), ("F", "branch("),
    ("double [:0] double [:0] double [:0] double [:0] O", "double"), ("N branch( double [:0] O branch)", "double"),
    ("N branch( double [:0] O branch) [:60] O [:0] O H", "[:0]"), ("?[a] [:0] [:60] O [:120] O", "triple"),
    ("F ?[a] [:0]", "quadruple"), ("F ?[a]", "[:0]"), ("?[a] [:0] [:60] F", "[a]"), ("C H 3 [:0] C H 3", "[:0]"),
])
def test_one_bond_too_many_is_dear(text, token):
    assert token in dear(text)


@pytest.mark.parametrize(("text", "token"), [
    ("O double [:0]", "double"), ("[:0]", "branch("), ("N", "triple"), ("N [:0]", "triple"), ("S [:0] S", "quadruple"),
    ("N branch( [:0] O branch)", "double"), ("F circle", "[:0]"), ("F [:0] F & C", "quadruple"),
    ("O [:0] N ^+", "triple"),    ("Cl", "C"), ("?[a] [:0] [:60]", "[a]"),
])
def test_all_others_are_not(text, token):
    assert token not in dear(text)


def test_a_ring_that_is_closed_by_a_double_bond_counts_at_both_of_its_ends():
    opened = "N ?[a] branch( [:0] [:60] double [a] branch)"
    assert "[:120]" in dear(opened) and "[:120]" not in dear(opened.replace("double ", ""))


def test_a_penalty_is_above_0():
    with pytest.raises(OptionError, match="got 0"):
        ValenceGuide(penalty=0)
