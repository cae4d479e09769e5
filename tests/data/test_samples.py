"""Folders of labelled pictures."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from glyphic.core.errors import GlyphicError, NotationError, OptionError
from glyphic.core.results import Sample
from glyphic.data.samples import cut, leaks, limit, read_folder, read_lexicons, relative, split, write_folder

texts = st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=("Cs",)), min_size=1)


def named(folder, count: int) -> list[Sample]:
    return [Sample(folder / f"images/{i}.png", f"text {i % 40}") for i in range(count)]


@given(st.lists(texts, max_size=5))
def test_what_is_written_is_read(tmp_path_factory, labels):
    folder = tmp_path_factory.mktemp("set")
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    written = write_folder(folder, [(pixels, text) for text in labels])
    assert read_folder(folder) == written and [sample.text for sample in written] == labels
    assert all(np.array_equal(np.asarray(Image.open(sample.path)), pixels) for sample in written)


def test_a_text_with_a_line_break_is_refused(tmp_path):
    with pytest.raises(NotationError, match="at character 1"):
        write_folder(tmp_path, [(np.zeros((2, 2), np.uint8), "a\nb")])


def test_tabs_marks_and_windows_line_ends_do_no_harm(tmp_path):
    (tmp_path / "labels.tsv").write_bytes("\ufeffimages/a.png\tx\ty\r\n\r\nimages/b.png\t\r\n".encode())
    assert read_folder(tmp_path) == [Sample(tmp_path / "images/a.png", "x\ty"), Sample(tmp_path / "images/b.png", "")]


def test_errors_say_where(tmp_path):
    with pytest.raises(GlyphicError, match=r"no labels\.tsv"):
        read_folder(tmp_path)
    (tmp_path / "labels.tsv").write_text("images/a.png\tx\nimages/b.png x\n")
    with pytest.raises(GlyphicError, match="line 2"):
        read_folder(tmp_path)


def test_a_limit_takes_the_lowest_hashes_of_the_relative_paths(tmp_path):
    import hashlib

    samples = named(tmp_path, 100)
    by_hash = sorted(samples, key=lambda s: hashlib.sha256(relative(s, tmp_path).encode()).hexdigest())
    chosen = limit(samples, 10, tmp_path)
    assert set(chosen) == set(by_hash[:10]) and chosen == [s for s in samples if s in set(chosen)]
    assert set(chosen) < set(limit(samples, 30, tmp_path)), "a small set is part of a larger one"
    assert limit(samples, 1000, tmp_path) == samples


def test_a_limit_depends_neither_on_the_order_nor_on_where_the_folder_lies(tmp_path):
    here, there = named(tmp_path / "a", 50), named(tmp_path / "b", 50)
    random.Random(0).shuffle(there)
    names = [{relative(s, root) for s in limit(group, 7, root)}
             for group, root in ((here, tmp_path / "a"), (there, tmp_path / "b"))]
    assert names[0] == names[1]


def test_a_split_keeps_all_pictures_of_a_text_on_one_side(tmp_path):
    samples = named(tmp_path, 400)
    training, validation = split(samples, 0.3)
    assert sorted(map(str, training + validation)) == sorted(map(str, samples)) and training and validation
    assert not leaks(training, validation)


def test_a_split_does_not_depend_on_what_else_is_in_the_data(tmp_path):
    samples = [Sample(tmp_path / str(i), f"text {i}") for i in range(2000)]
    _, validation = split(samples, 0.1)
    assert set(split(samples[::3], 0.1)[1]) == set(validation) & set(samples[::3])
    assert 140 < len(validation) < 260
    assert set(validation) < set(split(samples, 0.2)[1])


def test_spellings_of_one_text_are_one(tmp_path):
    samples = [Sample(tmp_path / str(i), " " * (i % 3) + f"x{i // 3}") for i in range(300)]
    training, validation = split(samples, 0.3, key=str.strip)
    assert not leaks(training, validation, key=str.strip) and validation
    assert leaks(samples[::2], samples[1::2], key=str.strip), "a leak is found"


def test_lexicons_are_read_by_the_paths_of_their_pictures(tmp_path):
    (tmp_path / "lexicons.tsv").write_text("images/1.png\tLIVING ROOM cat's\r\n\nimages/2.png\tred\n", encoding="utf-8")
    assert read_lexicons(tmp_path) == {"images/1.png": ("LIVING", "ROOM", "cat's"), "images/2.png": ("red",)}


def test_lexicons_that_are_missing_or_have_no_tab_are_refused(tmp_path):
    with pytest.raises(GlyphicError, match=r"no lexicons\.tsv"):
        read_lexicons(tmp_path)
    (tmp_path / "lexicons.tsv").write_text("images/1.png red\n", encoding="utf-8")
    with pytest.raises(GlyphicError, match=r"line 1.*path<TAB>word word"):
        read_lexicons(tmp_path)


def cropped(folder, count: int):
    """A data set whose names count without leading zeros, with a lexicon for every third picture."""
    (folder / "images").mkdir(parents=True)
    for i in range(count):
        Image.new("L", (i + 1, 2)).save(folder / f"images/word_{i}.png")
    (folder / "labels.tsv").write_text("".join(f"images/word_{i}.png\ttext {i}\n" for i in reversed(range(count))))
    (folder / "lexicons.tsv").write_text("".join(f"images/word_{i}.png\ta{i} b\n" for i in range(0, count, 3)))
    return folder


def test_a_data_set_is_cut_in_the_order_that_its_names_count(tmp_path):
    whole = cropped(tmp_path / "whole", 12)
    assert cut(whole, tmp_path / "a", tmp_path / "b", 0.25) == (9, 3)
    a, b = read_folder(tmp_path / "a"), read_folder(tmp_path / "b")
    assert [s.text for s in a] == [f"text {i}" for i in range(9)]
    assert [s.text for s in b] == ["text 9", "text 10", "text 11"]
    widths = []
    for sample in (*a, *b):
        with Image.open(sample.path) as picture:
            widths.append(picture.width)
    assert widths == list(range(1, 13))
    both = {**read_lexicons(tmp_path / "a"), **read_lexicons(tmp_path / "b")}
    assert both == read_lexicons(whole) and read_lexicons(tmp_path / "b") == {"images/word_9.png": ("a9", "b")}


def test_a_cut_refuses_a_share_of_nothing_and_folders_that_hold_a_set(tmp_path):
    whole = cropped(tmp_path / "whole", 4)
    for share in (0.0, 1.0, -1.0):
        with pytest.raises(OptionError, match="between 0 and 1"):
            cut(whole, tmp_path / "a", tmp_path / "b", share)
    with pytest.raises(OptionError, match="already"):
        cut(whole, tmp_path / "a", whole, 0.5)
    assert not (tmp_path / "a").exists(), "nothing is written before all is checked"
