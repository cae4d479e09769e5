"""Pictures as they were fitted, and how a model reads, become answers: what was read in each view, and where."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from glyphic.core.model import FloatArray
from glyphic.core.options import InputSpec
from glyphic.core.results import Box, Hypothesis
from glyphic.decoding.ctc import FrameTask, align
from glyphic.decoding.forks import Forks, frame_forks, step_forks
from glyphic.decoding.task import DecodingTask, Trace
from glyphic.decoding.transcription import LexiconFrameTask, LexiconStepTask
from glyphic.reading.bundle import Bundle
from glyphic.reading.regions import boxes as token_boxes
from glyphic.reading.regions import centres, frame_points, line_boxes
from glyphic.reading.scales import closer
from glyphic.reading.shifts import steadied
from glyphic.reading.views import View

Task = FrameTask | DecodingTask | LexiconFrameTask | LexiconStepTask
HOPELESS = 0.3  # a glance below this confidence is of a picture that holds something else: looking closer is in vain

Sift = Callable[[list[Hypothesis]], list[Hypothesis]]  # what the search found -> the reading and its alternatives


@dataclass(frozen=True)
class Answer:
    """What was read in one view of a picture."""

    hypotheses: list[Hypothesis]  # best first; none for a blank picture
    boxes: list[Box] = field(default_factory=list)  # where the tokens of the best were seen, if that is known
    # (T, 2) x, y in fitted pixels: the middles of what was looked at
    points: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    # places of the best, and how many others at each -> what else might stand there
    forks: Callable[[Sequence[int], int], Forks] = lambda places, width: {}


@dataclass(frozen=True)
class Look:
    """What was found in one view, by which task, and the row of its network's state that holds the view."""

    ranked: list[Hypothesis]
    trace: Trace | None
    task: DecodingTask
    state: Any
    row: int


def answer(views: Sequence[View], task: Task, bundle: Bundle, sift: Sift, looks: bool) -> list[Answer]:
    """What `task` reads in each view. looks: whether a step model says where it saw the tokens; frames always do."""
    if not views:
        return []
    images = [fitted.pixels for fitted, _ in views]
    alike = len({image.shape for image in images}) == 1
    # of different sizes: a list, which the models of `glyphic.reading.onnx` take so that no picture is padded
    batch = np.stack(images)[:, None] if alike else cast(FloatArray, images)
    if isinstance(task, FrameTask | LexiconFrameTask):
        return _from_frames(batch, views, task, bundle, sift)
    return _from_steps(batch, views, task, bundle, sift, looks)


def _from_steps(batch: FloatArray, views: Sequence[View], task: DecodingTask | LexiconStepTask, bundle: Bundle,
                sift: Sift, looks: bool) -> list[Answer]:
    free = task if isinstance(task, DecodingTask) else task.free
    network = cast(Any, free.model)
    state = network.encode(batch)
    found = []
    looked = _looked(task, state, views, bundle.input) if isinstance(task, DecodingTask) else \
        [Look(ranked, None, free, state, row) for row, ranked in enumerate(task.run_from(state, len(views)))]
    for row, (look, view) in enumerate(zip(looked, views, strict=True)):
        hypotheses = sift(look.ranked)
        tokens = hypotheses[0].tokens
        forks = partial(_step_forks, look, tokens)
        if not looks:
            found.append(Answer(hypotheses, forks=forks))
            continue
        attention = network.attention((bundle.vocabulary.bos, *tokens)[:len(tokens)], state, row)
        found.append(Answer(hypotheses, token_boxes(attention, view[0], bundle.strides, view[1]),
                            centres(attention, view[0], bundle.strides), forks))
    return found


