"""What token may follow: branches and reconnections are closed, no bond is drawn twice, and all ends in time.

The grammar knows the tokens that a drawing is written with and nothing of chemistry: pupils' impossible molecules are
read as they are drawn (valence.py is the guide that knows some). It also fixes what the writer fixes: behind the text
of an atom come its closings, its openings (each with the first free name), its circles and its branches; the last of
several bonds to new atoms stands in no branch; and a ring that is opened within a branch is closed within it, as no
depth-first walk does otherwise.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.molecule import texts
from glyphic.notations.molecule.tokens import (
    ABOVE,
    ABOVE_END,
    ANGLES,
    APART,
    ARROWS,
    BELOW,
    BELOW_END,
    BONDS,
    BRANCH,
    CIRCLE,
    CLOSINGS,
    NAMES,
    OPENINGS,
    PLUS,
    RETURN,
    VOCABULARY,
)

# What was written last: on the line ...
EMPTY, SIGN, JOINED, ARROW, ARROW_ABOVE = "empty", "sign", "joined", "arrow", "arrow above"
# ... or in a component, in the order that an atom is written in: nothing yet, its text, closings, openings ...
CORNER, TEXT, CLOSED, OPENED, CIRCLED, BRANCHED = "corner", "text", "closed", "opened", "circled", "branched"
# ... with tokens in between that want another one behind them.
BROKEN, STROKE, LATE_STROKE, FORKED, AIMED = "broken", "stroke", "late stroke", "forked", "aimed"

_LINES = frozenset([EMPTY, SIGN, JOINED, ARROW, ARROW_ABOVE])
_WHOLE = frozenset([CORNER, TEXT, CLOSED, OPENED, CIRCLED])  # the atom may be complete
_CLOSABLE = frozenset([CORNER, TEXT, CLOSED, STROKE])  # a bond back to a named atom may be written
_PENDING = frozenset([BRANCHED, FORKED, LATE_STROKE])  # a bond to a new atom must follow
_TOP, _ABOVE, _BELOW = 0, 1, 2  # where on the line
_WIDE = 8  # tokens to spare beyond the shortest ending: no token lengthens that by as many

# Classes of tokens that are allowed together; all other tokens are a class of their own.
_WORD, _ANGLE, _BOND, _ARROW = "a text token", "an angle", "a bond", "an arrow"
_MEMBERS = {_WORD: tuple(token for token in texts.TOKENS if token != texts.BREAK), _ANGLE: ANGLES, _BOND: tuple(BONDS),
            _ARROW: ARROWS}
_CLASS = {token: token for token in VOCABULARY.tokens[3:]} | {
    token: kind for kind, tokens in _MEMBERS.items() for token in tokens}
_NAME = {token: i for tokens in (OPENINGS, CLOSINGS) for i, token in enumerate(tokens)}
_OPENINGS = frozenset(OPENINGS)
_BEGINNINGS = frozenset([_WORD, _ANGLE, _BOND, CIRCLE, BRANCH, *OPENINGS])  # of a component
_END = ""  # in the place of a class: the end of the text


class State(NamedTuple):
    """Immutable; atoms are numbered as they are met in their component."""

    last: str = EMPTY
    line: int = _TOP
    atom: int = 0  # where the walk is
    parent: int = -1
    met: int = 1  # atoms of this component so far
    inked: bool = False  # whether it has a text or a bond so far
    hosts: tuple[int, ...] = ()  # the atoms whose branches are being written
    rings: tuple[tuple[int, int, int], ...] = ()  # open: name, the atom that bears it, how many branches deep it is
    bonded: tuple[int, ...] = ()  # the atoms that closings of the present one went to


class MoleculeGrammar:
    """The guide of all readings of molecules; `closing` leads a network that wants to end to where it may."""

    def __init__(self, vocabulary: Vocabulary = VOCABULARY, max_depth: int = 40):
        self.vocabulary, self.max_depth = vocabulary, max_depth
        self._cache: dict[Hashable, npt.NDArray[np.float32]] = {}

    def start(self) -> State:
        return State()

    def advance(self, state: State, token: int) -> State:
        return follow(state, self.vocabulary.tokens[token])

    def bias(self, state: State, remaining: int) -> npt.NDArray[np.float32]:
        classes = self.classes(state)
        if remaining - needed(state) < _WIDE:
            classes = tuple(kind for kind in classes if kind == _END or 1 + needed(
                follow(state, _MEMBERS.get(kind, (kind,))[0])) <= remaining)
        if classes not in self._cache:
            self._cache[classes] = self._mask(classes)
        return self._cache[classes]

    def closing(self, state: State) -> int | None:
        """What ends the innermost thing that is open: the ring of the last name, else the branch, else the text that
        stands at an arrow."""
        classes = self.classes(state)
        rings = [CLOSINGS[name] for name, *_ in reversed(state.rings)]
        return next((self.vocabulary.ids[token] for token in (*rings, RETURN, ABOVE_END, BELOW_END)
                     if token in classes), None)

    def allows(self, state: State, token: str) -> bool:
        """Whether this token may follow, were there room for any number of them."""
        return _CLASS.get(token) in self.classes(state)

    def may_end(self, state: State) -> bool:
        """Whether the text may end here."""
        return _END in self.classes(state)

    def classes(self, state: State) -> tuple[str, ...]:
        """What may follow, by classes; "" stands for the end."""
        last, result = state.last, []
        if last in (BROKEN, JOINED, EMPTY, SIGN, ARROW, ARROW_ABOVE, CORNER, TEXT):
            result.append(_WORD)
        if last == BROKEN:
            return (_WORD,)
        if last == TEXT:
            result.append(texts.BREAK)
        result.append(_ANGLE)
        if last not in (STROKE, LATE_STROKE, AIMED):
            result.append(_BOND)
        if last in _LINES or last in _WHOLE or last == BRANCHED:
            if len(state.hosts) < self.max_depth:
                result.append(BRANCH)
            if last != BRANCHED:
                result += self._markers(state)
            result += self._ends(state)
        if last in _CLOSABLE:
            result += closable(state)
        return tuple(result)

    def _markers(self, state: State) -> list[str]:
        used = {name for name, *_ in state.rings}
        if state.last == CIRCLED or len(used) == len(NAMES):
            return [CIRCLE]
        return [CIRCLE, next(token for i, token in enumerate(OPENINGS) if i not in used)]

    def _ends(self, state: State) -> list[str]:
        """What ends a branch, a component or what stands at an arrow."""
        if state.last not in _LINES:
            if state.last == BRANCHED:
                return []
            if state.hosts:
                return [RETURN] if all(depth < len(state.hosts) for *_, depth in state.rings) else []
            if state.rings or not state.inked:
                return []
        result = [PLUS] if state.last != JOINED else []
        if state.last not in _LINES:
            result.append(APART)
        if state.line == _TOP and state.last != JOINED:
            result += [_ARROW, *([_END] if state.last != EMPTY else [])]
            result += [ABOVE] if state.last == ARROW else []
            result += [BELOW] if state.last in (ARROW, ARROW_ABOVE) else []
        elif state.last not in (EMPTY, JOINED):
            result.append(ABOVE_END if state.line == _ABOVE else BELOW_END)
        return result

    def _mask(self, classes: Sequence[str]) -> npt.NDArray[np.float32]:
        result = np.full(len(self.vocabulary), -np.inf, np.float32)
        for kind in classes:
            tokens = _MEMBERS.get(kind, (kind,))
            result[[self.vocabulary.ids[t] if t != _END else self.vocabulary.eos for t in tokens]] = 0.0
        result.setflags(write=False)  # it is handed out many times
        return result


def follow(state: State, token: str) -> State:
    """The state after a token that may follow."""
    kind = _CLASS[token]
    if state.last in _LINES and kind in _BEGINNINGS:
        state = State(CORNER, state.line)
    if kind == _WORD:
        return state._replace(last=TEXT, inked=True)
    if kind == _ANGLE:
        if state.last == AIMED:
            return state._replace(last=CIRCLED)
        return state._replace(last=CORNER, atom=state.met, parent=state.atom, met=state.met + 1, inked=True,
                              bonded=())
    if kind == _BOND:
        return state._replace(last=STROKE if state.last in _CLOSABLE else LATE_STROKE)
    if kind in _OPENINGS:
        return state._replace(last=OPENED, rings=(*state.rings, (_NAME[token], state.atom, len(state.hosts))))
    if kind in _NAME:
        opener = next(opener for name, opener, _ in state.rings if name == _NAME[token])
        return state._replace(last=CLOSED, rings=tuple(ring for ring in state.rings if ring[0] != _NAME[token]),
                              bonded=(*state.bonded, opener))
    if kind == BRANCH:
        return state._replace(last=FORKED, hosts=(*state.hosts, state.atom))
    if kind == RETURN:
        return state._replace(last=BRANCHED, atom=state.hosts[-1], parent=-1, hosts=state.hosts[:-1], bonded=())
    if kind in (CIRCLE, texts.BREAK):
        return state._replace(last=AIMED if kind == CIRCLE else BROKEN)
    if kind in (APART, PLUS):
        return State(JOINED if kind == APART else SIGN, state.line)
    if kind in (ABOVE, BELOW):
        return State(EMPTY, _ABOVE if kind == ABOVE else _BELOW)
    return State({_ARROW: ARROW, ABOVE_END: ARROW_ABOVE, BELOW_END: SIGN}[kind])


def closable(state: State) -> list[str]:
    """The names of open rings that the present atom may bond to: not its own, nor those of atoms it is bonded to."""
    near = {state.atom, state.parent, *state.bonded}
    return [CLOSINGS[name] for name, opener, _ in state.rings if opener not in near]


def needed(state: State) -> int:
    """How many tokens the shortest ending takes, <eos> included.

    Every open branch wants its `branch)` and one more bond of the atom that bears it; every open name wants one token.
    The closings go to the present atom and to the atoms that must be written anyway; where these are too few (an atom
    has one bond to a neighbour, none to itself), the chain has to grow by as many atoms.
    """
    last, depth = state.last, len(state.hosts)
    cost = 1 + (state.line != _TOP)
    if last in _LINES:
        return cost + (last in (EMPTY, JOINED))
    cost += 2 * depth + len(state.rings) + (last in (BROKEN, AIMED))
    back = last == STROKE and bool(closable(state))
    pending = last in _PENDING or (last == STROKE and not back) or not (state.inked or state.rings)
    cost += pending
    if not state.rings:
        return cost
    # where closings may go: how deep the atom is, and the atoms that it may not be bonded to once more
    places: list[tuple[int, tuple[int, ...]]] = [(i, (host,)) for i, host in enumerate(state.hosts)]
    if pending:
        places.append((depth, (state.atom,)))
    elif back or last in (CORNER, TEXT, CLOSED, BROKEN):
        places.append((depth, (state.atom, state.parent, *state.bonded)))
    growth = 0
    for (opener, level), count in Counter((opener, level) for _, opener, level in state.rings).items():
        lacking = count - sum(at >= level and opener not in near for at, near in places)
        if lacking > 0:
            growth = max(growth, lacking + (opener == state.atom and not pending))
    return cost + growth
