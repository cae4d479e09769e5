"""What a group is, as one string that equal groups share: for the tests of what labels mean (no RDKit)."""

from glyphic.notations.molecule.chemistry.fragments import Fragment


def code(fragment: Fragment) -> str:
    """A digest by refinement (Weisfeiler and Leman): element, charge, isotope, bonds and ends of all atoms."""
    names = [f"{a.symbol}{a.charge}/{a.isotope}/{a.radical}{sorted(o for i, o in fragment.ends if i == n)}"
             for n, a in enumerate(fragment.atoms)]
    around: list[list[tuple[int, int]]] = [[] for _ in fragment.atoms]
    for a, b, order in _delocalized(fragment):
        around[a].append((b, order))
        around[b].append((a, order))
    for _ in names:
        names = [str(hash((name, tuple(sorted((order, names[other]) for other, order in around[i])))))
                 for i, name in enumerate(names)]
    return " ".join(sorted(names))


def _delocalized(fragment: Fragment) -> list[tuple[int, int, int]]:
    """Bonds of rings with three double bonds in six are all alike, however they are written."""
    rings = set()
    for number in fragment.ring_bonds:
        a, b, _ = fragment.bonds[number]
        both = [[o for k, (x, y, o) in enumerate(fragment.bonds) if k in fragment.ring_bonds and end in (x, y)]
                for end in (a, b)]
        if all(2 in orders for orders in both):
            rings.add(number)
    return [(a, b, 9 if number in rings else order) for number, (a, b, order) in enumerate(fragment.bonds)]
