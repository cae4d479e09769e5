"""Plaine & Easie is read as it is written, and as RISM writes it."""

import pytest
from hypothesis import given

from glyphic.core.errors import NotationError
from glyphic.notations.music.pae import from_pae, to_pae
from glyphic.notations.music.semantic import canonical, parse, write
from tests.notations.music import staves


@given(staves.written())
def test_a_staff_is_read_from_its_code(staff):
    assert canonical(from_pae(to_pae(staff))) == staff


@given(staves.sampled)
def test_a_plausible_staff_is_read_from_its_code(staff):
    assert canonical(from_pae(to_pae(staff))) == staff


@pytest.mark.parametrize(("data", "text"), [
    ("'4A+//:8{A6-xF}4DF/", "note-A4_quarter tie barline note-A4_eighth rest-sixteenth note-F#4_sixteenth "
                            "note-D4_quarter note-F#4_quarter barline"),
    ("'4.F''8{F'''F''F}/%F-48-3-,,3{A,CD}", "note-F4_quarter. note-F5_eighth note-F6_eighth note-F5_eighth barline "
     "clef-F4 rest-eighth rest-thirty_second note-A2_thirty_second note-C3_thirty_second note-D3_thirty_second"),
    ("=71/''''4D6-,,B", "multirest-71 barline note-D7_quarter rest-sixteenth note-B2_sixteenth"),
    ("=/'2CD/i/(E)", "multirest-1 barline note-C4_half note-D4_half barline note-C4_half note-D4_half barline "
                     "note-E4_half_fermata"),
    ("{8qCqr'6DC}gxC4t", "gracenote-C4_eighth note-D4_sixteenth note-C4_sixteenth gracenote-C#4_eighth"),
    ("4Cqq6{nB'C}r8D", "note-C4_quarter gracenote-B4_sixteenth gracenote-C4_sixteenth note-D4_eighth"),
    ("48.6A{GF}A", "note-A4_quarter note-G4_eighth. note-F4_sixteenth note-A4_quarter"),
    ("'2xF+/F+/''2F@c/ 4-$xFC F", "note-F#4_half tie barline note-F#4_half barline note-F5_half "
     "timeSignature-C/ rest-quarter keySignature-DM note-F#5_quarter"),
    ("9xxC0bbD.", None), ("^C", None), ("8(CDE)", None), ("''''''C", None), ("4....C", None), ("%g-2C", None),
    ("@3/C", None), ("$xDC", None), ("C*", None),
])
def test_risms_spellings_are_read(data, text):
    code = f"@clef:G-2\n@keysig:\n@timesig:\n@data:{data}\n"
    if text is None:
        with pytest.raises(NotationError) as error:
            from_pae(code)
        assert code.index(data) <= error.value.position < len(code)
    else:
        assert write(from_pae(code)) == f"clef-G2 {text}"


def test_signatures_stand_in_the_head():
    code = to_pae(parse("clef-C1 keySignature-EbM timeSignature-C/ note-Eb4_half"))
    assert code == "@clef:C-1\n@keysig:bBEA\n@timesig:c/\n@data:'2E\n"


@pytest.mark.parametrize("code", ["", "@clef:G-2\n", "@clef:H-2\n@data:4C", "@keysig:xG\n@data:4C",
                                  "@timesig:4\n@data:4C"])
def test_what_is_no_incipit_is_refused(code):
    with pytest.raises(NotationError):
        from_pae(code)


def test_a_staff_without_a_clef_cannot_be_written():
    with pytest.raises(NotationError, match="clef"):
        to_pae(parse("note-C4_half"))
