"""A folder of real crops becomes a pack whose pictures are those that a reading fits."""

import dataclasses

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from glyphic import notations
from glyphic.cli import main
from glyphic.core.errors import OptionError
from glyphic.core.images import fit
from glyphic.core.options import InputSpec
from glyphic.data.lines import lined
from glyphic.data.packing import pack_folder
from glyphic.data.packs import Pack
from glyphic.data.samples import read_folder, write_folder
from glyphic.data.staves import LAID
from glyphic.reading.pictures import load

LINE = InputSpec(line_height=32, max_height=32, max_width=512, margin=0)
TEXT = notations.get("text")
RECIPE = """
from glyphic.core.options import InputSpec
from glyphic.core.recipe import ModelSpec, Recipe
RECIPE = Recipe("words", "text", ModelSpec("a", "b"), InputSpec(line_height=32, max_height=32, margin=0))
"""


def crop(seed, height=24):
    """Light bars on grey, at the contrast of a bad photograph."""
    rng = np.random.default_rng(seed)
    pixels = np.full((height, 4 * height), 90, np.uint8)
    for x in range(height // 2, 3 * height, height // 2):
        pixels[height // 5:-height // 5, x:x + height // 6] = rng.integers(120, 150)
    return pixels


@pytest.fixture
def crops(tmp_path):
    pictures = [(crop(i, 20 + 30 * i), text) for i, text in enumerate(("INN", "a’b", "CAFÉ", "Exit 2"))]
    write_folder(tmp_path / "crops", [*pictures, (np.full((20, 60), 90, np.uint8), "blank"), (crop(9), "")])
    return tmp_path / "crops"


def test_what_cannot_be_trained_on_is_left_out_and_said(crops, tmp_path):
    results = list(pack_folder(tmp_path / "x.npz", read_folder(crops), TEXT, LINE, load))
    assert [r is None for r in results] == [True, True, False, True, False, False]
    assert "'É'" in results[2].reason and "blank" in results[4].reason and "0 tokens" in results[5].reason
    pack = Pack(tmp_path / "x.npz", TEXT.tokenizer.vocabulary)
    assert [TEXT.tokenizer.decode(pack[i].target.tolist()) for i in range(3)] == ["INN", "a'b", "Exit 2"]


def test_a_packed_line_is_fitted_as_a_reading_fits_its_picture(crops, tmp_path):
    import random

    samples = read_folder(crops)
    list(pack_folder(tmp_path / "x.npz", samples, TEXT, LINE, load))
    pack = Pack(tmp_path / "x.npz", TEXT.tokenizer.vocabulary)
    for packed, sample in zip((pack[i] for i in range(3)), (samples[i] for i in (0, 1, 3)), strict=True):
        trained, _ = lined(packed, LINE, 0.0, 0.0, random.Random(0))
        read = fit(load(sample.path), LINE).pixels
        assert trained.shape == read.shape
        assert np.abs(trained - read).mean() < 0.03 and packed.pixels.shape[0] <= 64


def test_a_line_that_may_lie_on_its_side_is_left_out_but_a_single_tall_letter_is_not(tmp_path):
    pictures = [(crop(1), "INN"), (np.rot90(crop(2)).copy(), "INN"), (np.rot90(crop(3)).copy(), "I")]
    samples = write_folder(tmp_path / "crops", pictures)
    for turned_from, kept in ((1.5, ["INN", "I"]), (None, ["INN", "INN", "I"])):
        spec = dataclasses.replace(LINE, turned_from=turned_from)
        refused = list(pack_folder(tmp_path / "p.npz", samples, TEXT, spec, load))
        assert [s.text for s, why in zip(samples, refused, strict=True) if why is None] == kept
        assert all("on its side" in why.reason for why in refused if why)


def test_nothing_to_pack_is_an_error(tmp_path):
    write_folder(tmp_path / "crops", [(crop(0), "É")])
    with pytest.raises(OptionError, match="none of 1 samples"):
        list(pack_folder(tmp_path / "x.npz", read_folder(tmp_path / "crops"), TEXT, LINE, load))
    assert not (tmp_path / "x.npz").exists()


def test_the_command_packs_and_names_what_it_leaves_out(crops, tmp_path):
    (tmp_path / "words.py").write_text(RECIPE)
    out = tmp_path / "real.npz"
    result = CliRunner().invoke(main, ["pack", "text", str(crops), str(out), "--recipe", str(tmp_path / "words.py")])
    assert result.exit_code == 0, result.output
    assert "3 of 6 pictures" in result.stdout and result.stderr.count("left out") == 3
    assert len(Pack(out, TEXT.tokenizer.vocabulary)) == 3


def test_the_command_converts_and_what_it_writes_is_read(tmp_path):
    for i in (1, 2):
        Image.fromarray(crop(i)).save(tmp_path / f"word_{i}.png")
    (tmp_path / "gt.txt").write_text('word_1.png, "INN"\nword_2.png, "OUT"\n')
    result = CliRunner().invoke(main, ["convert", "icdar2015", str(tmp_path / "gt.txt"), str(tmp_path / "out")])
    assert result.exit_code == 0 and "2 pictures" in result.stdout
    assert [s.text for s in read_folder(tmp_path / "out")] == ["INN", "OUT"]
    assert CliRunner().invoke(main, ["convert", "cifar", str(tmp_path), str(tmp_path / "no")]).exit_code == 2


def test_staves_are_laid_level(tmp_path):
    pixels = np.full((90, 300), 250, np.uint8)
    pixels[25:70:9, 10:-10] = 20
    pixels[36:43, 100:108] = 20
    write_folder(tmp_path / "staves", [(pixels, "clef-G2 note-C5_half")])
    spec = InputSpec(staff_space=8.0, max_height=96)
    done = list(pack_folder(tmp_path / "s.npz", read_folder(tmp_path / "staves"), notations.get("music"), spec, load))
    assert done == [None]
    [sample] = Pack(tmp_path / "s.npz", notations.get("music").tokenizer.vocabulary)
    assert (len(sample.pixels), sample.symbol_size) == (LAID.max_height, LAID.staff_space)
    dark = np.flatnonzero(sample.pixels.mean(axis=1) < 140)
    assert {round((row - (LAID.max_height - 1) / 2) / LAID.staff_space) for row in dark} == {-2, -1, 0, 1, 2}
