"""A reading's tokens and where the network looked as it wrote them -> where each atom is in the picture.

Attention alone is coarse: its cells are a third of a bond wide, now and then it looks elsewhere, and of a bond it may
look at either end. The graph alone has no lengths. So each component is laid out from its angles (layout.py), turned,
scaled and moved to where most of the attention is (`_fitted`), and then its atoms settle between what each bond says of
its direction, what the attention says of its place, and what the ink beside it says of its line (`_settled`).

Points are x, y in pixels, y downwards; as complex numbers x + iy where they are turned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from glyphic.core.bonds import bond_length
from glyphic.core.images import INK, Image
from glyphic.core.notation import Sight
from glyphic.core.results import Place
from glyphic.notations.molecule import target, texts
from glyphic.notations.molecule.graph import Drawing
from glyphic.notations.molecule.tokens import ANGLES, BONDS, OPENINGS

Points = npt.NDArray[np.float64]  # (n, 2)

# how far from the atom where a bond begins (0) to the one where it ends (1) is looked as each kind of token is written,
# and how far from there that may be, in bonds
LEANS = {"angle": (1.0, 0.5), "bond": (0.5, 0.6), "text": (1.0, 0.4), "opening": (1.0, 0.6)}
TURN = 0.14  # radians: a picture is hardly askew by more
PRIOR = 4.0  # so many looks is the length of bonds worth that the ink tells
ALONG, ACROSS = 0.2, 0.08  # bonds: how far a bond's end may be from where its middle length and its direction have it
INKED = 0.05  # bonds: and from the line of its ink
ROUNDS, INK_ROUNDS = 6, 4

_TEXT = frozenset(texts.TOKENS)


@dataclass(frozen=True)
class Graph:
    """The drawings of a reading as one: N atoms where layout.py has them, M bonds between them."""

    drawings: tuple[Drawing, ...]
    texts: tuple[str, ...]
    laid: Points  # (N, 2)
    bonds: npt.NDArray[np.int64]  # (M, 2)
    components: tuple[npt.NDArray[np.int64], ...]


@lru_cache(maxsize=16)
def graph_of(text: str) -> Graph:
    """A target -> its atoms, in their order in the target; not to be written to."""
    drawings = tuple(target.to_scheme(text).drawings)
    starts = np.cumsum([0, *(len(drawing.atoms) for drawing in drawings)]).tolist()
    atoms = [atom for drawing in drawings for atom in drawing.atoms]
    bonds = [(start + bond.begin, start + bond.end)
             for start, drawing in zip(starts, drawings, strict=False) for bond in drawing.bonds]
    components = tuple(start + np.array(part) for start, drawing in zip(starts, drawings, strict=False)
                       for part in drawing.components)
    return Graph(drawings, tuple(atom.text for atom in atoms), np.array([(atom.x, atom.y) for atom in atoms]),
                 np.array(bonds, np.int64).reshape(-1, 2), components)


def places(sight: Sight) -> list[Place]:
    """For each atom its text ("" for a bare corner) and the point its bonds aim at; none for tokens that the grammar
    does not let stand, as a network without guide may write them."""
    tokens = target.repaired(sight.tokens)
    if not tokens or tuple(tokens[:len(sight.tokens)]) != sight.tokens:
        return []
    graph = graph_of(target.spelled(tokens))
    points = locate(graph, tokens, sight.points, sight.image)
    return [Place(text, float(x), float(y)) for text, (x, y) in zip(graph.texts, points, strict=True)]


def locate(graph: Graph, tokens: Sequence[str], looks: Points, image: Image) -> Points:
    """tokens: that the grammar lets stand, the graph's; looks: (T, 2) where each, or the first T, was looked for ->
    (N, 2) places of the atoms."""
    unit = bond_length(_cropped(image < INK))
    begins, ends, seen, leans, spreads = _looks(graph, tokens, looks)
    result = np.zeros_like(graph.laid)
    units = np.full(len(graph.laid), unit)
    arms = np.zeros((len(graph.bonds), 2))
    for component in graph.components:
        own = np.isin(ends, component)
        model = graph.laid[begins[own]] + leans[own, None] * (graph.laid[ends[own]] - graph.laid[begins[own]])
        turn, shift = _fitted(model, seen[own], spreads[own], unit)
        units[component] = abs(turn)
        result[component] = _turned(graph.laid[component], turn) + np.array((shift.real, shift.imag))
        held = np.isin(graph.bonds[:, 0], component)
        arms[held] = _turned(graph.laid[graph.bonds[held, 1]] - graph.laid[graph.bonds[held, 0]], turn)
    return _settled(graph, result, arms, units, (begins, ends, seen, leans, spreads), image)


def _looks(graph: Graph, tokens: Sequence[str], looks: Points) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64],
                                                                         Points, npt.NDArray[np.float64],
                                                                         npt.NDArray[np.float64]]:
    """What was looked at: from which atom to which (K,), where (K, 2), how far on the way and how surely (K,)."""
    parents = np.arange(len(graph.laid))
    for begin, end in graph.bonds[::-1].tolist():  # the first bond back from an atom is the one that the walk came by
        parents[max(begin, end)] = min(begin, end)
    starts = target.atom_places(tokens)
    rows: list[tuple[int, int, int, str]] = []  # token, from, to, kind
    for atom, (start, stop) in enumerate(zip(starts, [*starts[1:], len(tokens)], strict=True)):
        if tokens[start] in ANGLES and parents[atom] != atom:
            rows.append((start, parents[atom], atom, "angle"))
            if start and tokens[start - 1] in BONDS:
                rows.append((start - 1, parents[atom], atom, "bond"))
            start += 1
        for place in range(start, stop):
            kind = "text" if tokens[place] in _TEXT else "opening" if tokens[place] in OPENINGS else ""
            if not kind:
                break
            rows.append((place, atom, atom, kind))
    rows = [row for row in rows if row[0] < len(looks)]
    return (np.array([row[1] for row in rows], np.int64), np.array([row[2] for row in rows], np.int64),
            looks[[row[0] for row in rows]].reshape(-1, 2), np.array([LEANS[row[3]][0] for row in rows], np.float64),
            np.array([LEANS[row[3]][1] for row in rows], np.float64))


def _fitted(model: Points, seen: Points, spreads: npt.NDArray[np.float64], unit: float) -> tuple[complex, complex]:
    """The turn (with the scale) and shift that bring `model` (K, 2), in bonds, to where it was seen.

    Least squares, in which what is far off counts ever less (Cauchy's weights), with the bond's length as a witness.
    """
    if not len(model):
        return complex(unit), 0j
    p, z = model @ (1, 1j), seen @ (1, 1j)
    turn = complex(unit)
    rest = z - turn * p
    shift = complex(np.median(rest.real), np.median(rest.imag))
    for _ in range(ROUNDS):
        off = np.abs(turn * p + shift - z) / (spreads * unit)
        weights = 1.0 / (spreads * (1.0 + off * off))
        p0, z0 = np.average(p, weights=weights), np.average(z, weights=weights)
        spread = (weights * np.abs(p - p0) ** 2).sum()
        turn = complex((weights * np.conj(p - p0) * (z - z0)).sum() + PRIOR * unit) / float(spread + PRIOR)
        size, angle = min(max(abs(turn), 0.5 * unit), 2.0 * unit), float(np.angle(turn))
        turn = complex(size * np.exp(1j * min(max(angle, -TURN), TURN)))
        shift = complex(z0 - turn * p0)
    return turn, shift


def _turned(points: Points, turn: complex) -> Points:
    z = points @ (1, 1j) * turn
    return np.stack((z.real, z.imag), axis=1)


def _settled(graph: Graph, start: Points, arms: Points, units: npt.NDArray[np.float64],
             looks: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Points, npt.NDArray[np.float64],
                          npt.NDArray[np.float64]], image: Image) -> Points:
    """Where atoms come to rest between bonds, looks and, in the later rounds, ink; arms: (M, 2) the bonds as fitted."""
    count = len(start)
    begins, ends, seen, leans, spreads = looks
    tails, heads = graph.bonds[:, 0], graph.bonds[:, 1]
    lengths = np.hypot(arms[:, 0], arms[:, 1])
    along = arms / np.maximum(lengths, 1e-9)[:, None]
    across = np.stack((-along[:, 1], along[:, 0]), axis=1)
    bond_units, look_units = units[tails], units[ends]
    points = start.copy()
    for done in range(ROUNDS + INK_ROUNDS):
        system = _System(count)
        off = ((points[heads] - points[tails]) * along).sum(1) - lengths
        spread = ALONG * bond_units
        system.add(((tails, -along), (heads, along)), lengths, _cauchy(off, spread))  # some bonds are longer by far
        system.add(((tails, -across), (heads, across)), np.zeros(len(lengths)), 1.0 / (ACROSS * bond_units))
        at = points[begins] + leans[:, None] * (points[ends] - points[begins])
        weights = _cauchy(np.hypot(*(at - seen).T), spreads * look_units)
        for axis in np.eye(2):
            system.add(((begins, (1 - leans)[:, None] * axis), (ends, leans[:, None] * axis)), seen @ axis, weights)
        system.add(((np.arange(count), np.tile((1.0, 0.0), (count, 1))),), points[:, 0], 0.1 / units)
        system.add(((np.arange(count), np.tile((0.0, 1.0), (count, 1))),), points[:, 1], 0.1 / units)
        if done >= ROUNDS:
            _heed_ink(system, graph, points, units, image, 0.3 if done < ROUNDS + INK_ROUNDS // 2 else 0.2)
        points = system.solved()
    return points


class _System:
    """Weighted equations in the places of atoms, solved by least squares."""

    def __init__(self, count: int):
        self.count = count
        self.matrix, self.right = np.zeros((2 * count, 2 * count)), np.zeros(2 * count)

    def add(self, terms: Sequence[tuple[npt.NDArray[np.int64], Points]], values: npt.NDArray[np.float64],
            weights: npt.NDArray[np.float64]) -> None:
        """K equations: over the terms, (K,) atoms and (K, 2) factors, the sum of factor times place is the value."""
        rows = np.zeros((len(values), 2 * self.count))
        at = np.arange(len(values))
        for atoms, factors in terms:
            for axis in (0, 1):
                np.add.at(rows, (at, 2 * atoms + axis), factors[:, axis])
        weighted = rows * (weights * weights)[:, None]
        self.matrix += rows.T @ weighted
        self.right += weighted.T @ values

    def solved(self) -> Points:
        """(N, 2) places."""
        found: Points = np.linalg.solve(self.matrix, self.right).astype(np.float64).reshape(-1, 2)
        return found


def _cauchy(off: npt.NDArray[np.float64], spread: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Square roots of Cauchy's weights."""
    return np.asarray(1.0 / (spread * np.sqrt(1.0 + (off / spread) ** 2)))


def _heed_ink(system: _System, graph: Graph, points: Points, units: npt.NDArray[np.float64], image: Image,
              reach: float) -> None:
    """Bonds are drawn to the middle of the ink beside them, and bare ends to where it ends; reach: in bonds."""
    tails, heads = graph.bonds[:, 0], graph.bonds[:, 1]
    arms = points[heads] - points[tails]
    lengths = np.hypot(arms[:, 0], arms[:, 1])
    along = arms / np.maximum(lengths, 1e-9)[:, None]
    across = np.stack((-along[:, 1], along[:, 0]), axis=1)
    steps = np.linspace(-reach, reach, 15)
    nearness = np.exp(-0.5 * (2 * steps / reach) ** 2)
    for share in (0.3, 0.4, 0.5, 0.6, 0.7):
        middle = points[tails] + share * arms
        profile = darkness(image, middle[:, None] + (steps[None] * units[tails, None])[..., None] * across[:, None])
        mass = (profile * nearness).sum(1)
        off = (profile * nearness * steps).sum(1) / np.maximum(mass, 1e-6) * units[tails]
        inked = (mass > 0.6) & (lengths > 0.3 * units[tails])
        weights = np.where(inked, 1.0 / (2 * INKED * units[tails]), 0.0)
        system.add(((tails, (1 - share) * across), (heads, share * across)),
                   ((middle + off[:, None] * across) * across).sum(1), weights)
    degree = np.bincount(graph.bonds.ravel(), minlength=len(points))
    bare = np.array([not text for text in graph.texts])
    for far, way in ((heads, along), (tails, -along)):
        last = bare[far] & (degree[far] == 1)
        outwards = np.linspace(-0.4, 0.4, 17)
        profile = darkness(image, points[far][:, None] + (outwards[None] * units[far, None])[..., None] * way[:, None])
        open_ = profile < 0.4
        found = last & ~open_[:, 0] & open_.any(1)
        stop = outwards[np.maximum(open_.argmax(1) - 1, 0)] * units[far]
        system.add(((far, way),), ((points[far] + stop[:, None] * way) * way).sum(1),
                   np.where(found, 1.0 / (2 * INKED * units[far]), 0.0))


def darkness(image: Image, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(..., 2) -> (...) how dark the nearest pixel is, in [0, 1]; outside of the picture is paper."""
    x, y = (np.floor(points[..., axis]).astype(np.int64) for axis in (0, 1))
    height, width = image.shape
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return np.where(inside, 1.0 - image[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)], 0.0)


def _cropped(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return ink[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1] if len(rows) else ink
