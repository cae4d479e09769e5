"""A picture of unknown kind is read with the model of the kind that it most probably shows."""

import functools
import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from glyphic.core.errors import OptionError, UnknownNameError
from glyphic.core.images import Image
from glyphic.core.kinds import NONE
from glyphic.core.results import ModelIdentity, Recognition
from glyphic.reading import many, pictures
from glyphic.reading.bundle import installed
from glyphic.reading.kinds import KindReader
from glyphic.reading.recognizer import Recognizer
from glyphic.reading.views import Views

AUTO = "auto"  # what this reader is called where a model is named

# kind -> the models that read it, the best first, of which the first that is installed is taken
MODELS: Mapping[str, tuple[str, ...]] = {
    "formula": ("formula",),
    "formula-handwritten": ("formula-handwritten", "formula"),
    "molecule": ("molecule",),
    "molecule-handwritten": ("molecule-handwritten", "molecule"),
    "music": ("music",),
    "text": ("text",),
}
# what one model is told about the texts to come says nothing to the others
OF_ONE_NOTATION = ("lexicon", "lexicon_method", "lexicon_distance", "gate", "match_case", "allow")


class AutomaticReader:
    """Reads pictures of any kind, each with the model of its kind; `Recognition.notation_confidence` is the kind's
    probability.

    kinds: what tells kinds apart, by default the classifier of this installation. threads: of onnxruntime. options: as
    for `Recognizer`, for all models alike; not those that speak of the words of one notation. Of `formats`, each
    reading has those that its notation can give. Errors: OptionError, and those of `Recognizer` and `KindReader`.
    """

    def __init__(self, kinds: KindReader | None = None, threads: int = 1, formats: Iterable[str] = (), **options: Any):
        given = [name for name in OF_ONE_NOTATION if options.get(name) not in (None, False)]
        if given:
            raise OptionError(f"{', '.join(given)}: meant for one notation, while {AUTO!r} reads any; name a model")
        self.kinds = kinds or KindReader(threads=threads)
        self.formats = (formats,) if isinstance(formats, str) else tuple(formats)
        self.options = {**{k: v for k, v in options.items() if k not in OF_ONE_NOTATION}, "threads": threads}
        self._recognizer = functools.cache(self._opened)
        known = {name for kind in MODELS for name in self._notation_formats(kind)} if self.formats else set()
        for name in self.formats:
            if name not in known:
                raise UnknownNameError("format of any notation", name, known)

    @property
    def name(self) -> str:
        """Name and version of the classifier; each Recognition names the model that read."""
        return str(self.kinds.identity)

    def read(self, picture: pictures.Source) -> Recognition:
        """Read one picture: a path, bytes, a binary file, a PIL image or an array.

        What shows no notation is not read: the text is empty, the notation `none`, and a warning says what it was taken
        for. Errors: ImageError for what cannot be read.
        """
        (result,) = self.read_looked([self.look(picture)])
        return result

    def look(self, picture: pictures.Source) -> "Sorted":
        """The first half of reading: decode a picture, tell its kind, and fit it as the model of that kind wants it;
        errors as `read`. It may run in a thread of its own, while another reads."""
        start = time.perf_counter()
        image = pictures.load(picture)  # files can be read but once
        shares = self.kinds.kind_of(image)
        milliseconds, kind = 1000 * (time.perf_counter() - start), next(iter(shares))
        if kind == NONE:
            return Sorted(kind, shares, milliseconds, nothing(image, shares, self.kinds.identity, milliseconds))
        return Sorted(kind, shares, milliseconds, self._recognizer(kind).look(image))

    def read_looked(self, looked: Sequence["Sorted"]) -> list[Recognition]:
        """The second half: pictures as `look` gave them; those of one kind are read together."""
        results: dict[int, Recognition] = {}
        waiting: dict[str, list[tuple[int, Sorted]]] = {}
        for number, found in enumerate(looked):
            if isinstance(found.views, Recognition):
                results[number] = found.views
            else:
                waiting.setdefault(found.kind, []).append((number, found))
        for kind, members in waiting.items():
            readings = self._recognizer(kind).read_looked([cast(Views, found.views) for _, found in members])
            for (number, found), reading in zip(members, readings, strict=True):
                results[number] = self._told(found, reading)
        return [results[number] for number in range(len(looked))]

    def read_many(self, pictures: Iterable[pictures.Source], batch: int = 16,
                  errors: Literal["raise", "return"] = "raise") -> Iterator[Any]:
        """Read pictures in order, lazily, `batch` at a time; errors as for `Recognizer.read_many`."""
        return many.read_many(self, pictures, batch, errors)

    def _told(self, found: "Sorted", reading: Recognition) -> Recognition:
        """The reading with the kind's probability, and what its reader should know of the model that was taken."""
        warnings = reading.warnings + stopgap(found.kind, self._model(found.kind))
        missing = [name for name in self.formats if name not in self._notation_formats(found.kind)]
        warnings += tuple(f"no {name}: the notation {reading.notation} has no such format" for name in missing)
        return replace(reading, warnings=warnings, notation_confidence=found.shares[found.kind],
                       milliseconds=reading.milliseconds + found.milliseconds)

    def _model(self, kind: str) -> str:
        """The model that reads a kind here."""
        there = installed()
        return next((name for name in MODELS[kind] if name in there), MODELS[kind][-1])

    def _opened(self, kind: str) -> Recognizer:
        formats = [name for name in self.formats if name in self._notation_formats(kind)]
        return Recognizer(self._model(kind), formats=formats, **self.options)

    def _notation_formats(self, kind: str) -> set[str]:
        from glyphic import notations

        return set(notations.get(kind.partition("-")[0]).formats)


