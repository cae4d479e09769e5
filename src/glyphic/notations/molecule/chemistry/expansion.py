"""A drawing -> what it says in atoms and bonds: texts become groups, circles double bonds, wedges stereo marks.

Nothing here needs a chemistry library. What a text does not tell (where the atoms of `CO2Me` lie) is laid out beside
the rest; what a drawing does not tell (cis or trans inside of `CH=CHCH3`) is marked as untold.
"""

from dataclasses import replace

from glyphic.notations.molecule import texts
from glyphic.notations.molecule.chemistry.abbreviations import Abbreviations, built_in
from glyphic.notations.molecule.chemistry.constitution import Constitution, Mark, Order, PlacedAtom, PlacedBond
from glyphic.notations.molecule.chemistry.elements import valences
from glyphic.notations.molecule.chemistry.formulas import ANYWHERE, LEFT, RIGHT
from glyphic.notations.molecule.chemistry.fragments import Fragment, GroupAtom
from glyphic.notations.molecule.chemistry.kekule import matching
from glyphic.notations.molecule.chemistry.labels import meaning
from glyphic.notations.molecule.chemistry.spread import spread
from glyphic.notations.molecule.graph import Bond, BondKind, Drawing

_ORDER = {BondKind.DOUBLE: Order.DOUBLE, BondKind.CROSSED: Order.DOUBLE, BondKind.TRIPLE: Order.TRIPLE,
          BondKind.AROMATIC: Order.AROMATIC, BondKind.DATIVE: Order.DATIVE, BondKind.DASHED: Order.ANY,
          BondKind.QUADRUPLE: Order.ANY}
_MARK = {BondKind.WEDGE: Mark.UP, BondKind.HOLLOW: Mark.UP, BondKind.HASH: Mark.DOWN, BondKind.WAVY: Mark.EITHER,
         BondKind.CROSSED: Mark.EITHER_DOUBLE}
_TOLD = {BondKind.DASHED: "a dashed bond may be any bond: it is kept as one without order",
         BondKind.QUADRUPLE: "no molfile holds a bond of four lines: it is kept as one without order",
         BondKind.BOLD: "a bold bond of one width says nothing of stereo: it is read as a single bond"}
_UPRIGHT = 0.1  # of a bond's length: what is less far to the side is above or below


def expand(drawing: Drawing, table: Abbreviations | None = None, keep: bool = False) -> Constitution:
    """A drawing -> its atoms and bonds, the unit of length its mean bond.

    table: the abbreviations, those of the package if none is given.
    keep: texts of several atoms are not expanded; each is an open atom with its text as the label.
    """
    table = table or built_in()
    scale = _scale(drawing)
    where = [complex(atom.x, -atom.y) / scale for atom in drawing.atoms]
    atoms: list[PlacedAtom] = []
    bonds: list[PlacedBond] = []
    groups: list[tuple[str, tuple[int, ...]]] = []
    problems: list[str] = []
    ends: dict[tuple[int, int], int] = {}  # (atom of the drawing, its bond's other atom) -> the atom that it reaches
    for i, drawn in enumerate(drawing.atoms):
        fragment, problem = _fragment(drawing, i, table, where)
        if keep and len(fragment.atoms) > 1:
            lone = GroupAtom("*", label=flat(drawn.text))
            fragment = Fragment((lone,), (), tuple((0, order) for _, order in fragment.ends))
        if problem:
            problems.append(problem)
        reached = [where[bond.other(i)] for bond in drawing.neighbours[i]]
        taken = [z for j, z in enumerate(where) if j != i]
        places = spread(fragment, where[i], reached, taken + [complex(atom.x, atom.y) for atom in atoms])
        base = len(atoms)
        atoms += [PlacedAtom(atom, z.real, z.imag, i) for atom, z in zip(fragment.atoms, places, strict=True)]
        bonds += [PlacedBond(a + base, b + base, Order(order), _inner_mark(fragment, number))
                  for number, (a, b, order) in enumerate(fragment.bonds)]
        if len(fragment.atoms) > 1:
            groups.append((drawn.text, tuple(range(base, len(atoms)))))
        for bond, (atom, _) in zip(drawing.neighbours[i], fragment.ends, strict=True):
            ends[i, bond.other(i)] = atom + base
    alternating = _alternating(drawing)
    flexible = []
    for drawn_bond in drawing.bonds:
        a, b = drawn_bond.begin, drawn_bond.end
        if frozenset((a, b)) in alternating:
            flexible.append(len(bonds))
        bonds.append(_bond(drawing, drawn_bond, ends[a, b], ends[b, a], atoms, groups))
        if drawn_bond.kind in _TOLD:
            problems.append(_TOLD[drawn_bond.kind])
    if any(len(circle.atoms) == 1 for circle in drawing.circles):
        problems.append("a circle lies in no ring: it is left out")
    result = Constitution(tuple(atoms), tuple(bonds), tuple(groups), ())
    result, missing = _alternated(result, flexible) if flexible else (result, 0)
    if missing:
        problems.append(f"{missing} atoms of rings with a circle find no partner for a double bond")
    return replace(result, problems=tuple(dict.fromkeys(problems)))


def flat(text: str) -> str:
    """A text without its markup, as labels of files have it."""
    return "".join(characters for characters, _ in texts.runs(text) if characters != "\n")


def _scale(drawing: Drawing) -> float:
    lengths = [abs(complex(drawing.atoms[b.begin].x - drawing.atoms[b.end].x,
                           drawing.atoms[b.begin].y - drawing.atoms[b.end].y)) for b in drawing.bonds]
    return sum(lengths) / len(lengths) if any(lengths) else 1.0


