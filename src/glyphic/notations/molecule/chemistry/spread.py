"""A group without coordinates -> where its atoms are drawn, beside what stands there already.

The shape of a group is the one whose distances are nearest to those of a drawing (a chain's zigzag, a ring's chords):
stress majorization (Gansner, Koren and North 2004). It is then turned, mirrored and, where it is narrow, shrunk, so
that its atoms keep away from the others.
"""

import cmath
import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from glyphic.notations.molecule.chemistry.fragments import Fragment

ROUNDS = 80
AWAY = 0.5  # of a bond: nearer atoms stand on top of each other
SCALES = (1.0, 0.8, 0.6, 0.45)
TURNS = (0, 15, -15, 30, -30, 60, -60, 90, -90)  # degrees


def spread(fragment: Fragment, place: complex, ends: Sequence[complex], others: Sequence[complex]) -> list[complex]:
    """A group, where its text is, the atoms that its ends reach and all other atoms -> the place of each of its atoms.

    The atom that all ends are at takes the place of the text; a group between its ends is stretched between them.
    """
    count = len(fragment.atoms)
    if count == 1:
        return [place]
    shape = _shape(fragment)
    anchors = {atom for atom, _ in fragment.ends}
    best, score = [place] * count, -1.0
    for mirrored in (False, True):
        points = shape.conjugate() if mirrored else shape
        for scale in SCALES:
            for turn in TURNS if len(anchors) < 2 else (0,):
                if not anchors:
                    moved = (points[:count] - points[:count].mean()) * scale * cmath.rect(1, math.radians(turn)) + place
                elif len(anchors) == 1:
                    (anchor,) = anchors
                    moved = (points - points[anchor]) * scale
                    wanted = sum((_unit(end - place) for end in ends), 0j)
                    wanted = wanted if abs(wanted) > 0.2 else _unit(ends[0] - place) * 1j
                    stubs = sum((_unit(complex(stub)) for stub in moved[count:]), 0j)
                    stubs = stubs if abs(stubs) > 0.2 else _unit(complex(moved[count])) * 1j
                    angle = cmath.phase(_unit(wanted) / _unit(stubs)) + math.radians(turn)
                    moved = moved[:count] * cmath.rect(1, angle) + place
                else:
                    moved = _between(points, count, ends)
                nearest = _nearest(moved, sorted(anchors), others)
                worth = min(nearest, AWAY) + 0.05 * scale - 0.0002 * abs(turn)
                if worth > score:
                    best, score = [complex(z) for z in moved], worth
            if score >= AWAY:
                return best
    return best


def _unit(z: complex) -> complex:
    return z / abs(z) if abs(z) > 1e-9 else 1 + 0j


def _between(points: npt.NDArray[np.complex128], count: int, ends: Sequence[complex]) -> npt.NDArray[np.complex128]:
    """Turned, shrunk and shifted so that its stubs come to lie where the ends are, as well as they can."""
    stubs, wanted = points[count:], np.array(ends)
    a, b = stubs - stubs.mean(), wanted - wanted.mean()
    factor = (a.conjugate() @ b) / max(float(np.abs(a) @ np.abs(a)), 1e-9)
    result: npt.NDArray[np.complex128] = (points[:count] - stubs.mean()) * factor + wanted.mean()
    return result


def _nearest(points: npt.NDArray[np.complex128], anchors: Sequence[int], others: Sequence[complex]) -> float:
    inner = np.delete(points, anchors[:1]) if len(anchors) == 1 else points
    if not len(inner) or not len(others):
        return AWAY
    return float(np.abs(inner[:, None] - np.array(others)[None]).min())


@lru_cache(maxsize=1024)
def _shape(fragment: Fragment) -> npt.NDArray[np.complex128]:
    """(atoms + ends,) the shape of a group and of the stubs of its ends; a bond has the length 1."""
    count = len(fragment.atoms) + len(fragment.ends)
    edges = [(a, b) for a, b, _ in fragment.bonds]
    edges += [(atom, len(fragment.atoms) + i) for i, (atom, _) in enumerate(fragment.ends)]
    hops = _hops(count, edges)
    for i in range(1, count):  # ions stand beside the rest
        if not math.isfinite(hops[0, i]):
            edges.append((max(0, i - 1), i))
            hops = _hops(count, edges)
    distances = np.where(hops == 2, math.sqrt(3), 0.9 * hops)
    distances[hops == 1] = 1.0
    for ring in _rings(fragment):
        for i, a in enumerate(ring):
            for j, b in enumerate(ring):
                if a != b:
                    distances[a, b] = math.sin(math.pi * abs(i - j) / len(ring)) / math.sin(math.pi / len(ring))
    return _majorized(distances)


def _hops(count: int, edges: Sequence[tuple[int, int]]) -> npt.NDArray[np.float64]:
    hops = np.full((count, count), math.inf)
    np.fill_diagonal(hops, 0.0)
    for a, b in edges:
        hops[a, b] = hops[b, a] = 1.0
    for middle in range(count):
        hops = np.minimum(hops, hops[:, middle:middle + 1] + hops[middle:middle + 1])
    return hops


def _rings(fragment: Fragment) -> list[list[int]]:
    """The shortest ring through each ring bond, its atoms in their order."""
    rings: dict[frozenset[int], list[int]] = {}
    for number in fragment.ring_bonds:
        a, b, _ = fragment.bonds[number]
        paths = {a: [a]}
        ahead = [a]
        for atom in ahead:
            for other in fragment.neighbours[atom]:
                if other not in paths and {atom, other} != {a, b}:
                    paths[other] = [*paths[atom], other]
                    ahead.append(other)
        rings[frozenset(paths[b])] = paths[b]
    return list(rings.values())


def _majorized(distances: npt.NDArray[np.float64]) -> npt.NDArray[np.complex128]:
    """Distances (N, N) -> points (N,) in the plane, of least stress near the start by classical scaling."""
    count = len(distances)
    centred = np.eye(count) - 1.0 / count
    values, vectors = np.linalg.eigh(-0.5 * centred @ distances**2 @ centred)
    points = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0.01))
    golden = np.arange(count) * 2.399963
    points = points + 0.05 * np.stack([np.cos(golden), np.sin(golden)], axis=1)
    weights = 1.0 / np.where(distances > 0, distances, 1.0) ** 2
    np.fill_diagonal(weights, 0.0)
    inverse = np.linalg.pinv(np.diag(weights.sum(axis=1)) - weights)
    for _ in range(ROUNDS):
        apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
        pull = -weights * distances / np.maximum(apart, 1e-6)
        np.fill_diagonal(pull, 0.0)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        points = inverse @ (pull @ points)
    result: npt.NDArray[np.complex128] = points[:, 0] + 1j * points[:, 1]
    return result
