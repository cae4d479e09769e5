"""Drawings become molfiles, without any chemistry library."""

import itertools
import math

import pytest
from hypothesis import given

from glyphic.core.errors import NotationError
from glyphic.notations.molecule.chemistry.expansion import expand
from glyphic.notations.molecule.chemistry.molfile import from_drawing, write
from glyphic.notations.molecule.graph import Atom, Bond, BondKind, Circle, Drawing, circle_around
from tests.notations.molecule.drawings import DRAWINGS


def ring(size: int, texts: dict[int, str] | None = None, kinds: BondKind = BondKind.SINGLE) -> Drawing:
    angles = [2 * math.pi * i / size for i in range(size)]
    atoms = tuple(Atom((texts or {}).get(i, ""), math.cos(a), math.sin(a)) for i, a in enumerate(angles))
    return Drawing(atoms, tuple(Bond(i, (i + 1) % size, kinds) for i in range(size)),
                   () if kinds != BondKind.SINGLE else (circle_around(atoms, range(size)),))


def body(block: str) -> tuple[list[str], list[str], list[str]]:
    """The lines of the atoms, of the bonds and those behind them."""
    lines = block.split("\n")
    atoms, bonds = int(lines[3][:3]), int(lines[3][3:6])
    return lines[4:4 + atoms], lines[4 + atoms:4 + atoms + bonds], lines[4 + atoms + bonds:]


@given(DRAWINGS)
def test_every_drawing_has_a_molfile_whose_counts_are_right(drawing):
    for superatoms in ("expanded", "groups", "alias"):
        block = from_drawing(drawing, superatoms)
        atoms, bonds, rest = body(block)
        assert block.split("\n")[3].endswith("V2000") and rest[-2:] == ["M  END", ""]
        assert all(len(line) == 69 and line[31:34].strip() for line in atoms)
        assert all(0 < int(line[:3]) <= len(atoms) and 0 < int(line[3:6]) <= len(atoms) for line in bonds)
        assert len(atoms) >= len(drawing.atoms) and len(bonds) >= len(drawing.bonds)


@given(DRAWINGS)
def test_atoms_without_an_abbreviation_stay_where_they_are_drawn(drawing):
    graph = expand(drawing)
    drawn = [i for i, atom in enumerate(drawing.atoms) if not atom.text]
    for a, b in itertools.pairwise(drawn):
        now = [next(atom for atom in graph.atoms if atom.source == i) for i in (a, b)]
        dx, dy = drawing.atoms[b].x - drawing.atoms[a].x, drawing.atoms[b].y - drawing.atoms[a].y
        assert (now[1].x - now[0].x) * dy == pytest.approx(-(now[1].y - now[0].y) * dx, abs=1e-6)


def test_the_y_axis_points_upwards():
    atoms, _, _ = body(from_drawing(Drawing((Atom("", 0, 0), Atom("", 0, 1)), (Bond(0, 1),))))
    assert float(atoms[0][10:20]) > float(atoms[1][10:20])


@pytest.mark.parametrize(("kind", "order", "mark"), [
    (BondKind.SINGLE, 1, 0), (BondKind.DOUBLE, 2, 0), (BondKind.TRIPLE, 3, 0), (BondKind.WEDGE, 1, 1),
    (BondKind.HASH, 1, 6), (BondKind.HOLLOW, 1, 1), (BondKind.WAVY, 1, 4), (BondKind.CROSSED, 2, 3),
    (BondKind.DASHED, 8, 0), (BondKind.DATIVE, 9, 0), (BondKind.BOLD, 1, 0), (BondKind.QUADRUPLE, 8, 0)])
def test_each_kind_of_bond_has_its_numbers(kind, order, mark):
    _, bonds, _ = body(from_drawing(Drawing((Atom("", 0, 0), Atom("", 1, 0)), (Bond(0, 1, kind),))))
    assert bonds == [f"  1  2{order:3d}{mark:3d}  0  0  0"]


@pytest.mark.parametrize(("size", "texts", "doubles"), [
    (6, {}, 3), (6, {0: "N"}, 3), (5, {0: "O"}, 2), (5, {0: "N\nH", 2: "N"}, 2), (5, {0: "N", 1: "N"}, 2),
    (5, {0: "C^-"}, 2), (7, {0: "C^+"}, 3), (6, {0: "N^+"}, 3), (6, {1: "CMe"}, 3), (6, {0: "X"}, 3)])
