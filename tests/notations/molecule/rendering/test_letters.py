"""Ink whose symbols are told apart becomes forms of letters, at the place of ours; molecules are written so."""

import random

import numpy as np
import pytest
from click.testing import CliRunner

from glyphic.cli import main
from glyphic.core.errors import GlyphicError
from glyphic.data import ink
from glyphic.data.letters import alphabet
from glyphic.data.samples import read_folder
from glyphic.notations.molecule.rendering import hands, penstrokes

# a C of one stroke, 40 units high and 30 wide, an H of three, a dash, and a C that is as flat as a dash
INK = """<ink xmlns="http://www.w3.org/2003/InkML">
<trace id="0">130 110, 115 100, 102 112, 100 122, 104 134, 118 140, 130 132</trace>
<trace id="1">200 100, 200 140</trace><trace id="2">230 100, 230 141</trace><trace id="3">200 121, 231 120</trace>
<trace id="4">300 120, 340 121</trace>
<trace id="5">400 120, 440 121, 480 120</trace>
<traceGroup><annotation type="truth">Segmentation</annotation>
<traceGroup><annotation type="truth">C</annotation><traceView traceDataRef="0"/></traceGroup>
<traceGroup><annotation type="truth">H</annotation><traceView traceDataRef="1"/><traceView traceDataRef="2"/>
<traceView traceDataRef="3"/></traceGroup>
<traceGroup><annotation type="truth">-</annotation><traceView traceDataRef="4"/></traceGroup>
<traceGroup><annotation type="truth">C</annotation><traceView traceDataRef="5"/></traceGroup>
<traceGroup><annotation type="truth">\\Gamma</annotation><traceView traceDataRef="5"/></traceGroup>
<traceGroup><annotation type="truth">N</annotation><traceView traceDataRef="missing"/></traceGroup>
</traceGroup></ink>"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ink" / "deep").mkdir(parents=True)
    (tmp_path / "ink" / "deep" / "a.inkml").write_text(INK)
    (tmp_path / "ink" / "empty.inkml").write_text('<ink xmlns="http://www.w3.org/2003/InkML"></ink>')
    return tmp_path / "ink"


def test_symbols_have_their_label_and_their_strokes_in_order(folder):
    symbols = ink.read_symbols(folder / "deep" / "a.inkml")
    assert [(label, [len(stroke) for stroke in strokes]) for label, strokes in symbols] == [
        ("C", [7]), ("H", [2, 2, 2]), ("-", [2]), ("C", [3]), ("\\Gamma", [3])]
    assert symbols[1][1][2].tolist() == [[200, 121], [231, 120]]


def test_letters_stand_where_ours_stand_and_what_is_far_from_them_is_left_out(folder):
    letters = alphabet(folder)
    assert len(letters["C"]) == len(letters["H"]) == len(letters["-"]) == len(letters["−"]) == 1
    for character in ("C", "H"):
        left, bottom, right, top = letters[character][0].box
        usual = penstrokes.forms(character)[0].box
        assert (bottom, top) == pytest.approx((usual[1], usual[3]), abs=0.03)
        assert 0.3 < right - left < 1.5 and letters[character][0].traced
    dash = letters["-"][0].box
    assert dash[2] - dash[0] == pytest.approx(0.42) and dash[3] - dash[1] < 0.05
    points = np.concatenate([points for points, _ in letters["C"][0].strokes])
    assert points[0][1] > points[-1][1] > 0, "y upwards: a C begins above its end"
    assert np.hypot(*np.diff(points, axis=0).T).max() < 0.13, "and is dense"
    assert "N" not in letters and "Γ" not in letters


def test_a_character_without_its_own_ink_takes_what_is_written_alike(folder):
    text = INK.replace(">C<", ">c<")
    (folder / "deep" / "a.inkml").write_text(text)
    assert len(alphabet(folder)["C"]) == 1


def test_folders_without_symbols_say_so(folder, tmp_path):
    (folder / "deep" / "a.inkml").write_text(INK.partition("<traceGroup>")[0] + "</ink>")
    with pytest.raises(GlyphicError, match="which strokes are which symbol"):
        alphabet(folder)
    with pytest.raises(GlyphicError, match=r"no \*.inkml"):
        alphabet(tmp_path / "ink" / "nothing")


def test_some_hands_write_with_letters_that_are_given_and_the_others_as_before(folder):
    letters, rng = alphabet(folder), random.Random(0)
    given = 0
    for _ in range(200):
        script = hands.Script.of(hands.hand(rng), rng, letters)
        if script.letters:
            given += 1
            assert script.form("C") in letters["C"] and script.form("N") in penstrokes.forms("N")
        elif not script.hand.typed:
            assert script.form("C") in penstrokes.forms("C")
    assert 0.55 < given / 200 < 0.85


def test_handwritten_molecules_are_drawn_with_them(folder, tmp_path):
    def drawn(out, *options):
        answer = CliRunner().invoke(main, ["synth", "molecule", str(tmp_path / out), "--count", "4", *options])
        assert answer.exit_code == 0, answer.output
        return [(sample.text, sample.path.read_bytes()) for sample in read_folder(tmp_path / out)]

    given = drawn("a", "--look", "handwritten", "--letters", str(folder))
    none = drawn("b", "--look", "handwritten")
    assert [label for label, _ in given] == [label for label, _ in none]
    assert any(one != other for one, other in zip(given, none, strict=True))
    refused = CliRunner().invoke(main, ["synth", "molecule", str(tmp_path / "c"), "--letters", str(folder)])
    assert refused.exit_code == 2 and "--look handwritten" in refused.output
