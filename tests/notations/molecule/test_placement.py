"""Atoms are found where they are drawn, however vaguely the network looked at them."""

from dataclasses import replace

import numpy as np
import pytest

from glyphic.core.notation import Sight
from glyphic.notations.molecule import placement, target
from glyphic.notations.molecule.placement import graph_of, locate, places
from glyphic.notations.molecule.tokens import ANGLES, BONDS, OPENINGS
from tests.notations.molecule.drawings import pictured

UNIT = 22.0
TARGETS = (
    "?[a] double [:90] [:30] double [:330] branch( [:0] branch) [:270] double [:210] [a]",
    "H O [:330] branch( double [:270] O branch) [:30] branch( [:90] N H 2 branch) [:330] [:30] S [:330]",
    "Cl [:30] ?[a] [:330] double [:30] [:90] branch( [:30] O [:330] branch) double [:150] [:210] double [a] & [:0] O",
    "[:30] [:330] [:30] [:330] wedge< [:30] N",
)


def looks(text: str, points: np.ndarray, noise: float = 0.0, elsewhere: float = 0.0, seed: int = 0,
          size: tuple[int, int] = (200, 200)) -> np.ndarray:
    """(T, 2) where a network looks that knows: letters and openings at their atom, angles at the atom that they lead
    to, bonds half-way; off by so many bonds, a share of them anywhere."""
    rng, tokens = np.random.default_rng(seed), text.split()
    found = rng.uniform((0, 0), size, (len(tokens), 2))
    drawing = target.to_drawing(text)
    for place, token in enumerate(tokens):
        atom = np.searchsorted(target.atom_places(tokens), place, side="right") - 1
        if token in ANGLES:
            found[place] = points[atom]
            if place and tokens[place - 1] in BONDS:
                parent = drawing.neighbours[atom][0].other(atom)
                found[place - 1] = (points[atom] + points[parent]) / 2
        elif token not in BONDS and (token in OPENINGS or token.isalnum()):
            found[place] = points[atom]
    found += rng.normal(0, noise * UNIT, found.shape)
    lost = rng.random(len(found)) < elsewhere
    found[lost] = rng.uniform((0, 0), size, (int(lost.sum()), 2))
    return found


def off(text: str, **how) -> np.ndarray:
    """(N,) by how many bonds the atoms are misplaced."""
    picture, points = pictured(target.to_drawing(text))
    found = locate(graph_of(text), text.split(), looks(text, points, size=picture.shape[::-1], **how), picture)
    return np.hypot(*(found - points).T) / UNIT


@pytest.mark.parametrize("text", TARGETS)
def test_atoms_are_where_the_network_looks(text):
    assert off(text).max() < 0.2


@pytest.mark.parametrize("text", TARGETS)
@pytest.mark.parametrize("seed", range(4))
def test_looks_that_are_half_a_bond_off_do_not_matter_much(text, seed):
    assert np.median(off(text, noise=0.4, seed=seed)) < 0.3


def test_a_look_elsewhere_moves_no_atom():
    wrong = np.concatenate([off(TARGETS[0], noise=0.1, elsewhere=0.15, seed=seed) for seed in range(10)])
    assert np.quantile(wrong, 0.9) < 0.2


def test_an_atom_at_the_end_of_a_longer_bond_comes_near_its_place():
    text = TARGETS[3]
    drawing = target.to_drawing(text)
    before, last = drawing.atoms[-2:]
    far = replace(last, x=last.x + 0.7 * (last.x - before.x), y=last.y + 0.7 * (last.y - before.y))
    picture, points = pictured(replace(drawing, atoms=(*drawing.atoms[:-1], far)))
    found = locate(graph_of(text), text.split(), looks(text, points), picture)
    assert np.hypot(*(found - points).T).max() < 0.45 * UNIT


def test_every_atom_has_its_text_and_its_place_in_the_order_of_the_target():
    text = TARGETS[2]
    picture, points = pictured(target.to_drawing(text))
    found = places(Sight(tuple(text.split()), looks(text, points), picture))
    assert [place.text for place in found] == [atom.text for atom in target.to_drawing(text).atoms]
    assert all(0 <= place.x < picture.shape[1] and 0 <= place.y < picture.shape[0] for place in found)


def test_a_reading_that_was_cut_off_has_places_for_what_was_read_and_one_against_the_grammar_has_none():
    text = TARGETS[0]
    picture, points = pictured(target.to_drawing(text))
    cut = text.split()[:6]
    found = places(Sight(tuple(cut), looks(text, points)[:6], picture))
    assert len(found) == len(target.to_drawing(target.spelled(target.repaired(cut))).atoms)
    assert places(Sight(("branch)", "O"), np.zeros((2, 2)), picture)) == []


def test_the_line_of_a_reaction_has_places_for_all_of_its_atoms():
    text = "[:0] O + Cl -> above( F e above) [:0] Cl"
    found = places(Sight(tuple(text.split()), np.random.default_rng(0).uniform(0, 90, (len(text.split()), 2)),
                         np.ones((96, 96), np.float32)))
    assert [place.text for place in found] == ["", "O", "Cl", "Fe", "", "Cl"]
    assert placement.darkness(np.zeros((2, 2), np.float32), np.array([(1.5, 0.2), (2.1, 0.0)])).tolist() == [1.0, 0.0]
