"""Local features and the mask of their picture go in, features that know of each other come out.

Every member takes the width of what it refines, maps features (N, D, h, w) and a mask (N, h, w), True = picture
(None: all of it), to (N, width, h, w), and has the attribute `width`.
"""

import torch
from torch import Tensor, nn

from glyphic.core.errors import OptionError
from glyphic.models.layers import EncoderLayer, cells, check_heads, mask_bias, positions_2d


class NoRefinement(nn.Module):
    """Hands the features on as they are."""

    def __init__(self, before: int):
        super().__init__()
        self.width = before

    def forward(self, features: Tensor, mask: Tensor | None) -> Tensor:
        return features


class BiLstmRefinement(nn.Module):
    """Every row of cells is read from the left and from the right (Graves & Schmidhuber 2005), then both are joined.

    width None keeps the extraction's; each direction has half of it. Reading from the right starts at the picture's
    last cell, not in the padding.
    """

    unit: type[nn.LSTM] | type[nn.GRU] = nn.LSTM

    def __init__(self, before: int, *, layers: int = 1, width: int | None = None):
        super().__init__()
        self.width = width or before
        if self.width % 2 or layers < 1:
            raise OptionError(f"a bidirectional refinement needs an even width and at least one layer; got "
                              f"width={self.width}, layers={layers}")
        sizes = [before] + [self.width] * (layers - 1)
        self.rightward = nn.ModuleList(self.unit(size, self.width // 2, batch_first=True) for size in sizes)
        self.leftward = nn.ModuleList(self.unit(size, self.width // 2, batch_first=True) for size in sizes)

    def forward(self, features: Tensor, mask: Tensor | None) -> Tensor:
        x = features.permute(0, 2, 3, 1).flatten(0, 1)  # (N * h, w, D)
        backwards = None if mask is None else _backwards(mask)
        for rightward, leftward in zip(self.rightward, self.leftward, strict=True):
            x = torch.cat((rightward(x)[0], _turn(leftward(_turn(x, backwards))[0], backwards)), 2)
        return x.reshape(-1, features.shape[2], features.shape[3], self.width).permute(0, 3, 1, 2)


class BiGruRefinement(BiLstmRefinement):
    """The same with gated recurrent units (Cho et al. 2014), which take three quarters of the arithmetic."""

    unit = nn.GRU


class TransformerRefinement(nn.Module):
    """Pre-norm encoder layers over all cells, with 2-D sinusoidal positions.

    width None keeps the extraction's; hidden None is twice the width.
    """

    def __init__(self, before: int, *, layers: int = 2, heads: int = 4, width: int | None = None,
                 hidden: int | None = None, dropout: float = 0.0):
        super().__init__()
        self.width = width or before
        check_heads(self.width, heads)
        self.enter = nn.Linear(before, self.width)
        self.norm_enter = nn.LayerNorm(self.width)  # features and positions must be of one size
        self.layers = nn.ModuleList(EncoderLayer(self.width, heads, hidden or 2 * self.width, dropout)
                                    for _ in range(layers))
        self.norm = nn.LayerNorm(self.width)

    def forward(self, features: Tensor, mask: Tensor | None) -> Tensor:
        x = self.norm_enter(self.enter(cells(features)))
        x = x + positions_2d(features, self.width).to(x.dtype)
        bias = mask_bias(mask)
        for layer in self.layers:
            x = layer(x, bias)
        return self.norm(x).transpose(1, 2).reshape(-1, self.width, features.shape[2], features.shape[3])


def _backwards(mask: Tensor) -> Tensor:
    """mask: (N, h, w) -> (N * h, w) the column to read at each place: a picture's cells turned round, padding kept."""
    used = mask.any(1).sum(1)[:, None]  # (N, 1) columns
    columns = torch.arange(mask.shape[2], device=mask.device)[None]
    return torch.where(columns < used, used - 1 - columns, columns).repeat_interleave(mask.shape[1], 0)


def _turn(x: Tensor, backwards: Tensor | None) -> Tensor:
    """x: (R, w, D) with its columns in the order of `backwards`, or simply reversed."""
    return x.flip(1) if backwards is None else x.gather(1, backwards[:, :, None].expand(-1, -1, x.shape[2]))
