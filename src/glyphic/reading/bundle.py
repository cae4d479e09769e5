"""A folder with a trained model, its vocabulary and its settings becomes a checked `Bundle`; and back."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glyphic.core.errors import BundleError, GlyphicError, UnknownNameError
from glyphic.core.options import DecodingOptions, InputSpec
from glyphic.core.vocabulary import Vocabulary

FORMAT = 1
MANIFEST = "bundle.json"
GRAPHS = {"step": ("encoder.onnx", "step.onnx"), "frames": ("frames.onnx",)}  # kind -> the files it must have
SHIPPED = Path(__file__).parents[1] / "bundles"  # the models inside the package


@dataclass(frozen=True)
class Bundle:
    """One trained model on disk, its files verified."""

    folder: Path
    name: str
    version: str
    notation: str
    kind: str  # "step" or "frames"
    vocabulary: Vocabulary
    input: InputSpec
    decoding: DecodingOptions  # what it reads with unless told otherwise
    strides: tuple[int, int]  # fitted pixels per memory cell, down and across
    # how it was trained, as plain data: a model stays readable when recipes learn new settings
    recipe: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # file name -> sha256 in hex
    sha256: str = ""  # of bundle.json, which holds all of these

    @classmethod
    def load(cls, source: str | os.PathLike[str]) -> "Bundle":
        """source: the name of an installed model or the path of a bundle's folder.

        Errors: UnknownNameError lists the installed names; BundleError names the file that is missing or changed.
        """
        folder = locate(source)
        manifest = read_manifest(folder)
        try:
            bundle = cls(folder, str(manifest["name"]), str(manifest["version"]), str(manifest["notation"]),
                         str(manifest["kind"]), Vocabulary.from_json(manifest["vocabulary"]),
                         InputSpec.from_json(manifest["input"]), DecodingOptions(**manifest["decoding"]),
                         _strides(manifest["stride"]), manifest.get("recipe") or {}, manifest.get("scores") or {},
                         dict(manifest["files"].items()), _sha256(folder / MANIFEST))
        except (KeyError, TypeError, ValueError, AttributeError, GlyphicError) as error:
            what = f"{type(error).__name__}: {error}"
            raise BundleError(f"{folder / MANIFEST} does not describe a model: {what}") from error
        bundle.verify()
        return bundle

    def verify(self) -> None:
        """Every file is there and unchanged; BundleError names the first that is not."""
        if self.kind not in GRAPHS:
            raise BundleError(f"{self.folder}: kind must be one of {', '.join(GRAPHS)}; got {self.kind!r}")
        for name in GRAPHS[self.kind]:
            if name not in self.files:
                raise BundleError(f"{self.folder / MANIFEST} does not list {name}, which a {self.kind} model needs")
        check_files(self.folder, self.files)

    def path(self, name: str) -> Path:
        """The path of one of the bundle's files."""
        if name not in self.files:
            raise BundleError(f"the model {self.name} has no file {name}; it has: {', '.join(sorted(self.files))}")
        return self.folder / name

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum((self.folder / name).stat().st_size for name in self.files)


def write_bundle(folder: str | os.PathLike[str], manifest: Mapping[str, Any]) -> Bundle:
    """Hash every file of `folder` and write its bundle.json from `manifest` (without "files") -> the checked bundle."""
    write_manifest(Path(folder), manifest)
    return Bundle.load(folder)


def write_manifest(folder: Path, manifest: Mapping[str, Any], name: str = MANIFEST) -> None:
    """The same for any manifest: the hashes of the files beside it go in under "files"."""
    files = {path.name: _sha256(path) for path in sorted(folder.iterdir())
             if path.is_file() and path.name != name and not path.name.startswith(".")}
    complete = {"format": FORMAT, **manifest, "files": files}
    part = folder / f".{name}.part"
    part.write_text(json.dumps(complete, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(folder / name)  # all or nothing


def check_files(folder: Path, files: Mapping[str, str], manifest: str = MANIFEST) -> None:
    """files: name -> sha256, as `manifest` in the folder lists them; BundleError names the first that is not so."""
    for name, expected in files.items():
        path = folder / name
        if Path(name).name != name:
            raise BundleError(f"{folder / manifest} lists {name!r}; its files must lie beside it")
        if not path.is_file():
            raise BundleError(f"{path} is missing; install the model again")
        if _sha256(path) != expected:
            raise BundleError(f"{path} was changed or damaged (its sha256 is not the recorded one); "
                              "install the model again")


def installed() -> dict[str, Path]:
    """The models inside this installation: name -> folder."""
    return dict(_shipped())


def list_models() -> list[str]:
    """The names of the models inside this installation, as `load` and `read` take them."""
    return sorted(installed())


def locate(source: str | os.PathLike[str]) -> Path:
    """The folder of an installed model or of a path; UnknownNameError lists what is installed."""
    shipped = installed()
    if isinstance(source, str) and source in shipped:
        return shipped[source]
    folder = Path(source)
    if folder.name == MANIFEST:
        folder = folder.parent
    if folder.is_dir():
        return folder
    raise UnknownNameError("model or bundle folder", os.fspath(source), shipped)


def _shipped() -> Iterator[tuple[str, Path]]:
    if SHIPPED.is_dir():
        for path in sorted(SHIPPED.glob(f"*/{MANIFEST}")):
            yield path.parent.name, path.parent


def read_manifest(folder: Path, name: str = MANIFEST) -> Mapping[str, Any]:
    """The manifest of a bundle's folder, as plain data; BundleError where it is missing, damaged, of another format."""
    path = folder / name
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BundleError(f"{folder} is no model bundle: it has no {name}") from None
    except (OSError, ValueError) as error:
        raise BundleError(f"{path} cannot be read: {error}") from error
    if not isinstance(manifest, dict):
        raise BundleError(f"{path} must hold a JSON object; got {type(manifest).__name__}")
    if manifest.get("format") != FORMAT:
        raise BundleError(f"{path} has format {manifest.get('format')!r}; this version reads format {FORMAT}: "
                          "install the version of glyphic that the model was made for")
    return manifest


def _strides(value: Any) -> tuple[int, int]:
    """One number for square cells, else two: down, across."""
    down, across = value if isinstance(value, list) else (value, value)
    return int(down), int(across)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
