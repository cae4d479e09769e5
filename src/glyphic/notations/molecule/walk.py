"""One component as it is walked depth-first, atom by atom <-> its tokens, exactly both ways."""

from collections.abc import Sequence
from dataclasses import dataclass

from glyphic.core.errors import NotationError
from glyphic.notations.molecule import texts
from glyphic.notations.molecule.graph import BondKind
from glyphic.notations.molecule.tokens import (
    ANGLES,
    BOND_TOKENS,
    BONDS,
    BRANCH,
    CIRCLE,
    CLOSINGS,
    NAMES,
    OPENINGS,
    RETURN,
)

Stroke = tuple[BondKind, bool]  # how a bond is drawn, and whether it runs from the atom where it is written
PLAIN: Stroke = (BondKind.SINGLE, True)

_ANGLE = {token: i for i, token in enumerate(ANGLES)}
_OPENING = {token: i for i, token in enumerate(OPENINGS)}
_CLOSING = {token: i for i, token in enumerate(CLOSINGS)}
_TEXT = frozenset(texts.TOKENS)


@dataclass(frozen=True, slots=True)
class Step:
    """One atom of a walk. Atoms are numbered as they are met; angles are counted in steps of 15 degrees."""

    text: str
    parent: int = -1  # the atom that it is reached from; -1 for the first
    stroke: Stroke = PLAIN  # the bond from there; written there, so that its flag is true if it runs from the parent
    angle: int = 0  # its direction
    closings: tuple[tuple[Stroke, int], ...] = ()  # bonds to atoms met before; the flag is true if it runs from here
    circles: tuple[int, ...] = ()  # directions of the aromatic circles that are first met here


def to_tokens(steps: Sequence[Step]) -> list[str]:
    """A walk -> its tokens; NotationError where more rings are open at a time than there are names."""
    last = {step.parent: i for i, step in enumerate(steps)}  # parent -> its last child
    awaited: dict[int, list[int]] = {}  # atom -> the numbers of the closings that come back to it
    count = 0
    for step in steps:
        for _, opener in step.closings:
            awaited.setdefault(opener, []).append(count)
            count += 1
    free, closed = set(range(len(NAMES))), 0
    names: dict[int, int] = {}  # closing that is still to come -> name
    result: list[str] = []
    for i, step in enumerate(steps):
        if i:
            if last[step.parent] != i:
                result.append(BRANCH)
            result += _stroke(step.stroke)
            result.append(ANGLES[step.angle])
        result += texts.to_tokens(step.text)
        for stroke, _ in step.closings:
            result += _stroke(stroke)
            result.append(CLOSINGS[names[closed]])
            free.add(names.pop(closed))
            closed += 1
        for number in awaited.get(i, ()):
            if not free:
                raise NotationError(f"a target names at most {len(NAMES)} rings at a time; this drawing needs more")
            names[number] = min(free)
            free.remove(names[number])
            result.append(OPENINGS[names[number]])
        for angle in step.circles:
            result += (CIRCLE, ANGLES[angle])
        if i not in last:  # a leaf ends all chains whose last atom it is, and the branch that these stand in
            at = i
            while at and last[steps[at].parent] == at:
                at = steps[at].parent
            if at:
                result.append(RETURN)
    return result


def _stroke(stroke: Stroke) -> list[str]:
    return [BOND_TOKENS[stroke]] if stroke[0] != BondKind.SINGLE else []


def from_tokens(tokens: Sequence[str]) -> tuple[list[Step], list[int]]:
    """The tokens of one component, as the grammar lets them be -> the walk, and the token that introduces each atom."""
    steps: list[Step] = []
    places: list[int] = []
    opener: dict[int, int] = {}  # name -> atom
    hosts: list[int] = []
    atom, parent, arrival, angle = 0, -1, PLAIN, 0
    letters: list[str] = []
    closings: list[tuple[Stroke, int]] = []
    circles: list[int] = []
    stroke, circled = PLAIN, False

    def end_atom() -> None:
        if len(steps) == len(places) - 1:
            text = texts.from_tokens(letters)
            steps.append(Step(text, parent, arrival, angle, tuple(closings), tuple(circles)))
            letters.clear()
            closings.clear()
            circles.clear()

    places.append(0)
    for place, token in enumerate(tokens):
        if token in _TEXT:
            letters.append(token)
        elif token in _ANGLE and circled:
            circles.append(_ANGLE[token])
            circled = False
        elif token in _ANGLE:
            end_atom()
            parent, arrival, angle, stroke = atom, stroke, _ANGLE[token], PLAIN
            atom = len(steps)
            places.append(place)
        elif token in BONDS:
            stroke = BONDS[token]
        elif token in _CLOSING:
            closings.append((stroke, opener[_CLOSING[token]]))
            stroke = PLAIN
        elif token in _OPENING:
            opener[_OPENING[token]] = atom
        elif token == CIRCLE:
            circled = True
        elif token == BRANCH:
            end_atom()
            hosts.append(atom)
        elif token == RETURN:
            end_atom()
            atom = hosts.pop()
    end_atom()
    return steps, places
