"""The text of an atom and the bonds that reach it -> the group that it means, its open ends in the order of the bonds.

A condensed formula is a chain that is read from the end at which the bond arrives (`CO2Me` from the left, `MeO2C` from
the right); what has one bond only (H, F, Me) hangs at the atom before it or, as in `H3C`, at the one behind it; `=O`
hangs doubly; and each atom must come out with exactly one of its valences. This last rule decides: of all ways to hang
and to bind, the first that closes every atom is the reading, and a text that none closes is no formula.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from glyphic.notations.molecule.chemistry.abbreviations import Abbreviations
from glyphic.notations.molecule.chemistry.condensed import (
    Atoms,
    Bracket,
    Charge,
    Line,
    Part,
    Unit,
    readings,
    reversed_units,
    turned,
)
from glyphic.notations.molecule.chemistry.elements import ALKALI, hydrogens, valences
from glyphic.notations.molecule.chemistry.fragments import Fragment, GroupAtom

STEPS = 500  # of the search in one reading of a text: networks write texts that mean nothing

LEFT, ANYWHERE, RIGHT = -1, 0, 1  # where a bond's other atom lies


@lru_cache(maxsize=4096)
def group(text: str, bonds: tuple[tuple[int, int], ...], table: Abbreviations) -> Fragment | None:
    """A canonical text, its bonds as (order, side) and a table -> the group, its ends in the order of the bonds.

    None: the text means nothing that has these bonds.
    """
    orders = tuple(order for order, _ in bonds)
    backwards = bool(bonds) and all(side == RIGHT for _, side in bonds)
    names = (turned(text, table), text) if backwards else (text, turned(text, table))
    known = [entry for name in names for entry in table.wholes.get(name, ())
             if sorted(order for _, order in entry.fragment.ends) == sorted(orders)]
    if known:  # only with its bond at the left is NC an isocyanide; a nitrile that is not turned (CN-R) is likelier
        plain = any(side == LEFT for _, side in bonds)
        return _in_order(min(known, key=lambda entry: not plain and not entry.weight).fragment, orders)
    cuts = {turn: tuple(readings(text, table, turn)) for turn in (False, True)}
    for loads, turn in _ways(bonds):
        for units in cuts[turn]:
            found = _whole(units, loads) or next(_Chain(units, loads).solutions(), None)
            if found:
                return found
    return None


def _in_order(fragment: Fragment, orders: Sequence[int]) -> Fragment:
    """A fragment, its ends so that their orders are these."""
    left = list(fragment.ends)
    ends = []
    for order in orders:
        ends.append(next(end for end in left if end[1] == order))
        left.remove(ends[-1])
    return replace(fragment, ends=tuple(ends))


def _whole(units: tuple[Unit, ...], loads: "Loads") -> Fragment | None:
    """The group of a text that is nothing but one part, as C4H9."""
    if len(units) != 1 or not isinstance(units[0], Part) or units[0].count > 1:
        return None
    fragment = units[0].fragment
    return fragment if [order for _, order in fragment.ends] == [order for _, order in loads] else None


Loads = tuple[tuple[int, int], ...]  # for each bond the atom of the chain that it reaches (-1: the last), its order


def _ways(bonds: Sequence[tuple[int, int]]) -> Iterator[tuple[Loads, bool]]:
    """Which atoms of the chain the bonds may reach, and whether it is read backwards, likely ways first."""
    sides = {side for _, side in bonds}
    if {LEFT, RIGHT} <= sides or (len(bonds) > 1 and ANYWHERE in sides):
        for free in (0, -1):
            yield tuple(({LEFT: 0, RIGHT: -1, ANYWHERE: free}[side], order) for order, side in bonds), False
    split = [tuple((-1 if i == last else 0, order) for i, (order, _) in enumerate(bonds)) for last in range(len(bonds))]
    split += [tuple((0, order) if i == first else (-1, order) for i, (order, _) in enumerate(bonds))
              for first in range(len(bonds)) if len(bonds) > 2]
    if len(bonds) > 2:
        yield from ((loads, False) for loads in split)
    for place in (0, 1, 2):
        loads = tuple((place, order) for order, _ in bonds)
        yield from ((loads, turn) for turn in ((True, False) if sides == {RIGHT} else (False, True)))
        if not bonds:
            return
    if len(bonds) == 2:
        yield from ((loads, False) for loads in split)


@dataclass(frozen=True, slots=True)
class _Site:
    atom: GroupAtom
    options: tuple[int, ...]  # the valences that it may have
    used: int = 0
    hydrogens: int = 0

    @property
    def room(self) -> int:
        return max(self.options, default=0) - self.used

    @property
    def closed(self) -> bool:
        return self.used in self.options


@dataclass(frozen=True, slots=True)
class _State:
    sites: tuple[_Site, ...] = ()
    bonds: tuple[tuple[int, int, int], ...] = ()
    trail: tuple[int, ...] = ()  # the chain so far, without side groups that are full
    chain: tuple[int, ...] = ()  # all atoms that were ever its end
    waiting: tuple[Unit, ...] = ()  # hang at the next atom of the chain
    forced: int = 0  # the order of the next bond, if it is written

    def changed(self, index: int, site: _Site) -> "_State":
        return replace(self, sites=(*self.sites[:index], site, *self.sites[index + 1:]))


class _Chain:
    """The search over one sequence of units, depth first."""

    def __init__(self, units: tuple[Unit, ...], loads: Loads, budget: list[int] | None = None):
        self.units, self.loads = units, loads
        self.budget = budget if budget is not None else [STEPS]

    def solutions(self) -> Iterator[Fragment]:
        """The groups that close every atom."""
        for state in self._walk(self.units, _State()):
            if state.waiting or state.forced or not state.chain:
                continue
            reached = []
            for place, order in self.loads:
                if place >= len(state.chain):
                    break
                reached.append(state.chain[place])
                if place == -1 or place > 0:
                    site = state.sites[reached[-1]]
                    state = state.changed(reached[-1], replace(site, used=site.used + order))
            else:
                if all(site.closed for site in state.sites):
                    yield self._fragment(state, reached)

    def _fragment(self, state: _State, reached: list[int]) -> Fragment:
        atoms = []
        for site in state.sites:
            filled = hydrogens(site.atom.symbol, site.atom.charge, site.used - site.hydrogens, site.atom.radical)
            plain = site.atom.hydrogens is not None or site.atom.symbol == "*" or filled == site.hydrogens
            atoms.append(site.atom if plain else replace(site.atom, hydrogens=site.hydrogens))
        ends = tuple((atom, order) for atom, (_, order) in zip(reached, self.loads, strict=True))
        return Fragment(tuple(atoms), state.bonds, ends)

    def _walk(self, units: tuple[Unit, ...], state: _State) -> Iterator[_State]:
        self.budget[0] -= 1
        if self.budget[0] < 0:
            return
        if not units:
            yield state
            return
        unit, rest = units[0], units[1:]
        for reached in self._hung(unit, state):
            yield from self._walk(rest, reached)
        if isinstance(unit, Bracket) and not (unit.count > 12):
            yield from self._walk((*unit.units * unit.count, *rest), state)

    def _hung(self, unit: Unit, state: _State) -> Iterator[_State]:
        """The states that one unit may lead to."""
        if isinstance(unit, Line):
            if state.trail and not state.forced:
                yield replace(state, forced=unit.order)
            elif not state.trail and unit.order in {order for _, order in self.loads}:
                yield state
        elif isinstance(unit, Charge):
            if state.trail and not state.sites[state.trail[-1]].atom.charge:
                yield _charged(state, state.trail[-1], unit)
            yield replace(state, waiting=(*state.waiting, unit))
        elif isinstance(unit, Atoms) and not unit.single:
            yield from self._grown(unit, state)
        elif isinstance(unit, Part) and len(unit.fragment.ends) == 2:
            if unit.count == 1:
                yield from self._joined(unit.fragment, state)
        else:
            for target in _targets(state):
                yield from self._attached(unit, state, target)
            if not state.forced:
                yield replace(state, waiting=(*state.waiting, unit))

    def _grown(self, unit: Atoms, state: _State) -> Iterator[_State]:
        """An atom with several bonds: as =O, as the next of the chain."""
        doubles = unit.symbol in ("O", "S") and not unit.isotope and state.forced in (0, 2)
        if doubles:
            for target in _targets(state)[:1]:
                site = state.sites[target]
                if site.atom.symbol in ("C", "S", "P", "Se", "As"):
                    for k in range(min(unit.count, site.room // 2), 0, -1):
                        if unit.count - k <= 1:
                            oxo = _oxo(state, target, unit.symbol, k)
                            yield from self._next(unit, oxo, 1) if k < unit.count else (oxo,)
        if unit.count == 1:
            for order in (state.forced,) if state.forced else (1, 2, 3) if state.trail else (0,):
                yield from self._next(unit, state, order)
        if doubles and not state.forced and unit.count <= 3:
            yield replace(state, waiting=(*state.waiting, unit))

    def _next(self, unit: Atoms, state: _State, order: int) -> Iterator[_State]:
        """The next atom of the chain, bound to its end, or to the one before where a side group is full."""
        options = valences(unit.symbol)
        for target in _targets(state) if state.trail else (-1,):
            load = 0 if state.trail or state.chain else sum(o for place, o in self.loads if place == 0)
            site = _Site(GroupAtom(unit.symbol, isotope=unit.isotope), options, load)
            index = len(state.sites)
            grown = replace(state, sites=(*state.sites, site), chain=(*state.chain, index), forced=0, waiting=())
            if target >= 0:
                if state.sites[target].room < order or site.room < order:
                    continue
                trail = state.trail[:state.trail.index(target) + 1]
                if any(not state.sites[i].closed for i in trail[:-1]):
                    continue
                grown = _bound(replace(grown, trail=(*trail, index)), target, index, order)
            elif state.trail or state.chain or site.room < 0:
                continue
            else:
                grown = replace(grown, trail=(index,))
            yield from self._settled(state.waiting, grown, index)

    def _settled(self, waiting: tuple[Unit, ...], state: _State, index: int) -> Iterator[_State]:
        """What waited, hung at an atom."""
        if not waiting:
            yield state
            return
        unit, rest = waiting[0], waiting[1:]
        if isinstance(unit, Charge):
            yield from self._settled(rest, _charged(state, index, unit), index)
        elif isinstance(unit, Atoms) and not unit.single:
            if state.sites[index].room >= 2 * unit.count and state.sites[index].atom.symbol in ("C", "S", "P", "Se"):
                yield from self._settled(rest, _oxo(state, index, unit.symbol, unit.count), index)
        else:
            for hung in self._attached(unit, state, index):
                yield from self._settled(rest, hung, index)

    def _attached(self, unit: Unit, state: _State, target: int) -> Iterator[_State]:
        """Something with one bond, hung at an atom."""
        site = state.sites[target]
        if isinstance(unit, Atoms):
            if state.forced > 1:
                return
            if unit.symbol in ALKALI and site.atom.symbol in ("O", "S", "N") and site.room >= unit.count:
                for _ in range(unit.count):
                    state = _charged(state, target, Charge(-1))
                    ion = _Site(GroupAtom(unit.symbol, 1, hydrogens=0), (0,))
                    state = replace(state, sites=(*state.sites, ion), forced=0)
                yield state
            elif unit.symbol == "H" and not unit.isotope and site.room >= unit.count:
                yield replace(state.changed(target, replace(
                    site, used=site.used + unit.count, hydrogens=site.hydrogens + unit.count)), forced=0)
            elif site.room >= unit.count and (unit.symbol != "H" or unit.isotope):
                atom = GroupAtom(unit.symbol, isotope=unit.isotope, label=unit.label)
                yield _hanging(state, target, Fragment((atom,), (), ((0, 1),)), unit.count)
        elif isinstance(unit, Part):
            order = unit.fragment.ends[0][1]
            if state.forced in (0, order) and site.room >= order * unit.count:
                yield _hanging(state, target, unit.fragment, unit.count)
        elif isinstance(unit, Bracket):
            backwards = target == len(state.sites) - 1 and bool(state.waiting)
            for order in (state.forced,) if state.forced else (1, 2):
                if site.room < order * unit.count:
                    continue
                for units in {unit.units: 0, reversed_units(unit.units): 0} if not backwards else {
                        reversed_units(unit.units): 0, unit.units: 0}:
                    inner = next(_Chain(units, ((0, order),), self.budget).solutions(), None) or _lone(units, order)
                    if inner:
                        yield _hanging(state, target, inner, unit.count)

    def _joined(self, fragment: Fragment, state: _State) -> Iterator[_State]:
        """A group with two ends as the next atoms of the chain."""
        if state.waiting or state.forced > 1:
            return
        (first, order), (last, out) = fragment.ends
        for target in _targets(state) if state.trail else (-1,):
            base = len(state.sites)
            load = 0 if state.chain else sum(o for place, o in self.loads if place == 0)
            if (target >= 0 and state.sites[target].room < order) or (target < 0 and load != order):
                continue
            sites = [_Site(atom, (fragment.used(i) + order * (i == first) + out * (i == last),), fragment.used(i))
                     for i, atom in enumerate(fragment.atoms)]
            if target < 0:
                sites[first] = replace(sites[first], used=sites[first].used + load)
            grown = replace(state, sites=(*state.sites, *sites), forced=0, trail=(*state.trail, base + last),
                            chain=(*state.chain, *dict.fromkeys((base + first, base + last))),
                            bonds=(*state.bonds, *((a + base, b + base, o) for a, b, o in fragment.bonds)))
            yield _bound(grown, target, base + first, order) if target >= 0 else grown


def _targets(state: _State) -> tuple[int, ...]:
    """The end of the chain; and the atom before it, if the end is a side group that is full (CHOHCH3)."""
    if not state.trail:
        return ()
    if len(state.trail) > 1 and state.sites[state.trail[-1]].closed and state.sites[state.trail[-1]].room == 0:
        return (state.trail[-1], state.trail[-2])
    return state.trail[-1:]


def _bound(state: _State, a: int, b: int, order: int) -> _State:
    for index in (a, b):
        site = state.sites[index]
        state = state.changed(index, replace(site, used=site.used + order))
    return replace(state, bonds=(*state.bonds, (a, b, order)))


def _charged(state: _State, index: int, charge: Charge) -> _State:
    site = state.sites[index]
    atom = replace(site.atom, charge=site.atom.charge + charge.value, radical=site.atom.radical + charge.radical)
    options = tuple(v - atom.radical for v in valences(atom.symbol, atom.charge))
    return state.changed(index, replace(site, atom=atom, options=options))


def _oxo(state: _State, target: int, symbol: str, count: int) -> _State:
    fragment = Fragment((GroupAtom(symbol),), (), ((0, 2),))
    return _hanging(state, target, fragment, count)


def _hanging(state: _State, target: int, fragment: Fragment, count: int) -> _State:
    """A group with one end, hung at an atom `count` times."""
    (first, order), = fragment.ends
    for _ in range(count):
        base = len(state.sites)
        sites = [_Site(atom, (fragment.used(i) + order * (i == first),), fragment.used(i))
                 for i, atom in enumerate(fragment.atoms)]
        bonds = tuple((a + base, b + base, o) for a, b, o in fragment.bonds)
        state = replace(state, sites=(*state.sites, *sites), bonds=(*state.bonds, *bonds), forced=0)
        state = _bound(state, target, base + first, order)
    return state


def _lone(units: tuple[Unit, ...], order: int) -> Fragment | None:
    """A bracket around one part or one atom with a single bond: (Ph), (F), (R)."""
    if len(units) != 1 or order != 1:
        return None
    unit = units[0]
    if isinstance(unit, Part) and unit.count == 1 and len(unit.fragment.ends) == 1 and unit.fragment.ends[0][1] == 1:
        return unit.fragment
    if isinstance(unit, Atoms) and unit.single and unit.count == 1 and unit.symbol != "H":
        return Fragment((GroupAtom(unit.symbol, isotope=unit.isotope, label=unit.label),), (), ((0, 1),))
    return None
