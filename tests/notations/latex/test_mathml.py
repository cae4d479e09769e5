"""A formula as MathML: well formed for whatever the grammar can write, and with the structure of its tree."""

import random
import xml.etree.ElementTree as ElementTree
from collections import Counter

import pytest

from glyphic.core.errors import NotationError
from glyphic.notations.latex import NOTATION, SEEDS, symbols
from glyphic.notations.latex.grammar import LatexGrammar
from glyphic.notations.latex.mathml import NAMESPACE, from_row, to_mathml
from glyphic.notations.latex.tree import VOCABULARY, Construct, Symbol, from_tokens, to_tokens
from glyphic.notations.latex.unicode import CHARACTERS

GRAMMAR = LatexGrammar()
LEAVES = {"mi", "mo", "mn", "mtext"}
ARITY = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
KNOWN = {*LEAVES, *ARITY, "math", "mrow", "msqrt", "mspace", "mtable", "mtr", "mtd", "menclose"}


def parsed(source: str) -> ElementTree.Element:
    """The element, after a check of everything that each of its descendants promises."""
    root = ElementTree.fromstring(source)
    for element in root.iter():
        name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
        assert name in KNOWN, name
        assert name not in ARITY or len(element) == ARITY[name], ElementTree.tostring(element)
        if name in LEAVES:
            assert len(element) == 0 and element.text, "a leaf holds characters"
            assert element.text in ("{", "}") or not set(element.text) & set("\\{}"), element.text
        else:
            assert not (element.text or "").strip() and not (element.tail or "").strip(), "characters only in leaves"
    return root


def characters(source: str) -> str:
    return "".join(parsed(source).itertext())


def styled_letters(text: str) -> Counter[str]:
    return Counter(c for c in text if c > "\u2fff" and c.isalpha())


def shape(text: str) -> str:
    """Names of the elements within <math>, as name(child child), leaves as their characters."""
    def describe(element: ElementTree.Element) -> str:
        name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
        return element.text or "" if name in LEAVES else f"{name}({' '.join(map(describe, element))})"

    return " ".join(describe(child) for child in parsed(to_mathml(text)))


def walk(source: random.Random, length: int) -> list[str]:
    """Random tokens that the grammar allows, closed in time."""
    state, tokens = GRAMMAR.start(), []
    for remaining in range(length, 0, -1):
        allowed = [i for i, bias in enumerate(GRAMMAR.bias(state, remaining)) if bias == 0.0]
        # as the vocabulary is mostly letters, structure would be rare
        rare = [i for i in allowed if VOCABULARY.tokens[i] not in CHARACTERS]
        token = source.choice(rare if rare and source.random() < 0.5 else allowed)
        if token == VOCABULARY.eos:
            break
        tokens.append(VOCABULARY.tokens[token])
        state = GRAMMAR.advance(state, token)
    return tokens


def minimal(token: str) -> list[str]:
    """The shortest formula with this token in it, give or take an argument."""
    if token in symbols.CONSTRUCTS:
        return to_tokens((Symbol("x"), Construct(token, ((Symbol("y"),),) * symbols.CONSTRUCTS[token])))
    around = {"}": ["_{", "y", "}"], "}{": [r"\frac{", "x", "}{", "y", "}"], "~": [r"\mathrm{a}", "~", r"\mathrm{b}"],
              "{}": ["x", "^{", "y", "}", "{}", "_{", "z", "}"], r"\not": [r"\not", r"\subset"],
              "&": [r"\begin{matrix}", "x", "&", "y", r"\end{matrix}"],
              r"\\": [r"\begin{aligned}", "x", r"\\", "y", r"\end{aligned}"]}
    if token.startswith((r"\begin", r"\end")):
        name = token[token.index("{"):]
        return [rf"\begin{name}", "x", "&", "=", "y", rf"\end{name}"]
    return around.get(token, ["x", token, "y"])


@pytest.mark.parametrize("token", [t for i, t in enumerate(VOCABULARY.tokens) if i not in VOCABULARY.specials])
def test_every_token_is_written_in_well_formed_elements(token):
    tokens = minimal(token)
    assert token in tokens
    source = from_row(from_tokens(tokens))
    if token in CHARACTERS and len(token) > 1:
        assert CHARACTERS[token] in characters(source)
    parsed(source)


