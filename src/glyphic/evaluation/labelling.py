"""Pictures whose labels say what they mean, not what is drawn, get readings that mean the same as labels to train on.

A SMILES does not say where the atoms of a picture stand or what is abbreviated, and many drawings have the same one. A
model that reads some of the pictures right says it for these; trained on them, it reads more (self-training with a
check: Scudder, "Probability of error of some adaptive pattern-recognition machines", 1965, kept honest by the label).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from glyphic.core.errors import GlyphicError
from glyphic.core.results import Sample
from glyphic.reading.recognizer import Recognizer


def confirmed(recognizer: Recognizer, samples: Sequence[Sample]) -> Iterator[Sample | None]:
    """For each sample one with a text of the notation as its label, which the given label says is right; else None.

    It is the reading, or the first of its alternatives (as many as `recognizer` gives), that the headline metric of
    such labels holds for equal. A label that is a text of the notation itself stays as it is.
    """
    notation = recognizer.notation
    readings = recognizer.read_many((sample.path for sample in samples), errors="return")
    for sample, reading in zip(samples, readings, strict=True):
        if not notation.other_labels or not notation.other_labels.recognises(sample.text):
            yield sample
        elif isinstance(reading, GlyphicError):
            yield None
        else:
            metric = next(iter(notation.other_labels.metrics.values()))
            texts = (reading.text, *(other.text for other in reading.alternatives))
            yield next((replace(sample, text=text) for text in texts if text and float(
                metric.value(np.asarray(metric.statistics(text, sample.text)))) == 1.0), None)
