"""A recipe and a folder of packs become a trained network: one plain loop that the same command resumes.

`torchrun --nproc-per-node N -m -- glyphic train ...` (without `--`, torchrun takes `--run` for an option of its own)
runs it on N processes; the batch is then N times as large, unless
the recipe says that the processes share each batch. On a GPU the host only ever waits for it when a line is logged.
"""

import copy
import json
import os
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping
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
from glyphic.training import auxiliary, checkpoint, plots, schedule
from glyphic.training.batches import Batch, Corpus, Stream, loader
from glyphic.training.risk import MinimumRisk
from glyphic.training.validation import Validation

LOSSES = ("loss", "glyph_loss", "counting_loss", "risk")  # as the log names them: of tokens, glyphs, counts, readings
CLOCK = 1_000_000  # parts of a run's time: a whole number is what processes agree on

Progress = Callable[[int, Mapping[str, float]], None]
"""Is told after each step: the number of steps, and the last logged figures (empty before the first)."""


def train(recipe: Recipe, data: Path, run: Path, resume: bool = True, start: Path | None = None, go_on: bool = False,
          progress: Progress = lambda step, figures: None) -> Path:
    """Trains in the folder `run` on the packs of `data`, validating on `data`/validation; returns the run's state file.

    resume: go on from the state in `run`, if there is one; `start` is then not looked at.
    start: weights of an earlier run (its state.pt or light.pt) to begin with; go_on: at the step where that run was.
    """
    run.mkdir(parents=True, exist_ok=True)
    try:
        return Run(recipe, notations.get(recipe.notation), data, run, start, go_on, progress).go(resume)
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


