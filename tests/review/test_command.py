"""`glyphic review`, as a user meets it."""

import pytest
from click.testing import CliRunner

pytest.importorskip("sqlalchemy", reason="needs sqlalchemy: pip install 'glyphic[serve]'")

from glyphic.cli import main
from glyphic.data.samples import read_folder
from glyphic.review import open_store
from tests.review.readings import picture, reading


def run(*arguments: object):
    return CliRunner().invoke(main, ["review", *map(str, arguments)])


@pytest.fixture
def queue(tmp_path):
    return f"sqlite:///{tmp_path / 'q.db'}"


def test_pictures_in_doubt_are_added_decided_and_exported(bars, step_bundle, bars_folder, queue, tmp_path):
    pictures = sorted((bars_folder / "images").iterdir())[:3]
    added = run("add", queue, *pictures, "--model", step_bundle.folder, "--below", "1")
    assert added.exit_code == 0, added.output
    store = open_store(queue)
    waiting = store.counts()["waiting"]
    assert f"3 read, {waiting} of them in doubt" in added.output and waiting > 0
    item = store.next("ann")
    assert store.picture(item.id)[0] in [path.read_bytes() for path in pictures]
    store.correct(item.id, "ann", "abc")
    assert f"waiting: {waiting - 1}\naccepted: 0\ncorrected: 1\n" == run("counts", queue).output
    assert run("export", queue, tmp_path / "out").output == f"{tmp_path / 'out'}: 1 pictures\n"
    assert [sample.text for sample in read_folder(tmp_path / "out")] == ["abc"]


def test_what_is_sure_enough_is_not_added_and_what_is_no_picture_is_named(bars, step_bundle, bars_folder, queue,
                                                                          tmp_path):
    (tmp_path / "x.png").write_bytes(b"no picture")
    added = run("add", queue, *(bars_folder / "images").glob("*.png"), tmp_path / "x.png", "--model",
                step_bundle.folder, "--below", "0")
    assert added.exit_code == 1 and "x.png" in added.output and "12 read, 0 of them in doubt" in added.output


def test_only_what_was_decided_since_a_day_is_exported(queue, tmp_path):
    store = open_store(queue)
    store.accept(store.add(picture(1), reading()), "ann")
    assert run("export", queue, tmp_path / "all", "--since", "2000-01-01").output.endswith(": 1 pictures\n")
    assert run("export", queue, tmp_path / "none", "--since", "2999-01-01").output.endswith(": 0 pictures\n")


def test_a_url_of_no_use_is_told_in_one_line():
    answer = run("counts", "mysql://host/db")
    assert answer.exit_code == 2 and "sqlite:///FILE" in answer.output