def _fragment(drawing: Drawing, i: int, table: Abbreviations, where: list[complex]) -> tuple[Fragment, str]:
    around = drawing.neighbours[i]
    text = drawing.atoms[i].text
    if not text:
        return Fragment((GroupAtom("C"),), (), tuple((0, 1) for _ in around)), ""
    bonds = []
    for bond in around:
        step = where[bond.other(i)] - where[i]
        side = ANYWHERE if abs(step.real) <= _UPRIGHT * abs(step) else RIGHT if step.real > 0 else LEFT
        order = _ORDER.get(bond.kind, Order.SINGLE)
        bonds.append((int(order) if order <= Order.TRIPLE else 1, side))
    found = meaning(text, tuple(bonds), table)
    if found[1] and _alternating_at(drawing, i):  # CMe in a ring with a circle lacks one bond
        for number in range(len(bonds)):
            if bonds[number][0] == 1 and around[number].other(i) in _alternating_at(drawing, i):
                more = meaning(text, tuple((o + (k == number), s) for k, (o, s) in enumerate(bonds)), table)
                if not more[1]:
                    return more
    return found


def _alternating(drawing: Drawing) -> frozenset[frozenset[int]]:
    """The pairs of atoms whose bond may be double: those of circles, and aromatic ones."""
    pairs = {frozenset((bond.begin, bond.end)) for bond in drawing.bonds if bond.kind == BondKind.AROMATIC}
    single = {frozenset((bond.begin, bond.end)) for bond in drawing.bonds if bond.kind == BondKind.SINGLE}
    for circle in drawing.circles:
        ring = circle.atoms
        pairs |= {pair for pair in map(frozenset, zip(ring, (*ring[1:], ring[0]), strict=True)) if pair in single}
    return frozenset(pairs)


def _alternating_at(drawing: Drawing, i: int) -> frozenset[int]:
    return frozenset(other for pair in _alternating(drawing) if i in pair for other in pair if other != i)


def _bond(drawing: Drawing, bond: Bond, begin: int, end: int, atoms: list[PlacedAtom],
          groups: list[tuple[str, tuple[int, ...]]]) -> PlacedBond:
    order = _ORDER.get(bond.kind, Order.SINGLE)
    mark = _MARK.get(bond.kind, Mark.NONE)
    grouped = {atom for _, members in groups for atom in members}
    if order == Order.DOUBLE and grouped & {begin, end}:  # where =CHCH3 goes on is not drawn
        inside = {atom for _, members in groups if {begin, end} & set(members) for atom in members}
        if len(inside) > 1:
            mark = Mark.EITHER_DOUBLE
    if mark == Mark.EITHER and _asked(drawing, bond.end) > _asked(drawing, bond.begin):
        begin, end = end, begin
    return PlacedBond(begin, end, order, mark)


def _asked(drawing: Drawing, atom: int) -> tuple[bool, int]:
    """How likely a wavy bond speaks of this atom: one with a double bond, then one with many bonds."""
    around = drawing.neighbours[atom]
    return any(_ORDER.get(bond.kind) == Order.DOUBLE for bond in around), len(around)


def _inner_mark(fragment: Fragment, number: int) -> Mark:
    """A double bond inside of a text may be cis or trans if both of its atoms go on."""
    a, b, order = fragment.bonds[number]
    if order != Order.DOUBLE or number in fragment.ring_bonds:
        return Mark.NONE
    for atom in (a, b):
        doubles = sum(o > 1 for x, y, o in fragment.bonds if atom in (x, y)) + sum(
            o > 1 for x, o in fragment.ends if x == atom)
        degree = len(fragment.neighbours[atom]) + sum(x == atom for x, _ in fragment.ends)
        if doubles > 1 or degree < 2 or fragment.atoms[atom].symbol not in ("C", "N"):
            return Mark.NONE
    return Mark.EITHER_DOUBLE


def _alternated(graph: Constitution, flexible: list[int]) -> tuple[Constitution, int]:
    """The bonds of these numbers become single and double in turns; second, how many carbons are left over."""
    bonds = list(graph.bonds)
    for number in flexible:
        bonds[number] = replace(bonds[number], order=Order.SINGLE)
    single = replace(graph, bonds=tuple(bonds))
    members = sorted({end for number in flexible for end in (bonds[number].begin, bonds[number].end)})
    lacking = [i for i in members if _lacks(single, i)]
    carbons = [i for i in lacking if graph.atoms[i].atom.symbol == "C"]
    rest = [i for i in lacking if graph.atoms[i].atom.symbol not in ("C", "*")]
    stars = [i for i in lacking if graph.atoms[i].atom.symbol == "*"]
    partner = matching([(bonds[n].begin, bonds[n].end) for n in flexible], [*carbons, *rest, *stars])
    for number in flexible:
        if partner.get(bonds[number].begin) == bonds[number].end:
            bonds[number] = replace(bonds[number], order=Order.DOUBLE)
    return replace(graph, bonds=tuple(bonds)), sum(i not in partner for i in carbons)


def _lacks(graph: Constitution, i: int) -> bool:
    """Whether an atom of an aromatic ring has room for a double bond."""
    atom = graph.atoms[i].atom
    if atom.symbol == "*":
        return True
    if atom.symbol == "C" and atom.charge:  # cyclopentadienide, tropylium: it is the odd one
        return False
    options = valences(atom.symbol, atom.charge)
    return bool(options) and options[0] - atom.radical - (atom.hydrogens or 0) - graph.bond_sum(i) >= 1
