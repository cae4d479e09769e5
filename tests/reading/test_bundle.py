"""Bundles: what is written is what is loaded, and nothing that was changed is."""

import json
import shutil

import pytest

from glyphic.core.errors import BundleError, UnknownNameError
from glyphic.reading import bundle as bundles
from glyphic.reading.bundle import Bundle, write_bundle
from tests import bars as toy


@pytest.fixture
def copy(step_bundle, tmp_path):
    return shutil.copytree(step_bundle.folder, tmp_path / "copy")


def change(folder, **entries):
    path = folder / "bundle.json"
    manifest = {**json.loads(path.read_text()), **entries}
    path.write_text(json.dumps({k: v for k, v in manifest.items() if v != "drop"}))


def test_a_written_bundle_is_loaded_as_it_was(step_bundle):
    again = Bundle.load(step_bundle.folder)
    assert again == step_bundle
    assert again == Bundle.load(str(step_bundle.folder)) == Bundle.load(step_bundle.folder / "bundle.json")
    assert again.vocabulary == toy.VOCABULARY and again.decoding.max_tokens == 40 and again.input.multiple == 16
    assert set(again.files) == {"encoder.onnx", "step.onnx", "MODEL_CARD.md"}
    assert again.bytes == sum((again.folder / name).stat().st_size for name in again.files)


@pytest.mark.parametrize("name", ["encoder.onnx", "step.onnx", "MODEL_CARD.md"])
def test_one_changed_byte_in_any_file_is_refused_by_name(copy, name):
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(BundleError, match=name):
        Bundle.load(copy)


def test_a_missing_file_is_named(copy):
    (copy / "step.onnx").unlink()
    with pytest.raises(BundleError, match=r"step\.onnx is missing"):
        Bundle.load(copy)


@pytest.mark.parametrize(("entries", "message"), [
    ({"format": 99}, "format 99"), ({"format": "drop"}, "format None"), ({"kind": "oracle"}, "step, frames"),
    ({"kind": "frames"}, r"frames\.onnx"), ({"vocabulary": "drop"}, "vocabulary"), ({"input": {"size": 3}}, "size"),
    ({"decoding": {"beam_width": 0}}, "beam_width"), ({"files": {}}, r"encoder\.onnx"),
    ({"files": []}, "does not describe"),
    ({"vocabulary": {"tokens": ["a", "a"], "pad": 0, "bos": 1, "eos": 2, "blank": None}}, "differ"),
])
def test_a_manifest_that_makes_no_sense_is_refused_with_the_reason(copy, entries, message):
    change(copy, **entries)
    with pytest.raises(BundleError, match=message):
        Bundle.load(copy)


@pytest.mark.parametrize("name", ["../step.onnx", "/etc/hostname", "sub/x"])
def test_files_outside_of_the_folder_are_refused(copy, name):
    manifest = json.loads((copy / "bundle.json").read_text())
    change(copy, files={**manifest["files"], name: "0" * 64})
    with pytest.raises(BundleError, match="must lie beside it"):
        Bundle.load(copy)


@pytest.mark.parametrize("text", ["", "{", "[1]", "\xff"])
def test_a_damaged_manifest_is_named(copy, text):
    (copy / "bundle.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(BundleError, match=r"bundle\.json"):
        Bundle.load(copy)


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path):
    with pytest.raises(BundleError, match="no model bundle"):
        Bundle.load(tmp_path)


def test_an_unknown_name_lists_those_that_are_installed(copy, monkeypatch):
    monkeypatch.setattr(bundles, "SHIPPED", copy.parent)
    assert bundles.list_models() == ["copy"] and Bundle.load("copy").folder == copy
    with pytest.raises(UnknownNameError, match=r"'formulae'; there are: .*copy"):
        Bundle.load("formulae")


def test_a_package_without_models_has_none(monkeypatch, tmp_path):
    monkeypatch.setattr(bundles, "SHIPPED", tmp_path / "nothing")
    assert bundles.list_models() == []


def test_a_recipe_of_another_version_does_not_stop_reading(copy):
    change(copy, recipe={"a setting": "of the future"})
    assert Bundle.load(copy).recipe == {"a setting": "of the future"}


def test_writing_again_keeps_up_with_the_files(copy):
    (copy / "MODEL_CARD.md").write_text("Another text.")
    (copy / ".hidden").write_text("not part of it")
    written = write_bundle(copy, toy.manifest("step", toy.VOCABULARY, version="2"))
    assert written.version == "2" and Bundle.load(copy) == written and ".hidden" not in written.files
    with pytest.raises(BundleError, match=r"no file frames\.onnx; it has: MODEL_CARD"):
        written.path("frames.onnx")
