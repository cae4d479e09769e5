"""Circles become double bonds."""

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from glyphic.notations.molecule.chemistry.kekule import matching


def largest(count: int, edges: list[tuple[int, int]]) -> int:
    """The most pairs, by trying all."""
    if not edges:
        return 0
    (a, b), rest = edges[0], edges[1:]
    return max(largest(count, rest), 1 + largest(count, [e for e in rest if not {a, b} & set(e)]))


@given(st.integers(2, 8), st.integers(0, 10**6))
def test_as_many_atoms_as_can_be_are_paired_along_bonds(count, seed):
    rng = random.Random(seed)
    edges = [pair for pair in itertools.combinations(range(count), 2) if rng.random() < 0.35]
    partner = matching(edges, list(range(count)))
    assert all(partner[partner[a]] == a for a in partner)
    assert all((min(pair), max(pair)) in edges for pair in partner.items())
    assert len(partner) // 2 == largest(count, edges)


def test_those_that_need_it_most_are_served_first():
    for order in itertools.permutations(range(3)):
        assert set(matching([(0, 1), (1, 2)], order)) >= {order[0]}
