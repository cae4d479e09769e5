"""A network in training reads development pictures as its bundle will: scores, and a page to see."""

from pathlib import Path

import numpy as np

from glyphic.core import images
from glyphic.core.errors import NotationError
from glyphic.core.notation import Notation
from glyphic.core.options import DecodingOptions
from glyphic.core.recipe import Recipe
from glyphic.core.results import Recognition
from glyphic.core.vocabulary import Vocabulary
from glyphic.data.samples import limit, read_folder
from glyphic.models.build import Network
from glyphic.models.stepping import TorchFrameModel, TorchStepModel
from glyphic.reading import pictures
from glyphic.reading.bundle import Bundle
from glyphic.reading.recognizer import Recognizer
from glyphic.training.plots import readings_page

SHOWN = 24  # readings on a page
BATCH = 32


class Validation:
    """The pictures of a folder (images/, labels.tsv); none if there is no such folder."""

    def __init__(self, folder: Path, recipe: Recipe, notation: Notation, vocabulary: Vocabulary, run: Path):
        self.recipe, self.notation, self.vocabulary, self.run_folder = recipe, notation, vocabulary, run
        samples = limit(read_folder(folder), recipe.data.validation, folder) if folder.is_dir() else []
        self.labels = [self._canonical(sample.text) for sample in samples]
        self.metrics = notation.metrics_for([sample.text for sample in samples])
        self.paths = [sample.path for sample in samples]
        fitted = [images.fit(pictures.load(path), recipe.input).pixels for path in self.paths]
        self.order = sorted(range(len(fitted)), key=lambda i: fitted[i].size)  # so that a batch pads little
        self.shown = fitted[:SHOWN]

    def run(self, network: Network, step: int) -> dict[str, float]:
        """Scores of the readings; the first of them go to a picture in the run's folder."""
        if not self.paths:
            return {}
        readings = self.read(network)
        rows = [(picture, label or "", reading)
                for picture, label, reading in zip(self.shown, self.labels, readings, strict=False)]
        readings_page(self.run_folder / f"readings-{step:07}.png", rows)
        scores = {}
        for name, metric in self.metrics.items():
            # a label that the notation cannot hold counts as wrong
            sums = np.sum([metric.statistics(reading, label) if label is not None else
                           metric.statistics("", reading or "?")
                           for reading, label in zip(readings, self.labels, strict=True)], axis=0)
            scores[name] = round(float(metric.value(sums)), 4)
        return scores

    def read(self, network: Network) -> list[str]:
        """The readings of the recognizer that the network will be exported to, in the order of the pictures."""
        was_training = network.training
        frames = network.generation.kind == "frames"
        bundle = Bundle(self.run_folder, self.recipe.name, "training", self.notation.name, network.generation.kind,
                        self.vocabulary, self.recipe.input, DecodingOptions(), network.strides)
        recognizer = Recognizer(bundle, network=TorchFrameModel(network) if frames else TorchStepModel(network),
                                notation=self.notation)
        found = recognizer.read_many((self.paths[i] for i in self.order), BATCH, errors="return")
        readings = {i: item.text if isinstance(item, Recognition) else ""
                    for i, item in zip(self.order, found, strict=True)}
        network.train(was_training)
        return [readings[i] for i in range(len(self.paths))]

    def _canonical(self, text: str) -> str | None:
        try:
            return self.notation.spelled(text)
        except NotationError:
            return None
