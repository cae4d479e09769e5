"""What is listed: folders, patterns, archives, manifests, URLs."""

import os
import shutil
import tarfile
from pathlib import Path

import pytest

from glyphic.bulk.inputs import listing
from glyphic.bulk.storage import MAX_BYTES, Entry, fetch
from glyphic.core.errors import ImageError, MissingExtraError, OptionError


def names(source: object, **options) -> list[str]:
    return [entry.name for entry in listing(str(source), **options)]


def tree(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(path.encode())
    return folder


def packed(archive: Path, folder: Path) -> Path:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w") as file:
        file.add(folder, ".")
    return archive


def test_a_folder_is_walked_in_the_order_of_names_and_what_is_hidden_is_left_out(tmp_path):
    folder = tree(tmp_path, "b/2.png", "b/1.png", "a.png", ".hidden/x.png", "b/.DS_Store", "c.txt")
    assert names(folder) == ["a.png", "b/1.png", "b/2.png", "c.txt"]
    assert [fetch(entry) for entry in listing(str(folder))] == [b"a.png", b"b/1.png", b"b/2.png", b"c.txt"]


def test_the_same_inputs_are_listed_alike_however_they_came_to_be(tmp_path):
    paths = [f"{i}/{j}.png" for i in range(3) for j in range(3)]
    one, two = tree(tmp_path / "one", *paths), tree(tmp_path / "two", *reversed(paths))
    assert names(one) == names(two) == sorted(paths)


def test_the_output_within_the_input_is_not_read(tmp_path):
    folder = tree(tmp_path, "a.png", "out/rows/part-000000.jsonl")
    assert names(folder, apart=folder / "out") == ["a.png"]
    assert names(folder / "**", apart=folder / "out") == ["a.png"]


def test_only_some_files_are_read_where_that_is_asked_for(tmp_path):
    folder = tree(tmp_path, "a.png", "b.jpg", "labels.tsv", "c/d.png")
    assert names(folder, only=["*.png", "*.jpg"]) == ["a.png", "b.jpg", "c/d.png"]
    with pytest.raises(OptionError, match="nothing to read that is called"):
        listing(str(folder), only=["*.gif"])


def test_a_pattern_names_files_by_what_its_stars_stand_for(tmp_path):
    folder = tree(tmp_path, "x/1.png", "x/y/2.png", "x/3.txt")
    assert names(folder / "x" / "**" / "*.png") == ["1.png", "y/2.png"]


def test_a_pattern_and_a_folder_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(OptionError, match="nothing to read"):
        listing(str(tmp_path / "*.png"))
    with pytest.raises(OptionError, match=r"there is no .*none; give a folder"):
        listing(str(tmp_path / "none"))


def test_an_archive_stands_for_what_is_in_it(tmp_path):
    packed(tmp_path / "in" / "a.tar", tree(tmp_path / "raw", "1.png", "x/2.png", "._1.png"))
    tree(tmp_path / "in", "b.png")
    found = listing(str(tmp_path / "in"))
    assert [entry.name for entry in found] == ["a.tar/1.png", "a.tar/x/2.png", "b.png"]
    assert [fetch(entry) for entry in found] == [b"1.png", b"x/2.png", b"b.png"]
    assert names(tmp_path / "in" / "a.tar") == ["a.tar/1.png", "a.tar/x/2.png"]


def test_of_a_damaged_archive_what_comes_before_the_damage_is_read_and_one_input_tells_of_it(tmp_path):
    archive = packed(tmp_path / "a.tar", tree(tmp_path / "raw", *(f"{i}.png" for i in range(8))))
    whole = archive.read_bytes()
    archive.write_bytes(whole[:4 * 1024 + 100] + b"\xff" * 512)
    found = listing(str(archive))
    assert 1 < len(found) < 9 and found[0].name == "a.tar" and found[0].problem
    with pytest.raises(ImageError, match="damaged archive"):
        fetch(found[0])


def test_an_archive_that_ends_within_a_picture_says_so(tmp_path):
    (tmp_path / "a.tar").write_bytes(b"12345")
    with pytest.raises(ImageError, match="cut short") as told:
        fetch(Entry("a.tar/x.png", str(tmp_path / "a.tar"), 2, 10))
    assert told.value.kind == "damaged"


def test_a_compressed_archive_is_refused_or_among_others_an_input_that_says_what_to_do(tmp_path):
    folder = tree(tmp_path, "a.tar.gz", "b.png")
    with pytest.raises(OptionError, match=r"unpack it to a \.tar"):
        listing(str(folder / "a.tar.gz"))
    assert [bool(entry.problem) for entry in listing(str(folder))] == [True, False]


def test_a_manifest_has_paths_below_its_folder_and_ids_where_it_gives_them(tmp_path):
    tree(tmp_path, "x/1.png", "x/2.png")
    (tmp_path / "plain.csv").write_text(f"path,label\nx/1.png,one\n{tmp_path}/x/2.png,two\nx/1.png,again\n")
    assert sorted(names(tmp_path / "plain.csv")) == [f"{tmp_path}/x/2.png", "x/1.png"]
    (tmp_path / "ids.tsv").write_text("id\tfile\n7\tx/1.png\n5\tx/2.png\n")
    found = listing(str(tmp_path / "ids.tsv"), column="file")
    assert [(entry.name, fetch(entry)) for entry in found] == [("5", b"x/2.png"), ("7", b"x/1.png")]


def test_a_manifest_without_the_column_or_with_an_id_for_two_inputs_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("file\nx.png\n")
    with pytest.raises(OptionError, match=r"no column 'path'; it has: file\. Name"):
        listing(str(tmp_path / "a.csv"))
    (tmp_path / "b.csv").write_text("id,path\n1,x.png\n1,y.png\n")
    with pytest.raises(OptionError, match="'1' to two inputs"):
        listing(str(tmp_path / "b.csv"))


def test_a_manifest_may_be_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install 'glyphic[bulk]'")
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"path": ["b.png", "a.png"], "id": [2, 1], "more": [0, 0]}), tmp_path / "m.parquet")
    found = listing(str(tmp_path / "m.parquet"))
    assert [(entry.name, Path(entry.path).name) for entry in found] == [("1", "a.png"), ("2", "b.png")]
    (tmp_path / "no.parquet").write_bytes(b"PAR1 it is not")
    with pytest.raises(OptionError, match="is no Parquet"):
        listing(str(tmp_path / "no.parquet"))