def test_a_circle_becomes_alternating_double_bonds(size, texts, doubles):
    for kinds in (BondKind.SINGLE, BondKind.AROMATIC):
        graph = expand(ring(size, texts, kinds))
        pairs = [{bond.begin, bond.end} for bond in graph.bonds if bond.order == 2]
        assert len(pairs) == doubles and len(set().union(*pairs)) == 2 * doubles
        assert not graph.problems


def test_circles_of_fused_rings_share_their_double_bonds():
    flat = ring(6)
    more = tuple(Atom("", atom.x + math.sqrt(3) * math.cos(math.pi / 6), atom.y + math.sqrt(3) * math.sin(math.pi / 6))
                 for atom in flat.atoms)
    atoms = flat.atoms + tuple(more[i] for i in (0, 1, 2, 5))
    bonds = (*flat.bonds, Bond(1, 8), Bond(8, 7), Bond(7, 6), Bond(6, 9), Bond(9, 0))
    drawing = Drawing(atoms, bonds, (circle_around(atoms, range(6)), circle_around(atoms, (0, 1, 8, 7, 6, 9))))
    assert sum(bond.order == 2 for bond in expand(drawing).bonds) == 5


def test_a_circle_without_a_ring_or_without_a_partner_is_a_problem():
    lone = Drawing((Atom("", 0, 0), Atom("", 1, 0)), (Bond(0, 1),), (Circle((0,), 0.0, 0.5),))
    assert "no ring" in expand(lone).problems[0]
    assert "no partner" in expand(ring(5)).problems[0]


def test_charges_isotopes_radicals_and_numbers_of_groups_have_their_lines():
    around = Atom("^{13}CH3", 1, 0), Atom("O^·", 0, 1), Atom("R^2", 0, -1), Atom("Z'", -1, 0)
    drawing = Drawing((Atom("N^+", 0, 0), *around), tuple(Bond(0, i) for i in range(1, 5)))
    atoms, _, rest = body(from_drawing(drawing))
    assert [line[31:34].strip() for line in atoms] == ["N", "C", "O", "R#", "*"]
    assert rest[:6] == ["A    5", "Z'", "M  CHG  1   1   1", "M  RAD  1   3   2", "M  ISO  1   2  13",
                        "M  RGP  1   4   2"]


def test_hydrogens_that_valence_would_not_give_are_written_as_a_valence():
    for text, field in (("NH", 2), ("NH2", 0), ("N", 0), ("Pt", 1), ("OH", 0), ("PH4", 5)):
        atoms, _, _ = body(from_drawing(Drawing((Atom("", 0, 0), Atom(text, 1, 0)), (Bond(0, 1),))))
        assert int(atoms[1][48:51]) == field, text


def test_a_superatom_is_expanded_kept_as_a_group_or_kept_as_one_atom():
    drawing = Drawing((Atom("", 0, 0), Atom("CO2Me", 1, 0)), (Bond(0, 1),))
    assert len(body(from_drawing(drawing))[0]) == 5
    rest = body(from_drawing(drawing, "groups"))[2]
    assert "M  SMT   1 CO2Me" in rest and "M  SAL   1  4   2   3   4   5" in rest and "M  SBL   1  1   4" in rest
    atoms, _, rest = body(from_drawing(drawing, "alias"))
    assert len(atoms) == 2 and rest[:2] == ["A    2", "CO2Me"]


def test_where_a_label_goes_on_beyond_a_double_bond_is_said_to_be_unknown():
    _, bonds, _ = body(from_drawing(Drawing((Atom("", 0, 0), Atom("CHCH3", 1, 0), Atom("", -1, 1)),
                                            (Bond(0, 1, BondKind.DOUBLE), Bond(0, 2)))))
    assert [line for line in bonds if line[6:9] == "  2"] == ["  1  2  2  3  0  0  0"]


def test_what_a_molfile_cannot_hold_is_refused():
    many = Drawing(tuple(Atom("O", float(i), 0.0) for i in range(1000)))
    with pytest.raises(NotationError, match="999"):
        from_drawing(many)
    with pytest.raises(NotationError, match="groups"):
        write(expand(ring(6)), "folded")
