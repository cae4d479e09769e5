"""Groups without coordinates are laid out beside what stands there."""

import cmath
import math

import pytest

from glyphic.notations.molecule.chemistry.abbreviations import built_in
from glyphic.notations.molecule.chemistry.spread import spread

GROUPS = {entry.smiles: entry.fragment for entry in built_in().entries}


@pytest.mark.parametrize("smiles", list(GROUPS))
def test_no_two_atoms_stand_on_top_of_each_other(smiles):
    group = GROUPS[smiles]
    ends = [cmath.rect(1, math.pi + i) for i in range(len(group.ends))]
    places = spread(group, 0j, ends, ends)
    points = places + ends
    apart = [abs(a - b) for i, a in enumerate(points) for b in points[:i]]
    assert min(apart, default=1.0) > 0.2


def test_the_atom_that_the_bond_reaches_takes_the_place_of_the_text():
    for group in GROUPS.values():
        if len({atom for atom, _ in group.ends}) == 1:
            places = spread(group, 3 + 2j, [2 + 2j] * len(group.ends), [])
            assert places[group.ends[0][0]] == pytest.approx(3 + 2j)


def test_a_group_goes_away_from_its_bond():
    places = spread(GROUPS["*C(=O)OC"], 0j, [-1 + 0j], [-1 + 0j])
    assert all(place.real > 0 for place in places[1:])
