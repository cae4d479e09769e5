"""A model bundle becomes a `Recognizer`; pictures go in, `Recognition`s come out."""

import functools
import hashlib
import itertools
import math
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from glyphic import notations
from glyphic.core.errors import GlyphicError, MissingExtraError, NotationError, OptionError, UnknownNameError
from glyphic.core.guide import Both, Guide
from glyphic.core.images import Fitted
from glyphic.core.model import FrameModel, StepModel
from glyphic.core.notation import Notation, Sight
from glyphic.core.options import DecodingOptions
from glyphic.core.results import Alternative, Hypothesis, ModelIdentity, Place, Recognition, Spot, Token
from glyphic.decoding.ctc import FrameTask
from glyphic.decoding.guides import AllowOnly, without_loops
from glyphic.decoding.task import DecodingTask
from glyphic.decoding.transcription import LexiconFrameTask, LexiconStepTask
from glyphic.reading import many, members, pictures, wordlists
from glyphic.reading.answers import Answer, Task, answer, confidence, likeliest
from glyphic.reading.bundle import Bundle
from glyphic.reading.spots import Spotter
from glyphic.reading.translation import Translation
from glyphic.reading.views import Views, look
from glyphic.reading.wordlists import Words

if TYPE_CHECKING:
    from glyphic.reading.automatic import AutomaticReader

DOUBTED = 0.2  # more confidence has no reading that does not fit its picture, whatever the network says


