"""What is no single staff of one voice: how often is it refused, and how often is a single staff? One table comes out.

    python benchmarks/not_a_staff.py --count 20 [--model BUNDLE] [--folder DIR ...]

Pages, two systems, grand staves and staves of chords are set by Verovio from the sampler's texts (extra [music]);
blank paper, lines of text and noise hold no staff. Single staves, as the renderer's mixed look has them with parts of
neighbours at their edges, and the data sets of --folder, are to pass. Without a model it is counted what the picture
alone tells; with one, what becomes of its readings: refused with an error, doubted with a warning, or trusted.
"""

import argparse
import random
import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from not_molecules import blank, noise
from not_molecules import text as lines_of_text

from glyphic import notations, recipes
from glyphic.core.errors import GlyphicError, ImageError
from glyphic.core.notation import Sight
from glyphic.core.results import Recognition
from glyphic.data.samples import read_folder
from glyphic.notations.music.mei import NAMESPACE, to_mei
from glyphic.notations.music.plausibility import doubts
from glyphic.notations.music.rendering import seen_by_camera
from glyphic.notations.music.rendering.drawing import drawn
from glyphic.notations.music.rendering.engraving import Engraving, _toolkit
from glyphic.notations.music.semantic import canonical, parse
from glyphic.reading.pictures import Source
from glyphic.reading.recognizer import Recognizer
from glyphic.reading.views import look

MEI = f"{{{NAMESPACE}}}"

ET.register_namespace("", NAMESPACE)  # Verovio knows MEI without prefixes only


def page(rng: random.Random) -> np.ndarray:
    """Three to eight systems of one staff."""
    return _set(_long(rng, rng.randint(3, 8)), rng, width=rng.randint(1800, 2600))


def systems(rng: random.Random) -> np.ndarray:
    """One staff broken once or twice."""
    return _set(_long(rng, 1), rng, width=rng.randint(1100, 1600))


def grand(rng: random.Random) -> np.ndarray:
    """Two staves that belong together, as for a piano."""
    root = ET.fromstring(_mei(rng).encode())
    group = next(root.iter(f"{MEI}staffGrp"))
    group.append(ET.fromstring(ET.tostring(group[0]).decode().replace('n="1"', 'n="2"', 1)))
    group.set("symbol", rng.choice(("brace", "bracket", "line")))
    for measure in root.iter(f"{MEI}measure"):
        measure.append(ET.fromstring(re.sub(r'"n(\d+)"', r'"m\1"', ET.tostring(measure[0]).decode())
                                     .replace('n="1"', 'n="2"', 1)))
    return _set(ET.tostring(root, encoding="unicode"), rng)


