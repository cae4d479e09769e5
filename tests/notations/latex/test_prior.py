r"""Brackets of a formula match, or make it less likely."""

import pytest

from glyphic.notations.latex import NOTATION, normalize, prior


@pytest.mark.parametrize(("text", "alone"), [
    ("a", 0), ("", 0), ("f(x)", 0), ("[0,1)", 0), (r"\left(\frac{a}{b}\right]", 0), ("(a", 1), ("a)", 1), (")a(", 2),
    (r"D_{a}X_{\mu},X_{\nu}]", 1), (r"\{a", 0), (r"\langle a|", 0), (r"\begin{pmatrix}a\\b\end{pmatrix}", 0),
    (r"\begin{pmatrix}(a\\b)\end{pmatrix}", 0), (r"\sqrt[3]{x}", 0), (r"\xrightarrow[a]{b}", 0),
    (r"\left\{\begin{aligned}a&=(b\end{aligned}\right.", 1), ("((a)", 1), (r"a^{(b}(c)", 1), (r"\not(a)", 0),
])
def test_brackets_without_a_partner_are_counted(text, alone):
    assert prior.unmatched(text) == alone
    assert NOTATION.prior(normalize(text)) == (prior.UNMATCHED if alone else 0.0)
