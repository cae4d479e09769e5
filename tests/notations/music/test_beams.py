"""Notes share beams beat by beat."""

import pytest
from hypothesis import given

from glyphic.notations.music.beams import beam_marks, beams_of, beat_groups
from glyphic.notations.music.semantic import Note, Value, parse
from tests.notations.music import staves


@pytest.mark.parametrize(("text", "groups"), [
    ("timeSignature-2/4 note-C4_eighth note-C4_eighth note-C4_eighth note-C4_eighth barline", "1 2, 3 4"),
    ("timeSignature-6/8 " + "note-C4_eighth " * 6 + "barline", "1 2 3, 4 5 6"),
    ("timeSignature-3/8 note-C4_eighth note-C4_sixteenth note-C4_sixteenth note-C4_eighth", "1 2 3 4"),
    ("timeSignature-C/ note-C4_eighth rest-eighth note-C4_eighth note-C4_eighth", "3 4"),
    ("timeSignature-2/4 note-C4_eighth note-C4_quarter note-C4_eighth", ""),
    ("timeSignature-3/4 note-C4_eighth barline note-C4_eighth note-C4_eighth note-C4_half", "3 4"),
    ("timeSignature-3/4 note-C4_eighth note-C4_eighth note-C4_eighth barline note-C4_half.", "2 3"),  # from its end
    ("note-C4_eighth gracenote-D4_eighth note-C4_eighth note-C4_eighth tie note-C4_eighth", "0 2, 3 5"),
])
def test_groups_follow_the_metre(text, groups):
    assert ", ".join(" ".join(map(str, group)) for group in beat_groups(parse(text))) == groups


@given(staves.written())
def test_a_group_is_of_neighbours_with_flags(staff):
    seen: list[int] = []
    for group in beat_groups(staff):
        assert len(group) > 1 and all(isinstance(staff[i], Note) and beams_of(staff[i].value) for i in group)
        between = [s for s in staff[group[0]:group[-1]] if isinstance(s, Note)]
        assert len(between) == len(group) - 1
        seen += group
    assert seen == sorted(set(seen))


def test_hooks_stand_where_a_beam_has_one_note():
    values = [Value("eighth", 1), Value("sixteenth"), Value("thirty_second"), Value("eighth"), Value("sixteenth")]
    assert beam_marks(values) == [
        ["begin"], ["continue", "begin"], ["continue", "end", "backward hook"], ["continue"],
        ["end", "backward hook"]]
    assert beam_marks([Value("sixteenth"), Value("eighth")]) == [["begin", "forward hook"], ["end"]]
