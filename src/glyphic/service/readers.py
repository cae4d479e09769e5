"""The models of a service, each loaded once, and the recognizers that requests ask of them."""

import functools
import json
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import resources
from typing import Any

from glyphic import notations
from glyphic.core.errors import GlyphicError, MissingExtraError, NotationError
from glyphic.core.kinds import NONE
from glyphic.core.notation import Notation
from glyphic.core.results import Recognition
from glyphic.reading import members, pictures
from glyphic.reading.automatic import AUTO, nothing, stopgap
from glyphic.reading.bundle import Bundle, list_models
from glyphic.reading.kinds import KindReader
from glyphic.reading.pictures import check_header
from glyphic.reading.recognizer import Recognizer
from glyphic.service.orders import FORMATS, Order
from glyphic.service.problems import Problem


class Readers:
    """Reads pictures with any of its models. Networks are shared by all threads: a run of one changes nothing in it.

    names: of installed models, or folders of others; none: all that are installed.
    """

    def __init__(self, names: Sequence[str] = ()):
        self.names = tuple(names or list_models())
        self.bundles: dict[str, Bundle] = {}
        self.formats: dict[str, tuple[str, ...]] = {}  # notation -> those of its formats that work here
        self._networks: dict[str, Any] = {}
        self._kinds: KindReader | None = None  # a KindReader, once one is needed
        self._lock = threading.Lock()
        self.recognizer = functools.lru_cache(maxsize=64)(self._recognizer)

    def load(self) -> None:
        """Loads every model and lets it read its golden picture; GlyphicError where one cannot be loaded, or misreads
        it."""
        self.bundles = {bundle.name: bundle for bundle in map(Bundle.load, self.names)}
        with ThreadPoolExecutor() as pool:  # graphs are made ready while what the formats need is imported
            networks = {name: pool.submit(members.network, (bundle,), threads=1)
                        for name, bundle in self.bundles.items()}
            for notation in dict.fromkeys(bundle.notation for bundle in self.bundles.values()):
                self.formats[notation] = _working(notations.get(notation))
            self._networks = {name: network.result() for name, network in networks.items()}
            list(pool.map(self._try, self.bundles.values()))

    def read(self, picture: bytes, order: Order) -> Recognition:
        """The reading of a picture in the bytes of a file, with its spots.

        Errors: ImageError, OptionError, UnknownNameError; Problem for what only the service knows.
        """
        check_header(picture, FORMATS)
        named = order.model is not None
        source: pictures.Source = picture
        share, kind = None, ""  # of what the picture shows, where that is asked
        if order.notation == AUTO:
            image, classifier = pictures.load(picture), self._classifier()
            shares = classifier.kind_of(image)
            kind, share = next(iter(shares.items()))
            if kind == NONE:
                return nothing(image, shares, classifier.identity)
            source = image  # is decoded once
            special = kind if order.model is None and kind in self.bundles else order.model
            order = order.model_copy(update={"notation": kind.partition("-")[0], "model": special})
        model = self.model(order)
        wanted = self.formats[self.bundles[model].notation] if order.wanted is None else order.wanted
        if order.lexicon:
            reader = self._recognizer(model, order.alternatives, wanted, tuple(order.lexicon))
        else:
            reader = self.recognizer(model, order.alternatives, wanted)
        found = reader.read(source)
        if share is None:
            return found
        warnings = found.warnings if named else found.warnings + stopgap(kind, model)
        return replace(found, notation_confidence=share, warnings=warnings)

    def write(self, notation: str, text: str) -> dict[str, Any]:
        """A text that a person wrote or corrected -> its canonical spelling, formats, checks and warnings, as a reading
        of it would have them. Problem 422 for what the notation cannot hold."""
        if notation not in self.formats:
            raise _unknown("notation", notation, self.formats)
        found = notations.get(notation)
        try:
            canonical = found.normalize(text)
            found.tokenizer.encode(canonical)
        except NotationError as error:
            raise Problem(422, "invalid-text", str(error), position=error.position) from None
        formats, warnings = {}, list(found.remarks(canonical)) if found.remarks else []
        for name in self.formats[notation]:
            try:
                formats[name] = found.formats[name](canonical)
            except NotationError as error:
                warnings.append(f"no {name}: {error}")
        checks = [check.to_json() for check in found.checks(canonical)] if found.checks else []
        return {"notation": notation, "text": canonical, "formats": formats, "checks": checks, "warnings": warnings}

    def model(self, order: Order) -> str:
        """Which model an order asks for; Problem 422 where there is none."""
        if order.model is not None:
            bundle = self.bundles.get(order.model)
            if bundle is None:
                raise _unknown("model", order.model, self.bundles)
            if order.notation not in (None, AUTO, bundle.notation):
                raise Problem(422, "invalid-option", f"the model {bundle.name} reads {bundle.notation}, not "
                              f"{order.notation}; give one of the two")
            return bundle.name
        notation = order.notation or "formula"
        found = [name for name, bundle in self.bundles.items() if bundle.notation == notation]
        if not found:
            raise _unknown("notation", notation, [*self.formats, AUTO])
        return notation if notation in found else found[0]

    def describe(self) -> list[dict[str, Any]]:
        """What there is to read with, as plain values."""
        return [{"name": b.name, "version": b.version, "sha256": b.sha256, "notation": b.notation, "kind": b.kind,
                 "bytes": b.bytes, "formats": list(self.formats[b.notation]), "scores": dict(b.scores)}
                for b in self.bundles.values()]

    def _recognizer(self, model: str, alternatives: int, formats: tuple[str, ...],
                    lexicon: tuple[str, ...] = ()) -> Recognizer:
        return Recognizer(self.bundles[model], network=self._networks[model], alternatives=alternatives or None,
                          formats=formats, lexicon=lexicon or None, spots=True)

    def _classifier(self) -> KindReader:
        """What tells kinds apart; Problem 501 where none is installed."""
        with self._lock:
            if self._kinds is None:
                try:
                    self._kinds = KindReader()
                except GlyphicError as error:
                    raise Problem(501, "not-installed", "this installation cannot tell notations apart; give "
                                  f"notation=formula, molecule, music or text ({error})") from error
            return self._kinds

    def _try(self, bundle: Bundle) -> None:
        """The golden picture of a notation must be read right by the model that is named after it."""
        expected = golden().get(bundle.notation)
        if expected is None or bundle.name != bundle.notation:
            return
        picture, wanted = expected
        reading = self.recognizer(bundle.name, 0, self.formats[bundle.notation]).read(picture)
        given = {"text": reading.text, **reading.formats}
        wrong = [name for name, text in wanted.items() if given.get(name, text) != text]
        if wrong or not reading.text:
            raise GlyphicError(f"the model {bundle.name} misreads its golden picture: {reading.text!r}")


def golden() -> dict[str, tuple[bytes, dict[str, str]]]:
    """Notation -> a picture that its model must read, and what it must read: its text, or the text in a format."""
    folder = resources.files("glyphic.service") / "golden"
    texts = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    return {name: ((folder / f"{name}.png").read_bytes(), wanted) for name, wanted in texts.items()}


def _working(notation: Notation) -> tuple[str, ...]:
    """The formats of a notation whose extras are installed: those in which some example can be written."""
    found = []
    for name, write in notation.formats.items():
        for example in notation.examples:
            try:
                write(notation.normalize(example))
            except MissingExtraError:
                break
            except GlyphicError:
                continue  # this example has no such form
            found.append(name)
            break
    return tuple(found)


def _unknown(what: str, given: str, allowed: Iterable[str]) -> Problem:
    return Problem(422, "invalid-option", f"no {what} {given!r} here; there are: {', '.join(sorted(allowed))}")
