"""A packed line becomes a picture as high as lines are read, at any strength, with its marks where they were."""

import random

import numpy as np
import pytest

from glyphic.core.images import fit
from glyphic.core.options import InputSpec
from glyphic.data.lines import lined
from glyphic.data.packs import Packed

SPEC = InputSpec(line_height=32, margin=0, max_height=32, max_width=512, multiple=32)
NONE = np.zeros((0, 3), np.float32)


def packed(height: int, width: int, marks: np.ndarray = NONE) -> Packed:
    pixels = np.full((height, width), 255, np.uint8)
    pixels[height // 4:-(height // 4), width // 2:width // 2 + max(1, width // 8)] = 0
    return Packed(pixels, 10.0, np.array([3, 4]), marks)


@pytest.mark.parametrize("shape", [(4, 4), (7, 300), (60, 9), (64, 200), (32, 4000)])
@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_every_line_has_the_height_of_the_spec_and_at_most_its_width(shape, strength):
    for seed in range(20):
        image, marks = lined(packed(*shape), SPEC, strength, 0.3, random.Random(seed))
        assert image.shape[0] == 32 and image.shape[1] % 32 == 0 and image.shape[1] <= 512
        assert image.dtype == np.float32 and image.min() >= 0 and image.max() <= 1
        assert marks.shape == (0, 3)


def test_without_strength_it_is_what_a_reading_fits():
    sample = packed(64, 200)
    sample.pixels[:8], sample.pixels[-8:] = 255, 255
    image, _ = lined(sample, SPEC, 0.0, 0.0, random.Random(0))
    sample.pixels[0, 0] = sample.pixels[-1, -1] = 0  # so that the fit takes the whole picture for the line
    fitted = fit(sample.pixels.astype(np.float32) / 255, SPEC).pixels
    assert image.shape == fitted.shape == (32, 128)
    assert np.abs(image - fitted).mean() < 0.01


def test_the_same_seed_gives_the_same_picture_and_another_another():
    first, again, other = (lined(packed(40, 120), SPEC, 1.0, 0.3, random.Random(seed))[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or np.abs(first - other).max() > 0.01


def test_marks_stay_on_their_ink():
    mark = np.array([[0, 105, 20]], np.float32)
    for seed in range(40):
        image, marks = lined(packed(40, 200, mark), SPEC, 1.0, 0.3, random.Random(seed))
        x, y = int(marks[0, 1]), int(marks[0, 2])
        inner, edge = image[max(0, y - 1):y + 2, max(0, x - 1):x + 2].mean(), np.median(image[:, :8])
        assert abs(inner - edge) > 0.3, seed


def test_the_width_of_a_line_varies_with_jitter_and_its_height_does_not():
    widths = {lined(packed(40, 240), SPEC, 0.0, 0.4, random.Random(seed))[0].shape for seed in range(60)}
    assert len(widths) > 2 and {height for height, _ in widths} == {32}
    assert len({lined(packed(40, 240), SPEC, 0.0, 0.0, random.Random(seed))[0].shape for seed in range(9)}) == 1
