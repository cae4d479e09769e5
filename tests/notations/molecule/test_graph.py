"""Drawings refuse what cannot be drawn, and know what hangs together."""

import math

import pytest

from glyphic.core.errors import NotationError
from glyphic.notations.molecule.graph import (
    Arrow,
    Atom,
    Bond,
    BondKind,
    Circle,
    Drawing,
    Plus,
    Scheme,
    beside,
    direction,
)

A, B, C = Atom("N", 0.0, 0.0), Atom("", 1.0, 0.0), Atom("O", 1.0, -1.0)
TRIANGLE = (Bond(0, 1), Bond(1, 2), Bond(2, 0))


@pytest.mark.parametrize(("atoms", "bonds", "circles", "sentence"), [
    ((), (), (), "at least one atom"),
    ((A, B), (Bond(0, 2),), (), "a bond joins two of the 2 atoms"),
    ((A, B), (Bond(1, 1),), (), "a bond joins two"),
    ((A, B), (Bond(0, 1), Bond(1, 0, BondKind.WEDGE)), (), "at most one bond"),
    ((A, B, C), (Bond(0, 2),), (), "number 1 has neither"),
    ((A, B, C), TRIANGLE[:2], (Circle((0, 1, 2), 0.0, 0.0),), "a circle lies in a ring"),
    ((A, B, C), TRIANGLE, (Circle((0, 1), 0.0, 0.0),), "a circle lies in a ring"),
    ((A, B, C), TRIANGLE, (Circle((7,), 0.0, 0.0),), "a circle lies in a ring"),
])
def test_what_is_no_drawing_is_refused(atoms, bonds, circles, sentence):
    with pytest.raises(NotationError, match=sentence):
        Drawing(atoms, bonds, circles)


@pytest.mark.parametrize(("text", "x"), [("NH₂", 0.0), ("N", math.nan), ("N", math.inf)])
def test_an_atom_has_a_canonical_text_and_a_place(text, x):
    with pytest.raises(NotationError):
        Atom(text, x, 0.0)


def test_directions_are_those_of_the_page_though_y_runs_down():
    drawing = Drawing((A, B, C), TRIANGLE, (Circle((2, 0, 1), 0.7, -0.3),))
    assert (drawing.angle(0, 1), drawing.angle(1, 2), drawing.angle(2, 1)) == (0.0, 90.0, 270.0)
    assert direction(1.0, 1e-18) == 0.0


def test_neighbours_and_components():
    drawing = Drawing((A, B, C, A, A), (Bond(2, 1), Bond(0, 4, BondKind.DATIVE)))
    assert drawing.components == ((0, 4), (1, 2), (3,))
    assert drawing.neighbours[2] == (Bond(2, 1),) and drawing.neighbours[3] == () and Bond(2, 1).other(1) == 2


def test_drawings_beside_each_other_keep_their_shape_and_do_not_touch():
    one, two = Drawing((A, B, C), TRIANGLE), Drawing((C, A), (Bond(0, 1),))
    both = beside([one, two])
    assert both.bonds == (*TRIANGLE, Bond(3, 4))
    assert both.angle(3, 4) == two.angle(0, 1) and both.angle(1, 2) == one.angle(1, 2)
    assert max(atom.x for atom in both.atoms[:3]) < min(atom.x for atom in both.atoms[3:])


def test_a_line_joins_what_stands_side_by_side():
    one = Drawing((A,))
    with pytest.raises(NotationError, match="one drawing of several components"):
        Scheme((one, one))
    with pytest.raises(NotationError, match="got an arrow"):
        Arrow(above=(Arrow(),))
    with pytest.raises(NotationError, match="at least one part"):
        Scheme(())
    line = Scheme((one, Arrow(above=(Drawing((C,)),), below=(Plus(), one)), Plus(), one))
    assert [drawing.atoms[0].text for drawing in line.drawings] == ["N", "O", "N", "N"]