class Recognizer:
    """Reads pictures of one notation with one model.

    bundle: a Bundle, the name of an installed model, or the path of a bundle's folder; several with `+` between them
    read as one, an ensemble.
    network, notation: stand in for the bundle's own (a network in training, a notation not installed).
    beam_width, alternatives, max_tokens, length_penalty: in place of the bundle's `DecodingOptions`; alternatives
    without a beam_width widen the beam as far as they need. A beam_width of 1 is the quickest reading: the picture is
    looked at once, at one size.
    threads: of onnxruntime. guided: False lets the network write what its grammar forbids.
    formats: in which of `Notation.formats` a Recognition gives its text as well. boxes: whether its tokens say where
    they were seen, which takes step models the time of a second greedy reading; frame models always say it. Unless told
    otherwise, it is so where the notation places the parts of a reading by them (`Notation.placing`).
    turned: False reads lines upright only, whatever the bundle's `InputSpec.turned_from` says.
    lexicon: words that are expected, or the path of a file of them; lexicon_method ("exact", "trie", "bk"),
    lexicon_distance and match_case as `LexiconOptions` has them. gate: how much less probable than the free reading a
    word may be, in log-probability per token; 1 by default, and without limit for a lexicon that comes with a picture.
    allow: the only characters (or tokens) that are written, as in "0123456789".
    spots: whether a Recognition names its least certain tokens and what else might stand there, which takes step models
    up to the time of a second reading or two.
    Errors: UnknownNameError, BundleError, OptionError.
    """

    def __init__(self, bundle: Bundle | str | os.PathLike[str], *, network: StepModel | FrameModel | None = None,
                 notation: Notation | None = None, beam_width: int | None = None, alternatives: int | None = None,
                 max_tokens: int | None = None, length_penalty: float | None = None, threads: int = 1,
                 guided: bool = True, formats: Sequence[str] = (), boxes: bool | None = None, turned: bool = True,
                 lexicon: Words | None = None, lexicon_method: str | None = None, lexicon_distance: int | None = None,
                 gate: float | None = None, match_case: bool = False, allow: str | Iterable[str] | None = None,
                 spots: bool = False):
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
        self._spotter = Spotter(self.notation, self.bundle.vocabulary, self._text) if spots else None
        self._lexicon_options = functools.partial(wordlists.options, lexicon_method, lexicon_distance, gate, match_case)
        self._lexicon_options()  # nonsense is refused before the first picture
        self._task = self._free if lexicon is None else self._lexicon_task(lexicon)

    @property
    def name(self) -> str:
        """Name and version of the model, or of all members of an ensemble."""
        return " + ".join(f"{bundle.name} {bundle.version}" for bundle in self.members)

    @functools.cached_property
    def identity(self) -> ModelIdentity:
        """Which model reads, as every Recognition says it."""
        names, versions, hashes = zip(*((b.name, b.version, b.sha256) for b in self.members), strict=True)
        whole = hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
        return ModelIdentity(" + ".join(names), " + ".join(versions), whole)

    def read(self, picture: pictures.Source, lexicon: Words | None = None) -> Recognition:
        """Read one picture: a path, bytes, a binary file, a PIL image or an array; ImageError where that fails.

        lexicon: the words of which the picture holds one, in place of the recognizer's own.
        """
        task = self._task if lexicon is None else self._lexicon_task(lexicon, complete=True)
        (result,) = self._read_views([self.look(picture)], task)
        return result

    def look(self, picture: pictures.Source) -> Views:
        """The first half of reading: decode a picture and fit it, for `read_looked`; ImageError where that fails.

        It may run in a thread of its own, while another reads.
        """
        return look(picture, self.input)

    def read_looked(self, looked: Sequence[Views]) -> list[Recognition]:
        """The second half: pictures as `look` gave them, read together; the readings do not depend on which."""
        # where the rows of a batch influence each other (dynamic quantisation), each picture is read alone
        if not getattr(self.network, "batch_invariant", True):
            return [reading for item in looked for reading in self._read_views([item], self._task)]
        return self._read_views(looked, self._task)

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
        return many.read_many(self, pictures, batch, errors)

    def _read_views(self, found: Sequence[Views], task: Task) -> list[Recognition]:
        inked = [item for item in found if not item.blank]
        start = time.perf_counter()
        views = [(view, item.size) for item in inked for view in item.fitted]
        listed = isinstance(task, LexiconFrameTask | LexiconStepTask)  # a lexicon is a prior of its own
        answers = iter(answer(views, task, self.bundle, self._shortened if listed else self._sifted, self.boxes))
        share = 1000 * (time.perf_counter() - start) / max(1, len(views))
        results: list[Recognition] = []
        for item in found:
            if item.blank:
                results.append(self._recognition(item, item.fitted[0], Answer([]), item.milliseconds, task))
            else:
                own = list(itertools.islice(answers, len(item.fitted)))
                best = likeliest(own)
                results.append(self._recognition(item, item.fitted[best], own[best],
                                                 item.milliseconds + share * len(own), task))
        return results

    def _sifted(self, ranked: list[Hypothesis]) -> list[Hypothesis]:
        """The reading and as many alternatives as were asked for. The reading is the search's best, or, where
        `DecodingOptions.sound` says so, the one that is likeliest with the notation's prior, if any means something."""
        first = 0
        if self.options.sound and self.notation.prior and len(ranked) > 1:
            posteriors = list(map(self._posterior, ranked))
            first = max(range(len(ranked)), key=posteriors.__getitem__)  # the search's best, where all are -inf
        return self._shortened([ranked[first], *ranked[:first], *ranked[first + 1:]])

    def _posterior(self, hypothesis: Hypothesis) -> float:
        """The log of how likely a reading is with the notation's prior, up to a constant."""
        if not hypothesis.tokens or self.notation.prior is None:
            return -math.inf
        usual = self.notation.prior(self._text(hypothesis.tokens))
        return hypothesis.logprob + self.options.preference(len(hypothesis.tokens), usual)

    def _shortened(self, ranked: list[Hypothesis]) -> list[Hypothesis]:
        return ranked[:1 + self.options.alternatives]

    def _text(self, tokens: Sequence[int]) -> str:
        return self.notation.tokenizer.decode(self._translation.ids(tokens))

    def _recognition(self, item: Views, view: Fitted, found: Answer, milliseconds: float,
                     task: Task) -> Recognition:
        image, warnings = item.info(view), item.warnings(view)
        if not found.hypotheses:
            return Recognition("", self.notation.name, 0.0, warnings=warnings, model=self.identity,
                               image=image, milliseconds=milliseconds)
        best, *others = found.hypotheses
        if not best.finished or len(best.logprobs) >= self.options.max_tokens:  # a grammar ends what is too long
            warnings += (f"cut off: the reading fills max_tokens={self.options.max_tokens} tokens",)
        if isinstance(task, LexiconFrameTask | LexiconStepTask) and not task.lexicon.holds(best.tokens):
            warnings += ("outside the lexicon: none of its words comes near, so this was read without it",)
        tokens = self.bundle.vocabulary.tokens
        texts = [self._text(hypothesis.tokens) for hypothesis in found.hypotheses]
        places, doubts = self._placed(best, view, found)
        doubts = (*item.doubts(view), *doubts)
        sure = confidence(best)
        if not best.tokens:
            warnings += (f"nothing was read: the picture holds no {self.notation.name}, or none that can be told from "
                         "its ground",)
        elif doubts:
            warnings += (f"doubtful (confidence {sure:.2f} before this): the picture holds no {self.notation.name}, or "
                         f"more than one: {'; '.join(doubts)}",)
        elif sure < self.notation.unsure:
            warnings += (f"unsure (confidence {sure:.2f}): the picture is hard to read, or holds no "
                         f"{self.notation.name}",)
        most = DOUBTED if doubts else 1.0
        alternatives = {text: Alternative(text, min(most, confidence(other)))
                        for text, other in reversed(list(zip(texts[1:], others, strict=True))) if text != texts[0]}
        if best.tokens and self.notation.remarks:
            warnings += tuple(self.notation.remarks(texts[0]))
        formats, complaints = self._converted(texts[0], places)
        spots: tuple[Spot, ...] = ()
        if self._spotter:
            start = time.perf_counter()
            spots = self._spotter.spots(best, texts[0], found)
            milliseconds += 1000 * (time.perf_counter() - start)
        seen = itertools.chain(found.boxes, itertools.repeat(None))
        return Recognition(
            texts[0], self.notation.name, min(most, sure),
            tuple(Token(tokens[t], p, box) for t, p, box in zip(best.tokens, best.logprobs, seen, strict=False)),
            tuple(reversed(alternatives.values())), warnings + complaints, self.identity, image,
            milliseconds, formats, places, tuple(self.notation.checks(texts[0])) if self.notation.checks else (), spots)

    def _placed(self, best: Hypothesis, view: Fitted, found: Answer) -> tuple[tuple[Place, ...], Sequence[str]]:
        """Where the parts of a reading are in the given picture, and why the notation doubts it."""
        placing = self.notation.placing
        if placing is None or not best.tokens:
            return (), ()
        sight = Sight(tuple(self.bundle.vocabulary.tokens[t] for t in best.tokens), found.points, view.pixels,
                      self.input.staff_space)
        places = placing.places(sight) if len(sight.points) else ()
        given = (view.box(place.x, place.y, place.x, place.y)[:2] for place in places)
        return (tuple(Place(place.text, x, y) for place, (x, y) in zip(places, given, strict=True)),
                placing.doubts(sight, places))

    def _free_task(self, guided: bool, allow: str | Iterable[str] | None) -> FrameTask | DecodingTask:
        """How the network reads without a lexicon."""
        vocabulary, grammar = self.bundle.vocabulary, self.notation.grammar
        translated = self._translation.guide(grammar) if guided and grammar else None
        allowed = None if allow is None else AllowOnly(wordlists.tokens(allow, vocabulary), vocabulary)
        options = self.options  # to choose among readings, there must be some; and so for alternatives
        options = replace(options, certain=1.0) if options.alternatives and self.bundle.kind == "frames" else options
        if options.sound and self.notation.prior:
            options = replace(options, alternatives=options.beam_width - 1)
        if self.bundle.kind == "frames":
            network = cast(FrameModel, self.network)
            return FrameTask(allowed.over(network) if allowed else network, vocabulary, translated, options)
        guide: Guide | None = without_loops(translated, vocabulary) if guided else None
        if allowed:
            guide = Both((guide, allowed)) if guide else allowed
        return DecodingTask(cast(StepModel, self.network), vocabulary, guide, options)

    def _lexicon_task(self, words: Words, complete: bool = False) -> Task:
        options = self._lexicon_options(complete=complete)
        found = wordlists.lexicon(words, self.notation, self.bundle.vocabulary, options)
        free = self._free
        if self.options.sound:  # a wide beam is there to be chosen from by the prior
            most = self.options.alternatives
            free = replace(free, options=replace(free.options, beam_width=1 + most, alternatives=most))
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


