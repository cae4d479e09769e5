"""Lines of text go in, one column of features per four pixels comes out: extractions that take all height at once.

Members keep to the contract of features.py, with strides (32, 4): a line 32 pixels high becomes a single row of cells.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glyphic.core.errors import OptionError
from glyphic.models.features import InstanceNorm, feature_mask, ink

Pair = tuple[int, int]

HALVES: tuple[Pair, ...] = ((2, 2), (2, 1), (2, 1), (2, 1))  # behind a stem of (2, 2): together (32, 4)


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation in the shape of InstanceNorm; the mask is not looked at."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return super().forward(x)


NORMS: dict[str, type[nn.Module]] = {"batch": BatchNorm, "instance": InstanceNorm}


class Crnn(nn.Module):
    """The VGG-style network of CRNN (Shi et al., "An End-to-End Trainable Neural Network for Image-based Sequence
    Recognition", 2016): seven convolutions, batch norm on the two widest, pools of 2 x 1 where letters are narrow.

    width_factor: of all channels; 1 is the paper's network (64 to 512), 0.5 has a quarter of its arithmetic. Unlike
    the paper's, all layers but the last look as far to the left as to the right, so that W / 4 columns come out.
    """

    strides = (32, 4)

    def __init__(self, *, width_factor: float = 1.0):
        super().__init__()
        if not width_factor * 64 >= 1:
            raise OptionError(f"crnn takes a width_factor of at least 1/64; got {width_factor}")
        one, two, four, eight = (round(channels * width_factor) for channels in (64, 128, 256, 512))
        self.width = eight
        self.layers = nn.Sequential(
            *_convolution(1, one), nn.MaxPool2d(2),
            *_convolution(one, two), nn.MaxPool2d(2),
            *_convolution(two, four), *_convolution(four, four), nn.MaxPool2d((2, 1)),
            *_convolution(four, eight, norm=True), *_convolution(eight, eight, norm=True), nn.MaxPool2d((2, 1)),
            nn.ZeroPad2d((0, 1, 0, 0)), nn.Conv2d(eight, eight, 2, (2, 1)), nn.ReLU(inplace=True),
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def forward(self, images: Tensor, sizes: Tensor | None = None) -> Tensor:
        return self.layers(ink(images).contiguous(memory_format=torch.channels_last))


class LineBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He et al. 2016) that averages what it strides over."""

    def __init__(self, before: int, after: int, strides: Pair, norm: type[nn.Module]):
        super().__init__()
        self.first, self.norm_first = nn.Conv2d(before, after, 3, strides, 1, bias=False), norm(after)
        self.second, self.norm_second = nn.Conv2d(after, after, 3, 1, 1, bias=False), norm(after)
        nn.init.zeros_(self.norm_second.weight)  # type: ignore[arg-type]  # a block starts as its shortcut
        self.shortcut: nn.Module = nn.Identity()
        if strides != (1, 1) or before != after:
            self.shortcut = nn.Sequential(nn.AvgPool2d(strides), nn.Conv2d(before, after, 1))

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """mask: (N, 1, h, w) of what comes out."""
        inner = F.relu(self.norm_first(self.first(x), mask))
        return F.relu(self.shortcut(x) + self.norm_second(self.second(inner), mask))


class ResNet15(nn.Module):
    """A residual network of 15 convolutions that halves the height five times and the width twice.

    channels, blocks: of the four stages; the stem has half the first stage's channels. norm: "batch", which vanishes
    into the convolutions at inference, or "instance", whose arithmetic is the same in training and inference.
    """

    strides = (32, 4)

    def __init__(self, *, channels: Sequence[int] = (64, 128, 192, 256), blocks: Sequence[int] = (1, 2, 2, 2),
                 norm: str = "batch"):
        super().__init__()
        if len(channels) != 4 or len(blocks) != 4 or min(blocks) < 1 or min(channels) < 2:
            raise OptionError("a residual network for lines takes four channels and four blocks of at least 1; got "
                              f"channels={list(channels)}, blocks={list(blocks)}")
        if norm not in NORMS:
            raise OptionError(f"norm must be one of {', '.join(NORMS)}; got {norm!r}")
        before, self.width = channels[0] // 2, channels[-1]
        self.stem, self.norm = nn.Conv2d(1, before, 5, 2, 2, bias=False), NORMS[norm](before)
        self.stages = nn.ModuleList()
        for after, count, strides in zip(channels, blocks, HALVES, strict=True):
            self.stages.append(nn.ModuleList(
                LineBlock(after if block else before, after, (1, 1) if block else strides, NORMS[norm])
                for block in range(count)))
            before = after
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Tensor, sizes: Tensor | None = None) -> Tensor:
        sizes = sizes if isinstance(self.norm, InstanceNorm) else None  # nothing else would look at the masks
        x, down, across = self.stem(ink(images).contiguous(memory_format=torch.channels_last)), 2, 2
        x = F.relu(self.norm(x, feature_mask(x, sizes, (down, across))))
        for stage, strides in zip(self.stages, HALVES, strict=True):
            down, across = down * strides[0], across * strides[1]
            mask = feature_mask(x[:, :, ::strides[0], ::strides[1]], sizes, (down, across))
            for block in stage:  # type: ignore[attr-defined]
                x = block(x, mask)
        return x


class ResNet23(ResNet15):
    """The same with 23 convolutions."""

    def __init__(self, *, channels: Sequence[int] = (64, 128, 192, 256), blocks: Sequence[int] = (2, 3, 3, 3),
                 norm: str = "batch"):
        super().__init__(channels=channels, blocks=blocks, norm=norm)


def _convolution(before: int, after: int, norm: bool = False) -> list[nn.Module]:
    normed: list[nn.Module] = [nn.BatchNorm2d(after)] if norm else []
    return [nn.Conv2d(before, after, 3, 1, 1, bias=not norm), *normed, nn.ReLU(inplace=True)]
