"""The queue: who gets what, what is kept, and what comes out."""

import json
import sqlite3
from datetime import UTC, datetime

import pytest

pytest.importorskip("sqlalchemy", reason="needs sqlalchemy: pip install 'glyphic[serve]'")

from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.errors import GlyphicError, NotationError, OptionError, UnknownNameError
from glyphic.data.samples import read_folder
from glyphic.review import open_store
from glyphic.review.store import ConflictError, Store, UnknownItemError
from tests.review.readings import picture, reading

HOSTILE = ["'; DROP TABLE glyphic_items; --", "%s %(x)s {0} :name ?", "a\x00b", "\ud800", "<script>alert(1)</script>",
           "\u202eevil\u202c", "e\u0301 \U0001f600", "x" * 1_000_000]


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(url, clock):
    made = Store(url, clock)
    yield made
    made.close()


def test_the_least_confident_reading_comes_first_with_all_that_was_known_of_it(store):
    ids = [store.add(picture(n), reading(confidence=p)) for n, p in enumerate((0.7, 0.2, 0.5))]
    item = store.next("ann")
    assert item.id == ids[1] and item.reading == reading(confidence=0.2) and item.notation == "text"
    assert store.picture(item.id) == (picture(1), "png")


def test_the_same_picture_with_the_same_reading_is_one_item(store):
    first = store.add(picture(1), reading() | {"milliseconds": 1.0})
    assert store.add(picture(1), reading() | {"milliseconds": 2.0}) == first
    assert store.add(picture(1), reading("another")) != first != store.add(picture(2), reading())
    assert store.counts()["waiting"] == 3


def test_an_item_is_one_reviewers_until_the_lease_ends(store, clock):
    id = store.add(picture(1), reading())
    assert store.next("ann", lease_seconds=10).id == id == store.next("ann", lease_seconds=10).id
    assert store.next("ben") is None
    for decide in (store.accept, store.skip):
        with pytest.raises(ConflictError, match="ann"):
            decide(id, "ben")
    clock.now += 11
    assert store.next("ben").id == id
    with pytest.raises(ConflictError, match="ben"):
        store.correct(id, "ann", "late")
    assert store.counts() == {"waiting": 1, "accepted": 0, "corrected": 0}


def test_a_lease_that_ended_costs_no_work_while_nobody_else_took_the_item(store, clock):
    id = store.add(picture(1), reading())
    store.next("ann", lease_seconds=10)
    clock.now += 1000
    store.correct(id, "ann", "in time")
    assert store.counts()["corrected"] == 1


def test_a_reviewer_may_ask_for_one_notation(store):
    store.add(picture(1), reading(confidence=0.1))
    id = store.add(picture(2), reading("x", 0.9, "formula"))
    assert store.next("ann", "formula").id == id
    assert store.next("ben", "music") is None


def test_what_one_reviewer_skips_is_for_others(store):
    id = store.add(picture(1), reading())
    store.next("ann")
    store.skip(id, "ann")
    assert store.next("ann") is None
    assert store.next("ben").id == id


def test_a_skip_can_be_undone(store):
    id = store.add(picture(1), reading())
    store.next("ann")
    store.skip(id, "ann")
    store.undo(id, "ann")
    assert store.next("ann").id == id


def test_a_decision_can_be_undone_by_who_made_it_and_nobody_else(store, tmp_path):
    id = store.add(picture(1), reading())
    store.next("ann")
    store.correct(id, "ann", "wrong")
    with pytest.raises(ConflictError):
        store.undo(id, "ben")
    store.undo(id, "ann")
    assert store.next("ben") is None  # ann has it again
    with pytest.raises(ConflictError, match="nothing"):
        store.undo(id, "ann")
    store.correct(id, "ann", "right")
    assert store.export(tmp_path / "out") == 1
    assert read_folder(tmp_path / "out")[0].text == "right"


def test_the_same_decision_twice_is_one_and_another_is_refused(store):
    id = store.add(picture(1), reading())
    store.correct(id, "ann", "right")
    store.correct(id, "ann", "right")
    with pytest.raises(ConflictError, match="undo"):
        store.correct(id, "ann", "left")
    with pytest.raises(ConflictError, match="ann"):
        store.accept(id, "ben")
    assert store.counts() == {"waiting": 0, "accepted": 0, "corrected": 1}


