"""What kind of picture it is, and reading it with the model of its kind."""

import io

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("onnx")

import glyphic
from glyphic.core.errors import BundleError, ImageError, OptionError, UnknownNameError
from glyphic.core.kinds import KINDS
from glyphic.reading import automatic
from glyphic.reading.kinds import GRAPH, MANIFEST, KindReader
from tests import bars as toy
from tests import kinds

pytestmark = pytest.mark.usefixtures("bars")

PAPER = np.ones((40, 60), np.float32)


def told(tmp_path, **shares: float) -> KindReader:
    return KindReader(kinds.write_bundle(tmp_path / "kinds", {k.replace("_", "-"): v for k, v in shares.items()}))


@pytest.fixture
def reads_bars(step_bundle, monkeypatch):
    """All kinds are read by the toy model, under the names that the table has for them."""
    def install(*names: str) -> None:
        monkeypatch.setattr(automatic, "installed", lambda: dict.fromkeys(names, step_bundle.folder))
        monkeypatch.setattr(automatic, "Recognizer", lambda name, **options: glyphic.Recognizer(
            step_bundle, **{key: value for key, value in options.items() if key != "formats"}))
    return install


def test_probabilities_are_of_all_kinds_most_probable_first_and_sum_to_one(tmp_path):
    found = told(tmp_path, music=0.7, text=0.2, none=0.1).kind(PAPER)
    assert set(found) == set(KINDS)
    assert list(found)[:3] == ["music", "text", "none"]
    assert sum(found.values()) == pytest.approx(1.0)


def test_paths_bytes_and_arrays_are_told_alike(tmp_path):
    reader, buffer = told(tmp_path, text=1.0), io.BytesIO()
    Image.fromarray(toy.render("abc", None)).save(tmp_path / "x.png")
    Image.open(tmp_path / "x.png").save(buffer, "PNG")
    assert reader.kind(tmp_path / "x.png") == reader.kind(buffer.getvalue()) == reader.kind(toy.render("abc", None))
    with pytest.raises(ImageError):
        reader.kind(tmp_path / "missing.png")


def test_a_damaged_or_foreign_bundle_is_named(tmp_path):
    folder = told(tmp_path, text=1.0).folder
    (folder / MANIFEST).write_text((folder / MANIFEST).read_text().replace('"music"', '"dance"'))
    with pytest.raises(BundleError, match="dance"):
        KindReader(folder)
    other = kinds.write_bundle(tmp_path / "other", {"text": 1.0})
    with (other / GRAPH).open("ab") as file:
        file.write(b"0")
    with pytest.raises(BundleError, match="changed or damaged"):
        KindReader(other)
    with pytest.raises(BundleError, match=f"has no {MANIFEST}"):
        KindReader(tmp_path)
    with pytest.raises(UnknownNameError, match="classifier of kinds"):
        KindReader(tmp_path / "nowhere")


def test_a_picture_is_read_with_the_model_of_its_kind_and_says_how_probable_that_is(tmp_path, reads_bars):
    reads_bars("text")
    found = automatic.AutomaticReader(told(tmp_path, text=0.75, none=0.25)).read(toy.render("abca", None))
    assert (found.text, found.notation) == ("abca", "bars")
    assert found.notation_confidence == pytest.approx(0.75)
    assert not found.warnings


def test_what_shows_nothing_is_not_read_and_a_warning_names_the_kinds_it_was_taken_for(tmp_path, reads_bars):
    reads_bars()
    found = automatic.AutomaticReader(told(tmp_path, none=0.6, music=0.3, text=0.1)).read(PAPER)
    assert (found.text, found.confidence, found.notation, found.tokens) == ("", 0.0, "none", ())
    assert found.notation_confidence == pytest.approx(0.6)
    assert "none 60%, music 30%" in found.warnings[0]
    assert found.image["width"] == 60


@pytest.mark.parametrize("kind", ["formula-handwritten", "molecule-handwritten"])
def test_handwriting_without_a_model_of_its_own_is_read_by_that_of_print_and_says_so(tmp_path, reads_bars, kind):
    plain = kind.partition("-")[0]
    reader = automatic.AutomaticReader(told(tmp_path, **{kind: 1.0}))
    reads_bars(plain)
    assert f"read with '{plain}'" in reader.read(toy.render("ab", None)).warnings[-1]
    reads_bars(plain, kind)
    assert not reader.read(toy.render("ab", None)).warnings


def test_many_pictures_are_read_in_order_and_failures_raise_or_are_returned(tmp_path, reads_bars):
    reads_bars("text")
    reader = automatic.AutomaticReader(told(tmp_path, text=1.0))
    given = [toy.render("ab", None), tmp_path / "missing.png", toy.render("ca", None)]
    found = list(reader.read_many(given, batch=2, errors="return"))
    assert [getattr(item, "text", None) for item in found] == ["ab", None, "ca"]
    with pytest.raises(ImageError):
        list(reader.read_many(given))
    with pytest.raises(OptionError, match="batch must be at least 1"):
        reader.read_many(given, batch=0)


def test_options_of_one_notation_and_formats_of_none_are_refused(tmp_path):
    reader = told(tmp_path, text=1.0)
    with pytest.raises(OptionError, match="lexicon"):
        automatic.AutomaticReader(reader, lexicon="words.txt")
    with pytest.raises(UnknownNameError, match="format of any notation"):
        automatic.AutomaticReader(reader, formats=["papyrus"])


def test_a_format_that_the_notation_cannot_give_is_a_warning(tmp_path, reads_bars):
    reads_bars("text")
    found = automatic.AutomaticReader(told(tmp_path, text=1.0), formats="mathml").read(toy.render("ab", None))
    assert found.formats == {}
    assert "no mathml" in found.warnings[0]


def test_auto_is_a_name_that_load_and_read_know(tmp_path, reads_bars, monkeypatch):
    reads_bars("text")
    reader = told(tmp_path, text=1.0)
    monkeypatch.setattr(automatic, "KindReader", lambda threads=1: reader)
    automatic._cached.cache_clear()
    assert glyphic.read(toy.render("ab", None), "auto").text == "ab"
    assert glyphic.load("auto") is glyphic.load("auto")
    assert [found.text for found in glyphic.read_many([toy.render("ab", None)], "auto")] == ["ab"]
    automatic._cached.cache_clear()