def stopgap(kind: str, model: str) -> tuple[str, ...]:
    """The warning of a reading by a model that is not the kind's own; none where it is."""
    wanted = MODELS.get(kind, (model,))[0]
    if model == wanted:
        return ()
    return (f"this looks like a {' '.join(reversed(kind.split('-')))}, and no model {wanted!r} is installed: it was "
            f"read with {model!r}, which knows printed ones",)


def nothing(image: Image, shares: Mapping[str, float], classifier: ModelIdentity,
            milliseconds: float = 0.0) -> Recognition:
    """The answer to a picture of no notation. shares: the probabilities of its kinds, most probable first."""
    height, width = image.shape
    likely = ", ".join(f"{kind} {share:.0%}" for kind, share in itertools.islice(shares.items(), 3))
    return Recognition(
        "", NONE, 0.0, warnings=(f"nothing was read: the picture shows no notation, or more than one ({likely}); "
                                 "crop it to one formula, line or drawing, or name the model that is to read it",),
        model=classifier, image={"width": width, "height": height, "crop": None, "scale": 1.0},
        milliseconds=milliseconds, notation_confidence=shares[NONE])


@dataclass(frozen=True)
class Sorted:
    """A picture whose kind is known, on its way to the network of that kind."""

    kind: str
    shares: Mapping[str, float]  # the probabilities of all kinds, most probable first
    milliseconds: float  # to find them
    views: Views | Recognition  # as the model of the kind looks at it; of no notation, the answer

    @property
    def group(self) -> str:
        """Those of different kinds cannot be read together."""
        return self.kind

    @property
    def width(self) -> int:
        return self.views.width if isinstance(self.views, Views) else 0

    @property
    def nbytes(self) -> int:
        return self.views.nbytes if isinstance(self.views, Views) else 0


@functools.lru_cache(maxsize=4)
def _cached(options: tuple[tuple[str, Any], ...]) -> AutomaticReader:
    return AutomaticReader(**dict(options))


def load(**options: Any) -> AutomaticReader:
    """The reader of any kind; the same options give the same object."""
    return _cached(tuple(sorted(options.items())))

