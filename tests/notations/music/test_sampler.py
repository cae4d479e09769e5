"""Sampled staves are what the network must see: valid, varied, mostly true to their metre."""

import random
from collections import Counter

from glyphic.notations.music.bars import bars
from glyphic.notations.music.sampler import sample
from glyphic.notations.music.semantic import CLEFS, Clef, GraceNote, Key, Multirest, Note, Rest, Tie, parse

STAVES = [parse(sample(random.Random(seed))) for seed in range(400)]


def test_all_kinds_of_symbols_come():
    found = [symbol for staff in STAVES for symbol in staff]
    assert {str(s)[5:] for s in found if isinstance(s, Clef)} == set(CLEFS)
    assert {s.fifths for s in found if isinstance(s, Key)} == set(range(-7, 8))
    assert {type(s) for s in found} >= {Note, GraceNote, Rest, Multirest, Tie, Key}
    assert any(s.fermata for s in found if isinstance(s, Note))
    assert {s.pitch.alter for s in found if isinstance(s, Note)} == {-2, -1, 0, 1, 2}


def test_most_bars_fill_their_metre_and_some_do_not():
    verdicts = Counter(bar.verdict for staff in STAVES for bar in bars(staff))
    assert verdicts["complete"] > 0.7 * verdicts.total()
    assert all(verdicts[verdict] for verdict in ("short", "long", "pickup", "cut", "unknown"))


def test_ties_join_equal_pitches():
    for staff in STAVES:
        for index, symbol in enumerate(staff):
            if isinstance(symbol, Tie):
                following = next((s for s in staff[index:] if isinstance(s, Note)), staff[index - 1])
                assert following.pitch == staff[index - 1].pitch


def test_a_staff_fits_a_line():
    assert all(2 <= len(staff) <= 90 for staff in STAVES)
    assert 15 < sum(map(len, STAVES)) / len(STAVES) < 35
