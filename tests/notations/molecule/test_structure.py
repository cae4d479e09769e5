"""Structures are equal when the graphs are, whatever the angles and the order; one difference makes them differ."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from glyphic.core.errors import NotationError
from glyphic.notations.molecule import METRICS
from glyphic.notations.molecule.graph import DIRECTED, Atom, Bond, BondKind, Circle, Drawing
from glyphic.notations.molecule.structure import fingerprint, same_drawing, same_structure
from glyphic.notations.molecule.target import to_scheme, to_target
from tests.notations.molecule.drawings import DRAWINGS, SCHEMES, SEEDS, mapped, shuffled

MANY = settings(max_examples=150, deadline=None)


@MANY
@given(SCHEMES, SEEDS)
def test_neither_order_nor_place_counts(scheme, seed):
    rng = random.Random(seed)

    def strewn(drawing):
        atoms = tuple(Atom(a.text, rng.random(), rng.random()) for a in shuffled(drawing, rng).atoms)
        assert len(atoms) == len(drawing.atoms)
        other = shuffled(drawing, rng)
        return Drawing(tuple(Atom(a.text, rng.random(), rng.random()) for a in other.atoms), other.bonds, other.circles)

    other = mapped(scheme, strewn)
    assert same_structure(scheme, other)
    assert list(map(fingerprint, scheme.drawings)) == list(map(fingerprint, other.drawings))


@MANY
@given(DRAWINGS, SEEDS)
def test_one_difference_makes_it_another(drawing, seed):
    rng = random.Random(seed)
    changes = [lambda: replace(drawing, atoms=_set(drawing.atoms, rng, lambda a: Atom("Xe", a.x, a.y)))]
    changes.append(lambda: replace(drawing, bonds=_set(drawing.bonds, rng, lambda b: Bond(
        b.begin, b.end, BondKind.SINGLE if b.kind != BondKind.SINGLE else BondKind.TRIPLE))))
    if drawing.circles:
        changes.append(lambda: replace(drawing, circles=drawing.circles[1:]))
    changed = rng.choice(changes)()
    assert not same_drawing(drawing, changed) and fingerprint(drawing) != fingerprint(changed)


def _set(items, rng, change):
    i = rng.randrange(len(items))
    return (*items[:i], change(items[i]), *items[i + 1:])


@pytest.mark.parametrize("kind", sorted(DIRECTED))
def test_the_direction_of_a_wedge_counts(kind):
    atoms = (Atom("N", 0.0, 0.0), Atom("O", 1.0, 0.0))
    one, two = (Drawing(atoms, (Bond(*ends, kind),)) for ends in ((0, 1), (1, 0)))
    assert not same_drawing(one, two) and same_drawing(one, one)


def ring(count: int, first: int = 0) -> tuple[Bond, ...]:
    return tuple(Bond(first + i, first + (i + 1) % count) for i in range(count))


def corners(count: int) -> tuple[Atom, ...]:
    return tuple(Atom("", float(i), float(i % 3)) for i in range(count))


def test_what_colours_cannot_tell_apart_is_told_apart_by_the_search():
    """Decalin's and bicyclopentyl's skeletons, two of the smallest pairs on which colour refinement fails."""
    decalin = Drawing(corners(10), (*ring(10), Bond(0, 5)))
    bicyclopentyl = Drawing(corners(10), (*ring(5), *ring(5, 5), Bond(0, 5)))
    assert fingerprint(decalin) == fingerprint(bicyclopentyl)
    assert not same_drawing(decalin, bicyclopentyl)
    assert not same_drawing(Drawing(corners(6), ring(6)), Drawing(corners(6), (*ring(3), *ring(3, 3))))


def test_a_cage_of_sixty_equal_atoms_is_itself():
    """A prism of two rings of thirty: every atom has the same colour."""
    bonds = (*ring(30), *ring(30, 30), *(Bond(i, i + 30) for i in range(30)))
    prism = Drawing(corners(60), bonds)
    twisted = Drawing(corners(60), (*ring(30), *ring(30, 30), *(Bond(i, 30 + (i + 7) % 30) for i in range(30))))
    crossed = Drawing(corners(60), (*ring(60), *(Bond(i, i + 30) for i in range(30))))  # a Moebius ladder
    assert same_drawing(prism, shuffled(prism, random.Random(0))) and same_drawing(prism, twisted)
    assert not same_drawing(prism, crossed)


def test_the_ring_that_a_circle_lies_in_counts():
    naphthalene = (*ring(10), Bond(0, 5))
    atoms = (Atom("N", 0.0, 0.0), *corners(10)[1:])
    rings = ((0, 1, 2, 3, 4, 5), (0, 5, 6, 7, 8, 9))
    bonds = (*naphthalene, Bond(1, 10))
    left, right = (Drawing((*atoms, Atom("O", 9.0, 9.0)), bonds, (Circle(r, 0.0, 0.0),)) for r in rings)
    assert not same_drawing(left, right)


@pytest.mark.parametrize(("a", "b", "same"), [
    ("N & O", "O & N", True), ("N + O", "O + N", False), ("N -> O", "N <=> O", False), ("N H", "H N", False),
    ("N over H", "N H", False), ("[:0] O", "O [:90]", True), ("[:0] O", "[:0] O & O", False),
    ("N -> above( O above) S", "N -> below( O below) S", False), ("N -> above( O above) S", "N -> S", False),
    ("[:0] double [:60] O", "double [:0] [:60] O", False), ("N +", "N ->", False),
])
def test_lines_correspond_sign_by_sign(a, b, same):
    assert same_structure(to_scheme(a), to_scheme(b)) == same
    assert METRICS["structure"].statistics(a, b) == (float(same), 1.0)


def test_what_is_no_drawing_is_no_match():
    with pytest.raises(NotationError):
        to_scheme("?[a] N")
    assert METRICS["structure"].statistics("?[a] N", "N") == (0.0, 1.0)
    assert METRICS["structure"].statistics("", "N") == (0.0, 1.0)


@MANY
@given(SCHEMES, SEEDS)
def test_the_metric_counts_another_walk_of_the_same_drawing_as_right(scheme, seed):
    """The same line in a mirror is another string, but no other structure."""
    def flipped(drawing):
        return Drawing(tuple(Atom(a.text, -a.x, a.y) for a in drawing.atoms), drawing.bonds,
                       tuple(Circle(c.atoms, -c.x, c.y) for c in drawing.circles))

    one, two = to_target(scheme), to_target(mapped(scheme, flipped))
    metric = METRICS["structure"]
    assert metric.value(np.array(metric.statistics(one, two))) == 1.0
