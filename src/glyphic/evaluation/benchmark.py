"""A reader, or a file of predictions, and labelled samples become a `Report`: metrics with intervals."""

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import GlyphicError, ImageError, NotationError
from glyphic.core.notation import Metric, Notation
from glyphic.core.results import Recognition, Sample, Score, Token
from glyphic.data.samples import relative

RESAMPLES = 1_000
Z = 1.959964  # 97.5 % quantile of the normal distribution
COLUMNS = ("path", "label", "prediction", "confidence", "exact")  # of a predictions file


class Reader(Protocol):
    """What is evaluated: a `Recognizer`, or anything that reads like one."""

    @property
    def name(self) -> str: ...

    @property
    def notation(self) -> Notation: ...

    def read(self, picture: Any) -> Recognition: ...


@dataclass(frozen=True)
class Prediction:
    """One sample and what was read."""

    path: str  # relative to the data set
    label: str
    text: str
    confidence: float
    exact: bool  # equal in canonical spelling
    milliseconds: float = 0.0
    error: str = ""  # why the picture could not be read
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True)
class Report:
    """Figures over one data set. Labels and predictions that the notation cannot hold count as wrong."""

    model: str
    dataset: str
    notation: str
    count: int
    metrics: Mapping[str, Score]
    ms_per_image: float  # median wall time of one reading, the decoding of the file included
    ms_mean: float
    labels_outside: int
    predictions_invalid: int  # unread pictures are not among them
    unread: int
    predictions: tuple[Prediction, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, as `glyphic evaluate --json` writes them: all but the predictions."""
        return {
            "model": self.model, "dataset": self.dataset, "notation": self.notation, "count": self.count,
            "metrics": {name: score.to_json() for name, score in self.metrics.items()},
            "ms_per_image": self.ms_per_image, "ms_per_image_mean": self.ms_mean,
            "labels_outside": self.labels_outside, "predictions_invalid": self.predictions_invalid,
            "unread": self.unread,
        }


def evaluate(reader: Reader, samples: Sequence[Sample], folder: str | Path = "",
             progress: Callable[[int], None] = lambda done: None,
             lexicons: Mapping[str, Sequence[str]] | None = None) -> Report:
    """Read every sample, one by one so that the times are those of single readings, and score the readings.

    folder: the data set's, to which the kept paths are relative. A picture that cannot be read counts as wrong.
    lexicons: kept path -> the words of which that picture holds one; a reader that takes `read(picture, lexicon=...)`
    is told them. Errors: GlyphicError for a picture that has none.
    """
    paths = [relative(sample, folder) for sample in samples]
    if missing := [path for path in paths if lexicons is not None and path not in lexicons]:
        raise GlyphicError(f"{len(missing)} of {len(paths)} pictures have no lexicon of their own: {missing[0]}, ...; "
                           "paths are spelled as in labels.tsv")
    readings = []
    for done, (sample, path) in enumerate(zip(samples, paths, strict=True), 1):
        words: Any = {} if lexicons is None else {"lexicon": lexicons[path]}
        start = time.perf_counter()
        try:
            result = reader.read(sample.path, **words)
            text, confidence, error, tokens = result.text, result.confidence, "", result.tokens
        except ImageError as problem:
            text, confidence, error, tokens = "", 0.0, str(problem), ()
        milliseconds = 1000 * (time.perf_counter() - start)
        readings.append(Prediction(path, sample.text, text, confidence, False, milliseconds, error, tokens))
        progress(done)
    return _report(reader.name, folder, reader.notation, readings)


def score_predictions(file: str | Path, samples: Sequence[Sample], folder: str | Path, notation: Notation) -> Report:
    """Score other people's predictions: a TSV of `path<TAB>prediction`, or one that `write_predictions` wrote.

    A sample without a line counts as unread. Errors: GlyphicError for a line without a tab or a path that is not in
    the data set.
    """
    file = Path(file)
    lines = [line for line in file.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
    full = bool(lines) and tuple(lines[0].split("\t")) == COLUMNS
    texts: dict[str, str] = {}
    for number, line in enumerate(lines[full:], 1 + full):
        fields = line.removesuffix("\r").split("\t")
        if len(fields) < (3 if full else 2):
            raise GlyphicError(f"{file}, line {number}: a line is path<TAB>prediction; got {line[:80]!r}")
        texts[fields[0]] = fields[2] if full else "\t".join(fields[1:])
    paths = {relative(sample, folder) for sample in samples}
    foreign = sorted(set(texts) - paths) if len(samples) > len(texts) else []
    if foreign:
        raise GlyphicError(f"{file} names {foreign[0]!r}, which is not in the data set; "
                           "paths are spelled as in its labels.tsv")
    readings = []
    for sample in samples:
        path = relative(sample, folder)
        error = "" if path in texts else f"no prediction in {file}"
        readings.append(Prediction(path, sample.text, texts.get(path, ""), 0.0, False, 0.0, error))
    return _report(str(file), folder, notation, readings)


def write_predictions(report: Report, file: str | Path) -> None:
    """The kept predictions as TSV with a heading: path, label, prediction, confidence, exact (0 or 1)."""
    lines = ["\t".join(COLUMNS)]
    for p in report.predictions:
        fields = (p.path, p.label, p.text, f"{p.confidence:.6f}", str(int(p.exact)))
        lines.append("\t".join(" ".join(field.splitlines()).replace("\t", " ") for field in fields))
    Path(file).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def score(metric: Metric, pairs: Iterable[tuple[str, str]]) -> Score:
    """pairs: (prediction, reference), canonical -> the corpus figure with its 95 % interval.

    Where every sample is simply right or wrong, Wilson's interval; else 1,000 bootstrap resamples of the per-sample
    sums (Efron 1979; percentile interval, fixed seed).
    """
    rows = np.array([list(metric.statistics(p, r)) for p, r in pairs], np.float64)  # (N, K)
    value = float(metric.value(rows.sum(axis=0)))
    each = metric.value(rows)
    if np.isin(each, (0.0, 1.0)).all() and np.isclose(each.mean(), value):
        return Score(value, *wilson(value, len(rows)), len(rows))
    low, high = np.percentile(metric.value(_resample(rows)), (2.5, 97.5))
    return Score(value, min(float(low), value), max(float(high), value), len(rows))


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of `count` samples (Wilson 1927): never empty, never outside [0, 1]."""
    centre = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    reach = Z / (1 + Z**2 / count) * (share * (1 - share) / count + Z**2 / (4 * count**2)) ** 0.5
    return max(0.0, min(centre - reach, share)), min(1.0, max(centre + reach, share))


def _resample(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N, K) -> (RESAMPLES, K) sums over N samples drawn with replacement."""
    source = np.random.default_rng(0)
    count = len(rows)
    sums = np.empty((RESAMPLES, rows.shape[1]))
    for i in range(RESAMPLES):
        sums[i] = np.bincount(source.integers(0, count, count), minlength=count) @ rows
    return sums


def _report(model: str, folder: str | Path, notation: Notation, readings: Sequence[Prediction]) -> Report:
    if not readings:
        raise GlyphicError(f"{folder or 'the data set'} has no samples to evaluate")
    references = [_canonical(notation, reading.label) for reading in readings]
    texts = [None if reading.error else _canonical(notation, reading.text) for reading in readings]
    wrong = _stand_in(notation, references)
    pairs = []
    for text, reference in zip(texts, references, strict=True):
        if reference is None:
            pairs.append(("", wrong))
        elif text is None:
            pairs.append(("" if reference else wrong, reference))
        else:
            pairs.append((text, reference))
    metrics = notation.metrics_for([reading.label for reading in readings])
    kept = tuple(replace(reading, exact=text is not None and _exact(metrics, text, reference))
                 for reading, text, reference in zip(readings, texts, references, strict=True))
    times = [r.milliseconds for r in readings]
    return Report(
        model, str(folder), notation.name, len(readings),
        {name: score(metric, pairs) for name, metric in metrics.items()},
        statistics.median(times), statistics.fmean(times),
        labels_outside=sum(reference is None for reference in references),
        predictions_invalid=sum(t is None and not r.error for t, r in zip(texts, readings, strict=True)),
        unread=sum(bool(r.error) for r in readings),
        predictions=kept)


def _exact(metrics: Mapping[str, Metric], text: str, reference: str | None) -> bool:
    """Whether a reading is right: by the metric of that name, where a reading is spelled otherwise than the label."""
    if text == reference or reference is None or "exact" not in metrics:
        return text == reference
    return float(metrics["exact"].value(np.asarray(metrics["exact"].statistics(text, reference)))) == 1.0


def _canonical(notation: Notation, text: str) -> str | None:
    """The canonical spelling, or None for what the notation cannot hold (a token outside the vocabulary included)."""
    try:
        return notation.spelled(text)
    except NotationError:
        return None


def _stand_in(notation: Notation, references: Sequence[str | None]) -> str:
    """The reference in place of a label that the notation cannot hold, to be compared with the empty text: a text of
    the data set's median length, so that such a sample weighs as much as any other in metrics that count tokens."""
    known = sorted((r for r in references if r), key=lambda r: (len(r), r))
    if known:
        return known[len(known) // 2]
    own = [notation.normalize(text) for text in notation.examples]
    if not own and notation.sample:
        own = [notation.normalize(notation.sample(Random(seed))) for seed in range(20)]
    return max(own, key=len, default="")
