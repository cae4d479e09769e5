"""A network in training reads development pictures through the same decoding as everyone: scores, and a page to see."""

from pathlib import Path

import numpy as np

from glyphic.core import images
from glyphic.core.errors import NotationError
from glyphic.core.notation import Notation
from glyphic.core.options import DecodingOptions
from glyphic.core.recipe import Recipe
from glyphic.core.results import Sample
from glyphic.core.vocabulary import Vocabulary
from glyphic.data.samples import limit, read_folder
from glyphic.decoding.task import DecodingTask
from glyphic.models.build import Network
from glyphic.models.stepping import TorchStepModel
from glyphic.reading import pictures
from glyphic.training.plots import readings_page

class Validation:
    """The pictures of a folder (images/, labels.tsv), fitted once; empty if there is no such folder."""

    def __init__(self, folder: Path, recipe: Recipe, notation: Notation, vocabulary: Vocabulary, run: Path):
        self.recipe, self.notation, self.vocabulary, self.run_folder = recipe, notation, vocabulary, run
        samples: list[Sample] = limit(read_folder(folder), recipe.data.validation, folder) if folder.is_dir() else []
        self.samples = [(images.fit(pictures.load(s.path), recipe.input).pixels, self._canonical(s.text)) for s in samples]

    def _canonical(self, text: str) -> str | None:
        try:
            return self.notation.normalize(text)
        except NotationError:
            return None

    def run(self, network: Network, step: int) -> dict[str, float]:
        """Scores of the greedy reading under the grammar; the first readings go to a picture in the run's folder."""
        if not self.samples:
            return {}
        was_training = network.training
        options = DecodingOptions(max_tokens=self.recipe.data.max_tokens + 1)
        task = DecodingTask(TorchStepModel(network), self.vocabulary, self.notation.grammar, options)
        read: list[str] = []
        order = sorted(range(len(self.samples)), key=lambda i: self.samples[i][0].size)
        for start in range(0, len(order), 32):
            group = [self.samples[i][0][None] for i in order[start:start + 32]]
            read += [self.notation.tokenizer.decode(found[0].tokens) for found in task.run(group)]  # type: ignore[arg-type]
        readings = dict(zip(order, read, strict=True))
        network.train(was_training)
        shown = [(picture, label or "", readings[i]) for i, (picture, label) in enumerate(self.samples[:24])]
        readings_page(self.run_folder / f"readings-{step:07}.png", shown)
        scores = {}
        for name, metric in self.notation.metrics.items():
            sums = np.sum([metric.statistics(readings[i], label) if label is not None else
                           metric.statistics("", readings[i] or "?") for i, (_, label) in enumerate(self.samples)], axis=0)
            scores[name] = round(float(metric.value(sums)), 4)
        return scores
