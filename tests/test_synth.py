"""`glyphic synth --packs`: packs that can be gone on with, and formulas that are never drawn."""

import random
import shutil

import pytest
from click.testing import CliRunner

from glyphic import notations
from glyphic.cli import main
from glyphic.data import formulas
from glyphic.data.packs import Pack
from glyphic.data.samples import read_folder
from glyphic.data.staves import LAID
from glyphic.notations.latex import SEEDS
from tests import bars as toy

pytestmark = pytest.mark.usefixtures("bars")
TEX = pytest.mark.skipif(not (shutil.which("latex") and shutil.which("dvipng")), reason="needs latex and dvipng: "
                         "apt-get install texlive-latex-recommended texlive-fonts-recommended dvipng")


def run(*arguments: object):
    return CliRunner().invoke(main, ["synth", *map(str, arguments)])


def test_packs_are_written_and_those_there_are_kept(tmp_path):
    assert run("bars", tmp_path, "--packs", 2, "--count", 12, "--first", 3).exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bars-003.npz", "bars-004.npz"]
    one, two = (Pack(tmp_path / f"bars-00{n}.npz", toy.VOCABULARY) for n in (3, 4))
    assert len(one) == len(two) == 12
    assert [one[i].target.tolist() for i in range(12)] != [two[i].target.tolist() for i in range(12)]
    first = (tmp_path / "bars-003.npz").read_bytes()
    (tmp_path / "bars-004.npz").write_bytes(b"mine")
    assert run("bars", tmp_path, "--packs", 3, "--count", 12, "--first", 2).exit_code == 0
    assert (tmp_path / "bars-004.npz").read_bytes() == b"mine" and (tmp_path / "bars-003.npz").read_bytes() == first
    assert (tmp_path / "bars-002.npz").exists()
    run("bars", tmp_path / "again", "--packs", 1, "--count", 12, "--first", 3, "--prefix", "x")
    assert (tmp_path / "again" / "x-003.npz").read_bytes() == first, "a pack follows from seed and number alone"


def test_a_data_set_shows_the_texts_of_a_file_as_well(tmp_path):
    (tmp_path / "words.txt").write_text("bakery\n")
    result = run("text", tmp_path / "out", "--count", 3, "--strings", tmp_path / "words.txt")
    assert result.exit_code == 0, result.output
    labels = [sample.text for sample in read_folder(tmp_path / "out")]
    assert len(labels) == 3 and any("bakery" in label.lower() for label in labels)


@pytest.mark.parametrize(("arguments", "reason"), [
    (["--hold-out", "mine=3"], "belong to --packs"), (["--packs", 1, "--exclude", "."], "choose among"),
    (["--packs", 1, "--strings", "FILE"], "has its own sampler"),
])
def test_options_that_do_not_go_together_are_refused(tmp_path, arguments, reason):
    (tmp_path / "strings.tsv").write_text("mine\ta\n")
    arguments = [str(tmp_path / "strings.tsv") if a == "FILE" else a for a in arguments]
    result = run("bars", tmp_path / "out", *arguments)
    assert result.exit_code == 2 and reason in result.stderr


@pytest.mark.parametrize(("option", "value"), [("--weights", "mine=much"), ("--hold-out", "mine"),
                                               ("--hold-out", "nobody=3")])
def test_pairs_are_pairs_of_a_name_that_exists_and_a_number(tmp_path, option, value):
    (tmp_path / "strings.tsv").write_text("mine\tx^2\n")
    result = run("formula", tmp_path, "--packs", 1, "--strings", tmp_path / "strings.tsv", option, value)
    assert result.exit_code == 2 and ("SOURCE=COUNT" in result.stderr or "NAME=WEIGHT" in result.stderr
                                      or "it has: mine" in result.stderr)


@pytest.mark.tex
@TEX
def test_held_out_and_excluded_formulas_are_in_no_pack(tmp_path):
    strings = [f"{'mine' if i % 2 else 'others'}\t{text}\n" for i, text in enumerate(SEEDS)]
    (tmp_path / "strings.tsv").write_text("".join(strings))
    known = random.Random(0).sample(SEEDS, 5)
    (tmp_path / "known.tsv").write_text("".join(f"x.png\t{text}\n" for text in known))
    result = run("formula", tmp_path / "out", "--packs", 1, "--count", 60, "--strings", tmp_path / "strings.tsv",
                 "--weights", "mine=6,others=1.5", "--hold-out", "mine=6", "--exclude", tmp_path / "known.tsv")
    assert result.exit_code == 0, result.output
    held = read_folder(tmp_path / "out" / "held-out")
    assert [sample.text for sample in held] == formulas.held_out(tmp_path / "strings.tsv", "mine", 6)
    assert all(sample.path.is_file() for sample in held)
    notation = notations.get("formula")
    pack = Pack(tmp_path / "out" / "latex-000.npz", notation.tokenizer.vocabulary)
    drawn = formulas.bare([notation.tokenizer.decode(pack[i].target.tolist()) for i in range(len(pack))])
    assert len(drawn) > 30
    assert not drawn & formulas.bare([*known, *(sample.text for sample in held)])


def test_staves_of_a_list_lie_level_in_their_packs_and_those_excluded_are_not_drawn(tmp_path, monkeypatch):
    pytest.importorskip("verovio", reason="needs verovio")
    pytest.importorskip("resvg_py", reason="needs resvg-py")
    monkeypatch.setattr("glyphic.data.incipits.SAMPLED", 0)
    (tmp_path / "staves.txt").write_text("clef-G2 note-C5_half note-D5_half barline\nclef-F4 rest-half note-E3_half\n")
    (tmp_path / "labels.tsv").write_text("a.png\tclef-C1 note-D4_half note-E4_half barline\n")
    result = run("music", tmp_path / "packs", "--packs", 1, "--count", 3, "--strings", tmp_path / "staves.txt",
                 "--exclude", tmp_path / "labels.tsv", "--look", "clean")
    assert result.exit_code == 0, result.output
    music = notations.get("music")
    pack = Pack(tmp_path / "packs" / "music-000.npz", music.tokenizer.vocabulary)
    assert [pack[i].pixels.shape[0] for i in range(3)] == [LAID.max_height] * 3
    assert [pack[i].symbol_size for i in range(3)] == [LAID.staff_space] * 3
    texts = [music.tokenizer.decode(pack[i].target.tolist()) for i in range(3)]
    assert all("rest-half" in text for text in texts)
    assert all(pack.names[int(mark)].startswith(("clef", "key", "rest", "note", "multi", "bar", "time", "grace", "tie"))
               for i in range(3) for mark, _, _ in pack[i].marks)
