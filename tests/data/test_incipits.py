"""A list of staves becomes a source of staves that can be written, moved and varied, without those held out."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.errors import OptionError
from glyphic.data import incipits
from glyphic.data.incipits import IncipitSource, read_staves, signed, skeleton, skeletons, transposed
from glyphic.notations import get
from glyphic.notations.music.accidentals import drawn_signs
from glyphic.notations.music.sampler import sample
from glyphic.notations.music.semantic import Clef, GraceNote, Key, Note, canonical, parse, write

MUSIC = get("music")
STAFF = ("clef-G2 keySignature-FM timeSignature-3/4 keySignature-FM note-A4_quarter note-Bb4_eighth note-B4_eighth "
         "note-C5_quarter barline note-C5_quarter rest-quarter note-F4_quarter barline note-G4_half.")
SEEDS = st.integers(0, 2**32)


@given(SEEDS)
def test_every_staff_is_canonical_and_grammatical(seed):
    rng = random.Random(seed)
    text = IncipitSource([STAFF, sample(rng), sample(rng)])(rng)
    assert MUSIC.normalize(text) == text
    state = MUSIC.grammar.start()
    for token in (*MUSIC.tokenizer.encode(text), MUSIC.tokenizer.vocabulary.eos):
        assert np.isfinite(MUSIC.grammar.bias(state, 1000)[token]), text
        state = MUSIC.grammar.advance(state, token)


def test_a_source_varies_a_line_in_every_way():
    rng, source = random.Random(0), IncipitSource([STAFF])
    words = [word for _ in range(1500) for word in source(rng).split()]
    for part in ("clef-F4", "clef-C1", "keySignature-EM", "multirest-", "gracenote-", "_fermata", "tie", "barline"):
        assert any(part in word for word in words), part


def test_a_key_signature_that_repeats_the_one_before_is_no_more_there():
    assert write(signed(parse(STAFF))).count("keySignature") == 1
    assert signed(parse("clef-G2 note-C5_half"))[1] == Key(0)
    kept = parse("clef-G2 keySignature-FM note-C5_half keySignature-CM note-C5_half keySignature-FM note-C5_half")
    assert signed(kept) == kept


@given(SEEDS, st.integers(-7, 7), st.integers(-1, 1))
def test_a_transposed_staff_has_the_same_intervals_and_accidentals(seed, fifths, octaves):
    staff = signed(parse(sample(random.Random(seed))))
    steps = (4 * fifths + 3) % 7 - 3 + 7 * octaves
    moved = transposed(staff, fifths, steps)
    if moved is None:
        return
    semitones = {b.pitch.midi - a.pitch.midi for a, b in zip(staff, moved, strict=True)
                 if isinstance(a, Note | GraceNote)}
    assert len(semitones) <= 1, "all pitches by one interval"
    assert {b.pitch.height - a.pitch.height for a, b in zip(staff, moved, strict=True)
            if isinstance(a, Note | GraceNote)} <= {steps}
    assert set(drawn_signs(moved)) == set(drawn_signs(staff)), "what leaves the key leaves it still"
    assert skeleton(moved) == skeleton(staff)
    assert transposed(moved, -fifths, -steps) == staff


def test_what_cannot_be_written_is_not_transposed():
    assert transposed(parse("clef-G2 keySignature-C#M note-C#5_half"), 1, 4) is None
    assert transposed(parse("clef-G2 note-B7_half"), 0, 7) is None
    assert transposed(parse("clef-G2 note-Cx4_half"), 7, 0) is None


def test_a_clef_changes_where_a_voice_is_and_leaves_it_near_the_staff():
    source = IncipitSource([STAFF])
    for seed in range(300):
        staff = parse(source(random.Random(seed)))
        clef = staff[0]
        if sum(isinstance(symbol, Clef) for symbol in staff) > 1 or skeleton(staff) != skeleton(parse(STAFF)):
            continue
        heights = [s.pitch.height - incipits.lowest(clef) for s in staff if isinstance(s, Note)]
        assert min(heights) >= -incipits.OTHERS and max(heights) <= incipits.RANGE + incipits.OTHERS


def test_what_is_held_out_is_never_drawn_in_any_key(monkeypatch):
    monkeypatch.setattr(incipits, "SAMPLED", 0)
    other = "clef-C1 note-C4_whole barline note-D4_whole note-E4_whole"
    moved = transposed(signed(parse(STAFF)), -2, -1)
    assert moved
    source = IncipitSource([STAFF, other], skeletons([write(canonical((Clef("F", 4), *moved[1:])))]))
    rng = random.Random(0)
    assert all("_whole" in source(rng) for _ in range(200))


def test_a_list_of_nothing_else_than_what_is_held_out_is_refused(monkeypatch):
    monkeypatch.setattr(incipits, "SAMPLED", 0)
    with pytest.raises(OptionError, match="none of 50 lines"):
        IncipitSource([STAFF], skeletons([STAFF, "no staff"]))(random.Random(0))
    with pytest.raises(OptionError, match="none of 50 lines"):
        IncipitSource(["c1ccccc1", "note-C5_half"])(random.Random(0))
    with pytest.raises(OptionError, match="at least one"):
        IncipitSource([])


def test_skeletons_differ_by_rhythm_and_interval():
    staff = parse(STAFF)
    longer = tuple(replace(s, fermata=True) if isinstance(s, Note) else s for s in staff)
    assert skeleton(longer) == skeleton(staff), "a fermata is drawn in now and then"
    assert skeleton(parse(STAFF.replace("note-F4", "note-E4"))) != skeleton(staff)
    assert skeleton(parse(STAFF.replace("half.", "half"))) != skeleton(staff)


def test_empty_lines_of_a_file_are_no_staves(tmp_path):
    (tmp_path / "staves.txt").write_text(f"{STAFF}\n\n  \nclef-F4\trest-half\n")
    assert read_staves(tmp_path / "staves.txt") == [STAFF, "clef-F4\trest-half"]
