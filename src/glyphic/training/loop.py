"""A recipe and a folder of packs become a trained network: one plain loop that the same command resumes.

`torchrun --nproc-per-node N -m glyphic train ...` runs it on N processes; the batch is then N times as large.
"""

import copy
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn

from glyphic import notations
from glyphic.core.errors import OptionError
from glyphic.core.notation import Notation
from glyphic.core.recipe import Recipe, TrainingSpec
from glyphic.core.vocabulary import Vocabulary
from glyphic.models.build import Network, build, parameter_count
from glyphic.training import checkpoint, plots, schedule
from glyphic.training.batches import Batch, Corpus, Stream, loader
from glyphic.training.validation import Validation


def train(recipe: Recipe, data: Path, run: Path, resume: bool = True, start: Path | None = None) -> Path:
    """Trains in the folder `run` on the packs of `data`, validating on `data`/validation; returns the run's state file.

    resume: go on from the state in `run`, if there is one. start: weights of an earlier run to begin with.
    """
    run.mkdir(parents=True, exist_ok=True)
    notation = notations.get(recipe.notation)
    return Run(recipe, notation, data, run, start).go(resume)


class Run:
    """Everything a training run holds between two steps."""

    def __init__(self, recipe: Recipe, notation: Notation, data: Path, folder: Path, start: Path | None):
        self.rank, self.ranks = _join_processes()
        self.recipe, self.spec, self.folder = recipe, recipe.training, folder
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(self.spec.seed)
        self.vocabulary = vocabulary_of(recipe, notation)
        self.corpus = Corpus(data, self.vocabulary, recipe.data.max_tokens, dict(recipe.data.weights))
        self.names = self.corpus.names if self.spec.glyph_loss else []
        self.network = build(recipe.model, self.vocabulary, len(self.names)).to(self.device)
        self.network = self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if start:
            earlier = checkpoint.load(start)
            checkpoint.restore(self.network, earlier["weights"], earlier["names"], self.names)
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.optimizers = schedule.optimizers(self.network, self.spec)
        self.validation = Validation(data / "validation", recipe, notation, self.vocabulary, folder)
        self.step = self.pool = 0
        self.stopping = False

    def go(self, resume: bool) -> Path:
        state = self.folder / "state.pt"
        if resume and state.exists():
            self.load(state)
        if self.rank == 0:
            (self.folder / "recipe.json").write_text(json.dumps(self.recipe.to_json(), indent=1))
            self.log(kind="start", step=self.step, parameters=parameter_count(self.network), samples=len(self.corpus),
                     classes=len(self.names), device=str(self.device), processes=self.ranks)
            self.show_samples()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        saved = time.monotonic()
        meter = Meter()
        for batch in self.batches():
            meter.add(batch, *self.optimize(batch.to(self.device)))
            self.step, self.pool = self.step + 1, max(self.pool, batch.pool)
            if self.rank == 0 and self.step % self.spec.log_every == 0:
                self.log(kind="train", step=self.step, rate=schedule.factor(self.step, self.spec), **meter.take())
            if self.rank == 0 and (self.stopping or time.monotonic() - saved > 60 * self.spec.checkpoint_minutes):
                self.save(state)
                saved = time.monotonic()
            if self.stopping:
                break
            if self.rank == 0 and self.step % self.spec.validate_every == 0:
                self.validate()
        else:
            if self.rank == 0:
                self.save(state)
                self.validate()
        return state

    def validate(self) -> None:
        self.log(kind="validation", step=self.step, **self.validation.run(self.average, self.step))
        plots.curves(self.folder / "log.jsonl", self.folder / "curves.png")

    def show_samples(self) -> None:
        """The first training pictures, to be looked at before hours are spent on them."""
        stream = Stream(self.corpus, self.recipe, self.vocabulary, 0, self.recipe.data.max_tokens)
        rows = [(image, self.validation.notation.tokenizer.decode(target.tolist()))
                for image, target, _ in stream.samples(24)]
        plots.samples_page(self.folder / "samples.png", rows)

    def batches(self) -> Iterator[Batch]:
        """Batches up to the last step, of one stage of the curriculum after the other."""
        stages = [*self.spec.curriculum, (self.spec.steps, self.recipe.data.max_tokens)]
        for until, limit in stages:
            until = min(until, self.spec.steps)
            if self.step >= until:
                continue
            stream = Stream(self.corpus, self.recipe, self.vocabulary, self.pool + 1, limit, self.rank, self.ranks)
            for batch in loader(stream, self.spec.workers):
                yield batch
                if self.step >= until:
                    break

    def optimize(self, batch: Batch) -> tuple[float, float]:
        """One step; returns the loss of the tokens and that of the glyphs."""
        self.network.train()
        schedule.set_rates(self.optimizers, schedule.factor(self.step, self.spec))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.spec.precision == "bf16"):
            tokens, glyphs = losses(self.network, batch, self.vocabulary, self.spec)
        ((tokens + self.spec.glyph_loss * glyphs) / self.spec.accumulate).backward()
        if (self.step + 1) % self.spec.accumulate == 0:
            self.share_gradients()
            nn.utils.clip_grad_norm_(self.network.parameters(), self.spec.clip)
            for optimizer in self.optimizers:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            self.follow()
        return float(tokens.detach()), float(glyphs.detach())

    @torch.no_grad()
    def share_gradients(self) -> None:
        """The mean of all processes' gradients, in every process."""
        if self.ranks > 1:
            for parameter in self.network.parameters():
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
                dist.all_reduce(parameter.grad)
                parameter.grad /= self.ranks

    @torch.no_grad()
    def follow(self) -> None:
        """The averaged weights move towards the trained ones; running statistics are taken over."""
        decay = min(self.spec.ema, (1 + self.step) / (10 + self.step))
        ours, theirs = list(self.average.parameters()), [p.detach() for p in self.network.parameters()]
        torch._foreach_lerp_(ours, theirs, 1.0 - decay)
        for buffer, other in zip(self.average.buffers(), self.network.buffers(), strict=True):
            buffer.copy_(other)

    def save(self, path: Path) -> None:
        checkpoint.save(path, {
            "recipe": self.recipe.to_json(), "step": self.step, "pool": self.pool, "names": self.names,
            "network": self.network.state_dict(), "weights": self.average.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers], "torch_rng": torch.get_rng_state(),
        })

    def load(self, path: Path) -> None:
        state = checkpoint.load(path)
        if state["recipe"]["model"] != self.recipe.to_json()["model"]:
            raise OptionError(f"{path} holds another network than the recipe; train in another folder, or say --restart")
        checkpoint.restore(self.network, state["network"], state["names"], self.names)
        checkpoint.restore(self.average, state["weights"], state["names"], self.names)
        self.step, self.pool = state["step"], state["pool"]
        torch.set_rng_state(state["torch_rng"])
        if state["names"] == self.names:
            for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
                rates = [group["initial_lr"] for group in optimizer.param_groups]
                optimizer.load_state_dict(saved)
                for group, rate in zip(optimizer.param_groups, rates, strict=True):
                    group["initial_lr"] = rate  # the recipe's, which may have changed since

    def log(self, **values: Any) -> None:
        with open(self.folder / "log.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps({"time": round(time.time(), 1), **values}) + "\n")

    def stop(self, *_: Any) -> None:
        """On SIGTERM and SIGINT: save after the step at hand, then end."""
        self.stopping = True


class Meter:
    """Means and rates between two lines of the log."""

    def __init__(self) -> None:
        self.losses: list[tuple[float, float]] = []
        self.images, self.since = 0, time.monotonic()

    def add(self, batch: Batch, tokens: float, glyphs: float) -> None:
        self.losses.append((tokens, glyphs))
        self.images += len(batch.images)

    def take(self) -> dict[str, float]:
        tokens, glyphs = (sum(column) / len(self.losses) for column in zip(*self.losses, strict=True))
        seconds = time.monotonic() - self.since
        result = {"loss": round(tokens, 4), "glyph_loss": round(glyphs, 4),
                  "images_per_second": round(self.images / seconds, 1), "images": self.images}
        self.__init__()  # type: ignore[misc]
        return result


def vocabulary_of(recipe: Recipe, notation: Notation) -> Vocabulary:
    """The notation's tokens; with a blank behind them for a network that is trained by CTC."""
    vocabulary = notation.tokenizer.vocabulary
    if recipe.model.generation != "ctc" or vocabulary.blank is not None:
        return vocabulary
    return Vocabulary((*vocabulary.tokens, "<blank>"), vocabulary.pad, vocabulary.bos, vocabulary.eos, len(vocabulary))


def losses(network: Network, batch: Batch, vocabulary: Vocabulary, spec: TrainingSpec) -> tuple[Tensor, Tensor]:
    """Cross-entropy of the next token (or CTC's loss), and cross-entropy of the glyph at each mark, both means."""
    features, mask = network.memory(batch.inputs, batch.sizes)
    logits = network.generation(features, mask, batch.tokens[:, :-1])
    if network.generation.kind == "frames":
        tokens = _ctc(logits, batch, vocabulary, mask)
    else:
        tokens = F.cross_entropy(logits.float().flatten(0, 1), batch.tokens[:, 1:].flatten(),
                                 ignore_index=vocabulary.pad, label_smoothing=spec.label_smoothing)
    if network.glyph_head is None or not len(batch.cells):
        return tokens, tokens.new_zeros(())
    picture, name, x, y = batch.cells.unbind(1)
    seen = features.permute(0, 2, 3, 1)[picture, y // network.stride, x // network.stride]  # (K, D)
    return tokens, F.cross_entropy(network.glyph_logits(seen).float(), name)


def _ctc(logits: Tensor, batch: Batch, vocabulary: Vocabulary, mask: Tensor | None) -> Tensor:
    """CTC (Graves et al. 2006) between frames (N, T, V) and targets, per target token."""
    targets = batch.tokens[:, 1:]
    real = (targets != vocabulary.pad) & (targets != vocabulary.eos)
    frames = mask.any(1).sum(1) if mask is not None else torch.full((len(logits),), logits.shape[1])
    frames = frames * logits.shape[1] // (mask.shape[2] if mask is not None else logits.shape[1])
    return F.ctc_loss(logits.float().log_softmax(-1).transpose(0, 1), targets, frames, real.sum(1),
                      blank=int(vocabulary.blank or 0), zero_infinity=True)


def _join_processes() -> tuple[int, int]:
    """(rank, processes) under torchrun, else (0, 1)."""
    if "RANK" not in os.environ:
        return 0, 1
    if not dist.is_initialized():
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
    return dist.get_rank(), dist.get_world_size()
