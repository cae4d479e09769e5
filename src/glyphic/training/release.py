"""The folder of a run becomes a released bundle: exported, measured on data sets, described in a model card."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glyphic import notations, recipes
from glyphic.core import images
from glyphic.core.errors import ExportError, GlyphicError, NotationError
from glyphic.core.model import FloatArray
from glyphic.core.notation import Notation
from glyphic.core.recipe import Recipe
from glyphic.core.vocabulary import Vocabulary
from glyphic.data import samples
from glyphic.decoding.ctc import FrameTask
from glyphic.decoding.guides import without_loops
from glyphic.decoding.task import DecodingTask
from glyphic.evaluation import benchmark
from glyphic.models.build import Network, build, parameter_count
from glyphic.reading import pictures
from glyphic.reading.bundle import MANIFEST, write_bundle
from glyphic.reading.onnx import OnnxFrameModel, OnnxStepModel
from glyphic.reading.recognizer import Recognizer
from glyphic.training import checkpoint
from glyphic.training.export import export, refuse_other_folders, replace
from glyphic.training.loop import vocabulary_of

MOST_BYTES = 10_000_000  # of a bundle: it travels inside the package
MOST_LOST = 0.003  # of exact match, for what is stored in 8 bits
CHECKED = 500  # pictures on which torch and ONNX must agree
CALIBRATED = 200  # of each data set, pictures from which the ranges of activations are taken

Step = Callable[[str], None]
"""Is told what is being done now, in a few words."""


@dataclass(frozen=True)
class Trained:
    """What a run left: the averaged weights in their network, and where they come from."""

    network: Network
    recipe: Recipe
    notation: Notation
    vocabulary: Vocabulary
    state: checkpoint.State


def state_file(run: Path) -> Path:
    """run: a run's folder (its state.pt, else its light.pt), or such a file; GlyphicError where there is none."""
    names = [run / "state.pt", run / "light.pt"] if run.is_dir() else [run]
    path = next((name for name in names if name.is_file()), None)
    if path is None:
        raise GlyphicError(f"{run} holds no trained network: neither state.pt nor light.pt is there")
    return path


def load(run: Path) -> Trained:
    """run: as for `state_file`."""
    state = checkpoint.load(state_file(run))
    recipe = Recipe.from_json(state["recipe"])
    notation = notations.get(recipe.notation)
    vocabulary = vocabulary_of(recipe, notation)
    network = build(recipe.model, vocabulary)  # without the glyph head, which only training needs
    checkpoint.restore(network, state["weights"], state["names"], [])
    return Trained(network.eval(), recipe, notation, vocabulary, state)


