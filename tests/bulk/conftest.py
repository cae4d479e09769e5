"""Folders of pictures to read in bulk, and an engine that reads them in the process of the test."""

import shutil
from pathlib import Path

import pytest

from glyphic.bulk import shards, work
from glyphic.bulk.reader import Reader
from glyphic.bulk.workers import Event

EXAMPLES = Path(__file__).parents[2] / "examples" / "text" / "images"
TEXTS = {"bakery.jpg": "Bakery", "page.png": "Early in the morning,", "price.png": "$24.95"}  # what `text` reads


def fill(folder: Path, count: int) -> Path:
    """A folder of so many pictures, 00.jpg, 01.png and so on, the examples in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        name = list(TEXTS)[number % len(TEXTS)]
        shutil.copy(EXAMPLES / name, folder / f"{number:02d}{Path(name).suffix}")
    return folder


def expected(count: int) -> list[str]:
    """The texts of such a folder."""
    return [list(TEXTS.values())[number % len(TEXTS)] for number in range(count)]


def here(plan, wanted, conditions, run, tell):
    """An engine without processes: quick, and a fault ends the test."""
    reader = Reader(plan.options, conditions)
    for shard in wanted:
        rows = work.read(plan, shard, reader, conditions, run, lambda count: tell(Event(read=count)))
        shards.write(plan.path(shard), rows)
        tell(Event(done=shard.number, **work.counted(rows)))
    reader.close()


def rows_of(out: Path) -> list[dict]:
    """All rows of an output, in the order of the inputs."""
    return [row for path in sorted((out / "rows").iterdir()) for row in shards.read(path)]


def steady(rows: list[dict]) -> list[dict]:
    """What of rows is the same each time: all but how long it took."""
    return [{name: value for name, value in row.items() if name != "milliseconds"} for row in rows]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return fill(tmp_path / "pictures", 10)
