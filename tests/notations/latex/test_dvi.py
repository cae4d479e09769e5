"""A DVI file's glyphs and rules stand where TeX put them."""

import shutil
import struct
import subprocess

import pytest

from glyphic.core.errors import MissingProgramError
from glyphic.notations.latex import dvi

POINT = 65536


def written(*commands: bytes) -> bytes:
    """A DVI file of one page with these commands: preamble, bop, ..., eop, post."""
    preamble = struct.pack(">BB3IB", 247, 2, 25400000, 473628672, 1000, 0)
    return preamble + struct.pack(">B10ii", 139, 7, *[0] * 9, -1) + b"".join(commands) + bytes([140, 248])


def page(tmp_path, *commands: bytes) -> dvi.Page:
    (tmp_path / "x.dvi").write_bytes(written(*commands))
    found = dvi.pages(tmp_path / "x.dvi")
    assert len(found) == 1
    return found[0]


def rule(op: int, tall: int, wide: int) -> bytes:
    return struct.pack(">Bii", op, tall * POINT, wide * POINT)


def move(op: int, size: int, points: int) -> bytes:
    return bytes([op]) + (points * POINT).to_bytes(size, "big", signed=True)


def test_a_page_has_its_number(tmp_path):
    assert page(tmp_path).number == 7


def test_a_rule_that_is_set_moves_on_and_one_that_is_put_does_not(tmp_path):
    found = page(tmp_path, rule(137, 2, 3), rule(132, 2, 3), rule(137, 1, 1))
    assert found.rules == [(0, -2, 3, 0), (0, -2, 3, 0), (3, -1, 4, 0)]


def test_a_rule_without_size_is_invisible_and_yet_moves_on(tmp_path):
    assert page(tmp_path, rule(132, 0, 5), rule(137, 1, 1)).rules == [(5, -1, 6, 0)]


def test_movements_add_up_and_a_stack_brings_them_back(tmp_path):
    found = page(tmp_path, bytes([141]), move(145, 3, 4), move(159, 3, -6), rule(137, 1, 1), bytes([142]), rule(137,
     1, 1))
    assert found.rules == [(4, -7, 5, -6), (0, -1, 1, 0)]


@pytest.mark.parametrize(("first", "repeat", "axis"), [(150, 147, 0), (155, 152, 0), (164, 161, 1), (169, 166, 1)])
def test_the_four_remembered_movements_repeat(tmp_path, first, repeat, axis):
    found = page(tmp_path, move(first, 3, 2), bytes([repeat]), bytes([repeat]), rule(137, 1, 1))
    assert found.rules[0][axis] == (6 if axis == 0 else 5)


def test_specials_and_nops_are_passed_over(tmp_path):
    found = page(tmp_path, bytes([138, 239, 3]) + b"abc", bytes([242]) + struct.pack(">I", 2) + b"xy", rule(137, 1, 1))
    assert found.rules == [(0, -1, 1, 0)]


def test_characters_have_the_boxes_of_their_metrics(tmp_path, monkeypatch):
    monkeypatch.setattr(dvi, "_metrics", lambda name: {65: (0.5, 0.75, 0.25)} if name == "toy10" else {})
    define = struct.pack(">BB3IBB", 243, 0, 0, 10 * POINT, 10 * POINT, 0, 5) + b"toy10"
    found = page(tmp_path, define, bytes([171, 65, 65]), bytes([133, 65, 128, 65]))
    assert [glyph.name for glyph in found.glyphs] == ["toy:65"] * 4
    assert found.glyphs[0] == dvi.Glyph("toy:65", 0, -7.5, 5, 2.5)
    assert [glyph.left for glyph in found.glyphs] == [0, 5, 10, 10]  # put (133) stays, set (128) goes on


@pytest.mark.tex
def test_tex_and_this_reader_agree_on_a_word(tmp_path, tex):
    (tmp_path / "x.tex").write_text(r"\count0=3\setbox0\hbox{W\kern 5pt A}\message{<\the\wd0>}\shipout\box0\end")
    said = subprocess.run(["tex", "-interaction=batchmode", "x.tex"], cwd=tmp_path, capture_output=True, check=False)
    assert said.returncode == 0
    width = float((tmp_path / "x.log").read_text().split("<")[-1].split("pt")[0])
    found, = dvi.pages(tmp_path / "x.dvi")
    assert found.number == 3 and [glyph.name for glyph in found.glyphs] == ["cmr:87", "cmr:65"]
    assert found.glyphs[0].left == 0 and found.glyphs[1].right == pytest.approx(width, abs=1e-3)
    assert found.glyphs[1].left - found.glyphs[0].right == pytest.approx(5, abs=1e-3)
    assert [(g.top, g.bottom) for g in found.glyphs] == [pytest.approx((0, 6.8333), abs=1e-3)] * 2


@pytest.mark.tex
def test_a_font_that_is_not_there_names_the_package(tex):
    with pytest.raises(MissingProgramError, match="kpsewhich"):
        dvi._locate("no-such-font.tfm")


def test_without_kpsewhich_the_package_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert shutil.which("kpsewhich") is None
    with pytest.raises(MissingProgramError, match="texlive"):
        dvi._locate("cmr10.tfm")
