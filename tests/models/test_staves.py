"""Extractions for staves: one row of features per eight pixels of width, in which the height of a note is told."""

import pytest
import torch

from glyphic.core.errors import OptionError
from glyphic.models.staves import StaffCrnn, StaffNet

SMALL = {"channels": (4, 6, 8, 10), "blocks": (1, 1, 1), "width": 12}


@pytest.mark.parametrize(("network", "height", "width"), [
    (StaffNet(**SMALL), 96, 12), (StaffNet(**SMALL, height=64), 64, 12),
    (StaffCrnn(channels=(2, 3, 4, 5)), 128, 40), (StaffCrnn(channels=(2, 3, 4, 5), height=96), 96, 30)])
def test_a_picture_becomes_one_row_with_a_column_for_eight_pixels(network, height, width):
    assert network.strides == (height, 8) and network.width == width
    assert network(torch.rand(2, 1, height, 160)).shape == (2, width, 1, 20)


@pytest.mark.parametrize("network", [StaffNet(**SMALL), StaffCrnn(channels=(2, 3, 4, 5), height=96)])
def test_a_spot_moved_by_half_a_space_gives_other_features(network):
    network.eval()
    pictures = torch.ones(2, 1, 96, 32)
    pictures[0, :, 40:44, 12:18] = 0
    pictures[1, :, 44:48, 12:18] = 0
    with torch.no_grad():
        one, two = network(pictures)
    assert (one - two).abs().max() > 1e-3


@pytest.mark.parametrize("network", [lambda: StaffNet(height=100), lambda: StaffCrnn(height=8),
                                     lambda: StaffNet(channels=(1, 2, 3)), lambda: StaffNet(blocks=(0, 1, 1)),
                                     lambda: StaffCrnn(channels=(1, 2))])
def test_what_is_no_network_is_refused_with_what_is_allowed(network):
    with pytest.raises(OptionError, match=r"multiple of 16|four channels"):
        network()
