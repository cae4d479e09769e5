"""The public layouts of words and staves become folders of images/ and labels.tsv, with lexicons.tsv if they have some.

Each reader yields the samples of one split as its authors publish it; pictures are passed on as the files hold them,
but for SVT, whose words are cut out of street views. docs/data.md says where the data are to be had.
"""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image

from glyphic.core.errors import GlyphicError, MissingExtraError, OptionError, UnknownNameError
from glyphic.data.archives import Labelled, read_lmdb, read_tar, suffix_of
from glyphic.data.samples import LABELS, LEXICONS, read_folder, read_lexicons


def read_iiit5k(source: Path) -> Iterator[Labelled]:
    """IIIT 5K-word (Mishra et al. 2012): source is traindata.mat or testdata.mat, beside the folders train and test.

    The .mat is one row of records with ImgName, GroundTruth, smallLexi (50 words) and mediumLexi (1000 words); the
    small lexicon is kept. Errors: MissingExtraError without scipy, GlyphicError for another content.
    """
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    except ImportError as error:
        raise MissingExtraError("reading a .mat file", "data") from error
    try:
        rows = loadmat(str(source))[source.stem][0]
        for row in rows:
            name, text = str(row["ImgName"][0]), str(row["GroundTruth"][0])
            lexicon = tuple(str(word[0]) for word in row["smallLexi"][0])
            yield Labelled((source.parent / name).read_bytes(), text, name, lexicon)
    except (OSError, ValueError, KeyError, IndexError, TypeError, MatReadError) as error:
        raise GlyphicError(f"{source} is not read as IIIT5K's traindata.mat or testdata.mat: {error}") from error


def read_svt(source: Path) -> Iterator[Labelled]:
    """Street View Text (Wang et al. 2011): source is train.xml or test.xml, beside the folder img.

    Each image names its file, a lexicon of about 50 words of businesses nearby, and rectangles with their words.
    """
    for image in _xml(source).iter("image"):
        name = image.findtext("imageName", "")
        lexicon = tuple(filter(None, re.split(r"[,\s]+", image.findtext("lex", ""))))
        with _opened(source.parent / name) as picture:
            whole = picture.convert("RGB")
        for number, box in enumerate(image.iter("taggedRectangle")):
            left, top, width, height = (int(float(box.get(side, "0"))) for side in ("x", "y", "width", "height"))
            # some rectangles reach beyond the picture
            cut = (max(left, 0), max(top, 0), min(left + width, whole.width), min(top + height, whole.height))
            if cut[0] >= cut[2] or cut[1] >= cut[3]:
                raise GlyphicError(f"{source}: rectangle {number} of {name} lies outside of the picture: "
                                   f"{left}, {top}, {width} x {height} in {whole.width} x {whole.height}")
            yield Labelled(_png(whole.crop(cut)), box.findtext("tag", ""), f"{Path(name).stem}_{number}", lexicon)


def read_icdar2003(source: Path) -> Iterator[Labelled]:
    """ICDAR 2003 robust word recognition (Lucas et al. 2003): source is word.xml, `<image file="..." tag="..." />`."""
    for image in _xml(source).iter("image"):
        name = image.get("file", "")
        yield Labelled(_bytes(source.parent / name), image.get("tag", ""), name)


