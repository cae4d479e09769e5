"""A recipe and a folder of kinds become a trained classifier: views are made once and kept, then learned from.

The same command resumes, in the middle of the views as well as of the steps. Letters: N views of one shape, K kinds.
"""

import copy
import json
import multiprocessing
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glyphic.core import kinds
from glyphic.core.errors import GlyphicError, OptionError
from glyphic.core.recipe import KindRecipe
from glyphic.data.kinds import Gallery, pictures_of
from glyphic.models.kinds import KindNet
from glyphic.reading import pictures
from glyphic.training import checkpoint, schedule
from glyphic.training.loop import Progress

PART = 50  # views of each kind in a file
UNSEEN = -1  # the seed of what is validated on, where there is no folder of it

Views = dict[tuple[int, int], tuple[Tensor, Tensor]]  # shape -> views (N, 1, H, W) uint8, kinds (N,)


def network_of(recipe: KindRecipe) -> KindNet:
    """The recipe's network, untrained."""
    return KindNet(len(kinds.KINDS), recipe.channels, recipe.blocks)


def train(recipe: KindRecipe, data: Path, run: Path, resume: bool = True, start: Path | None = None,
          progress: Progress = lambda step, figures: None) -> Path:
    """Trains in the folder `run` on the kinds below `data`; returns the run's state file.

    Validated on the pictures of `data`/validation, a folder for each kind; without one, on views not learned from.
    resume: go on from the state in `run`. start: weights of an earlier run to begin with. Errors: OptionError where a
    kind has no pictures, GlyphicError for a state of another network.
    """
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.training.seed)
    return Run(recipe, data, run, start, progress).go(resume)


