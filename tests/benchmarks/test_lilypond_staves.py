"""LilyPond is told to draw exactly what a text says, or the text is left out."""

import random
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glyphic.notations.music import parse
from glyphic.notations.music.sampler import sample

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import lilypond_staves as benchmark

TEXT = ("clef-C1 keySignature-EbM timeSignature-2/4 multirest-23 barline rest-quarter note-Bb4_eighth note-B4_eighth "
        "barline gracenote-C5_sixteenth note-Bb4_quarter. tie note-Bb4_eighth barline")


def test_notes_have_exactly_the_signs_that_the_picture_needs():
    music = benchmark.lilypond(parse(TEXT))
    assert "\\once \\omit Staff.Accidental bf'8[" in music and "b'!8]" in music
    assert "bf'4.~" in music.replace("!", "") and "\\slashedGrace" in music
    assert '\\clef "soprano"' in music and "\\key ef \\major" in music and "R1*23/2" in music


@pytest.mark.parametrize(("text", "why"), [
    ("clef-G2 note-C5_half tie barline", "tie"), ("note-C5_half", "no clef"),
    ("clef-G2 gracenote-C5_eighth barline", "small note"), ("clef-G2 multirest-1 barline", "one bar"),
    ("clef-G2 note-C5_half barline clef-F4 note-C3_half", "clef behind"),
    ("clef-G2 note-C5_half timeSignature-C note-C5_half", "midst"),
])
def test_what_it_would_draw_otherwise_is_left_out(text, why):
    with pytest.raises(benchmark.Unset, match=why):
        benchmark.lilypond(parse(text))


def test_most_samples_can_be_set():
    texts = [sample(random.Random(seed)) for seed in range(200)]
    refused = 0
    for text in texts:
        try:
            benchmark.lilypond(parse(text))
        except benchmark.Unset:
            refused += 1
    assert refused < 70


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("lilypond") is None, reason="needs lilypond")
def test_a_folder_of_pictures_with_their_labels_is_written(tmp_path):
    made, refused = benchmark.engrave([TEXT, "clef-G2 note-C5_half tie barline", "junk"], tmp_path / "made")
    assert made == 1 and len(refused) == 2
    name, _, label = (tmp_path / "made" / "labels.tsv").read_text().strip().partition("\t")
    assert label == TEXT
    pixels = np.asarray(Image.open(tmp_path / "made" / name).convert("L"))
    assert pixels.shape[1] > 4 * pixels.shape[0] and pixels.min() < 60
