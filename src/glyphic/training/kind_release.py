"""The run of a classifier of kinds becomes its bundle: an ONNX graph that answers as the network does, and a card."""

import copy
import shutil
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from glyphic import recipes
from glyphic.core.errors import ExportError
from glyphic.core.images import Image
from glyphic.core.kinds import KINDS, view
from glyphic.core.recipe import KindRecipe
from glyphic.data.kinds import pictures_of
from glyphic.evaluation import kinds as evaluation
from glyphic.models.build import parameter_count
from glyphic.models.kinds import KindNet, Probabilities
from glyphic.reading import pictures
from glyphic.reading.bundle import write_manifest
from glyphic.reading.kinds import GRAPH, MANIFEST, KindReader
from glyphic.reading.onnx import OnnxClassifier
from glyphic.reading.quantize import store_half
from glyphic.training import checkpoint
from glyphic.training.export import OPSET, replace
from glyphic.training.kinds import network_of, restore
from glyphic.training.release import Step, figures, state_file

TOLERANCE = 1e-3  # of probabilities of torch and ONNX
HALF_TOLERANCE = 0.02  # of those with weights rounded to 16 bits
CHECKED = 200  # pictures on which they are compared


def release(run: Path, folder: Path, name: str, version: str, check: Path, sets: Mapping[str, Path],
            notes: str = "", step: Step = lambda words: None) -> Path:
    """Writes the bundle `folder`, all or nothing: an older one there is replaced when the new one is complete.

    check: a folder of kinds; torch and ONNX must answer alike on its pictures. sets: name -> folder of kinds to measure
    the finished bundle on. Errors: ExportError for a graph that answers otherwise.
    """
    refuse_other_folders(folder)
    state = checkpoint.load(state_file(run))
    recipe = KindRecipe.from_json(state["recipe"])
    network = network_of(recipe)
    restore(network, state)
    network = network.eval()
    given = list(pictures_of(check))
    chosen = given[::-(-len(given) // CHECKED)]  # some of each kind
    part = folder.with_name(f".{folder.name}.release")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        step(f"exporting, compared on {len(chosen)} pictures")
        storage = export(network, part, [view(pictures.load(path)) for _, path in chosen])
        manifest = {"name": name, "version": version, "kinds": list(KINDS), "recipe": recipe.to_json(),
                    "steps": state["step"], "parameters": parameter_count(network), "storage": {GRAPH: storage},
                    "scores": {}}
        write_manifest(part, manifest, MANIFEST)
        scores = {}
        for title, data in sets.items():
            step(f"telling the kinds of {title}")
            scores[title] = evaluation.evaluate(KindReader(part), pictures_of(data)).to_json()
        size = (part / GRAPH).stat().st_size
        (part / "MODEL_CARD.md").write_text(f"""# {name} {version}

Tells what kind of picture a picture is: {", ".join(KINDS)}. {parameter_count(network) / 1e6:.2f} million parameters, \
{size / 1e6:.1f} MB ({GRAPH} {storage}).

## Figures

{figures(scores)} `accuracy` is the share of all pictures that are told right, and each kind's the share of its own.

{recipes.notes(recipe.name).strip()}
{chr(10) + "## Notes" + chr(10) * 2 + notes.strip() + chr(10) if notes.strip() else ""}""", encoding="utf-8")
        write_manifest(part, {**manifest, "scores": scores}, MANIFEST)
        replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def refuse_other_folders(folder: Path) -> None:
    """ExportError for what exists and is no bundle of kinds."""
    if folder.exists() and not (folder / MANIFEST).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportError(f"{folder} exists and is no classifier of kinds; give a new folder or that of an older one")


def export(network: KindNet, folder: Path, views: Sequence[Image]) -> str:
    """Writes the graph into `folder` and returns how its weights are stored: fp16 where no answer suffers, else fp32.

    Errors: ExportError where torch and ONNX answer differently on a view, or where there is none to compare on.
    """
    if not views:
        raise ExportError("the exported graph is compared with the network on pictures; give at least one")
    whole = Probabilities(copy.deepcopy(network)).eval()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of sizes that the exporter takes for constant; the check below tells
        torch.onnx.export(whole, (torch.rand(2, 1, 96, 256),), str(folder / GRAPH), input_names=["images"],
                          output_names=["probabilities"], opset_version=OPSET, do_constant_folding=True, dynamo=False,
                          dynamic_axes={"images": {0: "N", 2: "H", 3: "W"}, "probabilities": {0: "N"}})
        expected = [whole(torch.from_numpy(image)[None, None]).numpy() for image in views]
    ask = answers(folder / GRAPH)
    worst = max(float(np.abs(ask(image) - wanted).max()) for image, wanted in zip(views, expected, strict=True))
    if not worst <= TOLERANCE:
        raise ExportError(f"torch and ONNX answer differently: probabilities differ by up to {worst:.2g}, more than "
                          f"{TOLERANCE}")
    half = folder / f"half-{GRAPH}"
    store_half(folder / GRAPH, half)
    ask = answers(half)
    if max(float(np.abs(ask(image) - wanted).max()) for image, wanted in zip(views, expected, strict=True)) \
            <= HALF_TOLERANCE:
        half.replace(folder / GRAPH)
        return "fp16"
    half.unlink()
    return "fp32"


def answers(graph: Path) -> Callable[[Image], np.ndarray]:
    """A view -> the graph's probabilities (1, K)."""
    classifier = OnnxClassifier(graph)
    return lambda image: classifier.probabilities(image[None, None])
