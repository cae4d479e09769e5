"""A model bundle becomes a `Recognizer`; pictures go in, `Recognition`s come out."""

import functools
import itertools
import math
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast, overload

import numpy as np
import numpy.typing as npt

from glyphic import notations
from glyphic.core.errors import GlyphicError, MissingExtraError, NotationError, OptionError, UnknownNameError
from glyphic.core.guide import Both, Guide
from glyphic.core.images import Fitted
from glyphic.core.model import FloatArray, FrameModel, StepModel
from glyphic.core.notation import Notation, Sight
from glyphic.core.options import DecodingOptions
from glyphic.core.results import Alternative, Hypothesis, Place, Recognition, Token
from glyphic.decoding.ctc import FrameTask, align
from glyphic.decoding.guides import AllowOnly, NoRepeat
from glyphic.decoding.task import DecodingTask
from glyphic.decoding.transcription import LexiconFrameTask, LexiconStepTask
from glyphic.reading import members, pictures, wordlists
from glyphic.reading.bundle import Bundle
from glyphic.reading.regions import Box, centres, frame_points, line_boxes
from glyphic.reading.regions import boxes as token_boxes
from glyphic.reading.translation import Translation
from glyphic.reading.views import View, Views, look
from glyphic.reading.wordlists import Words

Task = FrameTask | DecodingTask | LexiconFrameTask | LexiconStepTask

UNSURE = 0.4  # below this confidence, what was read is hardly what the picture holds
DOUBTED = 0.2  # more confidence has no reading that does not fit its picture, whatever the network says


