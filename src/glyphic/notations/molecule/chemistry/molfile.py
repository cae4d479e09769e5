"""Atoms and bonds with coordinates -> a molfile (V2000), as every drawing programme and chemistry toolkit opens it.

The format is MDL's (CTfile Formats, 2003 and later). What it has no element for is an R# with its number (R1, R2, ...)
or a `*` with its label as an alias.
"""

from collections.abc import Iterable, Iterator

from glyphic.core.errors import NotationError
from glyphic.notations.molecule.chemistry.constitution import Constitution, PlacedAtom
from glyphic.notations.molecule.chemistry.elements import hydrogens
from glyphic.notations.molecule.chemistry.expansion import expand
from glyphic.notations.molecule.graph import Drawing

LIMIT = 999  # atoms or bonds
BOND = 1.5  # the length of a bond in the file


def from_drawing(drawing: Drawing, superatoms: str = "expanded") -> str:
    """A drawing -> its molfile; needs no chemistry library. `superatoms` as `write` has it, or "alias": texts of
    several atoms stay one atom with the text as its alias."""
    if superatoms == "alias":
        return write(expand(drawing, keep=True))
    return write(expand(drawing), superatoms)


def write(graph: Constitution, superatoms: str = "expanded", title: str = "") -> str:
    """Atoms and bonds -> the text of a molfile.

    superatoms: "expanded": plain atoms; "groups": these, and an S-group (SUP) for each text that they stood in, so that
    a drawing programme shows the text again.
    Errors: NotationError for more than 999 atoms or bonds, or another word.
    """
    if superatoms not in ("expanded", "groups"):
        raise NotationError(f'superatoms are "expanded" or "groups" in a molfile; got {superatoms!r}')
    if max(len(graph.atoms), len(graph.bonds)) > LIMIT:
        raise NotationError(f"a molfile V2000 holds {LIMIT} atoms and bonds; got {len(graph.atoms)} atoms and "
                            f"{len(graph.bonds)} bonds")
    chiral = any(bond.mark in (1, 6) for bond in graph.bonds)
    lines = [title, "  Glyphic           2D", "",
             f"{len(graph.atoms):3d}{len(graph.bonds):3d}  0  0{int(chiral):3d}  0  0  0  0  0999 V2000"]
    for i, placed in enumerate(graph.atoms):
        lines.append(f"{placed.x * BOND:10.4f}{placed.y * BOND:10.4f}{0.0:10.4f} {_symbol(placed):<3s} 0  0  0  0  0"
                     f"{_valence(graph, i):3d}  0  0  0  0  0  0")
    lines += [f"{bond.begin + 1:3d}{bond.end + 1:3d}{bond.order:3d}{bond.mark:3d}  0  0  0" for bond in graph.bonds]
    for i, placed in enumerate(graph.atoms, 1):
        if _symbol(placed) == "*" and placed.atom.label:
            lines += [f"A  {i:3d}", placed.atom.label]
    atoms = [placed.atom for placed in graph.atoms]
    lines += _property("CHG", ((i, atom.charge) for i, atom in enumerate(atoms, 1) if atom.charge))
    lines += _property("RAD", ((i, 2 if atom.radical == 1 else 3)
                               for i, atom in enumerate(atoms, 1) if atom.radical))
    lines += _property("ISO", ((i, atom.isotope) for i, atom in enumerate(atoms, 1) if atom.isotope))
    lines += _property("RGP", ((i, placed.number) for i, placed in enumerate(graph.atoms, 1) if placed.number))
    if superatoms == "groups":
        lines += _groups(graph)
    return "\n".join((*lines, "M  END", ""))


def _symbol(placed: PlacedAtom) -> str:
    return "R#" if placed.number else placed.atom.symbol


def _valence(graph: Constitution, i: int) -> int:
    """The valence field: where an atom's hydrogens are not those that a reader would give it; 15 means no bonds."""
    atom = graph.atoms[i].atom
    if atom.hydrogens is None or atom.symbol == "*":
        return 0
    bonds = graph.bond_sum(i)
    if atom.hydrogens == hydrogens(atom.symbol, atom.charge, bonds, atom.radical) and atom.symbol in "BCNOFPSClBrI":
        return 0
    total = bonds + atom.hydrogens
    return total if 0 < total < 15 else 15


def _property(name: str, values: Iterable[tuple[int, int]]) -> Iterator[str]:
    """The lines of a property, eight atoms a line."""
    pairs = list(values)
    for start in range(0, len(pairs), 8):
        block = pairs[start:start + 8]
        yield f"M  {name}{len(block):3d}" + "".join(f"{i:4d}{value:4d}" for i, value in block)


def _groups(graph: Constitution) -> Iterator[str]:
    for number, (text, members) in enumerate(graph.groups, 1):
        inside = set(members)
        crossing = [k for k, bond in enumerate(graph.bonds, 1) if (bond.begin in inside) != (bond.end in inside)]
        yield f"M  STY  1{number:4d} SUP"
        yield f"M  SLB  1{number:4d}{number:4d}"
        for key, items in (("SAL", [i + 1 for i in members]), ("SBL", crossing)):
            for start in range(0, len(items), 15):
                block = items[start:start + 15]
                yield f"M  {key}{number:4d}{len(block):3d}" + "".join(f"{item:4d}" for item in block)
        yield f"M  SMT{number:4d} {text.replace(chr(10), '')}"
