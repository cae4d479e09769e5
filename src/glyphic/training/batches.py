"""Packs become an endless stream of batches: pools of degraded samples, sorted by size, cut by a budget of pixels.

Pool number p follows from the seed and p alone, so a run that stops goes on with the pool after it.
"""

import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from glyphic.core.errors import OptionError
from glyphic.core.recipe import Recipe
from glyphic.core.vocabulary import Vocabulary
from glyphic.data.degrade import degraded
from glyphic.data.lines import lined
from glyphic.data.packs import Pack
from glyphic.data.staves import staved

POOL = 3072
_RARE = 30  # marks seen fewer times than this in all packs have no class of their own


@dataclass
class Batch:
    """N samples padded to one size. Letters: N pictures, T tokens, K marks."""

    images: Tensor  # (N, 1, H, W) uint8, 255 = paper
    sizes: Tensor  # (N, 2) int64 true heights and widths
    tokens: Tensor  # (N, T + 1) int64: <bos>, target, <eos>, <pad> ...
    cells: Tensor  # (K, 4) int64: picture, class, x, y of each mark, in pixels
    pool: int  # the pool it came from

    def to(self, device: torch.device) -> "Batch":
        return self._each(lambda part: part.to(device, non_blocking=True))

    def pin_memory(self) -> "Batch":
        """In memory that a GPU copies from by itself, while the process goes on."""
        return self._each(Tensor.pin_memory)

    def share(self, rank: int, ranks: int) -> "Batch":
        """Every `ranks`-th picture from number `rank` on, padded as before; all of it where there are too few."""
        if ranks == 1 or len(self.images) < ranks:
            return self
        mine = self.cells[:, 0] % ranks == rank
        cells = self.cells[mine].clone()
        cells[:, 0] = cells[:, 0] // ranks
        rows = slice(rank, None, ranks)
        return Batch(self.images[rows], self.sizes[rows], self.tokens[rows], cells, self.pool)

    def _each(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        return Batch(change(self.images), change(self.sizes), change(self.tokens), change(self.cells), self.pool)

    @property
    def inputs(self) -> Tensor:
        """(N, 1, H, W) float32 in [0, 1]."""
        return self.images.float() / 255


class Corpus:
    """All packs of a folder, and the classes of their marks."""

    def __init__(self, folder: Path, vocabulary: Vocabulary, max_tokens: int, weights: dict[str, float]):
        paths = sorted(folder.glob("*.npz"))
        if not paths:
            raise OptionError(f"no packs (*.npz) in {folder}; write some with `glyphic synth ... --packs`")
        self.packs = [Pack(path, vocabulary) for path in paths]
        counts: dict[str, int] = {}
        for pack in self.packs:
            for name, count in zip(pack.names, pack.mark_counts(), strict=True):
                counts[name] = counts.get(name, 0) + int(count)
        self.names = sorted(name for name, count in counts.items() if count >= _RARE and name)
        ids = {name: i for i, name in enumerate(self.names)}
        self.classes = [np.array([ids.get(name, -1) for name in pack.names]) for pack in self.packs]
        self.lengths = [pack.lengths for pack in self.packs]
        self.max_tokens = max_tokens
        self.weights = [next((w for prefix, w in weights.items() if pack.path.name.startswith(prefix)), 1.0)
                        for pack in self.packs]

    def __len__(self) -> int:
        return sum(map(len, self.packs))


class Stream(IterableDataset[Batch]):
    """Batches without end, from pool `first` on; `limit` is the longest target in tokens (the curriculum)."""

    def __init__(self, corpus: Corpus, recipe: Recipe, vocabulary: Vocabulary, first: int, limit: int,
                 rank: int = 0, ranks: int = 1):
        self.corpus, self.recipe, self.vocabulary = corpus, recipe, vocabulary
        self.first, self.rank, self.ranks = first, rank, ranks
        longest = min(limit, corpus.max_tokens)
        self.chosen = [np.flatnonzero(lengths <= longest) for lengths in corpus.lengths]
        self.weights = [len(chosen) * weight for chosen, weight in zip(self.chosen, corpus.weights, strict=True)]
        if not sum(self.weights):
            raise OptionError(f"the packs hold no target of at most {longest} tokens; raise data.max_tokens or the "
                              "limits of training.curriculum")

    def __iter__(self) -> Iterator[Batch]:
        info = torch.utils.data.get_worker_info()
        shard = self.rank * (info.num_workers if info else 1) + (info.id if info else 0)
        shards = self.ranks * (info.num_workers if info else 1)
        pool = self.first + shard
        while True:
            batches = self.pool(pool)
            if not batches:
                raise OptionError(f"none of {POOL} pictures fits in data.max_pixels={self.recipe.data.max_pixels}")
            yield from batches
            pool += shards

    def pool(self, number: int) -> list[Batch]:
        """The batches of one pool, in random order; a batch of more than one picture keeps to the budget of pixels."""
        samples = self.samples(POOL, number)
        samples.sort(key=lambda s: (-(-s[0].shape[0] // 32), s[0].shape[1]))
        batches, group, height, width = [], [], 0, 0  # type: list[Batch], list[_Sample], int, int
        spec = self.recipe.training
        for sample in samples:
            height, width = max(height, sample[0].shape[0]), max(width, sample[0].shape[1])
            if group and (height * width * (len(group) + 1) > spec.pixels or len(group) == spec.batch):
                batches.append(self._batch(group, number))
                group, (height, width) = [], sample[0].shape
            group.append(sample)
        if group:
            batches.append(self._batch(group, number))
        random.Random(number).shuffle(batches)
        return batches

    def samples(self, count: int, number: int = 0) -> "list[_Sample]":
        """Up to `count` samples, which follow from the seed and the pool's number."""
        rng = random.Random(f"{self.recipe.training.seed}/{number}")
        return [s for s in (self._sample(rng) for _ in range(count)) if s is not None]

    def _sample(self, rng: random.Random) -> "_Sample | None":
        corpus, data = self.corpus, self.recipe.data
        k = rng.choices(range(len(corpus.packs)), self.weights)[0]
        packed = corpus.packs[k][int(self.chosen[k][rng.randrange(len(self.chosen[k]))])]
        spec = self.recipe.input
        prepare = lined if spec.line_height else staved if spec.staff_space else degraded
        image, marks = prepare(packed, spec, data.degradation, data.scale_jitter, rng)
        if image.size > data.max_pixels:
            return None
        classes = corpus.classes[k][marks[:, 0].astype(np.int64)]
        known = classes >= 0
        cells = np.stack([classes[known], marks[known, 1].astype(np.int64), marks[known, 2].astype(np.int64)], 1)
        return (image * 255).round().astype(np.uint8), packed.target, cells

    def _batch(self, samples: "list[_Sample]", pool: int) -> Batch:
        shapes = [image.shape for image, _, _ in samples]
        images = np.full((len(samples), 1, max(h for h, _ in shapes), max(w for _, w in shapes)), 255, np.uint8)
        for row, (image, _, _) in zip(images, samples, strict=True):
            row[0, :image.shape[0], :image.shape[1]] = image
        vocabulary = self.vocabulary
        tokens = np.full((len(samples), max(len(target) for _, target, _ in samples) + 2), vocabulary.pad)
        for row, (_, target, _) in zip(tokens, samples, strict=True):
            row[0], row[1:len(target) + 1], row[len(target) + 1] = vocabulary.bos, target, vocabulary.eos
        cells = np.concatenate([np.insert(cells, 0, n, axis=1) for n, (_, _, cells) in enumerate(samples)])
        cells[:, 2] = np.clip(cells[:, 2], 0, images.shape[3] - 1)
        cells[:, 3] = np.clip(cells[:, 3], 0, images.shape[2] - 1)
        return Batch(torch.from_numpy(images), torch.tensor(shapes), torch.from_numpy(tokens),
                     torch.from_numpy(cells.astype(np.int64)), pool)


_Sample = tuple[np.ndarray, np.ndarray, np.ndarray]  # picture (uint8), target, cells (class, x, y)


def loader(stream: Stream, workers: int, pin: bool = False) -> Iterator[Batch]:
    """The stream, prepared by so many processes ahead of its use; 0 prepares it in this one.

    The order is that of the pools, worker by worker, however fast each of them is. pin: as `Batch.pin_memory`.
    """
    ready = max(2, POOL // (2 * stream.recipe.training.batch))  # half a pool, so that no one waits for the next pool
    return iter(DataLoader(stream, batch_size=None, num_workers=workers, prefetch_factor=ready if workers else None,
                           worker_init_fn=_prepare_worker, pin_memory=pin))


def _prepare_worker(_: int) -> None:
    torch.set_num_threads(1)
    for number in (signal.SIGTERM, signal.SIGINT):  # meant for the run, which saves and then ends its workers
        signal.signal(number, signal.SIG_IGN)
