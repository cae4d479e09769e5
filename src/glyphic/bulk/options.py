"""What is read and how, as a plan pins it; and what may differ from one start of a run to the next."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from glyphic import notations
from glyphic.core.errors import GlyphicError, MissingExtraError, OptionError, UnknownNameError
from glyphic.reading import bundle as bundles
from glyphic.reading.automatic import AUTO, MODELS
from glyphic.reading.kinds import MANIFEST as KINDS
from glyphic.reading.members import JOIN

FILES = ("jsonl", "parquet")
CHANGES = ("refuse", "keep", "add")


@dataclass(frozen=True)
class Options:
    """What every row of a run is to be read with; a run does not go on with others."""

    model: str = AUTO  # a name or folder, several with + between them, or auto
    formats: tuple[str, ...] = ()  # the text in these formats, too
    spots: bool = False
    alternatives: int = 0
    file: str = "jsonl"  # or parquet
    shard: int = 200  # inputs in a file of rows
    column: str = "path"  # of a manifest
    only: tuple[str, ...] = ()  # names of files, as patterns
    threshold: float = 0.9  # readings of less confidence are in doubt
    review: bool = False  # whether those go to a review queue

    def __post_init__(self) -> None:
        if self.file not in FILES:
            raise OptionError(f"rows are written as {' or '.join(FILES)}; got {self.file!r}")
        if self.shard < 1 or self.alternatives < 0:
            raise OptionError("a shard has at least 1 input, and alternatives are 0 or more; "
                              f"got shard={self.shard}, alternatives={self.alternatives}")
        if not 0 <= self.threshold <= 1:
            raise OptionError(f"a threshold is a confidence, from 0 to 1; got {self.threshold}")

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "formats": list(self.formats), "only": list(self.only)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Options":
        return cls(**{**data, "formats": tuple(data["formats"]), "only": tuple(data["only"])})

    def reader(self) -> dict[str, Any]:
        """Those of `glyphic.load`. Who reviews has spots to look at and readings to choose from, as from `review add`.
        """
        return {"formats": self.formats, "spots": self.spots or self.review, "threads": 1,
                "alternatives": self.alternatives or (3 if self.review else None)}


@dataclass(frozen=True)
class Conditions:
    """What may change from one start of a run to the next; no reading depends on it."""

    workers: int = 1
    batch: int = 16  # pictures that are read together
    seconds: float = 60.0  # that a picture may take
    changes: str = "refuse"  # what becomes of inputs that are not those of the plan
    retry_errors: bool = False
    review_url: str | None = None

    def __post_init__(self) -> None:
        if self.workers < 1 or self.batch < 1 or not self.seconds > 0:
            raise OptionError("workers and batch are at least 1, and a picture may take more than 0 seconds; got "
                              f"workers={self.workers}, batch={self.batch}, seconds={self.seconds}")
        if self.changes not in CHANGES:
            raise OptionError(f"changed inputs: one of {', '.join(CHANGES)}; got {self.changes!r}")


def identities(options: Options) -> dict[str, str]:
    """The models that may read, and the sha256 of their manifests, which hold those of all their files.

    What no worker could do is refused here, before any starts. Errors: UnknownNameError for a model or a format,
    BundleError, MissingExtraError for a format that needs what is not installed.
    """
    if options.model == AUTO:
        there = bundles.installed()
        names = sorted({name for models in MODELS.values() for name in models if name in there})
    else:
        whole = os.path.exists(options.model)  # a path may have a plus in it
        names = [options.model] if whole else [part.strip() for part in options.model.split(JOIN)]
    found = [bundles.Bundle.load(name) for name in names]
    _refuse_formats(options.formats, sorted({bundle.notation for bundle in found}))
    result = {f"{bundle.name} {bundle.version}": bundle.sha256 for bundle in found}
    if options.model == AUTO:
        kinds = bundles.read_manifest(bundles.SHIPPED / "kind", KINDS)
        result[f"{kinds['name']} {kinds['version']}"] = str(kinds["files"]["kinds.onnx"])
    return result


def _refuse_formats(formats: tuple[str, ...], spoken: list[str]) -> None:
    """Formats that none of the notations has, or that cannot be written here."""
    for name in formats:
        having = [notations.get(notation) for notation in spoken if name in notations.get(notation).formats]
        if not having:
            known = {known for notation in spoken for known in notations.get(notation).formats}
            raise UnknownNameError(f"format of {', '.join(spoken)}", name, known)
        for notation in having:
            for example in notation.examples:
                try:
                    notation.formats[name](notation.normalize(example))
                except MissingExtraError:
                    raise
                except GlyphicError:
                    continue  # this example has no such form
                break
