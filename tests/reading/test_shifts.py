"""What one look at a line leaves in doubt is looked at again, a row higher and a row lower."""

from dataclasses import replace

import numpy as np
import pytest

from glyphic.core.errors import OptionError
from glyphic.core.options import DecodingOptions
from glyphic.reading.recognizer import Recognizer
from glyphic.reading.shifts import moved
from tests.lines import TEXT, drawn, write_text_bundle

A, B = TEXT.encode("ab")


class Heights:
    """A frame model that reads `a` in the first picture that it sees, `b` in others, with these probabilities."""

    batch_invariant = True

    def __init__(self, here: float, elsewhere: float):
        self.here, self.elsewhere, self.first, self.looks = here, elsewhere, None, 0

    def frames(self, images):
        found = []
        for image in np.asarray(images):
            self.first = image if self.first is None else self.first
            self.looks += 1
            a = self.here if np.array_equal(image, self.first) else 1 - self.elsewhere
            row = np.full(len(TEXT), 1e-9, np.float32)
            row[[A, B]] = a, 1 - a
            found.append(np.log(row)[None])
        return np.stack(found), np.ones(len(found), np.int64)


@pytest.fixture
def read(tmp_path):
    bundle = write_text_bundle(tmp_path)

    def reading(network, options, **others):
        recognizer = Recognizer(replace(bundle, decoding=DecodingOptions(**options)), network=network, **others)
        return recognizer.read(drawn("abc"))

    return reading


def test_the_mean_over_heights_decides_where_one_look_leaves_doubt(read):
    network = Heights(here=0.6, elsewhere=0.9)
    result = read(network, {"shifts": (-1, 1), "certain": 0.9}, spots=True)
    assert result.text == "b" and network.looks == 3  # (0.6 + 0.1 + 0.1) / 3 for `a`
    assert result.tokens[0].logprob == pytest.approx(np.log((0.4 + 0.9 + 0.9) / 3), abs=1e-3)
    assert result.spots[0].alternatives[0].p == pytest.approx((0.6 + 0.1 + 0.1) / 3, abs=1e-3)


def test_what_is_certain_is_looked_at_once(read):
    network = Heights(here=0.95, elsewhere=0.99)
    assert read(network, {"shifts": (-1, 1), "certain": 0.9}).text == "a" and network.looks == 1


def test_a_beam_of_one_looks_once(read):
    network = Heights(here=0.6, elsewhere=0.9)
    assert read(network, {"shifts": (-1, 1), "certain": 0.9}, beam_width=1).text == "a" and network.looks == 1


@pytest.mark.parametrize("shifts", [(0,), (1, 0), (9,)])
def test_shifts_that_make_no_sense_are_refused(shifts):
    with pytest.raises(OptionError, match="1 to 8 rows"):
        DecodingOptions(shifts=shifts)


def test_a_moved_picture_has_its_edge_again():
    picture = np.arange(12, dtype=np.float32).reshape(4, 3)
    assert (moved(picture, 1) == picture[[0, 0, 1, 2]]).all() and (moved(picture, -2) == picture[[2, 3, 3, 3]]).all()