def test_whatever_the_grammar_writes_is_well_formed_and_loses_no_symbol():
    for seed in range(1000):
        tokens = walk(random.Random(seed), 10 + seed % 50)
        row = from_tokens(tokens)
        source = from_row(row)
        assert to_mathml(NOTATION.tokenizer.decode(VOCABULARY.encode(tokens))).startswith("<math ")
        expected = styled_letters("".join(CHARACTERS.get(token, "") for token in to_tokens(row)))
        found = styled_letters(characters(source))
        assert all(found[c] >= count for c, count in expected.items()), seed
        assert (found - expected).total() <= tokens.count(r"\not"), "only letters that are struck out change"


@pytest.mark.parametrize("text", SEEDS)
def test_well_known_formulas_are_written(text):
    parsed(to_mathml(text))


@pytest.mark.parametrize(("text", "expected"), [
    ("x_1^2", "msubsup(x 1 2)"),
    (r"\frac{a}{12.5}", "mfrac(a 12.5)"),
    (r"\sqrt[3]{x+1}", "mroot(mrow(x + 1) 3)"),
    (r"\sum_{i}^{n}x", "mrow(munderover(∑ i n) x)"),
    (r"\int_{0}^{1}x", "mrow(msubsup(∫ 0 1) x)"),
    (r"\lim_{x}f", "mrow(munder(lim x) mspace() f)"),
    (r"\underbrace{x}_{n}", "munder(munder(x ⏟) n)"),
    (r"\overbrace{x}^{n}", "mover(mover(x ⏞) n)"),
    (r"\binom{n}{k}", "mrow(( mfrac(n k) ))"),
    (r"\begin{pmatrix}a&b\end{pmatrix}", "mrow(( mtable(mtr(mtd(a) mtd(b))) ))"),
    (r"\begin{cases}a\\b\end{cases}", "mrow({ mtable(mtr(mtd(a)) mtr(mtd(b))))"),
    (r"\left(\frac{a}{b}\right)^2", "msup(mrow(( mfrac(a b) )) 2)"),
    (r"(a)^2", "mrow(( a msup() 2))"),
    (r"x^{a}{}_{b}", "mrow(msup(x a) msub(mrow() b))"),
    (r"{}^{14}C", "mrow(msup(mrow() 14) C)"),
    (r"({}_{2}F", "mrow(( msub(mrow() 2) F)"),
    (r"\not\subset", "⊂\u0338"), (r"f''", "msup(f mrow(′ ′))"),
    (r"\text{if }x\text{ and b}", "mrow(if mspace() x mspace() and\u00a0b)"),
    (r"\xrightarrow{a}", "mrow(mspace() mover(→ mrow(mspace() a mspace())) mspace())"),
    (r"\begin{matrix}a<b&c\end{matrix}", "mtable(mtr(mtd(mrow(a < b)) mtd(c)))"),
])
def test_the_elements_follow_the_tree(text, expected):
    assert shape(text) == expected


@pytest.mark.parametrize(("text", "minus"), [
    ("-x", False), ("a-b", True), ("a=-b", False), ("(-b)", False), (r"\sum-b", False), ("x^-", False), ("a,-b", False),
    (r"\frac{-a}{b}", False), ("|a|-b", True), (r"\begin{aligned}a&-b\end{aligned}", True), ("a!-b", True),
    (r"\mathrm{GeV}-b", True), (r"\overset{!}{-}b", False), (r"a\overset{!}{-}b", True), ("a-_{c}b", True),
])
def test_a_minus_stands_apart_from_what_it_subtracts_from_only(text, minus):
    [element] = [e for e in parsed(to_mathml(text)).iter() if e.text == "−"]
    assert (element.get("lspace") != "0") == minus


def test_delimiters_grow_with_what_is_tall_and_only_with_it():
    def stretched(text: str) -> list[str]:
        return [e.text or "" for e in parsed(to_mathml(text)).iter() if e.get("stretchy") == "true"]

    assert stretched(r"\left(\frac{a}{b}\right)+(a)") == ["(", ")"]
    assert stretched(r"\langle x|y\rangle") == []
    assert stretched(r"\begin{vmatrix}a&b\end{vmatrix}") == ["|", "|"]


def test_aligned_lines_meet_at_their_signs():
    source = to_mathml(r"\begin{aligned}a&=b\\c&=d\end{aligned}")
    assert 'columnalign="right left"' in source and source.count("text-align: right") == 2
    assert source.count('form="infix"') == 2


def test_what_the_notation_cannot_hold_is_refused_with_its_place():
    with pytest.raises(NotationError, match="character 2"):
        to_mathml(r"a+\nonsense")


def test_the_notation_offers_it():
    assert NOTATION.formats["mathml"]("x") == to_mathml("x")
