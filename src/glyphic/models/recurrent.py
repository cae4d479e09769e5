"""Refined features go in, tokens come out of a recurrent network: without attention, with it, and with coverage.

Members keep to the contract of generation.py. Every one is an embedding, a recurrent cell and an output layer; they
differ in what they see of the memory at each step. Letters: N pictures, M memories, B rows, S cells, T tokens,
V vocabulary, H width of the state, D width of the memory, A width of the attention.
"""

from typing import Any

import torch
from torch import Tensor, nn

from glyphic.core.errors import OptionError
from glyphic.core.vocabulary import Vocabulary
from glyphic.models.generation import Shape
from glyphic.models.layers import HIDDEN, cells


class GruCell(nn.Module):
    """Gated recurrent unit (Cho et al. 2014); of matrices, since its graph then holds nothing but products."""

    parts = ("state_hidden",)

    def __init__(self, before: int, width: int):
        super().__init__()
        self.enter, self.back = nn.Linear(before, 3 * width), nn.Linear(width, 3 * width)

    def forward(self, x: Tensor, parts: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """x: (B, before), parts: the state (B, H) -> the state after it."""
        (hidden,) = parts
        reset, update, new = self.enter(x).chunk(3, 1)
        back_reset, back_update, back_new = self.back(hidden).chunk(3, 1)
        keep = (update + back_update).sigmoid()
        return (keep * hidden + (1 - keep) * (new + (reset + back_reset).sigmoid() * back_new).tanh(),)


class LstmCell(nn.Module):
    """Long short-term memory with a forget gate (Hochreiter & Schmidhuber 1997, Gers et al. 2000)."""

    parts = ("state_hidden", "state_cell")

    def __init__(self, before: int, width: int):
        super().__init__()
        self.enter, self.back = nn.Linear(before, 4 * width), nn.Linear(width, 4 * width)
        nn.init.ones_(self.enter.bias[width:2 * width])  # remembers until it has learned to forget

    def forward(self, x: Tensor, parts: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """x: (B, before), parts: hidden and cell, each (B, H) -> the same after it."""
        hidden, cell = parts
        into, forget, out, new = (self.enter(x) + self.back(hidden)).chunk(4, 1)
        cell = forget.sigmoid() * cell + into.sigmoid() * new.tanh()
        return out.sigmoid() * cell.tanh(), cell


CELLS: dict[str, type[nn.Module]] = {"gru": GruCell, "lstm": LstmCell}


class EncoderDecoderGeneration(nn.Module):
    """A recurrent network that knows the picture by the mean of its memory alone: it begins with it, and is told it
    again at every step (Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014; Sutskever et
    al., "Sequence to Sequence Learning with Neural Networks", 2014).

    cell: "gru" or "lstm".
    """

    kind = "step"
    memories: dict[str, Shape]
    states: dict[str, Shape]
    cell: Any  # one of CELLS

    def __init__(self, before: int, vocabulary: Vocabulary, *, width: int = 256, embedding: int = 128,
                 cell: str = "gru", dropout: float = 0.0):
        super().__init__()
        if cell not in CELLS:
            raise OptionError(f"cell must be one of {', '.join(CELLS)}; got {cell!r}")
        if width < 1 or embedding < 1:
            raise OptionError(f"a recurrent generation needs widths of at least 1; got width={width}, "
                              f"embedding={embedding}")
        self.width = width
        self.embedding = nn.Embedding(len(vocabulary), embedding)
        self.begin = nn.Linear(before, width)
        self.cell = CELLS[cell](embedding + before, width)
        self.join = nn.Linear(width + before + embedding, width)
        self.out = nn.Linear(width, len(vocabulary))
        self.dropout = nn.Dropout(dropout)
        self.memories = {"memory_start": ("M", width), "memory_mean": ("M", before), "memory_shares": ("M", "S")}
        self.states = dict.fromkeys(self.cell.parts, ("B", width))

    def project(self, features: Tensor, mask: Tensor | None = None) -> tuple[Tensor, ...]:
        """features: (N, D, h, w), mask: (N, h, w) -> the state to begin with (N, H), then what `look` looks at: here
        the mean (N, D) and the share of each cell in it (N, S)."""
        start, mean, shares = self._summary(features, mask)
        return start, mean, shares

    def look(self, memory: tuple[Tensor, ...], bias: Tensor, states: tuple[Tensor, ...]
             ) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
        """memory: what `project` gave; bias: (M, S), added to scores; states: (B, ...) -> what is seen (B, D), the
        weight of each cell in it (B, S), and those states that the look itself changes."""
        _, mean, shares = memory
        rows = states[0].shape[0]  # len() would become a constant of the exported graph
        return mean.expand(rows, -1), shares.expand(rows, -1), ()

    def forward(self, features: Tensor, mask: Tensor | None, tokens: Tensor) -> Tensor:
        """Teacher forcing: tokens (N, T), <bos> first -> logits (N, T, V) of the tokens that follow."""
        memory = self.project(features, mask)
        count, size = len(features), features.shape[2] * features.shape[3]
        bias = features.new_zeros(count, size, dtype=torch.float32)
        if mask is not None:
            bias = bias.masked_fill(~mask.flatten(1), HIDDEN)
        free = {"B": count, "S": size}
        states = tuple(bias.new_zeros([free.get(side, side) for side in shape])  # type: ignore[arg-type, misc]
                       for shape in self.states.values())
        states = (memory[0], *states[1:])
        embedded = self.dropout(self.embedding(tokens))
        written = []
        for token in embedded.unbind(1):
            output, states, _ = self._advance(token, memory, bias, states)
            written.append(output)
        return self.out(self.dropout(torch.stack(written, 1)))

    def step(self, tokens: Tensor, position: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        """One more token of each row, as generation.py says."""
        memory, bias = rest[:len(self.memories)], rest[len(self.memories)]
        hidden, *others = rest[len(self.memories) + 1:]
        hidden = torch.where(position == 0, memory[0].to(hidden.dtype), hidden)
        output, states, weights = self._advance(self.embedding(tokens), memory, bias, (hidden, *others))
        return self.out(output).float().log_softmax(-1), *states, weights

    def _advance(self, token: Tensor, memory: tuple[Tensor, ...], bias: Tensor, states: tuple[Tensor, ...]
                 ) -> tuple[Tensor, tuple[Tensor, ...], Tensor]:
        """token: (B, E) -> what the output layer is given (B, H), the states, the weights (B, S)."""
        seen, weights, looked = self.look(memory, bias, states)
        parts = self.cell(torch.cat((token, seen), 1), states[:len(self.cell.parts)])
        return self.join(torch.cat((parts[0], seen, token), 1)).tanh(), (*parts, *looked), weights

    def _summary(self, features: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """The state to begin with (N, H), the mean of the memory (N, D), the share of each cell in it (N, S)."""
        shown = torch.ones_like(features[:, 0]) if mask is None else mask.to(features.dtype)
        shares = shown.flatten(1) / shown.sum((1, 2))[:, None]
        mean = (cells(features) * shares[:, :, None]).sum(1)
        return self.begin(mean).tanh(), mean, shares


class AttentionGeneration(EncoderDecoderGeneration):
    """A recurrent network that looks at the memory anew for every token, by additive attention (Bahdanau et al.,
    "Neural Machine Translation by Jointly Learning to Align and Translate", 2015).

    cell: "gru" or "lstm"; attention: width of the layer that compares the state with the cells.
    """

    def __init__(self, before: int, vocabulary: Vocabulary, *, width: int = 256, embedding: int = 128,
                 attention: int = 128, cell: str = "gru", dropout: float = 0.0):
        super().__init__(before, vocabulary, width=width, embedding=embedding, cell=cell, dropout=dropout)
        if attention < 1:
            raise OptionError(f"an attention needs a width of at least 1; got attention={attention}")
        self.query = nn.Linear(width, attention, bias=False)
        self.key = nn.Linear(before, attention)
        self.score = nn.Linear(attention, 1, bias=False)
        self.memories = {"memory_start": ("M", width), "memory_keys": ("M", "S", attention),
                         "memory_values": ("M", "S", before)}

    def project(self, features: Tensor, mask: Tensor | None = None) -> tuple[Tensor, ...]:
        """The state to begin with (N, H), keys (N, S, A), values (N, S, D)."""
        values = cells(features)
        return self._summary(features, mask)[0], self.key(values), values

    def look(self, memory: tuple[Tensor, ...], bias: Tensor, states: tuple[Tensor, ...]
             ) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
        return *self._attend(memory[1] + self.query(states[0])[:, None], memory[2], bias), ()

    def _attend(self, compared: Tensor, values: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """compared: (B, S, A), values: (M, S, D), bias: (M, S) -> what is seen (B, D), the weights (B, S)."""
        weights = (self.score(compared.tanh())[:, :, 0].float() + bias).softmax(1)
        return (weights[:, None].to(values.dtype) @ values)[:, 0], weights


class CoverageGeneration(AttentionGeneration):
    """Attention that is told, cell by cell, how much it has looked there and nearby before (Zhang et al., "Watch,
    Attend and Parse", 2017): it neither reads twice nor skips.

    kernel: side of the window, odd; filters: what is told of it.
    """

    def __init__(self, before: int, vocabulary: Vocabulary, *, width: int = 256, embedding: int = 128,
                 attention: int = 128, cell: str = "gru", dropout: float = 0.0, kernel: int = 7, filters: int = 32):
        super().__init__(before, vocabulary, width=width, embedding=embedding, attention=attention, cell=cell,
                         dropout=dropout)
        if kernel % 2 == 0 or filters < 1:
            raise OptionError(f"coverage takes an odd kernel and at least one filter; got kernel={kernel}, "
                              f"filters={filters}")
        self.around = nn.Conv2d(1, filters, kernel, 1, kernel // 2, bias=False)
        self.covered = nn.Linear(filters, attention)
        self.memories = {**self.memories, "memory_places": ("M", 2, "S")}
        self.states = {**self.states, "state_seen": ("B", "S")}

    def project(self, features: Tensor, mask: Tensor | None = None) -> tuple[Tensor, ...]:
        """As attention's, and the row and the column of each cell (N, 2, S): pictures of several shapes, their cells
        in one row, are told apart by it."""
        rows = torch.arange(features.shape[2], device=features.device)[:, None].expand(-1, features.shape[3])
        columns = torch.arange(features.shape[3], device=features.device)[None].expand(features.shape[2], -1)
        places = torch.stack((rows, columns)).flatten(1)
        return *super().project(features, mask), places[None].expand(features.shape[0], -1, -1)

    def look(self, memory: tuple[Tensor, ...], bias: Tensor, states: tuple[Tensor, ...]
             ) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
        _, keys, values, places = memory
        told = self.covered(self._nearby(states[-1], places))  # (B, S, A)
        seen, weights = self._attend(keys + self.query(states[0])[:, None] + told, values, bias)
        return seen, weights, (states[-1] + weights,)

    def _nearby(self, coverage: Tensor, places: Tensor) -> Tensor:
        """coverage: (B, S) -> (B, S, filters): laid out as the picture, convolved, and picked up again."""
        height, width = places[:, 0].max() + 1, places[:, 1].max() + 1
        index = (places[:, 0] * width + places[:, 1]).expand(coverage.shape[0], -1)
        # what pads a memory has the first cell's place; it was never looked at, and adding nothing changes nothing
        flat = coverage.new_zeros(coverage.shape[0], height * width).scatter_add(1, index, coverage)
        found = self.around(flat.view(coverage.shape[0], 1, height, width)).flatten(2)  # (B, filters, height * width)
        return found.gather(2, index[:, None].expand(-1, found.shape[1], -1)).transpose(1, 2)