def chords(rng: random.Random) -> np.ndarray:
    """One staff on which most notes have one to three more, a third to an octave below."""
    root = ET.fromstring(_mei(rng).encode())
    for parent in list(root.iter()):
        for place, note in enumerate(list(parent)):
            if note.tag != f"{MEI}note" or "grace" in note.attrib or rng.random() < 0.3:
                continue
            chord = ET.Element(f"{MEI}chord", {"dur": note.attrib.pop("dur"), "dots": note.attrib.pop("dots", "0")})
            chord.append(note)
            height = 7 * int(note.attrib["oct"]) + "cdefgab".index(note.attrib["pname"])
            for _ in range(rng.choice((1, 1, 2, 3))):
                height -= rng.choice((2, 2, 3, 4, 5, 7))
                ET.SubElement(chord, f"{MEI}note", {"pname": "cdefgab"[height % 7], "oct": str(height // 7)})
            parent[place] = chord
    return _set(ET.tostring(root, encoding="unicode"), rng)


def single(rng: random.Random) -> np.ndarray:
    """A staff as the model was trained on, half of them photographed."""
    notation = notations.get("music")
    made = None
    while made is None:
        texts = [notation.sample(rng) for _ in range(3)]  # the first ones are neighbours of the last
        made = notation.render_many(texts, rng, look="mixed")[-1]
    return made.pixels


KINDS: dict[str, tuple[bool, Callable[[random.Random], np.ndarray]]] = {  # whether it may be read
    "page": (False, page), "systems": (False, systems), "grand staff": (False, grand), "chords": (False, chords),
    "blank": (False, blank), "text": (False, lines_of_text), "noise": (False, noise), "single staff": (True, single)}


def _long(rng: random.Random, count: int) -> str:
    """The MEI of a staff that is as long as so many."""
    notation = notations.get("music")
    first = notation.sample(rng)
    more = (" ".join(word for word in notation.sample(rng).split() if word.startswith(("note", "rest", "barline")))
            for _ in range(2 * count))
    return to_mei(canonical(parse(" barline ".join((first, *more)))))


def _mei(rng: random.Random) -> str:
    text = ""
    while text.count(" note") < 6 or "multirest" in text:
        text = notations.get("music").sample(rng)
    return to_mei(canonical(parse(text)))


def _set(mei: str, rng: random.Random, width: int | None = None) -> np.ndarray:
    toolkit = _toolkit()
    toolkit.resetOptions()
    toolkit.setOptions({"adjustPageHeight": True, "adjustPageWidth": width is None, "header": "none", "footer": "none",
                        "breaks": "auto" if width else "none", "pageWidth": width or 100_000, "pageHeight": 60_000,
                        "mnumInterval": 0, "scale": 100, "outputFormatRaw": True, "svgFormatRaw": True})
    if not toolkit.loadData(mei):
        raise GlyphicError("Verovio cannot set this")
    space = rng.uniform(8, 16)
    picture = drawn(Engraving(toolkit.renderToSVG(1), (), (0, 0)), space)
    pixels = np.round(255 * picture).astype(np.uint8)
    return seen_by_camera(pixels, space, rng) if rng.random() < 0.5 else np.pad(pixels, 12, constant_values=255)


# ---- what becomes of them


def seen(picture: Source) -> str:
    """What a picture alone tells: "refused", "doubted" or "trusted"."""
    spec = recipes.get("music").input
    try:
        views = look(picture, spec)
    except ImageError:
        return "refused"
    view = views.fitted[0]
    if view.blank or views.doubts(view) or doubts(Sight((), np.zeros((0, 2)), view.pixels, spec.staff_space), ()):
        return "doubted"
    return "trusted"


def read(reader: Recognizer, picture: Source) -> str:
    """What becomes of a reading."""
    (result,) = reader.read_many([picture], errors="return")
    if not isinstance(result, Recognition):
        return "refused"
    return "trusted" if result.text and result.confidence >= notations.get("music").unsure else "doubted"


def measure(judge: Callable[[Source], str], count: int, folders: list[Path], seed: int = 0) -> Iterator[list[str]]:
    """Rows of the table."""
    for kind, (wanted, make) in KINDS.items():
        rng = random.Random(f"{seed} {kind}")
        try:
            found = Counter(judge(make(rng)) for _ in range(count))
        except GlyphicError as problem:
            print(f"{kind}: left out: {problem}", file=sys.stderr)
            continue
        yield _row(kind, wanted, found)
    for folder in folders:
        yield _row(folder.name, True, Counter(judge(sample.path) for sample in read_folder(folder)))


def _row(kind: str, wanted: bool, found: Counter[str]) -> list[str]:
    return [kind, "pass" if wanted else "not", str(found.total()),
            *(str(found[outcome]) for outcome in ("refused", "doubted", "trusted"))]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", metavar="BUNDLE")
    parser.add_argument("--count", type=int, default=20, help="pictures of each kind")
    parser.add_argument("--folder", type=Path, action="append", default=[], help="a data set of single staves")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    try:
        reader = Recognizer(given.model) if given.model else None
        print("| picture | is to | count | refused | doubted | trusted |\n| --- | --- | ---: | ---: | ---: | ---: |")
        for row in measure(seen if reader is None else lambda picture: read(reader, picture), given.count,
                           given.folder, given.seed):
            print(f"| {' | '.join(row)} |", flush=True)
    except GlyphicError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