class Run:
    """Everything a training run holds between two steps."""

    def __init__(self, recipe: Recipe, notation: Notation, data: Path, folder: Path, start: Path | None = None,
                 go_on: bool = False, progress: Progress = lambda step, figures: None):
        self.begun, self.validating = time.monotonic(), 0.0  # when, and the seconds that a validation takes
        self.rank, self.ranks, self.agreement = _join_processes()
        self.recipe, self.spec, self.folder, self.progress = recipe, recipe.training, folder, progress
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.on_gpu = self.device.type == "cuda"
        if self.on_gpu:
            torch.backends.cudnn.benchmark = False  # every batch has another size: there is nothing to try out
            torch.set_float32_matmul_precision("high")
        self.halved = self.spec.precision == "bf16" and schedule.fast_bf16(self.device)
        torch.manual_seed(self.spec.seed)
        self.vocabulary = vocabulary_of(recipe, notation)
        self.corpus = Corpus(data, notation.tokenizer.vocabulary, recipe.data.max_tokens, dict(recipe.data.weights))
        self.names = self.corpus.names if self.spec.glyph_loss else []
        self.network = build(recipe.model, self.vocabulary, len(self.names),
                             self.spec.counting_loss > 0).to(self.device)
        self.near = auxiliary.neighbours(self.vocabulary, notation.near, self.spec.relaxed_angles, self.device)
        self.network = self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        for part in self.spec.frozen:
            getattr(self.network, part).requires_grad_(False)
        self.risk = MinimumRisk(self.network, recipe, notation, self.vocabulary) if self.spec.minimum_risk else None
        self.losses = torch.compile(losses, dynamic=True) if self.spec.compile else losses
        self.step = self.pool = 0
        self.restarted: int | None = None  # the step at which optimizers without a memory took over
        if start:
            self.begin_with(start, go_on)
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.optimizers = schedule.optimizers(self.network, self.spec)
        self.validation = Validation(data / "validation", recipe, notation, self.vocabulary, folder)
        self.stopping = False
        self.spent = 0.0  # the share of its time that the run has used, the same in all processes

    def go(self, resume: bool = True) -> Path:
        state = self.folder / "state.pt"
        if resume and state.exists():
            self.load(state)
        if self.rank == 0:
            (self.folder / "recipe.json").write_text(json.dumps(self.recipe.to_json(), indent=1))
            self.log(kind="start", step=self.step, parameters=parameter_count(self.network), samples=len(self.corpus),
                     classes=len(self.names), device=str(self.device), processes=self.ranks,
                     precision="bf16" if self.halved else "fp32")
            self.show_samples()
        before = {number: signal.signal(number, self.stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            self.loop(state)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return state

    def loop(self, state: Path) -> None:
        self.network.train()
        for part in self.spec.frozen:
            getattr(self.network, part).eval()  # what it has seen on the whole stays, too
        first, saved, meter, figures = self.step, time.monotonic(), Meter(self.device), {}
        stopping = 0  # a flag, all processes agreeing
        for batch in self.batches():
            meter.add(batch, *self.optimize(batch.to(self.device)))
            self.step += 1
            if self.step % self.spec.log_every == 0:
                figures = meter.take()
                self.log(kind="train", step=self.step, rate=round(self.rate(), 5), **figures)
            self.progress(self.step, figures)
            self.pool, stopping, clock = self.agree(max(self.pool, batch.pool), self.stopping, self.clock())
            self.spent = clock / CLOCK
            if stopping or self.spent > 1:
                break
            if time.monotonic() - saved > 60 * self.spec.checkpoint_minutes:
                self.save(state)
                saved = time.monotonic()
            if self.step % self.spec.validate_every == 0 and self.step < self.spec.steps:
                self.validate()
        if self.step > first:
            self.save(state)
            if not stopping:  # who asks to stop will not wait for more
                self.validate()

    def validate(self) -> None:
        if self.rank == 0:
            start = time.monotonic()
            self.log(kind="validation", step=self.step, **self.validation.run(self.average, self.step))
            plots.curves(self.folder / "log.jsonl", self.folder / "curves.png")
            self.validating = time.monotonic() - start

    def clock(self) -> int:
        """What is gone of the recipe's minutes, but for those that saving and validating take at the end, in parts of
        which they have CLOCK."""
        limit = 60 * self.spec.minutes
        # as long as none was measured, a tenth of the time; never less than what saving and a first plot take
        needed = max(min(5.0, 0.5 * limit), 1.5 * self.validating + 0.03 * limit if self.validating else 0.1 * limit)
        return round(CLOCK * (time.monotonic() - self.begun) / max(limit - needed, 1e-3)) if limit > 0 else 0

    def agree(self, *numbers: int) -> tuple[int, ...]:
        """The largest of each number that the processes say, on the CPU, so that none waits for its GPU."""
        if self.agreement is None:
            return numbers
        said = torch.tensor(numbers, dtype=torch.int64)
        dist.all_reduce(said, dist.ReduceOp.MAX, self.agreement)
        return tuple(said.tolist())

    def show_samples(self) -> None:
        """The first training pictures, to be looked at before hours are spent on them."""
        stream = Stream(self.corpus, self.recipe, self.vocabulary, 0, self.recipe.data.max_tokens)
        decode = self.validation.notation.tokenizer.decode
        plots.samples_page(self.folder / "samples.png", [(image.astype("float32") / 255, decode(target.tolist()))
                                                         for image, target, _ in stream.samples(24)])

    def batches(self) -> Iterator[Batch]:
        """Batches up to the last step, of one stage of the curriculum after the other."""
        shared = self.spec.shared_batches
        rank, ranks = (0, 1) if shared else (self.rank, self.ranks)
        stages = [*self.spec.curriculum, (self.spec.steps, self.recipe.data.max_tokens)]
        for until, limit in stages:
            until = min(until, self.spec.steps)
            if self.step >= until:
                continue
            stream = Stream(self.corpus, self.recipe, self.vocabulary, self.pool + 1, limit, rank, ranks)
            for batch in loader(stream, self.spec.workers, self.on_gpu):
                yield batch.share(self.rank, self.ranks) if shared else batch
                if self.step >= until:
                    break

    def rate(self) -> float:
        return schedule.factor(self.step, self.spec, self.restarted, self.spent)

    def optimize(self, batch: Batch) -> tuple[Tensor, ...]:
        """One step; returns the losses of tokens, glyphs, counts and whole readings, which stay on the device."""
        spec = self.spec
        schedule.set_rates(self.optimizers, self.rate())
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.halved):
            tokens, glyphs, counts, risk = self.losses(self.network, batch, self.vocabulary, spec, self.relaxed(),
                                                       self.risk)
        tokens, glyphs, counts = self.weighed(batch, tokens, glyphs, counts)
        total = tokens + spec.glyph_loss * glyphs + spec.counting_loss * counts + spec.minimum_risk * risk
        (total / spec.accumulate).backward()
        if (self.step + 1) % spec.accumulate == 0:
            self.share_gradients()
            nn.utils.clip_grad_norm_(self.network.parameters(), spec.clip)
            for optimizer in self.optimizers:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            self.follow()
        return tokens.detach(), glyphs.detach(), counts.detach(), risk.detach()

    def relaxed(self) -> auxiliary.Neighbours | None:
        """The tokens that are nearly right, once the run is so far that they count."""
        late = self.step >= self.spec.relaxed_from * self.spec.steps
        return self.near if self.spec.relaxed_angles and late else None

    def weighed(self, batch: Batch, tokens: Tensor, glyphs: Tensor,
                counts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The mean losses of this process, so weighed that their mean over all processes is that over all tokens."""
        if self.ranks == 1:
            return tokens, glyphs, counts
        each = (batch.tokens[:, 1:] != self.vocabulary.pad).sum()
        if self.network.generation.kind == "frames":
            each = torch.full_like(each, len(batch.images))
        own = torch.stack((each.float(), torch.full_like(each, len(batch.cells)).float()))
        total = own.clone()
        dist.all_reduce(total)
        share = self.ranks * own / total.clamp(min=1)
        return tokens * share[0], glyphs * share[1], counts * share[0]

    @torch.no_grad()
    def share_gradients(self) -> None:
        """The mean of all processes' gradients, in every process."""
        if self.ranks == 1:
            return
        parameters = list(self.network.parameters())
        parts = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        flat = torch.cat([part.flatten() for part in parts])  # one message in place of a hundred
        dist.all_reduce(flat)
        flat /= self.ranks
        for parameter, part in zip(parameters, flat.split([p.numel() for p in parameters]), strict=True):
            parameter.grad = part.view_as(parameter)

    @torch.no_grad()
    def follow(self) -> None:
        """The averaged weights move towards the trained ones; running statistics are taken over."""
        decay = min(self.spec.ema, (1 + self.step) / (10 + self.step))
        ours, theirs = list(self.average.parameters()), [p.detach() for p in self.network.parameters()]
        torch._foreach_lerp_(ours, theirs, 1.0 - decay)
        for buffer, other in zip(self.average.buffers(), self.network.buffers(), strict=True):
            buffer.copy_(other)

    def save(self, path: Path) -> None:
        """The full state, and beside it the light one that travels."""
        if self.rank:
            return
        state = {
            "recipe": self.recipe.to_json(), "step": self.step, "pool": self.pool, "names": self.names,
            "tokens": list(self.vocabulary.tokens),
            "network": self.network.state_dict(), "weights": self.average.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers], "torch_rng": torch.get_rng_state(),
        }
        checkpoint.save(path, state)
        checkpoint.save(path.with_name("light.pt"), checkpoint.light(state))

    def load(self, path: Path) -> None:
        state = checkpoint.load(path)
        self.refuse_other_networks(path, state)
        checkpoint.restore(self.network, state["network"], state["names"], self.names)
        checkpoint.restore(self.average, state["weights"], state["names"], self.names)
        self.step, self.pool, self.restarted = state["step"], state["pool"], None
        torch.set_rng_state(state["torch_rng"])
        if state["names"] == self.names and ("count_head.bias" in state["network"]) == (self.spec.counting_loss > 0):
            for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
                schedule.load(optimizer, saved)
        else:  # other packs, other glyph classes, or another head: the optimizers' moments no longer fit
            self.restarted = self.step

    def begin_with(self, path: Path, go_on: bool) -> None:
        """The weights of an earlier run, and where it was in schedule and pictures if it is to go on."""
        earlier = checkpoint.load(path)
        self.refuse_other_networks(path, earlier, besides=checkpoint.ADDABLE)
        checkpoint.restore(self.network, earlier["weights"], earlier["names"], self.names, tokens_of(earlier),
                           self.vocabulary.tokens)
        if go_on:
            self.step, self.pool, self.restarted = earlier["step"], earlier["pool"], earlier["step"]

    def refuse_other_networks(self, path: Path, state: checkpoint.State, besides: Collection[str] = ()) -> None:
        """OptionError where the state's network has other parts or parameters, besides those of its generation that
        are named."""
        theirs, ours = (json.loads(json.dumps(recipe["model"])) for recipe in (state["recipe"], self.recipe.to_json()))
        for model in (theirs, ours):
            parameters = model["generation_parameters"]
            model["generation_parameters"] = {k: v for k, v in parameters.items() if k not in besides}
        if theirs != ours:
            raise OptionError(f"{path} holds another network than the recipe; train in another folder, or with --fresh")

    def log(self, **values: Any) -> None:
        if self.rank == 0:
            with open(self.folder / "log.jsonl", "a", encoding="utf-8") as file:
                file.write(json.dumps({"time": round(time.time(), 1), **values}) + "\n")

    def stop(self, *_: Any) -> None:
        """On SIGTERM and SIGINT: save after the step at hand, then end."""
        self.stopping = True


class Meter:
    """Means and rates between two lines of the log, over all processes; the device is asked when a line is due."""

    def __init__(self, device: torch.device):
        dtype = torch.float64 if device.type == "cpu" else torch.float32
        self.sums = torch.zeros(len(LOSSES), dtype=dtype, device=device)
        self.steps, self.images, self.since = 0, 0, time.monotonic()

    def add(self, batch: Batch, *losses: Tensor) -> None:
        self.sums += torch.stack(losses)
        self.steps += 1
        self.images += len(batch.images)

    def take(self) -> dict[str, float]:
        totals = torch.cat((self.sums / self.steps, self.sums.new_tensor([self.images, 1])))
        if dist.is_initialized():
            dist.all_reduce(totals)
        *means, images, ranks = totals.tolist()
        seconds = time.monotonic() - self.since
        result = {**{name: round(mean / ranks, 4) for name, mean in zip(LOSSES, means, strict=True)},
                  "images_per_second": round(images / seconds, 1), "images": round(images)}
        self.__init__(self.sums.device)  # type: ignore[misc]
        return result


def vocabulary_of(recipe: Recipe, notation: Notation) -> Vocabulary:
    """The notation's tokens; with a blank behind them for a network that is trained by CTC."""
    vocabulary = notation.tokenizer.vocabulary
    if recipe.model.generation != "ctc" or vocabulary.blank is not None:
        return vocabulary
    return Vocabulary((*vocabulary.tokens, "<blank>"), vocabulary.pad, vocabulary.bos, vocabulary.eos, len(vocabulary))


def tokens_of(state: checkpoint.State) -> tuple[str, ...]:
    """The tokens that a run wrote; those of its notation, where the state is of the time before they were kept."""
    if "tokens" in state:
        return tuple(state["tokens"])
    recipe = Recipe.from_json(state["recipe"])
    return vocabulary_of(recipe, notations.get(recipe.notation)).tokens


def losses(network: Network, batch: Batch, vocabulary: Vocabulary, spec: TrainingSpec,
           relaxed: auxiliary.Neighbours | None = None,
           risk: MinimumRisk | None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Cross-entropy of the next token (or CTC's loss), cross-entropy of the glyph at each mark, the loss of counting,
    and the risk of what would be read; all means, 0 for a head that the network has not, or what is not asked."""
    features, mask = network.memory(batch.inputs, batch.sizes)
    logits = network.generation(features, mask, batch.tokens[:, :-1])
    if network.generation.kind == "frames":
        tokens = _ctc(logits, batch, vocabulary, mask)
    else:
        tokens = F.cross_entropy(logits.float().flatten(0, 1), batch.tokens[:, 1:].flatten(),
                                 ignore_index=vocabulary.pad, label_smoothing=spec.label_smoothing)
        if relaxed is not None:
            tokens = tokens + (1.0 - spec.label_smoothing) * auxiliary.relaxation(logits, batch.tokens[:, 1:], relaxed,
                                                                                  vocabulary.pad)
    counts = tokens.new_zeros(())
    if network.count_head is not None:
        counts = auxiliary.count_loss(network.counts(features, mask), batch.tokens[:, 1:], vocabulary)
    wrong = tokens.new_zeros(()) if risk is None else risk(features, mask, batch.tokens[:, 1:])
    if network.glyph_head is None or not len(batch.cells):
        return tokens, tokens.new_zeros(()), counts, wrong
    picture, name, x, y = batch.cells.unbind(1)
    down, across = network.strides
    seen = features.permute(0, 2, 3, 1)[picture, y // down, x // across]  # (K, D)
    return tokens, F.cross_entropy(network.glyph_logits(seen).float(), name), counts, wrong


def _ctc(logits: Tensor, batch: Batch, vocabulary: Vocabulary, mask: Tensor | None) -> Tensor:
    """CTC (Graves et al. 2006) between frames (N, T, V) and targets, per target token."""
    targets = batch.tokens[:, 1:]
    real = (targets != vocabulary.pad) & (targets != vocabulary.eos)
    frames = mask.any(1).sum(1) if mask is not None else torch.full((len(logits),), logits.shape[1])
    frames = frames * logits.shape[1] // (mask.shape[2] if mask is not None else logits.shape[1])
    return F.ctc_loss(logits.float().log_softmax(-1).transpose(0, 1), targets, frames, real.sum(1),
                      blank=int(vocabulary.blank or 0), zero_infinity=True)


def _join_processes() -> tuple[int, int, Any]:
    """(rank, processes, the group in which they agree) under torchrun, else (0, 1, None)."""
    if "RANK" not in os.environ:
        return 0, 1, None
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
    if not dist.is_initialized():
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return dist.get_rank(), dist.get_world_size(), dist.new_group(backend="gloo")
