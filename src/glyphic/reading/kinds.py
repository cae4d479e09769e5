"""A picture goes in, the probability of each kind comes out: printed or handwritten formula, printed or handwritten
molecule, staff of music, line of text, or none of these."""

import os
from pathlib import Path

import numpy as np

from glyphic.core.errors import BundleError, UnknownNameError
from glyphic.core.images import Image
from glyphic.core.kinds import KINDS, view
from glyphic.core.results import ModelIdentity
from glyphic.reading import pictures
from glyphic.reading.bundle import SHIPPED, check_files, read_manifest

MANIFEST = "kinds.json"
GRAPH = "kinds.onnx"


class KindReader:
    """Tells what kind of picture a picture is, in a few milliseconds.

    source: the folder of a classifier's bundle; by default the one of this installation. threads: of onnxruntime.
    Errors: UnknownNameError where there is no such folder, BundleError for a damaged bundle.
    """

    def __init__(self, source: str | os.PathLike[str] = "kind", threads: int = 1):
        self.folder = _locate(source)
        manifest = read_manifest(self.folder, MANIFEST)
        try:
            self.kinds: tuple[str, ...] = tuple(map(str, manifest["kinds"]))
            name, version, files = str(manifest["name"]), str(manifest["version"]), dict(manifest["files"])
            digest = str(files[GRAPH])
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(f"{self.folder / MANIFEST} does not describe a classifier of kinds: "
                              f"{type(error).__name__}: {error}") from error
        if set(self.kinds) != set(KINDS):
            raise BundleError(f"{self.folder} tells {', '.join(self.kinds)} apart; this version of glyphic knows "
                              f"{', '.join(KINDS)}: install the version that the model was made for")
        check_files(self.folder, files, MANIFEST)
        self.identity = ModelIdentity(name, version, digest)
        from glyphic.reading.onnx import OnnxClassifier  # onnxruntime: 0.1 s that others need not pay

        self._network = OnnxClassifier(self.folder / GRAPH, threads)

    def kind(self, picture: pictures.Source) -> dict[str, float]:
        """picture: as for `pictures.load`, with its errors -> the probability of each kind, most probable first, sum 1.
        """
        return self.kind_of(pictures.load(picture))

    def kind_of(self, image: Image) -> dict[str, float]:
        """image: (H, W) in [0, 1] -> as `kind`."""
        found = self._network.probabilities(view(image)[None, None])[0].astype(np.float64)
        shares = dict(zip(self.kinds, (found / found.sum()).tolist(), strict=True))
        return dict(sorted(shares.items(), key=lambda item: -item[1]))


def _locate(source: str | os.PathLike[str]) -> Path:
    folder = SHIPPED / source if isinstance(source, str) and (SHIPPED / source / MANIFEST).is_file() else Path(source)
    if not folder.is_dir():
        shipped = [path.parent.name for path in SHIPPED.glob(f"*/{MANIFEST}")]
        raise UnknownNameError("classifier of kinds or its folder", os.fspath(source), shipped)
    return folder
