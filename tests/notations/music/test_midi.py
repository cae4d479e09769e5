"""The MIDI file plays what the staff says."""

import base64
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given

from glyphic.notations.music import NOTATION
from glyphic.notations.music.midi import TICKS, sounds, to_midi
from glyphic.notations.music.semantic import parse
from tests.notations.music import staves


def played(data: bytes) -> list[tuple[int, int, int]]:
    """(tick of the beginning, of the end, pitch) of the notes of a file, by the letter of the standard."""
    assert data[:14] == b"MThd\0\0\0\6\0\0\0\1" + TICKS.to_bytes(2, "big") and data[14:18] == b"MTrk"
    track = data[22:]
    assert len(track) == int.from_bytes(data[18:22], "big")
    notes, sounding, now, at = [], {}, 0, 0
    while at < len(track):
        delta = 0
        while True:
            byte = track[at]
            delta, at = delta << 7 | byte & 0x7F, at + 1
            if byte < 0x80:
                break
        now, kind = now + delta, track[at]
        if kind == 0xFF:
            at += 3 + track[at + 2]
        elif kind == 0xC0:
            at += 2
        else:
            if kind == 0x90:
                assert track[at + 1] not in sounding
                sounding[track[at + 1]] = now
            else:
                notes.append((sounding.pop(track[at + 1]), now, track[at + 1]))
            at += 3
    assert track[-3:] == b"\xff\x2f\0" and not sounding
    return sorted(notes)


@given(staves.sampled)
def test_the_file_plays_the_sounds(staff):
    wanted = sorted((round(4 * TICKS * a), round(4 * TICKS * b), pitch) for a, b, pitch in sounds(staff))
    assert played(to_midi(staff)) == wanted


@given(staves.written())
def test_one_voice_plays_one_note_at_a_time(staff):
    heard = sounds(staff)
    assert all(begin < end for begin, end, _ in heard)
    assert all(a[1] <= b[0] for a, b in pairwise(heard))


@pytest.mark.parametrize(("text", "expected"), [
    ("note-C4_half rest-half note-A4_quarter", [(0, "1/2", 60), (1, "5/4", 69)]),
    ("note-C4_half tie barline note-C4_quarter", [(0, "3/4", 60)]),
    ("note-C4_half tie note-C#4_quarter", [(0, "1/2", 60), ("1/2", "3/4", 61)]),
    ("timeSignature-3/4 multirest-2 barline note-B#3_half", [("3/2", 2, 60)]),
    ("gracenote-D4_eighth note-C4_half", [(0, "1/8", 62), ("1/8", "1/2", 60)]),
    ("gracenote-D4_eighth gracenote-E4_eighth note-C4_eighth", [(0, "1/32", 62), ("1/32", "1/16", 64),
                                                               ("1/16", "1/8", 60)]),
])
def test_ties_are_long_notes_and_grace_notes_borrow(text, expected):
    assert sounds(parse(text)) == [(Fraction(a), Fraction(b), pitch) for a, b, pitch in expected]


def test_the_format_is_base64():
    text = "clef-G2 timeSignature-3/4 note-C4_half"
    assert base64.b64decode(NOTATION.formats["midi"](text)) == to_midi(parse(text))