class Recognizer:
    """Reads pictures of one notation with one model.

    bundle: a Bundle, the name of an installed model, or the path of a bundle's folder; several with `+` between them
    read as one, an ensemble.
    network, notation: stand in for the bundle's own (a network in training, a notation not installed).
    beam_width, alternatives, max_tokens, length_penalty: in place of the bundle's `DecodingOptions`; alternatives
    without a beam_width widen the beam as far as they need.
    threads: of onnxruntime. guided: False lets the network write what its grammar forbids.
    formats: in which of `Notation.formats` a Recognition gives its text as well. boxes: whether its tokens say where
    they were seen, which takes step models the time of a second greedy reading; frame models always say it. Unless told
    otherwise, it is so where the notation places the parts of a reading by them (`Notation.placing`).
    turned: False reads lines upright only, whatever the bundle's `InputSpec.turned_from` says.
    lexicon: words that are expected, or the path of a file of them; lexicon_method ("exact", "trie", "bk"),
    lexicon_distance and match_case as `LexiconOptions` has them. gate: how much less probable than the free reading a
    word may be, in log-probability per token; 1 by default, and without limit for a lexicon that comes with a picture.
    allow: the only characters (or tokens) that are written, as in "0123456789".
    Errors: UnknownNameError, BundleError, OptionError.
    """

    def __init__(self, bundle: Bundle | str | os.PathLike[str], *, network: StepModel | FrameModel | None = None,
                 notation: Notation | None = None, beam_width: int | None = None, alternatives: int | None = None,
                 max_tokens: int | None = None, length_penalty: float | None = None, threads: int = 1,
                 guided: bool = True, formats: Sequence[str] = (), boxes: bool | None = None, turned: bool = True,
                 lexicon: Words | None = None, lexicon_method: str | None = None, lexicon_distance: int | None = None,
                 gate: float | None = None, match_case: bool = False, allow: str | Iterable[str] | None = None):
        if threads < 1:
            raise OptionError(f"threads must be at least 1; got {threads}")
        self.members = members.bundles(bundle)
        self.bundle = self.members[0]  # of an ensemble, what the first one says of itself holds
        self.notation = notation or notations.get(self.bundle.notation)
        self.formats = (formats,) if isinstance(formats, str) else tuple(formats)
        for name in self.formats:
            if name not in self.notation.formats:
                raise UnknownNameError(f"format of the notation {self.notation.name}", name, self.notation.formats)
        self.options = _options(self.bundle.decoding, beam_width=beam_width, alternatives=alternatives,
                                max_tokens=max_tokens, length_penalty=length_penalty)
        self.network = network or members.network(self.members, threads)
        looks = self.bundle.kind == "step" and hasattr(self.network, "attention")
        self.boxes = looks and self.notation.placing is not None if boxes is None else boxes
        if boxes and self.bundle.kind == "step" and not looks:
            raise OptionError("boxes need a network that says where it looks, by a method `attention`; "
                              f"{type(self.network).__name__} has none")
        self.input = self.bundle.input if turned else replace(self.bundle.input, turned_from=None)
        self._translation = Translation(self.bundle.vocabulary, self.notation.tokenizer.vocabulary)
        self._free = self._free_task(guided, allow)
        self._lexicon_options = functools.partial(wordlists.options, lexicon_method, lexicon_distance, gate, match_case)
        self._lexicon_options()  # nonsense is refused before the first picture
        self._task = self._free if lexicon is None else self._lexicon_task(lexicon)

    @property
    def name(self) -> str:
        """Name and version of the model, or of all members of an ensemble."""
        return " + ".join(f"{bundle.name} {bundle.version}" for bundle in self.members)

    def read(self, picture: pictures.Source, lexicon: Words | None = None) -> Recognition:
        """Read one picture: a path, bytes, a binary file, a PIL image or an array; ImageError where that fails.

        lexicon: the words of which the picture holds one, in place of the recognizer's own.
        """
        task = self._task if lexicon is None else self._lexicon_task(lexicon, complete=True)
        (result,) = self._read_group([picture], task)
        if isinstance(result, GlyphicError):
            raise result
        return result

    @overload
    def read_many(self, pictures: Iterable[pictures.Source], batch: int = ...,
                  errors: Literal["raise"] = ...) -> Iterator[Recognition]: ...

    @overload
    def read_many(self, pictures: Iterable[pictures.Source], batch: int = ..., *,
                  errors: Literal["return"]) -> Iterator[Recognition | GlyphicError]: ...

    def read_many(self, pictures: Iterable[pictures.Source], batch: int = 16,
                  errors: Literal["raise", "return"] = "raise") -> Iterator[Any]:
        """Read pictures in order, lazily, `batch` at a time; the readings do not depend on the batch.

        errors: what becomes of a picture that cannot be read: "raise" its GlyphicError when its turn comes, or
        "return" it in place of a Recognition and go on.
        """
        if batch < 1 or errors not in ("raise", "return"):
            raise OptionError("batch must be at least 1 and errors one of raise, return; "
                              f"got batch={batch}, errors={errors!r}")
        return self._read_many(pictures, batch, errors)

    def _read_many(self, sources: Iterable[pictures.Source], batch: int, errors: str) -> Iterator[Any]:
        # where the rows of a batch influence each other (dynamic quantisation), each picture is read alone
        batch = batch if getattr(self.network, "batch_invariant", True) else 1
        sources = iter(sources)
        while group := list(itertools.islice(sources, batch)):
            for result in self._read_group(group, self._task):
                if isinstance(result, GlyphicError) and errors == "raise":
                    raise result
                yield result

    def _read_group(self, sources: list[pictures.Source], task: Task) -> list[Recognition | GlyphicError]:
        found: list[Views | GlyphicError] = []
        for source in sources:
            try:
                found.append(look(source, self.input))
            except GlyphicError as error:
                found.append(error)
        inked = [item for item in found if isinstance(item, Views) and not item.blank]
        start = time.perf_counter()
        views = [(view, item.size) for item in inked for view in item.fitted]
        answers = iter(self._decode(views, task))
        share = 1000 * (time.perf_counter() - start) / max(1, len(views))
        results: list[Recognition | GlyphicError] = []
        for item in found:
            if isinstance(item, GlyphicError):
                results.append(item)
            elif item.blank:
                results.append(self._recognition(item, item.fitted[0], _Answer([]), item.milliseconds, task))
            else:
                own = list(itertools.islice(answers, len(item.fitted)))
                best = _likeliest(own)
                results.append(self._recognition(item, item.fitted[best], own[best],
                                                 item.milliseconds + share * len(own), task))
        return results

    def _decode(self, views: list[View], task: Task) -> list["_Answer"]:
        """What is read in each view of a picture."""
        if not views:
            return []
        images = [fitted.pixels for fitted, _ in views]
        alike = len({image.shape for image in images}) == 1
        # of different sizes: a list, which the models of `glyphic.reading.onnx` take so that no picture is padded
        batch = np.stack(images)[:, None] if alike else cast(FloatArray, images)
        if isinstance(task, FrameTask | LexiconFrameTask):
            return self._decode_frames(batch, views, task)
        if not self.boxes:
            return [_Answer(self._sifted(hypotheses)) for hypotheses in task.run(batch)]
        network = cast(Any, self.network)
        state = network.encode(batch)
        found = []
        for row, (ranked, view) in enumerate(zip(task.run_from(state, len(views)), views, strict=True)):
            hypotheses = self._sifted(ranked)
            tokens = hypotheses[0].tokens
            attention = network.attention((self.bundle.vocabulary.bos, *tokens)[:len(tokens)], state, row)
            found.append(_Answer(hypotheses, token_boxes(attention, view[0], self.bundle.strides, view[1]),
                                 centres(attention, view[0], self.bundle.strides)))
        return found

    def _decode_frames(self, batch: FloatArray, views: list[View],
                       task: FrameTask | LexiconFrameTask) -> list["_Answer"]:
        """The same from the frames, in which the text that the search chose is found again."""
        model = task.model if isinstance(task, FrameTask) else task.free.model
        logprobs, lengths = model.frames(batch)
        found = []
        for (fitted, size), frames, length, ranked in zip(views, logprobs, lengths.tolist(),
                                                          task.run_from(logprobs, lengths), strict=True):
            hypotheses = self._sifted(ranked)
            boxes: list[Box] = []
            points = np.zeros((0, 2))
            if hypotheses[0].logprob > -math.inf:  # else no alignment writes it
                spans = align(frames[:length], hypotheses[0].tokens, self.bundle.vocabulary)
                boxes = line_boxes(spans, length, fitted, size)
                points = frame_points(spans, length, fitted)
            found.append(_Answer(hypotheses, boxes, points))
        return found

    def _sifted(self, ranked: list[Hypothesis]) -> list[Hypothesis]:
        """The reading and as many alternatives as were asked for. The reading is the search's best, or, where
        `DecodingOptions.sound` says so, the first that means something to the notation, if there is one."""
        first = 0
        if self.options.sound and self.notation.sound and len(ranked) > 1:
            first = next((i for i, hypothesis in enumerate(ranked) if hypothesis.tokens
                          and self.notation.sound(self._text(hypothesis))), 0)
        return [ranked[first], *ranked[:first], *ranked[first + 1:]][:1 + self.options.alternatives]

    def _text(self, hypothesis: Hypothesis) -> str:
        return self.notation.tokenizer.decode(self._translation.ids(hypothesis.tokens))

    def _recognition(self, item: Views, view: Fitted, answer: "_Answer", milliseconds: float,
                     task: Task) -> Recognition:
        image, warnings = item.info(view), item.warnings(view)
        if not answer.hypotheses:
            return Recognition("", self.notation.name, 0.0, warnings=warnings, model=self.name, image=image,
                               milliseconds=milliseconds)
        best, *others = answer.hypotheses
        if not best.finished or len(best.logprobs) >= self.options.max_tokens:  # a grammar ends what is too long
            warnings += (f"cut off: the reading fills max_tokens={self.options.max_tokens} tokens",)
        if isinstance(task, LexiconFrameTask | LexiconStepTask) and not task.lexicon.holds(best.tokens):
            warnings += ("outside the lexicon: none of its words comes near, so this was read without it",)
        tokens = self.bundle.vocabulary.tokens
        texts = [self._text(hypothesis) for hypothesis in answer.hypotheses]
        places, doubts = self._placed(best, view, answer)
        doubts = (*item.doubts(view), *doubts)
        sure = confidence(best)
        if not best.tokens:
            warnings += (f"nothing was read: the picture holds no {self.notation.name}, or none that can be told from "
                         "its ground",)
        elif doubts:
            warnings += (f"doubtful (confidence {sure:.2f} before this): the picture holds no {self.notation.name}, or "
                         f"more than one: {'; '.join(doubts)}",)
        elif sure < UNSURE:
            warnings += (f"unsure (confidence {sure:.2f}): the picture is hard to read, or holds no "
                         f"{self.notation.name}",)
        most = DOUBTED if doubts else 1.0
        alternatives = {text: Alternative(text, min(most, confidence(other)))
                        for text, other in reversed(list(zip(texts[1:], others, strict=True))) if text != texts[0]}
        if best.tokens and self.notation.remarks:
            warnings += tuple(self.notation.remarks(texts[0]))
        formats, complaints = self._converted(texts[0], places)
        seen = itertools.chain(answer.boxes, itertools.repeat(None))
        return Recognition(
            texts[0], self.notation.name, min(most, sure),
            tuple(Token(tokens[t], p, box) for t, p, box in zip(best.tokens, best.logprobs, seen, strict=False)),
            tuple(reversed(alternatives.values())), warnings + complaints, self.name, image, milliseconds, formats,
            places, tuple(self.notation.checks(texts[0])) if self.notation.checks else ())

    def _placed(self, best: Hypothesis, view: Fitted, answer: "_Answer") -> tuple[tuple[Place, ...], Sequence[str]]:
        """Where the parts of a reading are in the given picture, and why the notation doubts it."""
        placing = self.notation.placing
        if placing is None or not best.tokens:
            return (), ()
        sight = Sight(tuple(self.bundle.vocabulary.tokens[t] for t in best.tokens), answer.points, view.pixels,
                      self.input.staff_space)
        places = placing.places(sight) if len(sight.points) else ()
        given = (view.box(place.x, place.y, place.x, place.y)[:2] for place in places)
        return (tuple(Place(place.text, x, y) for place, (x, y) in zip(places, given, strict=True)),
                placing.doubts(sight, places))

    def _free_task(self, guided: bool, allow: str | Iterable[str] | None) -> FrameTask | DecodingTask:
        """How the network reads without a lexicon."""
        vocabulary = self.bundle.vocabulary
        guides: list[Guide] = []
        if guided and self.notation.grammar:
            guides.append(self._translation.guide(self.notation.grammar))
        if guided and self.notation.evidence and self.options.beam_width > 1:
            guides.append(self._translation.guide(self.notation.evidence))
        allowed = None if allow is None else AllowOnly(wordlists.tokens(allow, vocabulary), vocabulary)
        options = self.options  # to choose among readings, there must be some
        if options.sound and self.notation.sound:
            options = replace(options, alternatives=options.beam_width - 1)
        if self.bundle.kind == "frames":
            network = cast(FrameModel, self.network)
            network = allowed.over(network) if allowed else network
            return FrameTask(network, vocabulary, Both(tuple(guides)) if guides else None, options)
        if guided:
            guides.append(NoRepeat(vocabulary))  # the way out of a loop, which no grammar knows; frames have an end
        if allowed:
            guides.append(allowed)
        guide = Both(tuple(guides)) if guides else None
        return DecodingTask(cast(StepModel, self.network), vocabulary, guide, options)

    def _lexicon_task(self, words: Words, complete: bool = False) -> Task:
        options = self._lexicon_options(complete=complete)
        found = wordlists.lexicon(words, self.notation, self.bundle.vocabulary, options)
        free = self._free
        return LexiconFrameTask(free, found) if isinstance(free, FrameTask) else LexiconStepTask(free, found)

    def _converted(self, text: str, places: Sequence[Place]) -> tuple[dict[str, str], tuple[str, ...]]:
        """The text in the formats that were asked for, and why some are missing."""
        formats, complaints = {}, []
        placed = self.notation.placing.formats if self.notation.placing and places else {}
        for name in self.formats:
            try:
                formats[name] = placed[name](text, places) if name in placed else self.notation.formats[name](text)
            except (NotationError, MissingExtraError) as error:  # the reading itself stands, and has other formats
                complaints.append(f"no {name}: {error}")
        return formats, tuple(complaints)