class Run:
    """What a run holds between two steps."""

    def __init__(self, recipe: KindRecipe, data: Path, folder: Path, start: Path | None, progress: Progress):
        self.begun = time.monotonic()
        self.recipe, self.spec, self.folder, self.progress = recipe, recipe.training, folder, progress
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network = network_of(recipe).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network.to(self.device)
        if start:
            begin(self.network, checkpoint.load(start))
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.optimizers = schedule.optimizers(self.network, self.spec)
        self.halved = self.spec.precision == "bf16" and schedule.fast_bf16(self.device)
        self.step = 0
        self.views, self.unseen = views(recipe, data, folder)
        self.learning = time.monotonic()  # since when

    def go(self, resume: bool) -> Path:
        path = self.folder / "state.pt"
        if resume and path.exists():
            state = checkpoint.load(path)
            restore(self.network, {**state, "weights": state["network"]})
            restore(self.average, state)
            for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
                schedule.load(optimizer, saved)
            self.step = state["step"]
        (self.folder / "recipe.json").write_text(json.dumps(self.recipe.to_json(), indent=1))
        saved_at, losses, figures = time.monotonic(), [], {}  # type: float, list[Tensor], dict[str, float]
        self.network.train()
        for images, labels in self.batches():
            losses.append(self.optimize(images, labels))
            self.step += 1
            if self.step % self.spec.log_every == 0:
                figures = {"loss": round(float(torch.stack(losses).mean()), 4)}
                self.log(kind="train", step=self.step, **figures)
                losses = []
            self.progress(self.step, figures)
            if self.step % self.spec.validate_every == 0:
                self.log(kind="validation", step=self.step, **right(self.average, self.unseen))
            if self.gone() > 1:
                break
            if time.monotonic() - saved_at > 60 * self.spec.checkpoint_minutes:
                self.save(path)
                saved_at = time.monotonic()
        self.save(path)
        self.log(kind="validation", step=self.step, **right(self.average, self.unseen))
        return path

    def gone(self) -> float:
        """The share that is gone of the recipe's minutes, but for those that views and saving take; 0 without any."""
        whole = self.begun + 57 * self.spec.minutes - self.learning
        return (time.monotonic() - self.learning) / max(whole, 1e-3) if self.spec.minutes > 0 else 0.0

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Varied batches of one shape each, shapes as often as there are views of them, up to the last step."""
        rng, shapes = random.Random(f"{self.spec.seed}/{self.step}"), list(self.views)
        weights = [len(self.views[shape][1]) for shape in shapes]
        while self.step < self.spec.steps:
            images, labels = self.views[rng.choices(shapes, weights)[0]]
            chosen = torch.tensor([rng.randrange(len(labels)) for _ in range(self.spec.batch)])
            yield varied(images[chosen].to(self.device).float() / 255), labels[chosen].to(self.device)

    def optimize(self, images: Tensor, labels: Tensor) -> Tensor:
        """One step; its loss, which stays on the device."""
        schedule.set_rates(self.optimizers, schedule.factor(self.step, self.spec, gone=self.gone()))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.halved):
            logits = self.network(images)
        loss = F.cross_entropy(logits.float(), labels, label_smoothing=self.spec.label_smoothing)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), self.spec.clip)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        decay = min(self.spec.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), [p.detach() for p in self.network.parameters()],
                                 1.0 - decay)
            for buffer, other in zip(self.average.buffers(), self.network.buffers(), strict=True):
                buffer.copy_(other)
        return loss.detach()

    def save(self, path: Path) -> None:
        """The full state, and beside it the light one that travels."""
        state = {"recipe": self.recipe.to_json(), "step": self.step, "names": list(kinds.KINDS),
                 "network": self.network.state_dict(), "weights": self.average.state_dict(),
                 "optimizers": [optimizer.state_dict() for optimizer in self.optimizers]}
        checkpoint.save(path, state)
        checkpoint.save(path.with_name("light.pt"), checkpoint.light(state))

    def log(self, **values: Any) -> None:
        with open(self.folder / "log.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps({"time": round(time.time(), 1), **values}) + "\n")


def restore(network: KindNet, state: checkpoint.State) -> None:
    """The weights of a full or light state; GlyphicError where they are of another network or of other kinds."""
    if list(state["names"]) != list(kinds.KINDS):
        raise GlyphicError(f"these weights tell {', '.join(state['names'])} apart, not {', '.join(kinds.KINDS)}")
    checkpoint.restore(network, state["weights"], [], [])


def begin(network: KindNet, state: checkpoint.State) -> None:
    """As `restore`, but the network may have more blocks at its end than that of the weights, and look at finer stages:
    until they learn, they hand on what they are given."""
    own, last = network.state_dict(), state["weights"]["out.weight"].float()
    widened = F.pad(last, (0, max(0, own["out.weight"].shape[1] - last.shape[1])))  # finer stages stand behind
    restore(network, {**state, "weights": {**own, **state["weights"], "out.weight": widened}})


def varied(images: Tensor) -> Tensor:
    """(N, 1, H, W) in [0, 1], each a little larger or smaller, wider, leaning, moved, out of focus, lighter or darker,
    with some noise."""
    count, _, height, width = images.shape

    def some(least: float, most: float) -> Tensor:
        return images.new_empty(count, 1, 1, 1).uniform_(least, most)

    scale, across = some(0.9, 1.12), some(0.94, 1.06)
    theta = images.new_zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = (scale * across).flatten(), (scale / across).flatten()
    theta[:, 0, 1] = some(-0.06, 0.06).flatten() * height / width  # leaning
    theta[:, 1, 0] = some(-0.04, 0.04).flatten() * width / height  # rising
    theta[:, :, 2] = images.new_empty(count, 2).uniform_(-0.06, 0.06)
    grid = F.affine_grid(theta, [count, 1, height, width], align_corners=False)
    moved = F.grid_sample(images, grid, padding_mode="border", align_corners=False)
    moved = moved.lerp(F.avg_pool2d(moved, 3, 1, 1, count_include_pad=False), some(-0.4, 0.7).clamp_min(0.0))
    noise = torch.randn_like(moved) * some(0.0, 0.05)
    return (1 - some(0.75, 1.0) * (1 - moved) + noise).clamp(0, 1)


def views(recipe: KindRecipe, data: Path, folder: Path) -> tuple[Views, Views]:
    """What is learned from, and what is validated on; made where the run's folder does not have it yet."""
    missing = [(path, min(PART, recipe.pictures - number * PART), number * PART)
               for number in range(-(-recipe.pictures // PART))
               if not (path := folder / f"views-{number:03}.npz").exists()]
    opened = (data, pictures.load, recipe.training.seed)
    if recipe.training.workers > 1 and len(missing) > 1:
        with ProcessPoolExecutor(recipe.training.workers, multiprocessing.get_context("spawn"), _open, opened) as pool:
            list(pool.map(_fill, missing))
    elif missing:
        gallery = Gallery(*opened)
        for path, count, first in missing:
            _keep(path, gallery.views(count, first))
    unseen = folder / "views-unseen.npz"
    if not unseen.exists():
        held = data / "validation"
        _keep(unseen, ((kind, levels(kinds.view(pictures.load(path)))) for kind, path in pictures_of(held))
              if held.is_dir() else Gallery(data, pictures.load, UNSEEN).views(recipe.validation))
    learned = sorted(path for path in folder.glob("views-*.npz") if path != unseen)
    return _shelved(learned), _shelved([unseen])


_gallery: Gallery | None = None  # what a process of the pool makes views from


def _open(*given: Any) -> None:
    global _gallery
    _gallery = Gallery(*given)


def _fill(part: tuple[Path, int, int]) -> None:
    """Makes one file of views: path, how many of each kind, from which number on."""
    assert _gallery is not None
    path, count, first = part
    _keep(path, _gallery.views(count, first))


def levels(view: np.ndarray) -> np.ndarray:
    """A view as bytes."""
    return (view * 255).round().astype(np.uint8)


def right(network: KindNet, unseen: Views) -> dict[str, Any]:
    """The share of each kind that is told right, and of all together."""
    hits: dict[str, list[bool]] = {kind: [] for kind in kinds.KINDS}
    with torch.no_grad():
        for images, labels in unseen.values():
            for image, label in zip(images, labels.tolist(), strict=True):
                found = int(network(image[None].to(network.out.weight.device).float() / 255).argmax())
                hits[kinds.KINDS[label]].append(found == label)
    every = [hit for kind in hits.values() for hit in kind]
    return {"accuracy": round(float(np.mean(every)), 4),
            "kinds": {kind: round(float(np.mean(found)), 4) for kind, found in hits.items() if found}}


def _keep(path: Path, made: Iterator[tuple[str, np.ndarray]]) -> None:
    """Writes views by their shapes, whole or not at all."""
    shelves: dict[tuple[int, int], list[tuple[str, np.ndarray]]] = {}
    for kind, view in made:
        shelves.setdefault(view.shape, []).append((kind, view))
    arrays: dict[str, Any] = {}
    for (height, width), found in shelves.items():
        arrays[f"images-{height}x{width}"] = np.stack([view for _, view in found])
        arrays[f"labels-{height}x{width}"] = np.array([kinds.KINDS.index(kind) for kind, _ in found])
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as file:
        np.savez(file, **arrays)
    partial.replace(path)


def _shelved(paths: Sequence[Path]) -> Views:
    found: dict[tuple[int, int], tuple[list[np.ndarray], list[np.ndarray]]] = {}
    for path in paths:
        with np.load(path) as arrays:
            for name in (name for name in arrays.files if name.startswith("images-")):
                height, width = map(int, name.removeprefix("images-").split("x"))
                images, labels = found.setdefault((height, width), ([], []))
                images.append(arrays[name])
                labels.append(arrays[name.replace("images", "labels")])
    if not found:
        raise OptionError("there are no views to learn from; recipes take pictures=1 at least")
    return {shape: (torch.from_numpy(np.concatenate(images))[:, None], torch.from_numpy(np.concatenate(labels)))
            for shape, (images, labels) in found.items()}
