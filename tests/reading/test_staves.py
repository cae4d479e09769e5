"""A picture of several staves is refused with what to do, one without a staff is read with little confidence."""

import numpy as np
import pytest

from glyphic.core.errors import ImageError
from glyphic.core.options import DecodingOptions, InputSpec
from glyphic.notations.music import NOTATION
from glyphic.reading.bundle import Bundle
from glyphic.reading.recognizer import DOUBTED, Recognizer
from tests.core.test_staves import staff

VOCABULARY = NOTATION.tokenizer.vocabulary
TOKENS = ("clef-G2", "beats-3", "unit-4", "B4", "half", "barline", "B4", "half", ".", "barline")
OPTIONS = {"beam_width": 1}


class Sure:
    """A frame model that reads TOKENS in any picture, a frame for each and a blank behind it; of a dot behind the first
    half note it is nearly as sure as of none."""

    def frames(self, images):
        path = [token for name in TOKENS for token in (VOCABULARY.ids[name], VOCABULARY.blank)]
        logprobs = np.full((len(images), len(path), len(VOCABULARY)), -12.0, np.float32)
        logprobs[:, np.arange(len(path)), path] = -0.01
        doubt = 2 * TOKENS.index("half") + 1
        logprobs[:, doubt, VOCABULARY.blank], logprobs[:, doubt, VOCABULARY.ids["."]] = -0.6, -0.8
        return logprobs, np.full(len(images), len(path))


def reader(tmp_path, **options):
    spec = InputSpec(staff_space=8.0, max_height=96, max_width=1024, margin=4, multiple=16)
    bundle = Bundle(tmp_path, "music", "0", "music", "frames", VOCABULARY, spec, DecodingOptions(), (96, 4))
    return Recognizer(bundle, network=Sure(), **options)


def test_several_staves_are_refused_with_their_number_and_what_to_do(tmp_path):
    page = np.concatenate([staff(10.0, seed=k) for k in range(3)])
    with pytest.raises(ImageError, match=r"shows 3 staves.*cut it"):
        reader(tmp_path).read(page)
    first, second = reader(tmp_path).read_many([page, staff(10.0)], errors="return")
    assert isinstance(first, ImageError) and second.text.startswith("clef-G2")


def test_where_no_staff_is_a_reading_is_doubted_and_where_one_is_it_is_not(tmp_path):
    blob = np.ones((90, 200), np.float32)
    blob[30:60, 50:120] = 0
    doubted, trusted = reader(tmp_path).read(blob), reader(tmp_path).read(staff(10.0))
    assert doubted.confidence <= DOUBTED and any("no staff was found" in w for w in doubted.warnings)
    assert trusted.confidence > 0.8 and not any("staff" in w for w in trusted.warnings)


def test_a_reading_has_a_verdict_for_each_bar_and_a_place_for_each_word(tmp_path):
    picture = staff(10.0)
    reading = reader(tmp_path, formats=("bars",)).read(picture)
    assert [check.to_json()["verdict"] for check in reading.checks] == ["pickup", "complete"]
    assert reading.formats["bars"].splitlines()[1] == "2\tcomplete\t3/4\t3/4"
    assert [place.text for place in reading.places] == reading.text.split()
    assert all(0 <= place.x <= picture.shape[1] and place.y == pytest.approx(60, abs=6) for place in reading.places)
    assert len(reading.to_json()["checks"]) == 2


def test_a_beam_weighs_readings_by_their_bars_and_the_best_path_does_not(tmp_path):
    long = ("clef-G2 timeSignature-3/4 note-B4_half. barline note-B4_half. barline")
    assert reader(tmp_path).read(staff(10.0)).text.split()[2] == "note-B4_half"
    wide = reader(tmp_path, beam_width=8).read(staff(10.0))
    assert wide.text in (long, long.replace("half.", "half", 1))
