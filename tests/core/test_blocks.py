import numpy as np
import pytest

from glyphic.core.blocks import block_means


@pytest.mark.parametrize(("shape", "down", "across"), [((7, 10), 2, 3), ((1, 9), 1, 4), ((6, 6), 6, 6), ((5, 4), 1, 1)])
def test_each_pixel_is_the_mean_of_its_block(shape, down, across):
    image = np.random.default_rng(0).random(shape, np.float32)
    rows, columns = shape[0] // down, shape[1] // across
    expected = [[image[r * down:(r + 1) * down, c * across:(c + 1) * across].mean() for c in range(columns)]
                for r in range(rows)]
    np.testing.assert_allclose(block_means(image, down, across), expected, rtol=1e-5)
