"""Aromatic circles -> alternating double bonds: a largest matching of the atoms that lack a bond.

Atoms that lack a bond are joined in pairs along the bonds of the rings with a circle. Augmenting paths with blossoms
(Edmonds 1965) find the most pairs; an atom once covered stays so, therefore those that need their double bond most
(carbon before nitrogen, whose hydrogen drawings may leave out) go first.
"""

from collections import deque
from collections.abc import Mapping, Sequence


def matching(edges: Sequence[tuple[int, int]], order: Sequence[int]) -> dict[int, int]:
    """Edges between atoms, and the atoms by how much they need a partner -> atom -> partner, for all that get one."""
    around: dict[int, list[int]] = {atom: [] for atom in order}
    for a, b in edges:
        if a in around and b in around:
            around[a].append(b)
            around[b].append(a)
    partner: dict[int, int] = {}
    for root in order:
        if root not in partner:
            _augment(root, around, partner)
    return partner


def _augment(root: int, around: Mapping[int, Sequence[int]], partner: dict[int, int]) -> None:
    """One search for an augmenting path from an atom without a partner; odd cycles are shrunk to their base."""
    parent: dict[int, int] = {}
    base = {atom: atom for atom in around}
    outer, ahead = {root}, deque([root])

    def ancestor(a: int, b: int) -> int:
        seen = set()
        while True:
            a = base[a]
            seen.add(a)
            if a not in partner:
                break
            a = parent[partner[a]]
        while base[b] not in seen:
            b = parent[partner[base[b]]]
        return base[b]

    def shrink(atom: int, child: int, top: int, blossom: set[int]) -> None:
        while base[atom] != top:
            blossom |= {base[atom], base[partner[atom]]}
            parent[atom] = child
            child = partner[atom]
            atom = parent[child]

    while ahead:
        atom = ahead.popleft()
        for other in around[atom]:
            if base[atom] == base[other] or partner.get(atom) == other:
                continue
            if other == root or (other in partner and partner[other] in parent):
                top = ancestor(atom, other)
                blossom: set[int] = set()
                shrink(atom, other, top, blossom)
                shrink(other, atom, top, blossom)
                for i in around:
                    if base[i] in blossom:
                        base[i] = top
                        if i not in outer:
                            outer.add(i)
                            ahead.append(i)
            elif other not in parent:
                parent[other] = atom
                if other not in partner:
                    end: int | None = other
                    while end is not None:
                        before = parent[end]
                        following = partner.get(before)
                        partner[end], partner[before] = before, end
                        end = following
                    return
                outer.add(partner[other])
                ahead.append(partner[other])
