"""The expected risk of what a network itself would read: the loss of the whole reading, not of one token after another.

Cross-entropy asks for each token after the right ones; reading needs the right sequence to come before all others, and
the most usual fault of a beam's first reading is that it leaves something out. Minimum risk training (Shen et al. 2016;
over the readings of a beam, Prabhavalkar et al. 2018, "Minimum word error rate training") lets the beam read each
picture, and moves probability from its wrong readings to its right ones. A reading weighs what it weighs when a
recognizer chooses among a beam's (`DecodingOptions.sound`). Letters: N pictures, K readings, T tokens.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from glyphic.core.errors import OptionError
from glyphic.core.notation import Notation
from glyphic.core.recipe import Recipe
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.guides import without_loops
from glyphic.decoding.task import DecodingTask
from glyphic.models.build import Network
from glyphic.models.stepping import TorchStepModel

UNLIKELY = -10.0  # nats: what a text counts for at least that means nothing, where no such bound is set


class MinimumRisk:
    """The loss of one network, which it reads with its recipe's search at one size and a beam of `training.readings`.

    OptionError for a network that writes frames: a beam of them is no beam of readings.
    """

    def __init__(self, network: Network, recipe: Recipe, notation: Notation, vocabulary: Vocabulary):
        if network.generation.kind != "step":
            raise OptionError("training.minimum_risk needs a network that writes token by token; "
                              f"{recipe.model.generation} writes frames")
        self.network, self.notation, self.vocabulary = network, notation, vocabulary
        width = recipe.training.readings
        self.options = replace(recipe.decoding, beam_width=width, alternatives=width - 1, certain=1.0, scales=(),
                               max_tokens=recipe.data.max_tokens + 1)  # as long as targets are, and <eos>
        self.model = TorchStepModel(network)
        guide = without_loops(notation.grammar, vocabulary)
        self.task = DecodingTask(self.model, vocabulary, guide, self.options)

    def __call__(self, features: Tensor, mask: Tensor | None, tokens: Tensor) -> Tensor:
        """features: (N, D, h, w) and mask of the network's memory; tokens: (N, T) the targets, <eos> and <pad> behind
        them -> the mean over the pictures of the expected share of wrong readings, 0 to 1."""
        pictures = [_own(features[n:n + 1], None if mask is None else mask[n]) for n in range(len(features))]
        targets = [self._text_of(row) for row in tokens.tolist()]
        risks = [self._risk(picture, readings, target)
                 for picture, readings, target in zip(pictures, self.read(pictures), targets, strict=True)]
        return torch.stack(risks).mean()

    @torch.no_grad()
    def read(self, pictures: Sequence[Tensor]) -> list[list[tuple[int, ...]]]:
        """The features of pictures, each (1, D, h, w) -> the readings that a beam finishes in each."""
        generation = self.network.generation
        was_training = generation.training
        generation.eval()
        found = self.task.run_from(self.model.begin([picture.detach() for picture in pictures]), len(pictures))
        generation.train(was_training)
        return [[reading.tokens for reading in readings if reading.finished and reading.tokens]
                for readings in found]

    def _risk(self, features: Tensor, readings: Sequence[tuple[int, ...]], target: tuple[int, ...]) -> Tensor:
        """The target is one of the readings, whether or not the beam found it."""
        readings = list(dict.fromkeys((*readings, target)))
        texts = [self.notation.tokenizer.decode(reading) for reading in readings]
        goal = self.notation.tokenizer.decode(target)
        wrong = features.new_tensor([self._cost(text, goal) for text in texts])
        usual = features.new_tensor(list(map(self._preference, readings, texts)))
        return ((self.logprobs(features, readings) + usual).softmax(0) * wrong).sum()

    def logprobs(self, features: Tensor, readings: Sequence[tuple[int, ...]]) -> Tensor:
        """The features of a picture, (1, D, h, w) -> (K,) log-probabilities of readings, the end of each included."""
        rows = torch.full((len(readings), 2 + max(map(len, readings))), self.vocabulary.pad, device=features.device)
        for row, reading in zip(rows, readings, strict=True):
            row[:len(reading) + 2] = torch.tensor((self.vocabulary.bos, *reading, self.vocabulary.eos))
        # every generation takes a row of features for a row of tokens
        logits = self.network.generation(features.expand(len(rows), -1, -1, -1), None, rows[:, :-1])
        each = logits.float().log_softmax(-1).gather(-1, rows[:, 1:, None])[..., 0]
        return torch.where(rows[:, 1:] == self.vocabulary.pad, 0.0, each).sum(1)

    def _preference(self, reading: tuple[int, ...], text: str) -> float:
        if not self.options.sound or self.notation.prior is None:
            return 0.0
        return self.options.preference(len(reading), max(UNLIKELY, self.notation.prior(text)))

    def _text_of(self, row: Sequence[int]) -> tuple[int, ...]:
        return tuple(row[:row.index(self.vocabulary.eos)])

    def _cost(self, text: str, target: str) -> float:
        """1 less the notation's headline figure of one reading."""
        metric = next(iter(self.notation.metrics.values()))
        return 1.0 - float(metric.value(np.asarray(metric.statistics(text, target), np.float64)))


def _own(features: Tensor, mask: Tensor | None) -> Tensor:
    """(1, D, h, w) without the cells of padding, which lie below and to the right."""
    if mask is None:
        return features
    height, width = int(mask.any(1).sum()), int(mask.any(0).sum())
    return features[:, :, :height, :width]