def _looked(task: DecodingTask, state: Any, views: Sequence[View], spec: InputSpec) -> list[Look]:
    """What is read in each view: with a glance, if that leaves no doubt, or no hope; else with the beam and at all
    scales. Alternatives come from the beam in any case."""
    options, found = task.options, dict[int, Look]()
    doubtful, searched = list(range(len(views))), list[int]()
    if options.certain < 1.0 and (options.scales or options.beam_width > 1):
        glance = replace(task, options=replace(options, beam_width=1, alternatives=0))
        found = {row: Look(ranked, trace, glance, state, row)
                 for row, (ranked, trace) in enumerate(glance.traced(state, len(views)))}
        doubtful = [row for row, look in found.items() if HOPELESS <= confidence(look.ranked[0]) < options.certain]
        searched = [row for row in found if row not in doubtful] if options.alternatives else []
    if options.scales:
        for row in doubtful:
            own = task.model.select(state, np.array([row], np.int64))
            careful, own = closer(task, own, views[row][0].pixels, spec)
            ((ranked, trace),) = careful.traced(own, 1)
            found[row] = Look(ranked, trace, careful, own, 0)
    else:
        searched += doubtful
    if searched:
        own = task.model.select(state, np.array(searched, np.int64))
        for place, (row, (ranked, trace)) in enumerate(zip(searched, task.traced(own, len(searched)), strict=True)):
            found[row] = Look(ranked, trace, task, own, place)
    return [found[row] for row in range(len(views))]


def _step_forks(look: Look, tokens: Sequence[int], places: Sequence[int], width: int) -> Forks:
    """As `step_forks`; where the search has left a trace of the reading, what lies before the first place is not
    written again."""
    network = cast(Any, look.task.model)
    if look.trace is not None and tokens == look.ranked[0].tokens and places and hasattr(network, "rewound"):
        first = min(places)
        begun = network.rewound(network.select(look.trace.state, np.array([look.trace.row], np.int64)), first)
        if begun is not None:
            return step_forks(look.task, begun, tokens, places, width, first)
    return step_forks(look.task, network.select(look.state, np.array([look.row], np.int64)), tokens, places, width)


def _from_frames(batch: FloatArray, views: Sequence[View], task: FrameTask | LexiconFrameTask, bundle: Bundle,
                 sift: Sift) -> list[Answer]:
    """From the frames, in which the text that the search chose is found again. What the best path leaves in doubt, but
    not without hope, is looked at once more, at other heights and with the beam."""
    free = task if isinstance(task, FrameTask) else task.free
    glance: FrameTask | LexiconFrameTask = task
    careful = isinstance(task, FrameTask) and bool(task.options.shifts)
    if careful:
        glance = replace(free, options=replace(free.options, beam_width=1, alternatives=0))
    logprobs, lengths = free.model.frames(batch)
    found = []
    for (fitted, size), frames, length, ranked in zip(views, logprobs, lengths.tolist(),
                                                      glance.run_from(logprobs, lengths), strict=True):
        frames = frames[:length]
        # from a quarter of the pixels a network is as sure as from all, and errs more often
        certain = 1 - (1 - free.options.certain) / max(1.0, fitted.scale) ** 2
        doubtful = careful and HOPELESS <= confidence(ranked[0]) < certain
        if doubtful:
            frames = steadied(free, fitted.pixels, frames)
        if doubtful or (careful and free.options.certain == 1.0):  # as where alternatives are asked for
            ranked = free.search(frames)
        hypotheses = sift(ranked)
        if hypotheses[0].logprob == -math.inf:  # no alignment writes it
            found.append(Answer(hypotheses))
            continue
        tokens = hypotheses[0].tokens
        spans = align(frames, tokens, bundle.vocabulary)
        found.append(Answer(hypotheses, line_boxes(spans, length, fitted, size), frame_points(spans, length, fitted),
                            partial(frame_forks, free, frames, tokens)))
    return found


def likeliest(answers: Sequence[Answer]) -> int:
    """Which view of a picture, the upright one first, has the most probable reading, by `confidence`.

    A turned one needs two characters: what is a single one upright (1, I, l) is a dash on its side, hardly less
    probable, and words of one letter are not written sideways.
    """
    best = [answer.hypotheses[0] for answer in answers]
    return max(range(len(best)), key=lambda i: confidence(best[i]) if i == 0 or len(best[i].tokens) > 1 else -1.0)


def confidence(hypothesis: Hypothesis) -> float:
    """exp(mean token log-probability) under the network, the end included: a score in [0, 1], not calibrated; 0 where
    nothing was read."""
    return min(1.0, float(np.exp(np.mean(hypothesis.logprobs)))) if hypothesis.tokens else 0.0
