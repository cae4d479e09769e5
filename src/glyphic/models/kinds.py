"""The small network that tells kinds of pictures apart: views of any shape go in, a logit for each kind comes out.

Strided convolutions and mixer blocks (depthwise 5x5, two pointwise ones) at strides 2 to 16; then the mean and the
maximum over all places, for a kind is told both by what covers a picture and by what occurs once in it. Those of the
finer stages count as well: whether a line trembles, and how strokes meet, is gone at stride 16.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glyphic.core.errors import OptionError
from glyphic.models.features import MixerBlock, ink


class KindNet(nn.Module):
    """images: (N, 1, H, W), 1 = paper, any H and W from 16 on -> logits (N, kinds).

    channels, blocks: of the four stages, each at half the resolution of the one before.
    """

    def __init__(self, kinds: int, channels: Sequence[int] = (16, 32, 64, 128), blocks: Sequence[int] = (0, 1, 2, 3),
                 dropout: float = 0.1):
        super().__init__()
        if len(channels) != 4 or len(blocks) != 4 or kinds < 2:
            raise OptionError(f"a network of kinds takes four channels, four blocks and two kinds at least; got "
                              f"channels={list(channels)}, blocks={list(blocks)}, {kinds} kinds")
        stages: list[nn.Module] = []
        before = 1
        for number, (after, count) in enumerate(zip(channels, blocks, strict=True)):
            # the rows or columns that a stride leaves over count as well, so views need not be multiples of 16
            kernel = 5 if number == 0 else 3
            stages += [nn.Conv2d(before, after, kernel, 2, kernel // 2, bias=False), nn.BatchNorm2d(after),
                       nn.ReLU(inplace=True)]
            stages += [MixerBlock(after, 5, 2) for _ in range(count)]
            before = after
        self.stages = nn.Sequential(*stages)
        self.ends = tuple(sum(3 + count for count in blocks[:number + 1]) - 1 for number in range(1, 4))
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(2 * sum(channels[1:]), kinds)

    def forward(self, images: Tensor) -> Tensor:
        x, pooled = ink(images).contiguous(memory_format=torch.channels_last), []
        for number, stage in enumerate(self.stages):
            x = stage(x)
            if number in self.ends:
                # pools, not reductions: ONNX Runtime need not reorder what they take
                pooled = [F.adaptive_avg_pool2d(x, 1), F.adaptive_max_pool2d(x, 1), *pooled]  # the coarsest first
        return self.out(self.dropout(torch.cat(pooled, 1).flatten(1)))


class Probabilities(nn.Module):
    """images: (N, 1, H, W) -> probabilities (N, kinds): what a bundle holds."""

    def __init__(self, network: KindNet):
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        return F.softmax(self.network(images), 1)
