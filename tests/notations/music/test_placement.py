"""Each word of a reading has a place: across by what its tokens were read from, up and down by its pitch."""

import numpy as np
from hypothesis import given

from glyphic.core.notation import Sight
from glyphic.notations.music.placement import places
from glyphic.notations.music.semantic import canonical, parse, write
from glyphic.notations.music.tokens import to_tokens
from tests.notations.music import staves


def sight(staff, space=8.0, points=None):
    tokens = tuple(to_tokens(staff))
    x = np.arange(len(tokens)) * 10.0
    return Sight(tokens, np.stack((x, np.full(len(x), 48.0)), axis=1) if points is None else points,
                 np.ones((96, 16), np.float32), space)


@given(staves.anything)
def test_there_is_one_place_for_each_word_of_the_text_from_left_to_right(staff):
    found = places(sight(staff))
    assert " ".join(place.text for place in found) == write(canonical(staff))
    assert [place.x for place in found] == sorted(place.x for place in found)


def test_a_head_stands_half_a_space_higher_for_each_step_whatever_the_clef():
    for clef, middle, above in (("clef-G2", "B4", "D5"), ("clef-F4", "D3", "F3"), ("clef-C3", "C4", "E4")):
        found = places(sight(parse(f"{clef} note-{middle}_half note-{above}_half barline")))
        assert [place.y for place in found] == [47.5, 47.5, 39.5, 47.5]
        assert [place.x for place in found] == [0.0, 15.0, 35.0, 50.0]
    sharp = places(sight(parse("clef-G2 note-F#4_half")))
    assert sharp[1].x == 25.0, "the head's, not the sign's"


def test_without_a_level_staff_or_frames_there_are_no_places():
    staff = canonical(())
    assert places(sight(staff)) == [] and places(sight(staff, space=None)) == []
    tokens = to_tokens(staff := parse("clef-G2 note-C4_half"))
    assert tokens and places(sight(staff, points=np.zeros((0, 2)))) == []