@dataclass(frozen=True)
class _Answer:
    """What was read in one view of a picture."""

    hypotheses: list[Hypothesis]  # best first; none for a blank picture
    boxes: list[Box] = field(default_factory=list)  # where the tokens of the best were seen, if that is known
    # (T, 2) x, y in fitted pixels: the middles of what was looked at
    points: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))


def _likeliest(answers: Sequence[_Answer]) -> int:
    """Which view of a picture, the upright one first, has the most probable reading, by `confidence`.

    A turned one needs two characters: what is a single one upright (1, I, l) is a dash on its side, hardly less
    probable, and words of one letter are not written sideways.
    """
    best = [answer.hypotheses[0] for answer in answers]
    return max(range(len(best)), key=lambda i: confidence(best[i]) if i == 0 or len(best[i].tokens) > 1 else -1.0)


def confidence(hypothesis: Hypothesis) -> float:
    """exp(mean token log-probability) under the network, the end included: a score in [0, 1], not calibrated; 0 where
    nothing was read."""
    return float(np.exp(np.mean(hypothesis.logprobs))) if hypothesis.tokens else 0.0


def load(name: str | os.PathLike[str] = "formula", **options: Any) -> Recognizer:
    """The recognizer of an installed model or of a bundle's folder; the same arguments give the same object."""
    for option in ("formats", "lexicon", "allow"):  # what cannot be hashed, and iterators
        if not isinstance(options.get(option), str | os.PathLike | None):
            options[option] = tuple(options[option])
    return _cached(os.fspath(name), tuple(sorted(options.items())))


def read(picture: pictures.Source, notation: str | os.PathLike[str] = "formula", **options: Any) -> Recognition:
    """Read one picture with the model of a notation (or a bundle's folder); options as for `Recognizer`."""
    return load(notation, **options).read(picture)


def read_many(pictures: Iterable[pictures.Source], notation: str | os.PathLike[str] = "formula", batch: int = 16,
              errors: Literal["raise", "return"] = "raise", **options: Any) -> Iterator[Any]:
    """Read many pictures, lazily and in order; see `Recognizer.read_many`."""
    return load(notation, **options).read_many(pictures, batch, errors=errors)


@functools.lru_cache(maxsize=8)
def _cached(name: str, options: tuple[tuple[str, Any], ...]) -> Recognizer:
    return Recognizer(name, **dict(options))


def _options(defaults: DecodingOptions, **changes: Any) -> DecodingOptions:
    given = {key: value for key, value in changes.items() if value is not None}
    if "beam_width" not in given:
        given["beam_width"] = max(defaults.beam_width, 1 + given.get("alternatives", defaults.alternatives))
    elif "alternatives" not in given:
        given["alternatives"] = min(defaults.alternatives, given["beam_width"] - 1)
    return replace(defaults, **given)