def test_a_url_is_listed_and_read_through_fsspec(tmp_path):
    fsspec = pytest.importorskip("fsspec", reason="needs fsspec: pip install 'glyphic[bulk]'")
    store = fsspec.filesystem("memory")
    for name in ("b/2.png", "b/1.png", "a.png"):
        store.pipe(f"/bulk/{name}", name.encode())
    packed(tmp_path / "c.tar", tree(tmp_path / "raw", "3.png"))
    store.pipe("/bulk/c.tar", (tmp_path / "c.tar").read_bytes())
    found = listing("memory://bulk")
    assert [entry.name for entry in found] == ["a.png", "b/1.png", "b/2.png", "c.tar/3.png"]
    assert [fetch(entry) for entry in found] == [b"a.png", b"b/1.png", b"b/2.png", b"3.png"]
    assert names("memory://bulk/b/*.png") == ["1.png", "2.png"]
    assert names(f"file://{tmp_path}/raw") == ["3.png"]
    with pytest.raises(OptionError, match="nosuch:// cannot be read here"):
        listing("nosuch://bulk")
    with pytest.raises(OptionError, match="there is no memory://other"):
        listing("memory://other")


def test_a_url_without_fsspec_names_the_extra(monkeypatch):
    from glyphic.bulk import storage

    storage.filesystem.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match=r"glyphic\[bulk\]"):
        listing("s3://bucket/scans")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
def test_what_is_no_file_is_an_error_and_no_wait(tmp_path):
    tree(tmp_path, "a.png", "empty.png")
    (tmp_path / "empty.png").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "nowhere.png").symlink_to(tmp_path / "gone")
    (tmp_path / "circle").symlink_to(tmp_path)
    kinds = {}
    for entry in listing(str(tmp_path)):
        try:
            fetch(entry)
            kinds[entry.name] = ""
        except ImageError as error:
            kinds[entry.name] = error.kind
    assert kinds == {"a.png": "", "empty.png": "empty", "pipe": "unreadable", "nowhere.png": "missing"}


def test_a_file_that_is_too_large_is_not_even_read(tmp_path):
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # takes no room
    with pytest.raises(ImageError, match="at most 128 are read") as told:
        fetch(*listing(str(tmp_path)))
    assert told.value.kind == "too-large"


def test_names_of_files_that_are_no_text_can_be_written_and_read(tmp_path):
    shutil.copy(__file__, os.fsencode(tmp_path) + b"/a\xff.png")
    (entry,) = listing(str(tmp_path))
    assert entry.name == "a\\xff.png"
    assert fetch(Entry.from_json(entry.to_json())) == Path(__file__).read_bytes()
