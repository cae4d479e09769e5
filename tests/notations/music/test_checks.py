"""Every bar of a reading has a verdict, with its sum beside its metre; what does not add up is said in one sentence."""

from hypothesis import given

from glyphic.notations.music.bars import bars
from glyphic.notations.music.checks import as_lines, checks, remarks
from glyphic.notations.music.semantic import canonical, write
from tests.notations.music import staves

TEXT = ("clef-G2 timeSignature-6/8 note-C4_quarter. note-C4_quarter barline note-C4_half. barline "
        "note-C4_half barline note-C4_whole barline rest-eighth")


def test_a_check_has_the_number_the_verdict_and_the_sum_beside_the_metre():
    assert as_lines(TEXT).splitlines() == ["1\tpickup\t5/8\t6/8", "2\tcomplete\t6/8\t6/8", "3\tshort\t4/8\t6/8",
                                           "4\tlong\t8/8\t6/8", "5\tcomplete\t1/8\t6/8"]
    words = TEXT.split()
    assert [words[slice(*check.words)] for check in checks(TEXT)][2] == ["note-C4_half"]


def test_bars_that_do_not_fill_their_metre_are_named_in_one_sentence():
    assert remarks(TEXT) == ["bars that do not fill their metre: bar 3 4/8 of 6/8, bar 4 8/8 of 6/8"]
    assert remarks("clef-G2 timeSignature-3/4 note-C4_half. barline note-D4_half. barline") == []
    many = "clef-G2 timeSignature-3/4 " + "note-C4_half barline " * 9 + "note-C4_half. barline"
    assert remarks(many)[0].endswith("and 2 more"), "the first may be a pickup"


def test_without_a_metre_a_bar_has_a_sum_and_nothing_beside_it():
    assert as_lines("clef-G2 note-C4_half barline note-C4_half") == "1\tunknown\t1/2\t\n2\tunknown\t1/2\t"


@given(staves.anything)
def test_there_is_one_check_for_each_bar_of_any_staff(staff):
    found = checks(write(staff))
    assert [check.verdict for check in found] == [bar.verdict for bar in bars(canonical(staff))]
    assert all(check.found.partition("/")[2].isdigit() for check in found)
