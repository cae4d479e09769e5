"""Staves that tests draw: any symbols in any order, and staves as the grammar has them."""

import random
from itertools import pairwise

import hypothesis.strategies as st

from glyphic.notations.music import semantic as m
from glyphic.notations.music.sampler import sample

pitches = st.builds(m.Pitch, st.sampled_from(m.STEPS), st.sampled_from(sorted(m.SIGNS)), st.sampled_from(m.OCTAVES))
values = st.builds(m.Value, st.sampled_from(sorted(m.LENGTHS)), st.integers(0, m.MAX_DOTS))
clefs = st.sampled_from(m.CLEFS).map(lambda name: m.Clef(name[0], int(name[1])))
keys = st.builds(m.Key, st.integers(-7, 7))
metres = st.one_of(st.sampled_from((m.COMMON, m.CUT)), st.builds(m.Metre, st.integers(1, 99), st.integers(1, 99)))
notes = st.builds(m.Note, pitches, values, st.booleans())
graces = st.builds(m.GraceNote, pitches, values)
rests = st.builds(m.Rest, values, st.booleans())
multirests = st.builds(m.Multirest, st.integers(1, 9999))
symbols = st.one_of(clefs, keys, metres, notes, notes, graces, rests, multirests, st.just(m.Barline()),
                    st.just(m.Tie()))


def _apart(staff: list[m.Symbol]) -> bool:
    return not any(isinstance(a, m.Multirest) and isinstance(b, m.Multirest) for a, b in pairwise(staff))


anything = st.lists(symbols, max_size=14).filter(_apart).map(tuple)  # no two multirests side by side
sampled = st.integers(0, 10**9).map(lambda seed: m.parse(sample(random.Random(seed))))  # plausible staves


@st.composite
def written(draw: st.DrawFn) -> m.Staff:
    """Staves as pictures have them: a head, bars of what has a pitch or none, ties between equal pitches."""
    staff: list[m.Symbol] = [draw(clefs)]
    staff += draw(st.lists(keys, max_size=1)) + draw(st.lists(metres, max_size=1))
    for number in range(draw(st.integers(0, 4))):
        if number:
            staff += draw(st.lists(clefs, max_size=1)) + draw(st.lists(keys, max_size=1))
            staff += draw(st.lists(metres, max_size=1))
        if draw(st.integers(0, 5)) == 0:
            staff += [draw(multirests), m.Barline()]
            continue
        for event in draw(st.lists(st.one_of(notes, notes, notes, graces, rests), min_size=1, max_size=5)):
            staff.append(event)
            if isinstance(event, m.Note) and draw(st.integers(0, 3)) == 0:
                staff.append(m.Tie())
                staff += draw(st.lists(st.just(m.Barline()), max_size=1))
                staff.append(m.Note(event.pitch, draw(values), draw(st.booleans())))
        staff += [m.Barline()] if number or draw(st.booleans()) else []
    for index in range(len(staff) - 1, 0, -1):  # nothing twice in a row that leaves no ink, or is drawn once
        if staff[index] == staff[index - 1] == m.Barline():
            del staff[index]
    return m.canonical(staff)
