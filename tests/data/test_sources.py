"""Which files of texts are read for which notation, and what can be chosen of them."""

import random

import pytest

from glyphic.core.errors import OptionError
from glyphic.data.sources import FILES, Choice, of_file
from glyphic.notations import names


def test_every_file_is_one_of_a_notation():
    assert set(FILES) <= set(names())


def test_words_of_a_file_are_drawn(tmp_path):
    (tmp_path / "words.txt").write_text("zebra\nokapi\n")
    source = of_file("text", tmp_path / "words.txt", Choice(), tmp_path)
    drawn = " ".join(source(random.Random(seed)) for seed in range(60)).lower()
    assert "zebra" in drawn and "okapi" in drawn


@pytest.mark.parametrize(("notation", "choice", "named"), [
    ("text", Choice(weights={"a": 1.0}, hold_out=[("a", 1)]), "--weights and --hold-out"),
    ("molecule", Choice(hold_out=[("a", 1)]), "--hold-out"),
    ("music", Choice(weights={"a": 1.0}), "--weights"),
])
def test_a_choice_that_a_file_does_not_offer_is_refused(tmp_path, notation, choice, named):
    (tmp_path / "list.txt").write_text("CCO\n")
    with pytest.raises(OptionError, match=named):
        of_file(notation, tmp_path / "list.txt", choice, tmp_path)


def test_a_notation_without_files_names_those_that_have_some(tmp_path):
    with pytest.raises(OptionError, match="formula, molecule, music, text; bars"):
        of_file("bars", tmp_path / "x", Choice(), tmp_path)
