"""Packs become an endless stream of batches: pools of degraded samples, sorted by size, cut by a budget of pixels.

Pool number p follows from the seed and p alone, so a run that stops goes on with the pool it was at.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from glyphic.core.errors import OptionError
from glyphic.core.images import stack
from glyphic.core.recipe import Recipe
from glyphic.core.vocabulary import Vocabulary
from glyphic.data.degrade import degraded
from glyphic.data.packs import Pack

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
        return Batch(self.images.to(device, non_blocking=True), self.sizes.to(device, non_blocking=True),
                     self.tokens.to(device, non_blocking=True), self.cells.to(device, non_blocking=True), self.pool)

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
        self.weights = [len(pack) * next((w for prefix, w in weights.items() if pack.path.name.startswith(prefix)), 1.0)
                        for pack in self.packs]

    def __len__(self) -> int:
        return sum(map(len, self.packs))


class Stream(IterableDataset[Batch]):
    """Batches without end, from pool `first` on; `limit` is the longest target in tokens (the curriculum)."""

    def __init__(self, corpus: Corpus, recipe: Recipe, vocabulary: Vocabulary, first: int, limit: int,
                 rank: int = 0, ranks: int = 1):
        self.corpus, self.recipe, self.vocabulary = corpus, recipe, vocabulary
        self.first, self.limit, self.rank, self.ranks = first, min(limit, corpus.max_tokens), rank, ranks

    def __iter__(self) -> Iterator[Batch]:
        info = torch.utils.data.get_worker_info()
        shard = self.rank * (info.num_workers if info else 1) + (info.id if info else 0)
        shards = self.ranks * (info.num_workers if info else 1)
        pool = self.first + shard
        while True:
            yield from self.pool(pool)
            pool += shards

    def pool(self, number: int) -> list[Batch]:
        """The batches of one pool, in random order."""
        samples = self.samples(POOL, number)
        samples.sort(key=lambda s: (-(-s[0].shape[0] // 32), s[0].shape[1]))
        batches, group = [], []  # type: list[Batch], list[_Sample]
        for sample in samples:
            trial = [*group, sample]
            area = max(s[0].shape[0] for s in trial) * max(s[0].shape[1] for s in trial)
            if group and (area * len(trial) > self.recipe.training.pixels or len(trial) > self.recipe.training.batch):
                batches.append(self._batch(group, number))
                group = []
            group.append(sample)
        batches.append(self._batch(group, number))
        random.Random(number).shuffle(batches)
        return batches

    def samples(self, count: int, number: int = 0) -> "list[_Sample]":
        """Up to `count` samples, which follow from the seed and the pool's number."""
        rng = random.Random(f"{self.recipe.training.seed}/{number}")
        return [s for s in (self._sample(rng) for _ in range(count)) if s is not None]

    def _sample(self, rng: random.Random) -> "_Sample | None":
        corpus, data = self.corpus, self.recipe.data
        k = rng.choices(range(len(corpus.packs)), corpus.weights)[0]
        for _ in range(50):
            i = rng.randrange(len(corpus.packs[k]))
            if corpus.lengths[k][i] <= self.limit:
                break
        else:
            return None
        packed = corpus.packs[k][i]
        image, marks = degraded(packed, self.recipe.input, data.degradation, data.scale_jitter, rng)
        if image.size > data.max_pixels:
            return None
        classes = corpus.classes[k][marks[:, 0].astype(np.int64)]
        known = classes >= 0
        cells = np.stack([classes[known], marks[known, 1].astype(np.int64), marks[known, 2].astype(np.int64)], 1)
        return image, packed.target, cells

    def _batch(self, samples: "list[_Sample]", pool: int) -> Batch:
        images = (stack([image for image, _, _ in samples]) * 255).round().astype(np.uint8)
        vocabulary = self.vocabulary
        tokens = np.full((len(samples), max(len(target) for _, target, _ in samples) + 2), vocabulary.pad)
        for row, (_, target, _) in zip(tokens, samples, strict=True):
            row[0], row[1:len(target) + 1], row[len(target) + 1] = vocabulary.bos, target, vocabulary.eos
        sizes = np.array([image.shape for image, _, _ in samples])
        cells = np.concatenate([np.insert(cells, 0, n, axis=1) for n, (_, _, cells) in enumerate(samples)])
        cells[:, 2] = np.clip(cells[:, 2], 0, images.shape[3] - 1)
        cells[:, 3] = np.clip(cells[:, 3], 0, images.shape[2] - 1)
        return Batch(torch.from_numpy(images), torch.from_numpy(sizes), torch.from_numpy(tokens),
                     torch.from_numpy(cells.astype(np.int64)), pool)


_Sample = tuple[np.ndarray, np.ndarray, np.ndarray]  # picture, target, cells (class, x, y)


def loader(stream: Stream, workers: int) -> Iterator[Batch]:
    """The stream, prepared by so many processes ahead of its use; 0 prepares it in this one."""
    return iter(DataLoader(stream, batch_size=None, num_workers=workers, prefetch_factor=24 if workers else None,
                           worker_init_fn=_one_thread))


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)
