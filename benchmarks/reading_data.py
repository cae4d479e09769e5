"""Which way of keeping many small pictures is read fastest: a folder, a tar shard, an LMDB, one of our packs.

    python benchmarks/reading_data.py --count 3000 --json reading_data.json

Draws that many pictures of words, keeps them in each way in a temporary folder, reads them all (opened and turned into
grey pixels, but nothing else) in order and at random, and prints pictures a second, the best of three rounds, and the
bytes on disk. Seconds are those of the processor: everything was written just before, so that the system still holds
it in memory, and no disk is waited for.
"""

import argparse
import io
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from glyphic import notations
from glyphic.core.errors import MissingExtraError
from glyphic.data import archives, packs, synthesis
from glyphic.data.readers import read_plain
from glyphic.data.samples import read_folder

ROUNDS = 3


def drawn(count: int) -> list[archives.Labelled]:
    text, samples = notations.get("text"), []
    assert text.sample is not None
    for index in range(-(-count // 250)):
        for sample in synthesis.batch(text, text.sample, 0, index):
            buffer = io.BytesIO()
            Image.fromarray(sample.rendering.pixels).save(buffer, "JPEG", quality=85)
            samples.append(archives.Labelled(buffer.getvalue(), text.normalize(sample.text)))
    return samples[:count]


def pixels(picture: bytes) -> int:
    return int(np.asarray(Image.open(io.BytesIO(picture)).convert("L")).size)


def kept(samples: list[archives.Labelled], root: Path) -> dict[str, tuple[Path, Callable[[], Iterable[object]]]]:
    """Ways to keep -> where, and what reads everything there."""
    notation = notations.get("text")
    folder = root / "folder"
    (folder / "images").mkdir(parents=True)
    lines = []
    for index, sample in enumerate(samples):
        (folder / "images" / f"{index:06}.jpg").write_bytes(sample.picture)
        lines.append(f"images/{index:06}.jpg\t{sample.text}\n")
    (folder / "labels.tsv").write_text("".join(lines), encoding="utf-8")
    order = random.Random(0).sample(read_folder(folder), len(samples))
    shard = root / "shard.tar"
    archives.write_tar(shard, samples)
    writer = packs.PackWriter(notation.tokenizer.vocabulary)
    for sample in samples:
        writer.add(np.asarray(Image.open(io.BytesIO(sample.picture))), 20.0, notation.tokenizer.encode(sample.text))
    writer.write(root / "pack.npz")

    def in_pack() -> Iterable[object]:
        pack = packs.Pack(root / "pack.npz", notation.tokenizer.vocabulary)
        return (pack[i].pixels for i in random.Random(0).sample(range(len(pack)), len(pack)))

    ways: dict[str, tuple[Path, Callable[[], Iterable[object]]]] = {
        "folder, in order": (folder, lambda: (pixels(s.picture) for s in read_plain(folder))),
        "folder, at random": (folder, lambda: (pixels(s.path.read_bytes()) for s in order)),
        "tar, in order": (shard, lambda: (pixels(s.picture) for s in archives.read_tar(shard))),
        "pack, at random": (root / "pack.npz", in_pack),
    }
    try:
        archives.write_lmdb(root / "lmdb", samples)
    except MissingExtraError as error:
        print(f"no LMDB: {error}")
        return ways
    import lmdb

    def at_random() -> Iterable[object]:
        with lmdb.open(str(root / "lmdb"), readonly=True, lock=False) as environment, environment.begin() as found:
            for i in random.Random(0).sample(range(1, len(samples) + 1), len(samples)):
                yield pixels(found.get(b"image-%09d" % i))

    ways["LMDB, in order"] = root / "lmdb", lambda: (pixels(s.picture) for s in archives.read_lmdb(root / "lmdb"))
    ways["LMDB, at random"] = root / "lmdb", at_random
    return ways


def size(path: Path) -> int:
    """Bytes that the file or folder takes on disk, in whole blocks."""
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    return sum(file.stat().st_blocks * 512 for file in files)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory(prefix="glyphic-reading-") as folder:
        for name, (path, read) in kept(drawn(given.count), Path(folder)).items():
            seconds = []
            for _ in range(ROUNDS):
                start = time.process_time()
                count = sum(1 for _ in read())
                seconds.append(time.process_time() - start)
            figures[name] = {"pictures_per_second": round(count / min(seconds)), "bytes": size(path)}
    width = max(map(len, figures))
    for name, figure in figures.items():
        print(f"{name:{width}}  {figure['pictures_per_second']:7,} pictures/s  {figure['bytes'] / 1e6:6.1f} MB")
    if given.json:
        given.json.write_text(json.dumps({"count": given.count, "ways": figures}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