def read_icdar(source: Path) -> Iterator[Labelled]:
    r"""ICDAR 2013 and 2015 word recognition: source is gt.txt, lines of `word_1.png, "text"`, beside its pictures.

    In the text, \" is a quote and \\ a backslash. A text ### marks a word that nobody can read: it is left out.
    coords.txt, the outline of a word in its picture, is not used: the benchmarks read the upright crop.
    """
    try:
        lines = source.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GlyphicError(f"{source} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        found = re.fullmatch(r'\s*([^,]+?)\s*,\s*"(.*)"\s*', line)
        if not found:
            raise GlyphicError(f'{source}, line {number}: a line is word_1.png, "text"; got {line[:80]!r}')
        text = re.sub(r"\\(.)", r"\1", found[2])
        if text != "###":
            yield Labelled(_bytes(source.parent / found[1]), text, found[1])


def read_primus(source: Path) -> Iterator[Labelled]:
    """PrIMuS (Calvo-Zaragoza and Rizo 2018): source is the folder of its folders, ID/ID.png beside ID/ID.semantic."""
    return _staves(source, ".png")


def read_camera_primus(source: Path) -> Iterator[Labelled]:
    """Camera-PrIMuS (the same at ISMIR 2018): as PrIMuS, but ID/ID_distorted.jpg are the pictures that are taken."""
    return _staves(source, "_distorted.jpg")


def _staves(source: Path, ending: str) -> Iterator[Labelled]:
    found = sorted(source.rglob("*.semantic"))
    if not found:
        raise GlyphicError(f"{source} holds no *.semantic at any depth, so it is no folder of PrIMuS")
    for path in found:
        picture = path.with_name(path.stem + ending)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise GlyphicError(f"{path} cannot be read: {error}") from error
        yield Labelled(_bytes(picture), text, picture.relative_to(source).as_posix())


def read_plain(source: Path) -> Iterator[Labelled]:
    """A folder of our own layout, as the tools of other people want it back: images/, labels.tsv, lexicons.tsv."""
    lexicons = read_lexicons(source) if (source / LEXICONS).is_file() else {}
    for sample in read_folder(source):
        name = sample.path.relative_to(source).as_posix()
        yield Labelled(_bytes(sample.path), sample.text, name, lexicons.get(name, ()))


READERS: dict[str, Callable[[Path], Iterator[Labelled]]] = {
    "iiit5k": read_iiit5k,
    "svt": read_svt,
    "icdar2003": read_icdar2003,
    "icdar2013": read_icdar,
    "icdar2015": read_icdar,
    "primus": read_primus,
    "camera-primus": read_camera_primus,
    "lmdb": read_lmdb,
    "tar": read_tar,
    "folder": read_plain,
}


def convert(layout: str, source: str | Path, out: str | Path) -> Iterator[Labelled]:
    """Writes what the reader of `layout` finds in `source` into the folder `out`; yields each sample when it is there.

    Line breaks and runs of spaces in labels become single spaces. labels.tsv is written last: a folder that has one is
    whole. Errors: UnknownNameError for a layout without a reader,
    OptionError where `out` has a labels.tsv already.
    """
    if layout not in READERS:
        raise UnknownNameError("layout", layout, READERS)
    out = Path(out)
    if (out / LABELS).exists():
        raise OptionError(f"{out} is a data set already; give a new folder")
    (out / "images").mkdir(parents=True, exist_ok=True)
    labels, lexicons = [], []
    for index, sample in enumerate(READERS[layout](Path(source))):
        path = f"images/{index:06d}.{suffix_of(sample.picture)}"
        (out / path).write_bytes(sample.picture)
        labels.append(f"{path}\t{' '.join(sample.text.split())}\n")
        if sample.lexicon:
            lexicons.append(f"{path}\t{' '.join(sample.lexicon)}\n")
        yield sample
    if lexicons:
        (out / LEXICONS).write_text("".join(lexicons), encoding="utf-8", newline="\n")
    (out / LABELS).write_text("".join(labels), encoding="utf-8", newline="\n")


def _xml(source: Path) -> ElementTree.Element:
    try:
        return ElementTree.parse(source).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise GlyphicError(f"{source} cannot be read as XML: {error}") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GlyphicError(f"a picture that the labels name cannot be read: {path}: {error.strerror}") from error


def _opened(path: Path) -> Image.Image:
    try:
        return Image.open(path)
    except OSError as error:
        raise GlyphicError(f"a picture that the labels name cannot be read: {path}: {error}") from error


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
