"""A drawing -> the one walk of each of its components, which the picture alone decides.

The rule. Walks start at the atom that is leftmost when the page is tilted a little: the smallest x + y / 4, y
downwards, so that of two atoms above each other the upper one is first. The next component starts at the atom that is
leftmost of those not yet met, and so on. At each atom the bonds are taken counter-clockwise, beginning at the bond that
the walk came along (at the first atom: at the direction that points away from all others). An atom that was met before
is bonded to from here; a new one is walked to, and all that can be reached from it, before the next bond is taken.

Why so. What decides must change as rarely as possible when coordinates do. A tilt of 14 degrees lies between the
directions that bonds of page-aligned drawings have (multiples of 30, 45 and 36), so that atoms seldom tie. And the
order around an atom is cut where no bond can lie next to the cut; at 0 degrees, for one, lie many. Where noise moves
every coordinate by 3 % (5 %) of a bond, 98 (96) of 100 drug-like drawings keep their walk.
"""

import math
from collections.abc import Iterator

from glyphic.notations.molecule.graph import DIRECTED, TILT, Bond, Drawing, direction
from glyphic.notations.molecule.tokens import angle_bin
from glyphic.notations.molecule.walk import Step, Stroke

AWAY = 180.0 - math.degrees(math.atan(TILT))  # the direction from the first atom that no other atom lies in


def walks(drawing: Drawing) -> Iterator[tuple[Step, ...]]:
    """The walk of each component, in their order."""
    for steps, _ in walks_with_atoms(drawing):
        yield steps


def walks_with_atoms(drawing: Drawing) -> Iterator[tuple[tuple[Step, ...], tuple[int, ...]]]:
    """As `walks`, each with the indices of its atoms in the drawing, in the order of its steps."""
    met: dict[int, int] = {}  # atom -> its number in its walk
    rings: list[set[int]] = [set(circle.atoms) for circle in drawing.circles]
    for first in sorted(range(len(drawing.atoms)), key=lambda i: drawing.atoms[i].x + TILT * drawing.atoms[i].y):
        if first not in met:
            yield _walk(drawing, first, met, rings)


def _walk(drawing: Drawing, first: int, met: dict[int, int],
          rings: list[set[int]]) -> tuple[tuple[Step, ...], tuple[int, ...]]:
    steps: list[Step] = []
    atoms: list[int] = []
    ahead: list[tuple[int, int, Bond | None]] = [(first, -1, None)]  # atom, the one it is seen from, the bond between
    while ahead:
        atom, parent, bond = ahead.pop()
        if atom in met:
            continue  # another bond led here in the meantime, and this one was written as a closing there
        back = drawing.angle(atom, parent) if bond else AWAY
        around = sorted((bond for bond in drawing.neighbours[atom] if bond.other(atom) != parent),
                        key=lambda bond, atom=atom, back=back: (  # type: ignore[misc]
                            (drawing.angle(atom, bond.other(atom)) - back) % 360.0))
        closings = tuple((_stroke(bond, atom), met[bond.other(atom)]) for bond in around if bond.other(atom) in met)
        ahead += [(bond.other(atom), atom, bond) for bond in reversed(around) if bond.other(atom) not in met]
        circles = []
        for circle, ring in zip(drawing.circles, rings, strict=True):
            if atom in ring:
                ring.clear()
                at = drawing.atoms[atom]
                circles.append(direction(circle.x - at.x, circle.y - at.y))
        circles.sort(key=lambda angle, back=back: (angle - back) % 360.0)  # type: ignore[misc]
        met[atom] = len(steps)
        atoms.append(atom)
        text, aimed = drawing.atoms[atom].text, tuple(map(angle_bin, circles))
        if bond is None:
            steps.append(Step(text, closings=closings, circles=aimed))
        else:
            angle = angle_bin(drawing.angle(parent, atom))
            steps.append(Step(text, met[parent], _stroke(bond, parent), angle, closings, aimed))
    return tuple(steps), tuple(atoms)


def _stroke(bond: Bond, here: int) -> Stroke:
    return bond.kind, bond.begin == here or bond.kind not in DIRECTED
