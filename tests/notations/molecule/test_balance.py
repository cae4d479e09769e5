"""Does a line keep its atoms? What is counted, what cannot be told, and that a beam heeds it."""

import pytest

from glyphic.notations.molecule import NOTATION, to_scheme
from glyphic.notations.molecule.chemistry import balance

RING = "?[a] double [:270] [:330] double [:30] [:90] double [:150] [a]"
CIRCLED = "?[a] circle [:330] [:270] [:330] [:30] [:90] [:150] [a]"


def excess(text):
    """By how many atoms the left side has more than the right one; None where it cannot be told."""
    found = balance.sides(to_scheme(NOTATION.normalize(text)))
    return found and {atom: found[0][atom] - found[1][atom] for atom in found[0] | found[1]
                      if found[0][atom] != found[1][atom]}


@pytest.mark.parametrize(("text", "atoms"), [
    ("H2O", {"H": 2, "O": 1}), ("2NaOH", {"Na": 2, "O": 2, "H": 2}), ("Ca(OH)2↓", {"Ca": 1, "O": 2, "H": 2}),
    ("2Cu(NO3)2", {"Cu": 2, "N": 4, "O": 12}), ("NH4^+", {"N": 1, "H": 4}), ("SO4^{2-}", {"S": 1, "O": 4}),
    ("H2SO4(浓)", {"H": 2, "S": 1, "O": 4}), ("CH2=CH2", {"C": 2, "H": 4}), ("PhCH3", {"C": 7, "H": 8}),
    ("[Ag(NH3)2]OH", {"Ag": 1, "N": 2, "H": 7, "O": 1}), ("CO2↑", {"C": 1, "O": 2}), ("Cl^-", {"Cl": 1}),
])
def test_a_formula_has_its_atoms(text, atoms):
    assert balance.formula(text) == atoms


@pytest.mark.parametrize("text", ["R", "nCH2", "催化剂", "CH3)2", "(CH3", "2", "Xy", "3(2)"])
def test_what_is_no_formula_has_none(text):
    assert not balance.formula(text)


@pytest.mark.parametrize("line", [
    "2 H 2 + O 2 -> 2 H 2 O", "3 C u + 8 H N O 3 -> above( △ above) 3 C u ( N O 3 ) 2 + 2 N O ↑ + 4 H 2 O",
    f"{RING} + Br 2 -> above( Fe Br 3 above) Br [:30] {RING} + H Br",
    f"{CIRCLED} [:90] C O O H + Na O H -> {CIRCLED} [:90] C O O Na + H 2 O",
    "( 4 ) : Z n + 2 H Cl -> Z n Cl 2 + H 2 ↑", "[:30] double [:330] + H 2 <=> [:30] [:330]",
    f"2 & {RING} + 15 O 2 -> 12 C O 2 + 6 H 2 O",
])
def test_a_true_equation_is_balanced(line):
    assert excess(line) == {}
    assert NOTATION.prior(NOTATION.normalize(line)) == balance.BALANCED


@pytest.mark.parametrize(("line", "more"), [
    ("2 H 2 + O 2 -> H 2 O", {"H": 2, "O": 1}), (f"{RING} -> {RING} + H 2", {"H": -2}),
    ("Na O H + H Cl -> K Cl + H 2 O", {"K": -1, "Na": 1}),
])
def test_what_is_left_over_is_told(line, more):
    assert excess(line) == more
    assert NOTATION.prior(NOTATION.normalize(line)) == 0.0


@pytest.mark.parametrize("line", [
    "H 2 + O 2", RING, "H 2 -> H 2 -> H 2", "H 2 ->", "R O H + Na -> R O Na", "C H 4 -> 一 定 条 件 + C H 4", "-> H 2",
])
def test_of_some_lines_it_cannot_be_told(line):
    assert excess(line) is None


def test_a_reading_tells_it():
    (check,) = NOTATION.checks("2 H 2 + O 2 -> 2 H 2 O")
    assert (check.part, check.verdict, check.found, check.wanted) == ("equation", "balanced", "H4O2", "H4O2")
    (check,) = NOTATION.checks("C 2 H 5 O H -> C H 2 double [:0] C H 2")
    assert (check.verdict, check.found, check.wanted) == ("unbalanced", "C2H6O", "C2H4")
    assert check.words == (0, 15)
    assert NOTATION.checks(RING) == () == NOTATION.checks("R O H -> R Cl")
