"""An optional guide that knows how many bonds an element has; for printed chemistry, not for pupils' drawings.

It goes with the grammar (`core.guide.Both`) and gives a penalty, not a ban, to a token that draws one bond too many: a
budget that runs out, or a picture that leaves no doubt, still has its way. Abbreviations and unknown texts have any
number of bonds. Rings in progress hold one bond of their atom each.
"""

import re
from collections.abc import Hashable
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import OptionError
from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.molecule import texts
from glyphic.notations.molecule.graph import BondKind
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
    OPENINGS,
    PLUS,
    RETURN,
    VOCABULARY,
)

# how many bonds an atom has at most, hydrogens included, without a charge
VALENCES = {"": 4, "C": 4, "N": 3, "O": 2, "F": 1, "Cl": 1, "Br": 1, "H": 1, "D": 1, "B": 3, "Si": 4}
_ORDERS = {BondKind.DOUBLE: 2, BondKind.CROSSED: 2, BondKind.TRIPLE: 3, BondKind.QUADRUPLE: 4}
_LABEL = re.compile(r"(?:H(\d?))?(C|N|O|F|Cl|Br|B|Si|H|D)(?:\n?H(\d?))?(\^[+-])?")
_MANY = 99
_FRESH = frozenset([APART, PLUS, ABOVE, ABOVE_END, BELOW, BELOW_END, *ARROWS])


@cache
def bonds_of(text: str) -> int:
    """How many bonds (double ones counted twice) a label leaves to draw: 4 at a bare corner, 2 at `NH`, 4 at `N^+`."""
    if not text:
        return VALENCES[""]
    found = _LABEL.fullmatch(text)
    if not found:
        return _MANY
    before, element, after, charge = found.groups()
    hydrogens = sum(int(count or 1) for count in (before, after) if count is not None)
    valence = VALENCES[element]
    if charge:
        valence += {"N+": 1, "O+": 1, "B-": 1}.get(element + charge[1], -1)
    return max(valence - hydrogens, 0)


class State(NamedTuple):
    """Immutable. Bonds are counted from the present atom back to the first of its component."""

    letters: tuple[str, ...] = ()  # of the present atom, while they may go on
    used: int = 0  # bonds of the present atom
    limit: int = -1  # how many it may have; -1 while its text may go on
    order: int = 1  # of the bond that is begun
    aimed: bool = False  # whether the next angle is a circle's
    forked: bool = False  # whether a branch was begun last
    atom: int = 0
    met: int = 1
    hosts: tuple[tuple[int, int, int], ...] = ()  # atom, bonds, limit of those whose branches are being written
    rings: tuple[tuple[str, int], ...] = ()  # open names and their atoms


class ValenceGuide:
    """A guide over the tokens of molecules: `penalty` for every bond beyond what the text of an atom allows."""

    def __init__(self, vocabulary: Vocabulary = VOCABULARY, penalty: float = 10.0):
        if not penalty > 0:
            raise OptionError(f"a penalty is above 0; got {penalty}")
        self.vocabulary, self.penalty = vocabulary, penalty
        self._orders = np.zeros(len(vocabulary), np.int64)  # by how many bonds a token commits the present atom
        for token, (kind, _) in BONDS.items():
            self._orders[vocabulary.ids[token]] = _ORDERS.get(kind, 1)
        for token in (*ANGLES, *OPENINGS, *CLOSINGS):
            self._orders[vocabulary.ids[token]] = 1
        self._orders[vocabulary.ids[BRANCH]] = 2  # its own bond, and the one that must follow
        self._cache: dict[Hashable, npt.NDArray[np.float32]] = {}

    def start(self) -> State:
        return State()

    def advance(self, state: State, token: int) -> State:
        text = self.vocabulary.tokens[token]
        if text in _FRESH:
            return State()
        if text in texts.TOKENS:
            return state._replace(letters=(*state.letters, text))
        if state.limit < 0:
            state = state._replace(letters=(), limit=self._limit(state))
        if text in BONDS:
            return state._replace(order=_ORDERS.get(BONDS[text][0], 1))
        if text == CIRCLE:
            return state._replace(aimed=True)
        if text in ANGLES:
            if state.aimed:
                return state._replace(aimed=False)
            hosts = state.hosts
            if state.forked:
                atom, used, limit = hosts[-1]
                hosts = (*hosts[:-1], (atom, used + state.order, limit))
            return State(used=state.order, atom=state.met, met=state.met + 1, hosts=hosts, rings=state.rings)
        if text in OPENINGS:
            return state._replace(used=state.used + 1, rings=(*state.rings, (text[1:], state.atom)))
        if text in CLOSINGS:
            opener = dict(state.rings)[text]
            more = state.order - 1
            hosts = tuple((atom, used + more * (atom == opener), limit) for atom, used, limit in state.hosts)
            return state._replace(used=state.used + state.order, order=1, hosts=hosts,
                                  rings=tuple(ring for ring in state.rings if ring[0] != text))
        if text == BRANCH:
            return state._replace(forked=True, hosts=(*state.hosts, (state.atom, state.used, state.limit)))
        if text == RETURN and state.hosts:
            atom, used, limit = state.hosts[-1]
            return State(used=used, limit=limit, atom=atom, met=state.met, hosts=state.hosts[:-1],
                         rings=state.rings)
        return state

    def bias(self, state: State, remaining: int) -> npt.NDArray[np.float32]:
        limit = state.limit if state.limit >= 0 else self._limit(state)
        free = 4 if state.aimed else min(max(limit - state.used, 0), 4)
        if free not in self._cache:
            bias = np.where(self._orders > free, np.float32(-self.penalty), np.float32(0.0)).astype(np.float32)
            bias.setflags(write=False)
            self._cache[free] = bias
        return self._cache[free]

    def _limit(self, state: State) -> int:
        try:
            return bonds_of(texts.from_tokens(list(state.letters)))
        except ValueError:
            return _MANY
