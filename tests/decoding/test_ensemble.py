import numpy as np
import pytest

from glyphic.core.errors import OptionError
from glyphic.core.options import DecodingOptions
from glyphic.decoding.ensemble import Ensemble, FrameEnsemble
from glyphic.decoding.task import DecodingTask
from tests.toys import BRACES, BraceGuide, TableModel, images


def read(model, width=3):
    return DecodingTask(model, BRACES, BraceGuide(), DecodingOptions(width, 9, width - 1)).run(images(6))


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("width", [1, 4])
def test_an_ensemble_of_one_network_several_times_is_that_network(count, width):
    assert read(Ensemble((TableModel(2),) * count), width) == read(TableModel(2), width)


def test_an_ensemble_writes_the_mean_of_the_probabilities():
    members = (TableModel(0), TableModel(1), TableModel(2, spread=60.0))  # the last one's tail underflows in float32
    pair = Ensemble(members)
    tokens = np.full(4, BRACES.bos)
    mean, _ = pair.step(tokens, pair.encode(images(4)))
    probabilities = [np.exp(m.step(tokens, m.encode(images(4)))[0].astype(np.float64)) for m in members]
    np.testing.assert_allclose(np.exp(mean), np.mean(probabilities, axis=0), rtol=1e-5)
    assert mean.dtype == np.float32


def test_the_order_of_the_members_changes_no_reading():
    one, other = TableModel(0), TableModel(1)
    assert [h[0].tokens for h in read(Ensemble((one, other)))] == [h[0].tokens for h in read(Ensemble((other, one)))]


def test_what_all_members_forbid_stays_forbidden_and_what_one_allows_is_allowed():
    class Forbidding(TableModel):
        def __init__(self, tokens):
            super().__init__()
            self.tokens = tokens

        def row(self, prefix):
            row = super().row(prefix)
            row[self.tokens] = -np.inf
            return row

    pair = Ensemble((Forbidding([3, 4]), Forbidding([3, 5])))
    mean, _ = pair.step(np.full(1, BRACES.bos), pair.encode(images(1)))
    assert (np.flatnonzero(mean[0] == -np.inf) == [3]).all() and not np.isnan(mean).any()


def test_members_with_different_vocabularies_are_refused():
    with pytest.raises(OptionError, match=r"same vocabulary.*\(6, 7\), \(6, 9\)"):
        read(Ensemble((TableModel(size=7), TableModel(size=9))))


def test_an_ensemble_of_nobody_is_refused():
    for kind in (Ensemble, FrameEnsemble):
        with pytest.raises(OptionError, match="at least one member"):
            kind(())


class Frames:
    def __init__(self, seed, frames=5, length=5):
        self.seed, self.count, self.length = seed, frames, length

    def frames(self, images):
        raw = np.random.default_rng(self.seed).normal(size=(len(images), self.count, 4)).astype(np.float32)
        return raw - np.logaddexp.reduce(raw, axis=2, keepdims=True), np.full(len(images), self.length)


def test_frame_models_are_averaged_frame_by_frame():
    one, other = Frames(0), Frames(1)
    logprobs, lengths = FrameEnsemble((one, other)).frames(images(2))
    expected = (np.exp(one.frames(images(2))[0]) + np.exp(other.frames(images(2))[0])) / 2
    np.testing.assert_allclose(np.exp(logprobs), expected, rtol=1e-5)
    assert lengths.tolist() == [5, 5]


def test_frame_models_of_different_strides_are_refused():
    with pytest.raises(OptionError, match="stride"):
        FrameEnsemble((Frames(0), Frames(0, frames=6))).frames(images(1))
    with pytest.raises(OptionError, match="same number of frames"):
        FrameEnsemble((Frames(0), Frames(0, length=4))).frames(images(1))


def test_an_ensemble_is_rewound_where_all_its_members_can_be():
    class Rewinding:
        def rewound(self, state, steps):
            return None if steps > 3 else (state, steps)

    two = Ensemble((Rewinding(), Rewinding()))
    assert two.rewound(("a", "b"), 2) == (("a", 2), ("b", 2)) and two.rewound(("a", "b"), 4) is None
    assert Ensemble((Rewinding(), object())).rewound(("a", "b"), 2) is None
