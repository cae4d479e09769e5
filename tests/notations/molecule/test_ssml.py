r"""SSML strings are read and written; the strings here are written for the tests, in the manner of EDU-CHEMC's."""

import pytest
from hypothesis import given, settings

from glyphic.core.errors import NotationError
from glyphic.notations.molecule import normalize, ssml
from glyphic.notations.molecule.graph import Arrow, ArrowKind, Bond, BondKind, Drawing, Plus
from glyphic.notations.molecule.structure import same_structure
from glyphic.notations.molecule.target import to_scheme
from tests.notations.molecule.drawings import SCHEMES, mapped

PHENOL = r"\chemfig { ?[a] branch( -:[:30] \circle branch) -[:90] -[:30] -[:330] branch( -[:0] O H branch) -[:270] " \
         r"-[:210] ?[a,{-}] }"
STRINGS = [
    PHENOL,
    r"\chemfig { ?[a] -[:60] =[:0] -[:300] branch( >[:0] C l branch) =[:240] -[:180] ?[a,{=}] } + 2 N a O H "
    r"\xrightarrow [ \triangle ] { H _ { 2 } O } \chemfig { H O -[:0] ?[a] branch( =[:60] -[:0] =[:300] -[:240] "
    r"=[:180] ?[a,{-}] branch) } + N a ^ { + } \space C l ^ { - }",
    r"\textcircled { 2 } \chemfig { \Chemabove { H } { N } -[:30] <:[:330] ~[:0] N } \rightleftharpoons "
    r"\chemfig { H -[:0] C branch( -[:0] C branch( -[:0] H branch) -[:270] H branch) branch( -[:90] H branch) "
    r"-[:270] H } "
    r"\downarrow",
    r"\chemfig { B r -[:45] ?[a] branch( =[:90] branch( -[:30] =[:330] -[:270] branch( =[:210] ?[a,{-}] branch) "
    r"-[:315] C O O H branch) -[:135] H O branch) } \rightarrow",
    r"\chemfig { -[:30] -[:330] } \xrightarrow { \chemfig { -[:45] O } + O _ { 2 } } \chemfig { -[:30] O -[:330] }",
]


@pytest.mark.parametrize("text", STRINGS)
def test_a_string_is_read_and_written_as_it_was(text):
    scheme = ssml.read(text)
    assert ssml.write(scheme) == text
    lengths = ssml.write(scheme, lengths=True)
    assert same_structure(ssml.read(lengths), scheme) and ssml.write(ssml.read(lengths), lengths=True) == lengths
    assert same_structure(to_scheme(normalize(text)), scheme)


def test_lengths_are_read_and_written():
    text = r"\chemfig { ?[a] branch( -:[:24.0,0.85] \circle branch) -[:78.0,1.0] -[:6.0,1.0] -[:294.0,1.0] " \
           r"branch( -[:222.0,1.0] S ?[a,{-}] branch) -[:348.0,0.5] N }"
    assert ssml.write(ssml.read(text), lengths=True) == text


@settings(max_examples=150, deadline=None)
@given(SCHEMES)
def test_whatever_ssml_can_hold_survives_it(scheme):
    known = {kind for kind, _ in ssml.GLYPHS.values()}

    def plain(drawing):
        bonds = [bond if bond.kind in known else Bond(bond.begin, bond.end) for bond in drawing.bonds]
        return Drawing(drawing.atoms, tuple(bonds), drawing.circles)

    scheme = mapped(scheme, plain)
    assert same_structure(ssml.read(ssml.write(scheme, lengths=True)), scheme)
    if not any(drawing.circles for drawing in scheme.drawings):  # rounded directions may move a circle to the next ring
        assert same_structure(ssml.read(ssml.write(scheme)), scheme)


def test_what_is_read():
    scheme = ssml.read(STRINGS[1])
    first, plus, base, arrow, *_ = scheme.parts
    assert isinstance(first, Drawing) and isinstance(plus, Plus) and base.atoms[0].text == "2NaOH"
    wedge = next(bond for bond in first.bonds if bond.kind == BondKind.WEDGE)
    assert first.atoms[wedge.begin].text == "Cl"  # `>` is wide where it begins
    assert isinstance(arrow, Arrow) and arrow.kind == ArrowKind.RIGHT
    assert (arrow.above[0].atoms[0].text, arrow.below[0].atoms[0].text) == ("H2O", "△")
    assert [atom.text for atom in scheme.parts[-1].atoms] == ["Na^+", "Cl^-"]
    assert len(ssml.read(PHENOL).parts[0].circles[0].atoms) == 6
    assert ssml.read(r"\chemfig { \Chemabove { H } { N } -[:0] }").parts[0].atoms[0].text == "N\nH"


def test_a_second_hook_without_a_bond_is_a_single_bond():
    scheme = ssml.read(r"\chemfig { ?[a] -[:0] -[:120] ?[a] }")
    assert [bond.kind for bond in scheme.parts[0].bonds] == [BondKind.SINGLE] * 3


@pytest.mark.parametrize(("text", "sentence", "position"), [
    (r"\chemfig { C \limits -[:0] }", "no place", 13), (r"\chemfig { C -[:0] ?[a] }", "not closed", 24),
    (r"\chemfig { branch( -[:0] }", "not closed", 25), (r"\chemfig { -[:0] branch) }", "none has begun", 17),
    (r"\chemfig { -[:0]", "missing", 16), (r"\chemfig { }", "draws nothing", 0), ("", "draws nothing", 0),
    (r"\chemfig { ?[a] -[:0] ?[a,{-}] }", "second bond", 22), (r"\chemfig { C branch( -[:0] branch) O }", "follow", 35),
    (r"\xrightarrow { \rightarrow }", "another arrow", 27), (r"\textcircled { A } N", "no token", 19),
    (r"\chemfig { \chemfig }", "no place", 11), (r"\chemfig { ☃ -[:0] }", "no token", 11),
])
def test_what_has_no_place_is_refused_where_it_stands(text, sentence, position):
    with pytest.raises(NotationError, match=sentence) as caught:
        ssml.read(text)
    assert caught.value.position == position


def test_bonds_without_a_spelling_are_named():
    with pytest.raises(NotationError, match=r"no wavy bonds; it has .*wedge"):
        ssml.write(to_scheme("N wavy [:0] O"))
