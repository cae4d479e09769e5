"""Refined features go in, the distribution of tokens comes out: step by step (transformer) or per frame (CTC).

Every member, here and in recurrent.py, takes the width of the memory and the vocabulary and offers
`forward(features, mask, tokens)` -> logits (N, T, V) for training. `kind` says how it is read. "frames" members have
`logprobs`. "step" members name their tensors and those tensors' shapes in `memories` and `states`, where a letter is
a size that is free, and offer

    project(features) -> the memories, M = N
    step(tokens (B,), position (), *memories, memory_mask (M, S), *states) -> log-probabilities (B, V), the states
        after this token, and where it was looked for: (B, S)

with M = 1 (one picture for all rows) or M = B, T = position, and states that begin as zeros. Whoever searches or
exports needs to know no more. Letters: N pictures, M memories, B rows, L layers, S cells, T tokens, V vocabulary,
dh width / heads.
"""

import re
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glyphic.core.errors import OptionError
from glyphic.core.vocabulary import Vocabulary
from glyphic.models.layers import (
    HIDDEN,
    FeedForward,
    SelfAttention,
    attend,
    causal_bias,
    cells,
    check_heads,
    join_heads,
    mask_bias,
    positions_2d,
    sinusoid,
    split_heads,
)

Shape = tuple[str | int, ...]


