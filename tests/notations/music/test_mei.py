"""MEI is read as it is written; Verovio reads the same out of Plaine & Easie and of MEI."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings

from glyphic.core.errors import NotationError
from glyphic.notations.music.mei import from_mei, to_mei
from glyphic.notations.music.pae import to_pae
from glyphic.notations.music.semantic import Clef, Key, Metre, canonical, parse, write
from tests.notations.music import staves


def engravable(staff) -> bool:
    """MEI holds the signatures of one barline in one order, each once."""
    order = [Clef, Key, Metre]
    for a, b in pairwise(staff):
        if type(a) in order and type(b) in order and order.index(type(a)) >= order.index(type(b)):
            return False
    return True


@given(staves.written().filter(engravable))
def test_a_staff_is_read_from_its_document(staff):
    assert canonical(from_mei(to_mei(staff))) == staff


@given(staves.sampled.filter(engravable))
def test_a_plausible_staff_is_read_from_its_document(staff):
    assert canonical(from_mei(to_mei(staff))) == staff


SPELLINGS = '''<mei xmlns="http://www.music-encoding.org/ns/mei"><music><body><mdiv><score>
<scoreDef key.sig="3f" meter.count="2" meter.unit="4"><staffGrp><staffDef clef.shape="C" clef.line="1"/></staffGrp>
</scoreDef><section><measure><staff><layer><mRest/></layer></staff></measure>
<measure><staff><layer><beam><note dur="8" oct="4" pname="b"/><graceGrp><note dur="16" oct="4" pname="a" accid="n"/>
</graceGrp><note dur="8" oct="4" pname="a" fermata="above" tie="i"><dot/></note></beam></layer></staff></measure>
<scoreDef><keySig sig="0"/><meterSig sym="cut"/></scoreDef>
<measure right="invis"><staff><layer><clef shape="F" line="4"/><note dur="breve" oct="4" pname="a" tie="t"/></layer>
</staff></measure></section></score></mdiv></body></music></mei>'''


def test_the_spellings_of_verovio_and_of_primus_are_read():
    assert write(from_mei(SPELLINGS)) == (
        "clef-C1 keySignature-EbM timeSignature-2/4 multirest-1 barline note-Bb4_eighth gracenote-A4_sixteenth "
        "note-A4_eighth._fermata tie barline clef-F4 keySignature-CM timeSignature-C/ note-A4_double_whole")


@pytest.mark.parametrize(("old", "new"), [
    ("<mRest/>", "<chord/>"), ("<mRest/>", "<tuplet/>"), ('dur="breve"', 'dur="maxima"'), ('line="4"', 'line="1"'),
    ('oct="4" pname="b"', 'oct="9" pname="b"'), ("</layer></staff>", "</layer><layer/></staff>"), ("</score>", ""),
    ("score>", "part>"), ('line="4"', 'line="4" dis="8"'),
])
def test_what_one_voice_has_not_is_refused(old, new):
    with pytest.raises(NotationError):
        from_mei(SPELLINGS.replace(old, new))


# ---- with Verovio


@pytest.fixture(scope="module")
def verovio():
    module = pytest.importorskip("verovio")
    module.enableLog(module.LOG_OFF)
    return module


def through(verovio, code: str, form: str):
    toolkit = verovio.toolkit()
    toolkit.setInputFrom(form)
    assert toolkit.loadData(code)
    return canonical(from_mei(toolkit.getMEI()))


# real incipits of the RISM catalogue (CC BY 3.0), as semantic words
INCIPITS = (Path(__file__).parent / "incipits.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("text", [line for line in INCIPITS if line[:1] != "#"])
def test_verovio_reads_real_incipits_from_our_code(verovio, text):
    staff = parse(text)
    assert through(verovio, to_pae(staff), "pae") == canonical(staff)
    assert through(verovio, to_mei(staff), "mei") == canonical(staff)


@settings(max_examples=40)
@given(staff=staves.sampled.filter(engravable))
def test_verovio_reads_our_mei(verovio, staff):
    assert through(verovio, to_mei(staff), "mei") == staff