def release(run: Path, folder: Path, name: str, version: str, check: Path, sets: Mapping[str, Path],
            notes: str = "", step: Step = lambda words: None, calibrate: Sequence[Path] = ()) -> Path:
    """Writes the bundle `folder`, all or nothing: an older one there is replaced when the new one is complete.

    check: a data set; torch and ONNX must read its pictures alike, and 8 bits must read them as well as 32.
    sets: name -> data set to measure the finished bundle on; the figures go into bundle.json and the card.
    calibrate: data sets whose pictures say how large activations become, so that convolutions can be stored in 8 bits:
    of every look that will be read, and none that is measured on.
    Errors: ExportError for graphs that read otherwise or a bundle of more than 10 MB.
    """
    refuse_other_folders(folder)
    trained = load(run)
    labelled = list(_fitted(samples.limit(samples.read_folder(check), CHECKED, check), trained))
    calibration = [image for data in calibrate
                   for image, _ in _fitted(samples.limit(samples.read_folder(data), CALIBRATED, data), trained)]
    part = folder.with_name(f".{folder.name}.release")
    shutil.rmtree(part, ignore_errors=True)
    try:
        step(f"exporting, compared on {len(labelled)} pictures")
        export(trained.network, trained.recipe, trained.vocabulary, part, [image for image, _ in labelled], name,
               version, gate=_Gate(trained, labelled), calibration=calibration)
        size = sum(path.stat().st_size for path in part.iterdir())
        if size > MOST_BYTES:
            raise ExportError(f"the bundle takes {size / 1e6:.1f} MB, more than {MOST_BYTES / 1e6:.0f}: give the "
                              "recipe a smaller network")
        scores = {}
        for title, data in sets.items():
            step(f"reading {title}")
            report = benchmark.evaluate(Recognizer(part), samples.read_folder(data), data)
            scores[title] = {key: value for key, value in report.to_json().items() if key != "dataset"}
        manifest = json.loads((part / MANIFEST).read_text(encoding="utf-8"))
        (part / "MODEL_CARD.md").write_text(card(trained, manifest, scores, size, notes), encoding="utf-8")
        write_bundle(part, {**manifest, "scores": scores})
        replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def card(trained: Trained, manifest: Mapping[str, Any], scores: Mapping[str, Any], size: int, notes: str = "") -> str:
    """The model card, in Markdown: what it is, what it was trained on and how, figures, limits."""
    recipe, spec = trained.recipe, trained.recipe.training
    about = recipes.notes(recipe.name)
    stored = ", ".join(f"{name} {kind}" for name, kind in manifest["storage"].items())
    return f"""# {manifest["name"]} {manifest["version"]}

Reads pictures of the notation `{recipe.notation}`. {parameter_count(trained.network) / 1e6:.2f} million parameters, \
{size / 1e6:.1f} MB ({stored}).

## Network and training

- extraction `{recipe.model.extraction}`, refinement `{recipe.model.refinement}`, generation `{recipe.model.generation}`
- {trained.state["step"]:,} of {spec.steps:,} steps, batches of at most {spec.batch} pictures, {spec.optimizer}, \
learning rate {spec.learning_rate:g}
- the recipe `{recipe.name}` is in bundle.json, word for word

## Figures

{figures(scores)}

{about.strip() or "## Data and limits" + chr(10) * 2 + "The recipe says nothing about its data."}
{chr(10) + "## Notes" + chr(10) * 2 + notes.strip() + chr(10) if notes.strip() else ""}"""


def figures(scores: Mapping[str, Any]) -> str:
    if not scores:
        return "Not measured."
    metrics = list(dict.fromkeys(name for report in scores.values() for name in report["metrics"]))
    lines = [["measured on", "pictures", *metrics], ["---"] * (2 + len(metrics))]
    for title, report in scores.items():
        cells = [f"{100 * m['value']:.1f} % ({100 * m['low']:.1f} to {100 * m['high']:.1f})"
                 for m in (report["metrics"][name] for name in metrics)]
        lines.append([title, str(report["count"]), *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n\nIn brackets: intervals that hold 95 of 100 " \
        "such figures."


def _fitted(chosen: Sequence[samples.Sample], trained: Trained) -> Iterator[tuple[FloatArray, str]]:
    """(fitted picture, canonical label); a label that the notation cannot hold is one that no reading has."""
    for sample in chosen:
        fitted = images.fit(pictures.load(sample.path), trained.recipe.input)
        if not fitted.blank:
            try:
                yield fitted.pixels, trained.notation.normalize(sample.text)
            except NotationError:
                yield fitted.pixels, "\n"


class _Gate:
    """Whether a folder's graphs read at most MOST_LOST fewer pictures right than the exact ones in the folder above."""

    def __init__(self, trained: Trained, labelled: Sequence[tuple[FloatArray, str]]):
        self.trained, self.labelled = trained, labelled
        self.exact: int | None = None

    def __call__(self, folder: Path) -> bool:
        if self.exact is None:
            self.exact = self.right(folder.parent)
        return self.exact - self.right(folder) <= MOST_LOST * len(self.labelled)

    def right(self, folder: Path) -> int:
        """Pictures read as labelled, greedily, under the grammar."""
        trained = self.trained
        grammar = trained.notation.grammar
        task: DecodingTask | FrameTask
        if trained.network.generation.kind == "frames":
            task = FrameTask(OnnxFrameModel(folder / "frames.onnx"), trained.vocabulary, grammar)
        else:
            guide = without_loops(grammar, trained.vocabulary)
            task = DecodingTask(OnnxStepModel(folder / "encoder.onnx", folder / "step.onnx"), trained.vocabulary, guide)
        return sum(trained.notation.tokenizer.decode(task.run(np.asarray(image)[None, None])[0][0].tokens) == label
                   for image, label in self.labelled)