def test_a_correction_is_kept_in_its_canonical_spelling(store, tmp_path):
    id = store.add(picture(1), reading("x", notation="formula"))
    store.correct(id, "ann", r"\frac 1 2")
    store.export(tmp_path / "out")
    from glyphic import notations

    assert read_folder(tmp_path / "out")[0].text == notations.get("formula").normalize(r"\frac 1 2")


def test_what_a_notation_cannot_hold_is_refused_and_nothing_lost(store):
    id = store.add(picture(1), reading("x", notation="formula"))
    store.next("ann")
    with pytest.raises(NotationError):
        store.correct(id, "ann", r"\frac{1")
    assert store.next("ann").id == id
    store.correct(id, "ann", "y")


def test_a_reading_that_its_notation_cannot_hold_cannot_be_accepted(store):
    id = store.add(picture(1), reading(r"\frac{1", notation="formula"))
    with pytest.raises(NotationError):
        store.accept(id, "ann")
    assert store.counts()["waiting"] == 1


def test_a_reading_of_an_unknown_notation_says_which_there_are(store):
    id = store.add(picture(1), reading(notation="runes"))
    with pytest.raises(UnknownNameError, match="formula"):
        store.accept(id, "ann")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_and_huge_texts_are_kept_verbatim(store, text):
    store.add(picture(1), reading(text))
    assert store.next("ann").reading["text"] == text
    assert store.next("ben") is None and store.counts()["waiting"] == 1


@pytest.mark.parametrize("text", [HOSTILE[0], HOSTILE[1], HOSTILE[4], HOSTILE[6], "x" * 100_000, "a\tb"])
def test_corrections_come_out_as_the_notation_spells_them(store, tmp_path, text):
    from glyphic import notations

    id = store.add(picture(1), reading())
    try:
        wanted = notations.get("text").normalize(text)
    except NotationError:
        with pytest.raises(NotationError):
            store.correct(id, "ann", text)
        assert store.counts()["waiting"] == 1
        return
    store.correct(id, "Änne O'Neill; --", text)
    store.export(tmp_path / "out")
    assert [s.text for s in read_folder(tmp_path / "out")] == [wanted]


def test_a_data_set_has_the_pictures_labels_and_who_decided_when(store, tmp_path, clock):
    ids = [store.add(picture(n), reading(f"word {n}", n / 10)) for n in range(4)]
    store.accept(ids[0], "ann")
    clock.now += 60
    store.correct(ids[2], "ben", "third")
    assert store.export(tmp_path / "out") == 2
    samples = read_folder(tmp_path / "out")
    assert [(s.path.read_bytes(), s.text) for s in samples] == [(picture(0), "word 0"), (picture(2), "third")]
    lines = (tmp_path / "out" / "decisions.tsv").read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[1:4] for line in lines] == [["text", "accept", "ann"], ["text", "correct", "ben"]]
    assert lines[1].endswith("\t1970-01-12T13:47:40+00:00")
    assert store.export(tmp_path / "later", since=datetime.fromtimestamp(clock.now, UTC)) == 1
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_several_notations_are_a_data_set_each(store, tmp_path):
    for n, name in enumerate(("text", "formula")):
        store.accept(store.add(picture(n), reading("x", notation=name)), "ann")
    assert store.export(tmp_path / "out") == 2
    for name in ("text", "formula"):
        assert [s.text for s in read_folder(tmp_path / "out" / name)] == ["x"]
    assert store.export(tmp_path / "one", notation="formula") == 1
    assert len(read_folder(tmp_path / "one")) == 1


