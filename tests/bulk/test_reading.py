"""Shards as they are read: the same readings as one by one, errors as rows, doubts into the queue."""

import io
import json
import random
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

import glyphic
from glyphic.bulk import reader as readers
from glyphic.bulk import storage
from glyphic.bulk.options import Conditions, Options
from glyphic.bulk.run import run
from glyphic.core.errors import OptionError
from tests.bulk.conftest import EXAMPLES, expected, fill, here, rows_of, steady

FOREIGN = {
    "empty.png": (b"", "empty"), "words.txt": (b"words", "no-picture"), "%PDF.pdf": (b"%PDF-1.7 x", "no-picture"),
    "cut.png": ((EXAMPLES / "page.png").read_bytes()[:300], "damaged")}


def read(source, out, options=None, engine=here, **conditions):
    return run(str(source), out, options or Options("text", shard=4), Conditions(**conditions), engine)


def huge() -> bytes:
    """A picture of more pixels than are read, in a few kilobytes."""
    data = io.BytesIO()
    Image.new("1", (6000, 5000)).save(data, "PNG")
    return data.getvalue()


def test_a_run_reads_every_input_once_as_it_is_read_alone(pictures, tmp_path):
    figures = read(pictures, tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert [row["input"] for row in rows] == sorted(path.name for path in pictures.iterdir())
    assert [row["text"] for row in rows] == expected(10)
    alone = [glyphic.read(path, "text") for path in sorted(pictures.iterdir())]
    assert [row["confidence"] for row in rows] == pytest.approx([found.confidence for found in alone])
    assert {row["model"]["sha256"] for row in rows} == {alone[0].model.sha256}
    assert (figures["rows"], figures["errors"], figures["this_start"]["read"]) == (10, 0, 10)
    assert sorted(path.name for path in (tmp_path / "out" / "rows").iterdir()) == [
        f"part-00000{n}.jsonl" for n in range(3)]


def test_what_cannot_be_read_is_a_row_that_says_why_and_the_others_are_read(tmp_path):
    folder = fill(tmp_path / "in", 5)
    for name, (data, _) in FOREIGN.items():
        (folder / name).write_bytes(data)
    (folder / "huge.png").write_bytes(huge())
    figures = read(folder, tmp_path / "out")
    rows = {row["input"]: row for row in rows_of(tmp_path / "out")}
    for name, (_, kind) in {**FOREIGN, "huge.png": (b"", "too-large")}.items():
        assert (rows[name]["error_kind"], rows[name]["text"]) == (kind, None) and rows[name]["error"]
    assert len(rows) == 10 and figures["errors"] == 5
    assert figures["errors_by_kind"] == {"no-picture": 2, "empty": 1, "damaged": 1, "too-large": 1}


def test_readings_do_not_depend_on_shards_batches_or_what_is_read_beside(pictures, tmp_path):
    for name, shard, batch in (("a", 3, 1), ("b", 10, 16)):
        read(pictures, tmp_path / name, Options("text", shard=shard), batch=batch)
    one, two = steady(rows_of(tmp_path / "a")), steady(rows_of(tmp_path / "b"))
    for mine, theirs in zip(one, two, strict=True):
        assert mine.pop("confidence") == pytest.approx(theirs.pop("confidence"), abs=1e-5)
        assert mine == theirs


def test_a_window_goes_by_kind_and_width(pictures):
    class Looked:
        def __init__(self, group, width):
            self.group, self.width = group, width

    rng = random.Random(0)
    window = [(n, Looked(rng.choice("ab"), rng.randrange(999))) for n in range(40)]
    reader = readers.Reader(Options("text"), Conditions(batch=7))
    batches = list(reader._batches(window))
    reader.close()
    assert sorted(number for batch in batches for number, _ in batch) == list(range(40))
    for batch in batches:
        assert len(batch) <= 7 and len({looked.group for _, looked in batch}) == 1
        assert [looked.width for _, looked in batch] == sorted(looked.width for _, looked in batch)


def test_auto_reads_each_picture_with_the_model_of_its_kind(tmp_path):
    (tmp_path / "in").mkdir()
    for number, path in enumerate(sorted(EXAMPLES.parents[1].glob("*/images/*.png"))[::4]):
        (tmp_path / "in" / f"{number}.png").write_bytes(path.read_bytes())
    (tmp_path / "in" / "white.png").write_bytes(_white())
    figures = read(tmp_path / "in", tmp_path / "out", Options("auto"))
    assert len(figures["notations"]) >= 3 and figures["errors"] == 0
    for row in rows_of(tmp_path / "out"):
        single = glyphic.read(tmp_path / "in" / row["input"], "auto")
        assert (row["text"], row["notation"], row["model"]["name"]) == (single.text, single.notation, single.model.name)
        assert row["notation_confidence"] == pytest.approx(single.notation_confidence, abs=1e-5)


def _white() -> bytes:
    data = io.BytesIO()
    Image.new("L", (60, 40), 255).save(data, "PNG")
    return data.getvalue()


def test_formats_spots_and_alternatives_come_where_they_are_asked_for(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes((EXAMPLES.parents[1] / "formula" / "images" / "logistic.png").read_bytes())
    read(tmp_path / "in", tmp_path / "out", Options("formula", ("mathml",), True, 2))
    (row,) = rows_of(tmp_path / "out")
    assert row["formats"]["mathml"].startswith("<math") and isinstance(row["spots"], list)
    assert 0 < len(row["alternatives"]) <= 2


def test_a_run_that_is_complete_reads_nothing_again_and_its_rows_stay_as_they_are(pictures, tmp_path):
    read(pictures, tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out" / "rows").iterdir()}

    def no_engine(*_):
        raise AssertionError("there is nothing to read")

    figures = read(pictures, tmp_path / "out", engine=no_engine)
    assert figures["rows"] == 10 and figures["this_start"]["read"] == 0
    assert before == {path: path.read_bytes() for path in (tmp_path / "out" / "rows").iterdir()}


def test_a_shard_that_is_missing_is_read_again_and_no_other(pictures, tmp_path):
    read(pictures, tmp_path / "out")
    all_rows = steady(rows_of(tmp_path / "out"))
    (tmp_path / "out" / "rows" / "part-000001.jsonl").unlink()
    assert read(pictures, tmp_path / "out")["this_start"]["read"] == 4
    assert steady(rows_of(tmp_path / "out")) == all_rows


def test_errors_are_tried_again_where_that_is_asked_for_and_other_rows_are_kept(tmp_path, monkeypatch):
    folder = fill(tmp_path / "in", 6)
    gone = {f"{name}.png" for name in ("01", "04")}
    whole = {name: (folder / name).read_bytes() for name in gone}
    for name in gone:
        (folder / name).write_bytes(b"")
    assert read(folder, tmp_path / "out")["errors"] == 2
    before = {row["input"]: row for row in rows_of(tmp_path / "out")}
    for name, data in whole.items():
        (folder / name).write_bytes(data)
    assert read(folder, tmp_path / "out")["errors"] == 2  # not unless it is asked for
    figures = read(folder, tmp_path / "out", retry_errors=True)
    after = rows_of(tmp_path / "out")
    assert (figures["errors"], figures["this_start"]["read"]) == (0, 2)
    assert [row["text"] for row in after] == expected(6)
    assert all(row == before[row["input"]] for row in after if row["input"] not in gone)


def test_any_error_at_all_is_a_row(pictures, tmp_path, monkeypatch):
    def fragile(entry):
        if entry.name == "03.jpg":
            raise ZeroDivisionError("nobody thought of this")
        return storage.fetch(entry)

    monkeypatch.setattr(readers, "fetch", fragile)
    assert read(pictures, tmp_path / "out")["errors_by_kind"] == {"failed": 1}
    bad = next(row for row in rows_of(tmp_path / "out") if row["error"])
    assert (bad["input"], bad["error"]) == ("03.jpg", "ZeroDivisionError: nobody thought of this")


def test_one_picture_that_breaks_the_network_does_not_take_its_batch_along(pictures, tmp_path, monkeypatch):
    from glyphic.reading.recognizer import Recognizer

    honest = Recognizer.read_looked

    def fragile(self, looked):
        if any(item.size == fragile.size for item in looked):
            raise RuntimeError("onnxruntime does not like it")
        return honest(self, looked)

    with Image.open(pictures / "02.png") as image:
        fragile.size = (image.height, image.width)
    monkeypatch.setattr(Recognizer, "read_looked", fragile)
    read(pictures, tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert [row["input"] for row in rows if row["error"]] == ["02.png", "05.png", "08.png"]
    assert [row["text"] for row in rows if not row["error"]] == [t for n, t in enumerate(expected(10)) if n % 3 != 2]


def test_readings_in_doubt_go_to_the_queue_and_each_is_there_once(pictures, tmp_path):
    pytest.importorskip("sqlalchemy", reason="needs sqlalchemy: pip install 'glyphic[serve]'")
    from glyphic.review import open_store

    url = f"sqlite:///{tmp_path}/queue.db"
    options = Options("text", shard=4, threshold=1.0, review=True)
    figures = read(pictures, tmp_path / "out", options, review_url=url)
    with open_store(url) as queue:
        assert queue.counts()["waiting"] == 3  # three different pictures
        item = queue.next("eve")
        assert item.reading["text"] in expected(3) and queue.picture(item.id)[0] in {
            path.read_bytes() for path in pictures.iterdir()}
    assert figures["review"] == 10
    (tmp_path / "out" / "rows" / "part-000001.jsonl").unlink()
    read(pictures, tmp_path / "out", options, review_url=url)
    with open_store(url) as queue:
        assert queue.counts()["waiting"] == 3
    with pytest.raises(OptionError, match="needs the URL of a queue"):
        read(pictures, tmp_path / "out", options)


def test_the_summary_is_kept_with_a_chart_of_confidence(pictures, tmp_path):
    (pictures / "zz.png").write_bytes(b"")
    figures = read(pictures, tmp_path / "out", Options("text", shard=4, threshold=0.5))
    assert json.loads((tmp_path / "out" / "summary.json").read_text()) == figures
    text = figures["notations"]["text"]
    assert (text["count"], sum(text["confidence"]), text["accept"] + text["review"]) == (10, 10, 10)
    assert text["accept"] == sum(row["error"] is None and row["confidence"] >= 0.5 for row in rows_of(tmp_path / "out"))
    bars = ET.parse(tmp_path / "out" / "confidence.svg").getroot().findall(".//{http://www.w3.org/2000/svg}rect/")
    assert sum(int(bar.text.rpartition(": ")[2]) for bar in bars) == 10


def test_parquet_is_read_by_others(pictures, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow: pip install 'glyphic[bulk]'")
    read(pictures, tmp_path / "out", Options("text", shard=4, file="parquet"))
    read(pictures, tmp_path / "lines", Options("text", shard=4))
    assert pq.read_table(tmp_path / "out" / "rows").column("text").to_pylist() == expected(10)
    assert steady(rows_of(tmp_path / "out")) == steady(rows_of(tmp_path / "lines"))


def test_urls_are_read_in_the_same_way(pictures, tmp_path):
    fsspec = pytest.importorskip("fsspec", reason="needs fsspec: pip install 'glyphic[bulk]'")
    store = fsspec.filesystem("memory")
    for path in pictures.iterdir():
        store.pipe(f"/scans/{path.name}", path.read_bytes())
    read("memory://scans", tmp_path / "out")
    assert [row["text"] for row in rows_of(tmp_path / "out")] == expected(10)
