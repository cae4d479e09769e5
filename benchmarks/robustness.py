"""Does a reading depend on what it should not? A model and a data set -> a table, and the same figures as JSON.

    python benchmarks/robustness.py formula FOLDER --json robustness.json [--limit 300]
    python benchmarks/robustness.py music FOLDER --scales 0.5,1,2 --beam 8

- scale: exact match with every picture resized, unless told otherwise to 60, 80, 100, 125 and 160 %
- batch: readings in batches of 16 that differ from readings one by one
- KaTeX (formulas; needs Node and `npm ci --prefix tests/node`): readings that it cannot parse, of the data set's
  pictures and of 300 that hold no formula: noise, blank sheets, stripes, blobs, cut and turned pictures
"""

import argparse
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import NotationError
from glyphic.core.images import Image, resize
from glyphic.core.results import Recognition
from glyphic.data.samples import limit, read_folder
from glyphic.reading.pictures import load
from glyphic.reading.recognizer import Recognizer

SCALES = (0.6, 0.8, 1.0, 1.25, 1.6)
FOREIGN = 300
CHECK = Path(__file__).resolve().parents[1] / "tests" / "node" / "check.js"


def canonical(reader: Recognizer, text: str) -> str:
    """The label's canonical spelling; a line break, which no reading is, for one that the notation cannot hold."""
    try:
        return reader.notation.normalize(text)
    except NotationError:
        return "\n"


def scales(reader: Recognizer, pictures: list[Image], labels: list[str],
           wanted: Sequence[float] = SCALES) -> dict[str, Any]:
    """Exact match at each scale, in [0, 1]; a picture that is refused counts as not read. 1 is among the scales."""
    found = {}
    for scale in wanted:
        resized = [resize(p, max(1, round(p.shape[0] * scale)), max(1, round(p.shape[1] * scale))) for p in pictures]
        readings = reader.read_many(resized, errors="return")
        right = sum(isinstance(reading, Recognition) and reading.text == label
                    for reading, label in zip(readings, labels, strict=True))
        found[f"{scale:.0%}"] = right / len(labels)
    return {"exact": found, "largest_fall": found["100%"] - min(found.values()), "count": len(labels)}


def batches(reader: Recognizer, pictures: list[Image]) -> dict[str, int]:
    """How many readings change when pictures are read sixteen at a time."""
    alone = [reader.read(picture).text for picture in pictures]
    together = [reading.text for reading in reader.read_many(pictures, batch=16)]
    return {"differ": sum(a != b for a, b in zip(alone, together, strict=True)), "count": len(pictures)}


def katex(reader: Recognizer, pictures: list[Image], real: int) -> dict[str, int] | None:
    """How many readings KaTeX refuses; None without Node, and for what is no formula."""
    if reader.notation.name != "formula":
        return None
    if shutil.which("node") is None or not (CHECK.parent / "node_modules").is_dir():
        return None
    pictures = pictures[:real] + list(foreign(pictures))
    texts = [reading.text for reading in reader.read_many(pictures)]
    answer = subprocess.run(["node", str(CHECK)], input=json.dumps(texts) + "\n", capture_output=True, text=True,
                            check=True).stdout
    complaints = [complaint for complaint in json.loads(answer) if complaint is not None]
    return {"refused": len(complaints), "count": len(texts)}


def foreign(pictures: list[Image]) -> Iterator[Image]:
    """FOREIGN pictures that hold no formula, or none that could be read."""
    rng = np.random.default_rng(0)
    for i in range(FOREIGN):
        height, width = int(rng.integers(1, 200)), int(rng.integers(1, 700))
        kind = i % 6
        if kind == 0:
            yield rng.random((height, width), dtype=np.float32)
        elif kind == 1:
            yield np.full((height, width), rng.random(), np.float32)
        elif kind == 2:
            yield _columns(np.sin(np.arange(width) * rng.uniform(0.05, 2.0)) > 0.3, height)
        elif kind == 3:
            yield resize(rng.random((max(1, height // 12), max(1, width // 12)), dtype=np.float32), height, width)
        elif kind == 4:
            yield np.ascontiguousarray(np.rot90(pictures[i % len(pictures)], int(rng.integers(1, 4))))
        else:
            picture = pictures[i % len(pictures)]
            yield picture[: max(1, picture.shape[0] // 2), : max(1, picture.shape[1] // 3)]


def _columns(dark: npt.NDArray[np.bool_], height: int) -> Image:
    return np.repeat(1.0 - dark.astype(np.float32)[None], height, axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("model")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=300, help="pictures for scale and batch")
    parser.add_argument("--real", type=int, default=700, help="pictures of the data set whose readings KaTeX parses")
    parser.add_argument("--scales", default=",".join(map(str, SCALES)), metavar="X,Y,...", help="1 is among them")
    parser.add_argument("--beam", type=int, help="width of the search; else as the bundle says")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    reader = Recognizer(arguments.model, beam_width=arguments.beam)
    wanted = sorted({1.0, *map(float, arguments.scales.split(","))})
    samples = read_folder(arguments.folder)
    few = limit(samples, arguments.limit, arguments.folder)
    pictures = [load(sample.path) for sample in few]
    labels = [canonical(reader, sample.text) for sample in few]
    result = {
        "model": reader.name, "dataset": arguments.folder.name, "scale": scales(reader, pictures, labels, wanted),
        "batch": batches(reader, pictures[:100]),
        "katex": katex(reader, [load(s.path) for s in samples[:max(arguments.real, 1)]], arguments.real),
    }
    print(json.dumps(result, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