class DecoderLayer(nn.Module):
    """Pre-norm: tokens look back at tokens, then at the memory, then think; each result is added."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float):
        super().__init__()
        self.norm_self = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        self.norm_cross = nn.LayerNorm(width)
        self.cross_query = nn.Linear(width, width)
        self.cross_key = nn.Linear(width, width)
        self.cross_value = nn.Linear(width, width)
        self.cross_out = nn.Linear(width, width)
        self.norm_forward = nn.LayerNorm(width)
        self.forward_layer = FeedForward(width, hidden)
        self.dropout = nn.Dropout(dropout)
        self.heads = heads

    def memory(self, placed: Tensor, plain: Tensor) -> tuple[Tensor, Tensor]:
        """Memory with and without positions, each (N, S, width) -> keys, values, each (N, heads, S, dh)."""
        return split_heads(self.cross_key(placed), self.heads), split_heads(self.cross_value(plain), self.heads)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None, causal: Tensor) -> Tensor:
        """x: (N, T, width); keys, values: (N, heads, S, dh); bias: (N, 1, 1, S); causal: (T, T)."""
        x = x + self.dropout(self.attention(self.norm_self(x), causal))
        query = split_heads(self.cross_query(self.norm_cross(x)), self.heads)
        seen, _ = attend(query, keys, values, bias)
        x = x + self.dropout(self.cross_out(join_heads(seen)))
        return x + self.dropout(self.forward_layer(self.norm_forward(x)))

    def carry(self, placed: Tensor, plain: Tensor) -> tuple[Tensor, Tensor]:
        """`memory` as `step` takes it: the keys turned and scaled, (N, heads, dh, S), so that no step does it again."""
        keys, values = self.memory(placed, plain)
        return (keys * keys.shape[-1] ** -0.5).transpose(-2, -1).contiguous(), values.contiguous()

    def step(self, x: Tensor, keys: Tensor, values: Tensor, bias: Tensor, past_keys: Tensor,
             past_values: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """`forward` for one more token. x: (B, 1, width); keys, values: as `carry` gives them, M of each; bias:
        (M, 1, 1, S); past: (B, heads, T, dh).

        Returns x, the past with this token added (twice), and the weights over the memory, (B, S). Its shapes are
        written with as few free sizes as there are: each of them is several nodes of a graph that runs for every token.
        """
        width, dh = self.cross_query.in_features, self.cross_query.in_features // self.heads
        query, key, value = (part.reshape(-1, self.heads, 1, dh) for part in self.attention.parts(self.norm_self(x)))
        past_keys, past_values = torch.cat((past_keys, key), 2), torch.cat((past_values, value), 2)
        x = x + self.attention.out(attend(query, past_keys, past_values)[0].reshape(-1, 1, width))
        # rows that read one picture are the queries of one product: its memory is gone through once, not once for each
        query = self.cross_query(self.norm_cross(x)).reshape(bias.shape[0], -1, self.heads, dh).transpose(1, 2)
        weights = (query @ keys + bias).softmax(-1)  # (M, heads, B / M, S)
        x = x + self.cross_out((weights @ values).transpose(1, 2).reshape(-1, 1, width))
        return x + self.forward_layer(self.norm_forward(x)), past_keys, past_values, weights.mean(1).flatten(0, 1)


class OpenGroups(nn.Module):
    """A vector for each number of groups that are open; MOST and more share one. All begin as zeros."""

    MOST = 12
    changes: Tensor  # (V,) 1 for a token that opens a group, -1 for one that closes one

    def __init__(self, vocabulary: Vocabulary, opens: str, closes: str, width: int):
        super().__init__()
        try:
            changes = [float(bool(re.fullmatch(opens, token))) - float(bool(re.fullmatch(closes, token)))
                       for token in vocabulary.tokens]
        except re.error as error:
            raise OptionError(f"opens and closes are regular expressions of tokens; {error.pattern!r} is none: "
                              f"{error}") from None
        if 1.0 not in changes or -1.0 not in changes:
            raise OptionError(f"no token of the vocabulary opens or none closes a group; opens={opens!r}, "
                              f"closes={closes!r}")
        self.register_buffer("changes", torch.tensor(changes), persistent=False)
        self.vectors = nn.Embedding(self.MOST + 1, width)
        nn.init.zeros_(self.vectors.weight)

    def opened(self, tokens: Tensor) -> Tensor:
        """tokens of any shape -> how many groups more are open after each."""
        return self.changes[tokens]

    def forward(self, open_now: Tensor) -> Tensor:
        """Counts of any shape -> vectors (..., width)."""
        return self.vectors(open_now.clamp(0, self.MOST).long())


class TransformerGeneration(nn.Module):
    """A pre-norm transformer decoder whose memory keys know their place in the picture; its values do not.

    tied: input and output embeddings are one matrix. longest: tokens that have a position of their own; in reading,
    those beyond share the last. opens, closes: regular expressions of the tokens that open and close a group; where
    they are given, each token also says how many groups are open after it, which a network that counts braces by
    attention alone forgets in long texts. At first it makes no difference, so that older weights can go on with it.
    """

    kind = "step"
    memories: dict[str, Shape]
    states: dict[str, Shape]
    layers: Any  # a ModuleList of DecoderLayer
    places: Tensor  # (longest, width) positions of tokens

    def __init__(self, before: int, vocabulary: Vocabulary, *, width: int = 256, layers: int = 3, heads: int = 4,
                 hidden: int = 768, dropout: float = 0.0, tied: bool = True, longest: int = 512,
                 opens: str = "", closes: str = ""):
        super().__init__()
        check_heads(width, heads)
        if layers < 1:
            raise OptionError(f"a transformer generation needs at least one layer; got layers={layers}")
        self.width, self.heads, self.longest = width, heads, longest
        each, dh = range(layers), width // heads
        turned, straight, past = ("M", heads, dh, "S"), ("M", heads, "S", dh), ("B", heads, "T", dh)
        self.memories = {f"memory_keys_{n}": turned for n in each} | {f"memory_values_{n}": straight for n in each}
        self.states = {f"cache_keys_{n}": past for n in each} | {f"cache_values_{n}": past for n in each}
        self.enter = nn.Linear(before, width)
        self.norm_enter = nn.LayerNorm(width)
        self.embedding = nn.Embedding(len(vocabulary), width)
        nn.init.normal_(self.embedding.weight, std=width ** -0.5)
        self.layers = nn.ModuleList(DecoderLayer(width, heads, hidden, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, len(vocabulary))
        if tied:
            self.out.weight = self.embedding.weight
        nn.init.zeros_(self.out.bias)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("places", sinusoid(torch.arange(longest), width), persistent=False)
        self.open_groups = OpenGroups(vocabulary, opens, closes, width) if opens else None
        if self.open_groups:
            self.states["state_opened"] = ("B", "T")

    def project(self, features: Tensor) -> tuple[Tensor, ...]:
        """features: (N, D, h, w) -> the keys of each layer, (N, heads, dh, S), then the values, (N, heads, S, dh).

        Each layer's apart: a graph that took them together would copy them each step.
        """
        placed, plain = self._cells(features)
        keys, values = zip(*(layer.carry(placed, plain) for layer in self.layers), strict=True)
        return *keys, *values

    def forward(self, features: Tensor, mask: Tensor | None, tokens: Tensor) -> Tensor:
        """Teacher forcing: tokens (N, T), <bos> first -> logits (N, T, V) of the tokens that follow."""
        if tokens.shape[1] > self.longest:
            raise OptionError(f"this network has positions for {self.longest} tokens; got {tokens.shape[1]}: leave out "
                              "the longest targets or build it with a larger longest")
        bias, causal = mask_bias(mask), causal_bias(tokens.shape[1], features)
        x = self._embed(tokens) + self.places[:tokens.shape[1]]
        if self.open_groups is not None:
            x = x + self.open_groups(self.open_groups.opened(tokens).cumsum(1))
        x = self.dropout(x)
        placed, plain = self._cells(features)
        for layer in self.layers:
            x = layer(x, *layer.memory(placed, plain), bias, causal)
        return self.out(self.norm(x))

    def step(self, tokens: Tensor, position: Tensor, *carried: Tensor) -> tuple[Tensor, ...]:
        """One more token of each row.

        tokens: (B,); position: () how many tokens the caches hold; carried: the memories of `project`, M = 1 or B; the
        mask (M, S), added to the scores; the caches of keys, then of values, of each layer (B, heads, T, dh), T =
        position, and, where open groups are counted, what each token opened or closed, (B, T). Returns
        log-probabilities (B, V), all of these with T + 1 tokens, and the attention of the last layer (B, S).
        """
        layers = len(self.layers)
        memory, mask, caches = carried[:2 * layers], carried[2 * layers], carried[2 * layers + 1:]
        x = self._embed(tokens)[:, None] + self.places[position.clamp(max=self.longest - 1)]
        counted: tuple[Tensor, ...] = ()
        if self.open_groups is not None:
            counted = (torch.cat((caches[2 * layers], self.open_groups.opened(tokens)[:, None]), 1),)
            x = x + self.open_groups(counted[0].sum(1, keepdim=True))
        bias = mask[:, None, None, :]
        grown_keys, grown_values = [], []
        for number, layer in enumerate(self.layers):
            x, keys, values, attention = layer.step(x, memory[number], memory[layers + number], bias,
                                                    caches[number], caches[layers + number])
            grown_keys.append(keys)
            grown_values.append(values)
        logprobs = self.out(self.norm(x[:, 0])).float().log_softmax(-1)
        return logprobs, *grown_keys, *grown_values, *counted, attention

    def _cells(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """What the memories are made of, with positions and without, each (N, S, width)."""
        plain = self.norm_enter(self.enter(cells(features)))
        return plain + positions_2d(features, self.width).to(plain.dtype), plain

    def _embed(self, tokens: Tensor) -> Tensor:
        # the embedding is small so that, tied, the first logits are; its input side is brought back to size 1
        return self.embedding(tokens) * self.width ** 0.5


class CtcGeneration(nn.Module):
    """A distribution for every column of cells, for connectionist temporal classification (Graves et al. 2006).

    The cells of a column become their mean and maximum. per_cell: frames that a column yields, where tokens are
    narrower than the stride.
    """

    kind = "frames"

    def __init__(self, before: int, vocabulary: Vocabulary, *, width: int = 256, per_cell: int = 1):
        super().__init__()
        if vocabulary.blank is None:
            raise OptionError("ctc needs a vocabulary with a blank; build it with Vocabulary.of(tokens, blank=True)")
        if per_cell < 1:
            raise OptionError(f"ctc needs at least one frame per cell; got per_cell={per_cell}")
        self.width, self.per_cell = width, per_cell
        self.enter = nn.Linear(before, per_cell * width)
        self.norm = nn.LayerNorm(2 * width)
        self.out = nn.Linear(2 * width, len(vocabulary))

    def logprobs(self, features: Tensor, mask: Tensor | None) -> Tensor:
        """features: (N, D, h, w) -> (N, T, V), T = w * per_cell."""
        x = F.gelu(self.enter(features.permute(0, 2, 3, 1)))  # (N, h, w, per_cell * width)
        if mask is None:
            mean, most = x.mean(1), x.amax(1)
        else:
            shown = mask[..., None]
            mean = (x * shown).sum(1) / shown.sum(1).clamp(min=1)
            most = x.masked_fill(~shown, HIDDEN).amax(1) * shown.any(1)
        frames = [part.unflatten(2, (self.per_cell, self.width)).flatten(1, 2) for part in (mean, most)]
        return self.out(self.norm(torch.cat(frames, 2))).float().log_softmax(-1)

    def forward(self, features: Tensor, mask: Tensor | None, tokens: Tensor | None = None) -> Tensor:
        """Log-probabilities, which are logits too; the tokens are not looked at."""
        return self.logprobs(features, mask)

    def lengths(self, mask: Tensor) -> Tensor:
        """mask: (N, h, w) -> (N,) frames that hold picture, as a CTC loss asks for."""
        return mask.any(1).sum(1) * self.per_cell
