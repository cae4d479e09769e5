"""Held-out pictures of every kind, from data sets, ink and texts."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glyphic.core.errors import GlyphicError
from glyphic.core.notation import Rendering
from glyphic.data.samples import labels_of, write_folder
from glyphic.data.synthesis import Synthetic

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import kind_held_out as benchmark
from kind_held_out import Take

INK = """<ink xmlns="http://www.w3.org/2003/InkML"><annotation type="truth"> $x+{}$ </annotation>
<trace id="0">10 10, 20 30, 30 10</trace><trace id="1">40 20 5, 60 20 9</trace></ink>"""


@pytest.fixture
def sources(tmp_path):
    """A data set of ten pictures, each of its own grey, and a folder of three files of ink."""
    write_folder(tmp_path / "set", ((np.full((9, 12), 20 * i, np.uint8), str(i)) for i in range(10)))
    (tmp_path / "ink").mkdir()
    for number in range(3):
        (tmp_path / "ink" / f"{number}.inkml").write_text(INK.format(number))
    return tmp_path


def test_pictures_are_taken_evenly_and_as_they_are(sources):
    assert benchmark.build([Take("text", sources / "set", 5)], sources / "out") == {"text": 5}
    assert labels_of(sources / "out" / "text") == ["0", "2", "4", "6", "8"]
    paths = sorted((sources / "out" / "text" / "images").iterdir())
    assert [Image.open(path).getpixel((0, 0)) for path in paths] == [0, 40, 80, 120, 160]


def test_ink_is_always_written_the_same_way(sources):
    takes = [Take("formula-handwritten", sources / "ink", 2)]
    first, again = (benchmark.build(takes, sources / name) and
                    [path.read_bytes() for path in sorted((sources / name).rglob("*.png"))] for name in ("a", "b"))
    assert first == again and len(set(first)) == 2
    assert labels_of(sources / "a" / "formula-handwritten") == ["x+0", "x+1"]


def test_texts_are_drawn_in_the_look_that_is_asked_for(sources, monkeypatch):
    drawn = Synthetic("a", [1], Rendering(np.zeros((8, 8), np.uint8)))
    (sources / "list.smi").write_text("CCO\nCCN\n")
    monkeypatch.setattr(benchmark, "batch", lambda notation, source, seed, index, size: [drawn] * 2)
    monkeypatch.setattr(benchmark.notations, "get", lambda name: Molecules)
    monkeypatch.setattr(benchmark.dataclasses, "replace", lambda notation, render_many: notation)
    assert benchmark.build([Take("molecule-handwritten", sources / "list.smi", 3, "handwritten")],
                           sources / "out") == {"molecule-handwritten": 3}
    with pytest.raises(GlyphicError, match="look 'oil'"):
        benchmark.build([Take("molecule", sources / "list.smi", 3, "oil")], sources / "other")


class Molecules:
    """As much of a notation as the benchmark asks of it."""

    name, looks, normalize = "molecule", ("printed", "handwritten"), staticmethod(str)

    @staticmethod
    def render_many(texts, rng, look):
        raise AssertionError


@pytest.mark.parametrize("words", ["text", "text=set", "poem=set:3", "text=set:many", "text=set:1:a:b"])
def test_what_is_to_be_taken_has_a_kind_a_source_and_a_count(words):
    with pytest.raises(GlyphicError, match="KIND=SOURCE:COUNT"):
        Take.of(words)


def test_more_than_there_is_and_a_folder_that_exists_are_refused(sources):
    with pytest.raises(GlyphicError, match="holds 10 pictures; 11"):
        benchmark.build([Take("text", sources / "set", 11)], sources / "out")
    with pytest.raises(GlyphicError, match="exists"):
        benchmark.build([Take("text", sources / "set", 1)], sources / "set")
    with pytest.raises(GlyphicError, match="same name"):
        benchmark.build([Take("text", sources / "set", 1)] * 2, sources / "twice")
