"""Feature maps and masks go in, positions, attention and pre-norm residual layers come out: what the parts are made of.

Letters: N pictures, D width, h, w cells, S = h * w, T tokens, dh = width / heads.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glyphic.core.errors import OptionError

HIDDEN = -1e9  # added to the score of what must not be looked at


def sinusoid(positions: Tensor, width: int) -> Tensor:
    """positions: (P,) -> (P, width), width even: sines, then cosines, of wavelengths from 2 pi to 20000 pi.

    Vaswani et al., "Attention Is All You Need", 2017.
    """
    half = width // 2
    steps = torch.arange(half, device=positions.device, dtype=torch.float32)
    angles = positions.to(torch.float32)[:, None] * torch.exp(steps * (-math.log(10000.0) / half))[None]
    return torch.cat((angles.sin(), angles.cos()), dim=1)


def positions_2d(features: Tensor, width: int) -> Tensor:
    """features: (N, D, h, w) -> (S, width), row-major: the first half tells the row, the second the column."""
    rows = sinusoid(torch.arange(features.shape[2], device=features.device), width // 2)
    columns = sinusoid(torch.arange(features.shape[3], device=features.device), width // 2)
    down = rows[:, None].expand(-1, columns.shape[0], -1)
    across = columns[None].expand(rows.shape[0], -1, -1)
    return torch.cat((down, across), dim=2).reshape(-1, width)


def cells(features: Tensor) -> Tensor:
    """(N, D, h, w) -> (N, S, D), row-major."""
    return features.flatten(2).transpose(1, 2)


def split_heads(x: Tensor, heads: int) -> Tensor:
    """(N, T, heads * dh) -> (N, heads, T, dh)."""
    return x.unflatten(2, (heads, -1)).transpose(1, 2)


def join_heads(x: Tensor) -> Tensor:
    """(N, heads, T, dh) -> (N, T, heads * dh)."""
    return x.transpose(1, 2).flatten(2)


def cell_mask(sizes: Tensor, height: int, width: int, strides: tuple[int, int]) -> Tensor:
    """sizes: (N, 2) in pixels -> (N, height, width), True where a cell holds any pixel of the picture."""
    down, across = strides
    rows = torch.arange(height, device=sizes.device)[None, :, None] * down < sizes[:, 0, None, None]
    columns = torch.arange(width, device=sizes.device)[None, None, :] * across < sizes[:, 1, None, None]
    return rows & columns


def check_heads(width: int, heads: int) -> None:
    """OptionError unless a width can be cut into heads and carry 2-D positions."""
    if width % heads or width % 4:
        raise OptionError(f"width must be a multiple of heads and of 4; got width={width}, heads={heads}")


def attend(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Scaled dot-product attention: query (N, heads, T, dh), key and value (N or 1, heads, S, dh).

    bias: added to the scores. Returns (N, heads, T, dh) and the weights (N, heads, T, S).

    Written out, since on a CPU in bf16 its backward pass takes half the time of F.scaled_dot_product_attention's, and
    since the weights tell where in the picture a token was seen.
    """
    scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-2, -1)
    if bias is not None:
        scores = scores + bias.to(scores.dtype)
    weights = scores.softmax(dim=-1)
    return weights @ value, weights


def mask_bias(mask: Tensor | None) -> Tensor | None:
    """mask: (N, h, w), True = picture -> (N, 1, 1, S) to add to scores: 0 or HIDDEN; None stays None."""
    return None if mask is None else mask.flatten(1).logical_not().float().mul(HIDDEN)[:, None, None, :]


def causal_bias(length: int, like: Tensor) -> Tensor:
    """(length, length) to add to scores: HIDDEN above the diagonal; on the device and of the type of `like`."""
    return torch.full((length, length), HIDDEN, device=like.device, dtype=like.dtype).triu(1)


class FeedForward(nn.Module):
    """(..., width) -> (..., width) through GELU units."""

    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.rise = nn.Linear(width, hidden)
        self.fall = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fall(F.gelu(self.rise(x)))


class SelfAttention(nn.Module):
    """(N, T, width) -> (N, T, width); query, key and value are matrices of their own, as Muon wants them."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def parts(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, T, width) -> query, key, value, each (N, T, width)."""
        return self.query(x), self.key(x), self.value(x)

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """bias: broadcastable to (N, heads, T, T), added to the scores."""
        query, key, value = (split_heads(part, self.heads) for part in self.parts(x))
        if self.training and (query.is_cuda or query.dtype == torch.float32):  # two to three times as fast as `attend`
            attended = F.scaled_dot_product_attention(query, key, value, None if bias is None else bias.to(query.dtype))
        else:
            attended = attend(query, key, value, bias)[0]
        return self.out(join_heads(attended))


class EncoderLayer(nn.Module):
    """Pre-norm self-attention and feed-forward, each added to its input. Dropout falls on what is added."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float):
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        self.norm_forward = nn.LayerNorm(width)
        self.forward_layer = FeedForward(width, hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """x: (N, S, width); bias: (N, 1, 1, S), added to the scores."""
        x = x + self.dropout(self.attention(self.norm_attention(x), bias))
        return x + self.dropout(self.forward_layer(self.norm_forward(x)))
