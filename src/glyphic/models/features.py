"""Pictures go in, local features of one cell per 8 x 8 pixels come out: the extraction part of a network.

Every member, here and in lines.py, maps images (N, 1, H, W), 1 = paper, H and W multiples of its strides, to
(N, D, h, w), h = H / vertical stride, w = W / horizontal stride, and has the attributes `width` (D) and `strides`.
`sizes`, (N, 2) true heights and widths, is for members whose arithmetic reaches across the whole picture; local ones
need not look at it.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glyphic.core.errors import OptionError
from glyphic.models.layers import cell_mask


def ink(images: Tensor) -> Tensor:
    """Paper becomes 0, so that the zeros around a convolution are more paper."""
    return 1 - images


class ResidualBlock(nn.Module):
    """Two dense 3x3 convolutions beside a shortcut (He et al., "Deep Residual Learning", 2016).

    The shortcut of a strided block averages before its 1x1 convolution, so that it drops no pixel (ResNet-D).
    """

    def __init__(self, before: int, after: int, stride: int):
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.norm_first = nn.BatchNorm2d(after)
        self.second = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.norm_second = nn.BatchNorm2d(after)
        # a block starts as its shortcut: deep stacks then train without care for the learning rate
        nn.init.zeros_(self.norm_second.weight)
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or before != after:
            pool = [nn.AvgPool2d(stride)] if stride > 1 else []
            self.shortcut = nn.Sequential(*pool, nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after))

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu(self.norm_first(self.first(x)), inplace=True)
        return F.relu(self.shortcut(x) + self.norm_second(self.second(inner)), inplace=True)


class ResNet(nn.Module):
    """Dense 3x3 residual blocks at strides 2, 4 and 8: the convolutions that a CPU computes at its full bf16 speed.

    channels, blocks: of the three stages. The first stage is only the 5x5 stem unless it is given blocks, for
    there a convolution costs sixteen times what it costs at stride 8.
    """

    strides = (8, 8)

    def __init__(self, *, channels: Sequence[int] = (32, 64, 192), blocks: Sequence[int] = (0, 1, 3)):
        super().__init__()
        if len(channels) != 3 or len(blocks) != 3 or min(blocks[1:]) < 1:
            raise OptionError(f"resnet takes three channels and three blocks, the last two blocks at least 1; "
                              f"got channels={list(channels)}, blocks={list(blocks)}")
        self.width = channels[-1]
        self.stem = nn.Conv2d(1, channels[0], 5, 2, 2, bias=False)
        self.norm = nn.BatchNorm2d(channels[0])
        stages: list[nn.Module] = []
        before = channels[0]
        for number, (after, count) in enumerate(zip(channels, blocks, strict=True)):
            for block in range(count):
                stages.append(ResidualBlock(before, after, 2 if number and not block else 1))
                before = after
        self.stages = nn.Sequential(*stages)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Tensor, sizes: Tensor | None = None) -> Tensor:
        x = ink(images).contiguous(memory_format=torch.channels_last)
        return self.stages(F.relu(self.norm(self.stem(x)), inplace=True))


class MixerBlock(nn.Module):
    """A depthwise convolution looks around, two pointwise ones think; the result is added (ConvNeXt, Liu et al. 2022).

    BatchNorm in place of LayerNorm, since it vanishes into the convolution at inference.
    """

    def __init__(self, width: int, kernel: int, expansion: int):
        super().__init__()
        self.around = nn.Conv2d(width, width, kernel, 1, kernel // 2, groups=width, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.rise = nn.Conv2d(width, expansion * width, 1)
        self.fall = nn.Conv2d(expansion * width, width, 1, bias=False)
        self.norm_out = nn.BatchNorm2d(width)
        nn.init.zeros_(self.norm_out.weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.norm_out(self.fall(F.relu(self.rise(self.norm(self.around(x))), inplace=True)))


class FastNet(nn.Module):
    """Few parameters and few operations: depthwise 5x5 and pointwise convolutions at strides 2, 4 and 8.

    channels, blocks: of the three stages; between them 2x2 convolutions halve the picture. Reading takes half of
    resnet's time; training does not, for what is left waits for memory rather than for arithmetic.
    """

    strides = (8, 8)

    def __init__(self, *, channels: Sequence[int] = (24, 64, 160), blocks: Sequence[int] = (0, 2, 4), kernel: int = 5,
                 expansion: int = 2):
        super().__init__()
        if len(channels) != 3 or len(blocks) != 3 or kernel % 2 == 0:
            raise OptionError(f"fast takes three channels, three blocks and an odd kernel; got "
                              f"channels={list(channels)}, blocks={list(blocks)}, kernel={kernel}")
        self.width = channels[-1]
        self.stem = nn.Sequential(nn.Conv2d(1, channels[0], 5, 2, 2, bias=False), nn.BatchNorm2d(channels[0]),
                                  nn.ReLU(inplace=True))
        stages: list[nn.Module] = []
        before = channels[0]
        for number, (after, count) in enumerate(zip(channels, blocks, strict=True)):
            if number:
                stages += [nn.Conv2d(before, after, 2, 2, bias=False), nn.BatchNorm2d(after)]
            stages += [MixerBlock(after, kernel, expansion) for _ in range(count)]
            before = after
        self.stages = nn.Sequential(*stages)

    def forward(self, images: Tensor, sizes: Tensor | None = None) -> Tensor:
        return self.stages(self.stem(ink(images).contiguous(memory_format=torch.channels_last)))


class InstanceNorm(nn.Module):
    """Each channel of each picture gets mean 0 and variance 1, then a learned scale and shift.

    With a mask (N, 1, h, w) only the picture counts and everything beside it becomes 0, so that a picture's features
    do not depend on what it was padded to. The same arithmetic in training and inference.
    """

    def __init__(self, width: int):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        if mask is None:
            return F.instance_norm(x, weight=self.weight.to(x.dtype), bias=self.bias.to(x.dtype))
        count = mask.sum((2, 3), keepdim=True)
        centred = (x - (x * mask).sum((2, 3), keepdim=True) / count) * mask
        variance = centred.square().sum((2, 3), keepdim=True) / count
        return (centred * (variance + 1e-5).rsqrt() * self.weight[:, None, None] + self.bias[:, None, None]) * mask


class DenseLayer(nn.Module):
    """Adds `growth` channels to those it sees: a pointwise bottleneck, then a depthwise separable convolution."""

    def __init__(self, before: int, growth: int, bottleneck: int, kernel: int):
        super().__init__()
        narrow = bottleneck * growth
        self.norm = InstanceNorm(before)
        self.shrink = nn.Conv2d(before, narrow, 1, bias=False)
        self.norm_around = InstanceNorm(narrow)
        self.around = nn.Conv2d(narrow, narrow, kernel, 1, kernel // 2, groups=narrow, bias=False)
        self.join = nn.Conv2d(narrow, growth, 1, bias=False)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        inner = self.shrink(F.relu(self.norm(x, mask)))
        return torch.cat((x, self.join(self.around(F.relu(self.norm_around(inner, mask))))), 1)


class DenseNet(nn.Module):
    """The modernised DenseNet: every convolution but the first pointwise or depthwise, 5x5, instance norm, narrow.

    Huang et al., "Densely Connected Convolutional Networks", 2017, as an encoder of notations by Zhang et al.,
    "Multi-Scale Attention with Dense Encoder", 2018. layers: of the dense blocks, the first at stride 4 and the others
    at stride 8; between blocks a pointwise convolution halves the channels.
    """

    strides = (8, 8)
    blocks: Any  # a ModuleList of ModuleLists of DenseLayer

    def __init__(self, *, stem: int = 32, growth: int = 16, layers: Sequence[int] = (6, 8, 8), bottleneck: int = 3,
                 kernel: int = 5):
        super().__init__()
        if len(layers) < 2 or kernel % 2 == 0:
            raise OptionError(f"densenet takes at least two blocks of layers and an odd kernel; got "
                              f"layers={list(layers)}, kernel={kernel}")
        self.stem = nn.Conv2d(1, stem, 7, 2, 3, bias=False)
        self.norm_stem = InstanceNorm(stem)
        self.blocks, self.norms, self.transitions = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        width = stem
        for number, count in enumerate(layers):
            self.blocks.append(nn.ModuleList(DenseLayer(width + i * growth, growth, bottleneck, kernel)
                                             for i in range(count)))
            width += count * growth
            self.norms.append(InstanceNorm(width))
            if number < len(layers) - 1:
                self.transitions.append(nn.Conv2d(width, width // 2, 1, bias=False))
                width //= 2
        self.width = width

    def forward(self, images: Tensor, sizes: Tensor | None = None) -> Tensor:
        x = self.stem(ink(images).contiguous(memory_format=torch.channels_last))
        x = F.max_pool2d(F.relu(self.norm_stem(x, feature_mask(x, sizes, (2, 2)))), 2)
        for number, (block, norm) in enumerate(zip(self.blocks, self.norms, strict=True)):
            mask = feature_mask(x, sizes, (8, 8) if number else (4, 4))
            for layer in block:
                x = layer(x, mask)
            x = F.relu(norm(x, mask))
            if number < len(self.transitions):
                x = self.transitions[number](x)
                x = x if number else F.avg_pool2d(x, 2)
        return x


def feature_mask(x: Tensor, sizes: Tensor | None, strides: tuple[int, int]) -> Tensor | None:
    """x: (N, C, h, w), features at these strides -> (N, 1, h, w), 1 = picture, as InstanceNorm takes it."""
    return None if sizes is None else cell_mask(sizes, x.shape[2], x.shape[3], strides)[:, None].to(x.dtype)
