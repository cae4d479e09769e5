"""A drawing has one target, and the target has the drawing's graph, directions and order."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core.errors import NotationError
from glyphic.notations.molecule import NOTATION, target
from glyphic.notations.molecule.graph import Atom, Bond, BondKind, Circle, Drawing
from glyphic.notations.molecule.structure import same_structure
from glyphic.notations.molecule.target import canonical, to_drawing, to_scheme, to_target
from glyphic.notations.molecule.tokens import BINS, NAMES, VOCABULARY, angle_bin
from tests.notations.molecule.drawings import DRAWINGS, SCHEMES, SEEDS, mapped, moved, shuffled

MANY = settings(max_examples=150, deadline=None)


@MANY
@given(SCHEMES)
def test_a_target_is_the_structure_that_it_was_made_from(scheme):
    text = to_target(scheme)
    assert same_structure(to_scheme(text), scheme) and canonical(text) == text


@MANY
@given(DRAWINGS)
def test_the_rebuilt_drawing_is_walked_as_the_first_one_was(drawing):
    """Not for every drawing on earth (cages and crowded rings differ), but for those of the sampler."""
    text = to_target(drawing)
    assert to_target(to_drawing(text)) == text


@MANY
@given(SCHEMES, SEEDS)
def test_the_order_of_atoms_and_bonds_in_memory_makes_no_difference(scheme, seed):
    rng = random.Random(seed)
    assert to_target(mapped(scheme, lambda drawing: shuffled(drawing, rng))) == to_target(scheme)


@MANY
@given(DRAWINGS, st.floats(-90, 90), st.floats(-90, 90), st.sampled_from([0.5, 2.0, 16.0]))
def test_neither_do_place_and_size_on_the_page(drawing, dx, dy, scale):
    assert to_target(moved(drawing, dx, dy, scale)) == to_target(drawing)


@MANY
@given(DRAWINGS)
def test_atoms_stand_in_the_order_of_the_target(drawing):
    text = to_target(drawing)
    places = target.atom_places(text.split())
    rebuilt = to_drawing(text)
    assert len(places) == len(rebuilt.atoms) == len(drawing.atoms) and places == sorted(places)
    for place, atom in zip(places, rebuilt.atoms, strict=True):
        behind = text.split()[place + (text.split()[place].startswith("[:")):]
        assert " ".join(behind).startswith(" ".join(target.texts.to_tokens(atom.text)))


BENZENE = "?[a] double [:270] [:330] double [:30] [:90] double [:150] [a]"


def test_a_ring_is_closed_as_a_regular_polygon():
    drawing = to_drawing(BENZENE)
    places = np.array([(atom.x, atom.y) for atom in drawing.atoms])
    sides = np.hypot(*(places - np.roll(places, 1, axis=0)).T)
    assert np.allclose(sides, 1.0, atol=1e-6) and len(drawing.bonds) == 6


def test_a_five_ring_closes_though_no_bond_has_one_of_the_24_directions():
    angles = np.radians(90 + 72 * np.arange(5) + 20)
    corners = [Atom("", float(np.cos(a)), float(-np.sin(a))) for a in angles]
    rebuilt = to_drawing(to_target(Drawing(tuple(corners), tuple(Bond(i, (i + 1) % 5) for i in range(5)))))
    sides = [np.hypot(rebuilt.atoms[b.begin].x - rebuilt.atoms[b.end].x, rebuilt.atoms[b.begin].y
                      - rebuilt.atoms[b.end].y) for b in rebuilt.bonds]
    assert max(sides) / min(sides) < 1.35


@pytest.mark.parametrize(("kind", "token"), [(BondKind.WEDGE, "wedge"), (BondKind.HASH, "hash"),
                                             (BondKind.HOLLOW, "hollow"), (BondKind.DATIVE, "dative")])
def test_the_narrow_end_of_a_wedge_is_kept(kind, token):
    left, right = Atom("N", 0.0, 0.0), Atom("O", 1.0, 0.0)
    assert to_target(Drawing((left, right), (Bond(0, 1, kind),))) == f"N {token}< [:0] O"
    assert to_target(Drawing((left, right), (Bond(1, 0, kind),))) == f"N {token}> [:0] O"
    assert to_drawing(f"N {token}> [:0] O").bonds == (Bond(1, 0, kind),)


def test_a_wedge_that_closes_a_ring_keeps_it_too():
    corners = (Atom("", 0.0, 0.0), Atom("", 1.0, 0.0), Atom("N", 1.0, 1.0))
    for bond in (Bond(0, 2, BondKind.WEDGE), Bond(2, 0, BondKind.WEDGE)):
        drawing = Drawing(corners, (Bond(0, 1), Bond(1, 2), bond))
        rebuilt = to_drawing(to_target(drawing))
        narrow = next(b.begin for b in rebuilt.bonds if b.kind == BondKind.WEDGE)
        assert (rebuilt.atoms[narrow].text == "N") == (bond.begin == 2)


def test_a_circle_without_a_ring_is_kept_at_its_atom():
    drawing = Drawing((Atom("", 0.0, 0.0), Atom("O", 1.0, 0.0)), (Bond(0, 1),), (Circle((0,), 0.0, 1.0),))
    assert to_target(drawing) == "circle [:270] [:0] O" and same_structure(*map(to_scheme, [to_target(drawing)] * 2))
    assert to_drawing(to_target(drawing)).circles[0].atoms == (0,)


@pytest.mark.parametrize(("written", "text"), [
    ("?[k] double [:270] [:330] double [:30] [:90] double [:150] [k]", BENZENE),
    ("[:30]   CO2Me", "[:30] C O 2 Me"), ("N M e", "N Me"), ("Fe^{3+}", "F e ^3 ^+"),
    ("?[b] ?[a] [:0] [:60] [b] [:120] [a]", "?[a] ?[b] [:0] [:60] [a] [:120] [b]"),
])
def test_other_spellings_of_a_target_become_the_one(written, text):
    assert canonical(written) == text


@pytest.mark.parametrize(("text", "position"), [
    ("", 0), ("branch( [:0] O branch)", 22), ("?[a] [:0] [:60]", 15), ("[:0] [a]", 5), ("[:0] branch)", 5),
    ("N &", 3), ("& N", 0), ("?[a] [:0] [a]", 10), ("double N", 7), ("N circle O", 9), ("N above( O above)", 2),
    ("N ☃", 2), ("[:0] ?[a] ?[a] O", 10), ("-> above( above)", 10), ("N over", 6), ("O [:0] <eos>", 7),
    ("branch( ?[a] [:0] [:60] branch) [:90] [a]", 8),
])
def test_what_may_not_stand_is_refused_where_it_stands(text, position):
    with pytest.raises(NotationError) as caught:
        canonical(text)
    assert caught.value.position == position


def test_a_reaction_is_not_one_drawing():
    assert len(to_scheme("N -> O").parts) == 3
    with pytest.raises(NotationError, match="use to_scheme"):
        to_drawing("N -> O")


def test_more_open_rings_than_names_are_refused():
    """A star of which every ray is bonded to the last atom of a chain along them."""
    count = len(NAMES) + 2
    atoms = [Atom("", float(i), float(i % 2)) for i in range(2 * count)]
    bonds = [Bond(i, i + 1) for i in range(2 * count - 1)]
    bonds += [Bond(i, 2 * count - 1 - i) for i in range(count - 1)]
    with pytest.raises(NotationError, match="names at most"):
        to_target(Drawing(tuple(atoms), tuple(bonds)))


@MANY
@given(st.lists(st.integers(0, len(VOCABULARY) - 1), max_size=60))
def test_whatever_a_network_writes_is_read_as_something_canonical(ids):
    text = NOTATION.tokenizer.decode(ids)
    assert not text or canonical(text) == text


@MANY
@given(SCHEMES)
def test_what_is_right_needs_no_repair_and_what_is_cut_off_is_closed(scheme):
    tokens = to_target(scheme).split()
    assert target.repaired(tokens) == tokens
    for cut in range(1, len(tokens), 7):
        assert target.repaired(tokens[:cut])[:cut] == tokens[:cut]
        canonical(" ".join(target.repaired(tokens[:cut])))


@given(st.floats(0, 360, exclude_max=True))
def test_a_direction_is_the_nearest_of_24(angle):
    nearest = min(range(BINS), key=lambda i: abs((angle - 15 * i + 180) % 360 - 180))
    distance = [abs((angle - 15 * i + 180) % 360 - 180) for i in (angle_bin(angle), nearest)]
    assert abs(distance[0] - distance[1]) < 1e-9
