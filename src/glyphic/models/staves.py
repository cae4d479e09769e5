"""Staves of music go in, one column of features per eight pixels comes out: extractions that keep where each row was.

Members keep to the contract of features.py. What a note is called is its height to half a space, so the rows of the
last convolution are not pooled: they become channels. Pictures are as high as one stride, so there is a single row.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glyphic.core.errors import OptionError
from glyphic.models.features import ink
from glyphic.models.lines import BatchNorm, LineBlock, Pair

STRIDES: tuple[Pair, ...] = ((2, 2), (2, 1), (2, 2))  # of the stages, behind a stem of (2, 2): together (16, 8)
DOWN, ACROSS = 16, 8


class StaffNet(nn.Module):
    """Residual blocks at strides (4, 4), (8, 4) and (16, 8), then one convolution as high as the picture.

    channels: of the stem and the three stages; blocks: of the stages; width: of what comes out; height: of pictures,
    in pixels. Notes are narrow, so the stages that see their heads halve the height alone.
    """

    def __init__(self, *, channels: Sequence[int] = (24, 48, 80, 160), blocks: Sequence[int] = (1, 2, 2),
                 width: int = 256, height: int = 96):
        super().__init__()
        if len(channels) != 4 or len(blocks) != 3 or min(*channels, *blocks, width) < 1:
            raise OptionError("staff takes four channels and three blocks of at least 1; got "
                              f"channels={list(channels)}, blocks={list(blocks)}, width={width}")
        rows = _rows(height)
        self.width, self.strides = width, (height, ACROSS)
        self.stem, self.norm = nn.Conv2d(1, channels[0], 5, 2, 2, bias=False), BatchNorm(channels[0])
        self.blocks = nn.ModuleList()
        before = channels[0]
        for after, count, strides in zip(channels[1:], blocks, STRIDES, strict=True):
            for block in range(count):
                self.blocks.append(LineBlock(before, after, (1, 1) if block else strides, BatchNorm))
                before = after
        self.fold = nn.Conv2d(before, width, (rows, 1), (rows, 1), bias=False)
        self.norm_fold = BatchNorm(width)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")

    def forward(self, images: Tensor, sizes: Tensor | None = None) -> Tensor:
        x = F.relu(self.norm(self.stem(ink(images).contiguous(memory_format=torch.channels_last))))
        for block in self.blocks:
            x = block(x, None)
        return F.relu(self.norm_fold(self.fold(x)))


class StaffCrnn(nn.Module):
    """The convolutions of Calvo-Zaragoza and Rizo, "End-to-End Neural Optical Music Recognition of Monophonic Scores"
    (Applied Sciences 8(4), 2018): four of 3x3 with batch norm and leaky ReLU, pools of 2 x 2 and at last 2 x 1.

    channels: of the four; height: of pictures, in pixels. The rows that are left become channels as they are.
    """

    def __init__(self, *, channels: Sequence[int] = (32, 64, 128, 256), height: int = 128):
        super().__init__()
        if len(channels) != 4 or min(channels) < 1:
            raise OptionError(f"staff-crnn takes four channels of at least 1; got channels={list(channels)}")
        self.width, self.strides = channels[-1] * _rows(height), (height, ACROSS)
        layers: list[nn.Module] = []
        before = 1
        for number, after in enumerate(channels):
            layers += [nn.Conv2d(before, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after),
                       nn.LeakyReLU(0.2, inplace=True), nn.MaxPool2d((2, 2) if number < 3 else (2, 1))]
            before = after
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor, sizes: Tensor | None = None) -> Tensor:
        x = self.layers(ink(images).contiguous(memory_format=torch.channels_last))
        return x.flatten(1, 2)[:, :, None]


def _rows(height: int) -> int:
    if height < DOWN or height % DOWN:
        raise OptionError(f"the height of staves must be a multiple of {DOWN} pixels; got {height}")
    return height // DOWN
