"""Whether two drawings or lines are the same structure: one graph of atom texts and bond kinds, angles apart.

An aromatic circle is a node that is joined to the atoms of its ring. Wedges count with their direction, texts as they
are drawn (`HN` is not `NH`). On a line, signs and the drawings between them correspond one by one; the components of a
drawing correspond in any order.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from glyphic.notations.molecule.graph import DIRECTED, Arrow, Drawing, Plus, Scheme


@dataclass(frozen=True)
class Structure:
    """A drawing without its geometry: labelled nodes, and for each the (neighbour, label of the edge from here)."""

    labels: tuple[str, ...]
    edges: tuple[tuple[tuple[int, str], ...], ...]

    @classmethod
    def of(cls, drawing: Drawing) -> "Structure":
        """The atoms as nodes, then the circles."""
        count = len(drawing.atoms)
        edges: list[list[tuple[int, str]]] = [[] for _ in range(count + len(drawing.circles))]
        for bond in drawing.bonds:
            here, there = (" from", " to") if bond.kind in DIRECTED else ("", "")
            edges[bond.begin].append((bond.end, bond.kind + here))
            edges[bond.end].append((bond.begin, bond.kind + there))
        for i, circle in enumerate(drawing.circles, count):
            for atom in circle.atoms:
                edges[atom].append((i, "circle"))
                edges[i].append((atom, "circle"))
        labels = (*("text " + atom.text for atom in drawing.atoms), *("circle" for _ in drawing.circles))
        return cls(labels, tuple(map(tuple, edges)))

    def colours(self) -> tuple[str, ...]:
        """A digest for each node that says what surrounds it (Weisfeiler and Leman 1968): nodes that correspond in two
        equal structures have the same; rounds go on until they part no more nodes."""
        colours = [_digest(label) for label in self.labels]
        kinds = len(set(colours))
        while True:
            finer = [_digest(" ".join((colour, *sorted(edge + colours[there] for there, edge in around))))
                     for colour, around in zip(colours, self.edges, strict=True)]
            if len(set(finer)) == kinds:
                return tuple(finer)
            colours, kinds = finer, len(set(finer))


def fingerprint(drawing: Drawing) -> str:
    """A digest that equal structures share. Different ones hardly ever do: the colours cannot tell some regular graphs
    apart (two cyclopropanes from a cyclohexane, but for their components, which are digested one by one)."""
    colours = Structure.of(drawing).colours()
    parts = sorted(" ".join(sorted(colours[i] for i in component)) for component in drawing.components)
    return _digest("; ".join((*parts, *sorted(colours[len(drawing.atoms):]))))


def same_drawing(a: Drawing, b: Drawing) -> bool:
    """Whether the graphs are isomorphic, by their colours and then by a search along the bonds, which colours guide so
    well that it hardly ever turns back (in the manner of Cordella et al. 2004, VF2)."""
    if len(a.bonds) != len(b.bonds) or sorted(map(len, a.components)) != sorted(map(len, b.components)):
        return False
    ours, theirs = Structure.of(a), Structure.of(b)
    colours, others = ours.colours(), theirs.colours()
    if Counter(colours) != Counter(others):
        return False
    order = list(_connected(ours, colours))
    return _extend(ours, theirs, colours, others, order)


def _connected(structure: Structure, colours: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """All nodes, each with one before it that it is joined to, -1 for the first of a component, of the rarest colour.
    """
    rarity = Counter(colours)
    seen: set[int] = set()
    for first in sorted(range(len(colours)), key=lambda node: (rarity[colours[node]], colours[node])):
        ahead = [(first, -1)]
        for node, before in ahead:
            if node not in seen:
                seen.add(node)
                yield node, before
                ahead += [(there, node) for there, _ in structure.edges[node] if there not in seen]


def _extend(ours: Structure, theirs: Structure, colours: tuple[str, ...], others: tuple[str, ...],
            order: list[tuple[int, int]]) -> bool:
    """Depth-first search for an isomorphism, with a stack of what may still be tried for each node of `order`."""
    image: dict[int, int] = {}
    taken: set[int] = set()
    choices: list[Iterator[int]] = []
    edges = [dict(around) for around in theirs.edges]
    while len(image) < len(order):
        node, before = order[len(image)]
        if len(choices) == len(image):
            pool = range(len(others)) if before < 0 else edges[image[before]]
            choices.append(iter(tuple(pool)))
        for candidate in choices[-1]:
            if candidate not in taken and others[candidate] == colours[node] and all(
                    edges[candidate].get(image[there]) == label
                    for there, label in ours.edges[node] if there in image):
                image[node] = candidate
                taken.add(candidate)
                break
        else:
            choices.pop()
            if not choices:
                return False
            taken.remove(image.pop(order[len(choices) - 1][0]))
    return True


def same_structure(a: Scheme, b: Scheme) -> bool:
    """Whether two lines have the same signs in the same order, and between them the same structures."""
    return _same_line(a.parts, b.parts)


def _same_line(a: tuple[Drawing | Plus | Arrow, ...], b: tuple[Drawing | Plus | Arrow, ...]) -> bool:
    return len(a) == len(b) and all(map(_same_part, a, b))


def _same_part(a: Drawing | Plus | Arrow, b: Drawing | Plus | Arrow) -> bool:
    if isinstance(a, Drawing) and isinstance(b, Drawing):
        return same_drawing(a, b)
    if isinstance(a, Arrow) and isinstance(b, Arrow):
        return a.kind == b.kind and _same_line(a.above, b.above) and _same_line(a.below, b.below)
    return type(a) is type(b)


@lru_cache(maxsize=1 << 16)
def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()
