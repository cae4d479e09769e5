"""Walks -> a drawing with coordinates: unit bonds in the directions of the target, rings closed as evenly as can be.

Chains are exact. A ring of bonds in rounded directions does not close; its atoms are moved, by least squares, to where
every bond is about one bond long and runs within half a bin of its direction. Where another atom than the first has
come to lie where walks begin, all bonds give a little. So the walk of the drawing is, but for rare drawings (bridges,
crowded or odd-shaped rings), the one that it was made from; and what is left and right of a wedge stays there.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from glyphic.notations.molecule.graph import DIRECTED, TILT, Atom, Bond, Circle, Drawing, beside, circle_around
from glyphic.notations.molecule.tokens import STEP
from glyphic.notations.molecule.walk import Step, Stroke

FloatArray = npt.NDArray[np.float64]

_SLACK = math.radians(STEP / 2 - 1.0)  # how far the bonds of a ring may turn from their direction
_SHORT, _LONG = 0.8, 1.5  # and how long they may be, in bonds
_MARGIN = 0.1  # and how far behind the first atom the others have to lie
_ROUNDS, _STILL = 40, 1e-5


def lay_out(components: Sequence[Sequence[Step]]) -> Drawing:
    """Walks of the components -> one drawing, components from left to right, atoms in the order of the walks."""
    drawings = [_lay_out(steps) for steps in components]
    return drawings[0] if len(drawings) == 1 else beside(drawings)


def _lay_out(steps: Sequence[Step]) -> Drawing:
    bonds: list[Bond] = []
    for i, step in enumerate(steps):
        if i:
            bonds.append(_bond(step.stroke, step.parent, i))
        bonds += [_bond(stroke, i, opener) for stroke, opener in step.closings]
    positions = _positions(steps)
    atoms = tuple(Atom(step.text, float(x), float(y)) for step, (x, y) in zip(steps, positions, strict=True))
    bare = Drawing(atoms, tuple(bonds))
    circles = [circle for i, step in enumerate(steps) for circle in _circles(bare, i, step.circles)]
    return Drawing(atoms, tuple(bonds), tuple(circles)) if circles else bare


def _bond(stroke: Stroke, here: int, there: int) -> Bond:
    kind, forward = stroke
    return Bond(here, there, kind) if forward or kind not in DIRECTED else Bond(there, here, kind)


def _positions(steps: Sequence[Step]) -> FloatArray:
    """(n, 2), y downwards; the first atom at the origin, and so placed that walks do begin there."""
    angles = np.radians([STEP * step.angle for step in steps])
    arms = np.stack((np.cos(angles), -np.sin(angles)), axis=1)
    result = np.zeros((len(steps), 2))
    for i, step in enumerate(steps[1:], 1):
        result[i] = result[step.parent] + arms[i]
    pairs = [(i, opener) for i, step in enumerate(steps) for _, opener in step.closings]
    if pairs:
        result = _settled(steps, result, angles, pairs, loose=False)
    if (_ahead(result) < 0.0).any():
        loose = _settled(steps, result, angles, pairs, loose=True)
        if (_ahead(loose) >= 0.0).all():  # no wish can be granted to a walk that no drawing has
            return loose
    return result


def _ahead(positions: FloatArray) -> FloatArray:
    """By how much less than the margin each atom lies behind the first one, on the way that walks begin: (n,)."""
    keys = positions @ (1.0, TILT)
    ahead = keys - keys[0] - _MARGIN / 2
    ahead[0] = 0.0
    return np.asarray(ahead)


def _settled(steps: Sequence[Step], start: FloatArray, angles: FloatArray, pairs: Sequence[tuple[int, int]],
             loose: bool) -> FloatArray:
    """Local and global steps in turn: each bond says where it would like its ends, the atoms settle between them.

    pairs: the closings, (atom, opener). loose: bonds of chains may give as those of rings do, and atoms that lie before
    the first one, where a walk would begin, are pulled behind it.
    """
    count = len(steps)
    heads = np.array([*range(1, count), *(head for head, _ in pairs)])
    tails = np.array([*(step.parent for step in steps[1:]), *(tail for _, tail in pairs)])
    gives = np.full(len(heads), loose)
    gives[count - 1:] = True
    for head, tail in pairs:  # the closing goes back to an atom that the walk came from
        while head != tail and head:
            gives[head - 1] = True
            head = steps[head].parent
    wanted = np.concatenate((angles[1:], np.zeros(len(pairs))))
    slack = np.where(gives, _SLACK, 0.0)
    slack[count - 1:] = math.pi
    short, long = np.where(gives, _SHORT, 1.0), np.where(gives, _LONG, 1.0)
    incidence = np.zeros((len(heads), count))
    incidence[np.arange(len(heads)), heads] = 1.0
    incidence[np.arange(len(heads)), tails] -= 1.0
    pulled = np.zeros(count, bool)
    normal = np.array((1.0, TILT)) / (1.0 + TILT ** 2)
    positions, solve = start.copy(), np.linalg.pinv(incidence[:, 1:])  # the first atom stays where it is
    for power in (0.5,) * _ROUNDS + (1.0,) * _ROUNDS:  # lengths tend to 1 until directions and limits alone count
        arms = positions[heads] - positions[tails]
        lengths = np.clip(np.hypot(arms[:, 0], arms[:, 1]) ** power, short, long)
        turned = (np.arctan2(-arms[:, 1], arms[:, 0]) - wanted + math.pi) % (2 * math.pi) - math.pi
        directions = wanted + np.clip(turned, -slack, slack)
        arms = lengths[:, None] * np.stack((np.cos(directions), -np.sin(directions)), axis=1)
        if loose:
            ahead = _ahead(positions)
            if ((ahead < 0.0) & ~pulled).any():
                pulled |= ahead < 0.0
                solve = np.linalg.pinv(np.concatenate((incidence, np.eye(count)[pulled]))[:, 1:])
            wishes = positions + np.maximum(_MARGIN / 2 - ahead, 0.0)[:, None] * normal
            arms = np.concatenate((arms, wishes[pulled]))
        settled = solve @ arms
        still = np.abs(settled - positions[1:]).max() < _STILL
        positions[1:] = settled
        if still and power == 1.0:
            break
    return positions


def _circles(drawing: Drawing, atom: int, angles: Sequence[int]) -> list[Circle]:
    result = []
    for angle in angles:
        ring = ring_towards(drawing, atom, STEP * angle)
        at, turn, distance = drawing.atoms[atom], math.radians(STEP * angle), 1.0
        if ring:  # its centre, but in the direction that was read
            mean = circle_around(drawing.atoms, ring)
            distance = math.hypot(mean.x - at.x, mean.y - at.y)
            turned = math.atan2(at.y - mean.y, mean.x - at.x) - turn
            turn += min(max((turned + math.pi) % (2 * math.pi) - math.pi, -_SLACK), _SLACK)
        result.append(Circle(tuple(ring) or (atom,), at.x + distance * math.cos(turn),
                             at.y - distance * math.sin(turn)))
    return result


def ring_towards(drawing: Drawing, atom: int, angle: float) -> list[int]:
    """The ring that lies in this direction from an atom, as its atoms in order: the shortest one through the two bonds
    that the direction runs between; empty if there is none."""
    around = sorted(((drawing.angle(atom, bond.other(atom)) - angle) % 360.0, bond.other(atom))
                    for bond in drawing.neighbours[atom])
    if len(around) < 2:
        return []
    first, last = around[0][1], around[-1][1]
    came: dict[int, int] = {first: atom, atom: atom}
    ahead = [first]
    for here in ahead:
        for bond in drawing.neighbours[here]:
            there = bond.other(here)
            if there not in came:
                came[there] = here
                ahead.append(there)
        if last in came:
            break
    if last not in came:
        return []
    ring = [last]
    while ring[-1] != atom:
        ring.append(came[ring[-1]])
    return ring