@overload
def load(name: Literal["auto"], **options: Any) -> "AutomaticReader":
    ...


@overload
def load(name: str | os.PathLike[str] = "formula", **options: Any) -> Recognizer: ...


def load(name: str | os.PathLike[str] = "formula", **options: Any) -> "Recognizer | AutomaticReader":
    """The recognizer of an installed model or of a bundle's folder; the same arguments give the same object. `auto` is
    what reads pictures of any kind, each with the model of its kind (`glyphic.reading.automatic`)."""
    for option in ("formats", "lexicon", "allow"):  # what cannot be hashed, and iterators
        if not isinstance(options.get(option), str | os.PathLike | None):
            options[option] = tuple(options[option])
    if name == "auto":
        from glyphic.reading import automatic

        return automatic.load(**options)
    return _cached(os.fspath(name), tuple(sorted(options.items())))


def read(picture: pictures.Source, notation: str | os.PathLike[str] = "formula", **options: Any) -> Recognition:
    """Read one picture with the model of a notation (or a bundle's folder), or, with "auto", with that of the notation
    that it shows; options as for `Recognizer`."""
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
    else:
        given.setdefault("alternatives", min(defaults.alternatives, given["beam_width"] - 1))
        if given["beam_width"] == 1:
            given["scales"] = given["shifts"] = ()
    return replace(defaults, **given)