def test_a_folder_with_something_in_it_is_left_alone(store, tmp_path):
    store.accept(store.add(picture(1), reading()), "ann")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis").write_text("all of it")
    with pytest.raises(OptionError, match="mine"):
        store.export(tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis"]


def test_an_export_that_fails_leaves_nothing_behind(store, tmp_path, monkeypatch):
    store.accept(store.add(picture(1), reading()), "ann")
    out = tmp_path / "new" / "out"
    monkeypatch.setattr("glyphic.review.dataset.LABELS", "no/such/folder.tsv")
    with pytest.raises(OSError):
        store.export(out)
    assert list(out.parent.iterdir()) == []


def test_only_a_purge_deletes_and_only_what_was_decided_before(store, clock):
    ids = [store.add(picture(n), reading()) for n in range(3)]
    store.accept(ids[0], "ann")
    clock.now += 100
    store.accept(ids[1], "ann")
    assert store.purge(datetime.fromtimestamp(clock.now, UTC)) == 1
    assert store.counts() == {"waiting": 1, "accepted": 1, "corrected": 0}
    with pytest.raises(UnknownItemError):
        store.picture(ids[0])
    assert store.add(picture(9), reading()) > ids[2]


def test_ids_that_are_none_are_refused(store):
    for call in (lambda: store.accept(7, "ann"), lambda: store.skip(7, "ann"), lambda: store.undo(7, "ann"),
                 lambda: store.correct(7, "ann", "x"), lambda: store.picture(7)):
        with pytest.raises(UnknownItemError, match="7"):
            call()


@pytest.mark.parametrize("name", ["", " ", "a\tb", "a\nb", "\ud800", "\x00", "x" * 201])
def test_names_that_are_none_are_refused(store, name):
    with pytest.raises(OptionError, match="name"):
        store.next(name)


@pytest.mark.parametrize("broken", [{}, {"text": "x"}, reading() | {"confidence": float("nan")},
                                    reading() | {"confidence": "much"}, reading() | {"text": 3},
                                    reading() | {"confidence": None}, [], None])
def test_what_is_no_reading_is_refused(store, broken):
    with pytest.raises(OptionError):
        store.add(picture(1), broken)
    with pytest.raises(OptionError):
        store.add(b"", reading())
    assert store.counts()["waiting"] == 0


def test_a_queue_is_there_when_it_is_opened_again(url):
    first = Store(url)
    id = first.add(picture(1), reading())
    first.correct(id, "ann", "kept")
    first.close()
    assert open_store(url).counts() == {"waiting": 0, "accepted": 0, "corrected": 1}


def test_a_queue_of_a_newer_version_is_refused(url):
    import sqlalchemy as sa

    from glyphic.review.database import connect, versions, writing

    with writing(connect(url)) as connection:
        connection.execute(sa.update(versions).values(version=99))
    with pytest.raises(GlyphicError, match=r"99.*update"):
        Store(url)


def test_sqlite_writes_to_the_disk_before_it_answers(tmp_path):
    from glyphic.review.database import connect, reading

    with reading(connect(f"sqlite:///{tmp_path / 'q.db'}")) as connection:
        pragma = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                  ("journal_mode", "synchronous", "foreign_keys")}
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/db", "sqlite://", "sqlite:///:memory:"])
def test_urls_that_are_of_no_use_say_what_is(url):
    with pytest.raises(OptionError, match="sqlite:///FILE"):
        Store(url)


def test_what_is_no_database_is_not_touched(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear Ann, " * 1000)
    with pytest.raises(GlyphicError, match="cannot be opened"):
        Store(f"sqlite:///{path}")
    assert path.read_bytes() == b"Dear Ann, " * 1000
    with pytest.raises(GlyphicError, match="cannot be opened"):
        Store(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")


def test_passwords_stay_out_of_errors():
    pytest.importorskip("psycopg", reason="needs psycopg: pip install 'glyphic[postgres]'")
    with pytest.raises(GlyphicError) as caught:
        Store("postgresql+psycopg://ann:secret@/none?host=/nowhere")
    assert "secret" not in str(caught.value)


@given(st.text())
def test_any_text_of_python_is_kept_in_ascii(text):
    from glyphic.review.database import Verbatim

    kept = Verbatim().process_bind_param(text, None)
    assert kept.isascii() and "\0" not in kept
    assert Verbatim().process_result_value(kept, None) == text


def test_the_file_of_a_queue_can_be_read_without_glyphic(tmp_path):
    Store(f"sqlite:///{tmp_path / 'q.db'}").add(picture(1), reading("a word"))
    row = sqlite3.connect(tmp_path / "q.db").execute("SELECT reading FROM glyphic_items").fetchone()
    assert json.loads(row[0])["text"] == "a word"
