"""Many spellings, one canonical form; and an error with a position for what is no formula."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core.errors import NotationError
from glyphic.notations.latex import NOTATION, normalize, symbols
from glyphic.notations.latex.parser import parse
from glyphic.notations.latex.text import to_text
from glyphic.notations.latex.tree import MAX_DEPTH, VOCABULARY, from_tokens, to_tokens

TOKENIZER = NOTATION.tokenizer


@pytest.mark.parametrize(("written", "canonical"), [
    # comments
    ("a % b\n + c", "a+c"), (r"5\% x % y", r"5\%x"), ("%%a = b%", "a=b"), ("% a = 1% b = 2 \\% %", r"a=1b=2\%"),
    ("% a\nb", "b"),
    # names
    (r"a \le b \to c \ne d", r"a\leq b\rightarrow c\neq d"), (r"\lbrace x \rbrace", r"\{x\}"),
    (r"a \lor b \land \lnot c \iff d", r"a\vee b\wedge\neg c\Longleftrightarrow d"), (r"x \ast y \mid z", "x*y|z"),
    (r"\lvert x \rvert, \lVert y \rVert, ||z||", r"|x|,\|y\|,\|z\|"),
    (r"\iint f \coloneqq 1\degree", r"\int\int f:=1^{\circ}"),
    (r"\between @", r"\between @"), (r"\alpha\beta x", r"\alpha\beta x"), (r"\lim \sup x", r"\limsup x"),
    # fonts
    (r"{\rm d}x {\bf E} {\cal L} {\it y}", r"\mathrm{d}x\mathbf{E}\mathcal{L}y"), (r"{\rm a b} c", r"\mathrm{ab}c"),
    (r"\mathbb R^n \frak g \Bbb Z", r"\mathbb{R}^{n}\mathfrak{g}\mathbb{Z}"),
    (r"\mathrm{3x\Omega}", r"3\mathrm{x}\Omega"),
    (r"\bm\alpha \boldsymbol{x2} \pmb{y}", r"\boldsymbol{\alpha x}\mathbf{2}\boldsymbol{y}"),
    (r"\mathbf{\alpha\Gamma}", r"\alpha\boldsymbol{\Gamma}"), (r"\rm a \it b", r"\mathrm{a}b"),
    (r"\operatorname{sin}x", r"\sin x"), (r"\operatorname* { l i m } _ { x }", r"\lim_{x}"),
    (r"{\rm arg\,}x", r"\arg x"),
    (r"\operatorname{lim\,sup}", r"\limsup"), (r"\operatorname{Spec} A", r"\mathrm{Spec}A"),
    (r"\mathrm{Im}z", r"\mathrm{Im}z"),
    # text
    (r"x\text{ if }y", r"x\mathrm{if}y"), (r"\text{for all  x}", r"\text{for all x}"),
    (r"\mathrm{a ~ b}", r"\text{a b}"),
    (r"\mbox{if $x^2>0$, or}", r"\mathrm{if}x^{2}>0,\mathrm{or}"),
    (r"\hbox{sin}\textbf{E}\textit{y}", r"\sin\mathbf{E}y"),
    (r"\text{\'etale}", r"\acute{\mathrm{e}}\mathrm{tale}"),
    (r"\text{na\"{\i}ve}", r"\mathrm{na}\ddot{\imath}\mathrm{ve}"),
    # scripts
    ("x^2_1", "x_{1}^{2}"), ("x_1^2", "x_{1}^{2}"), ("x''", r"x^{\prime\prime}"), ("x'^2", r"x^{\prime2}"),
    (r"x_1'", r"x_{1}^{\prime}"), (r"A\sp\mu\sb 3", r"A_{3}^{\mu}"), (r"\sum\limits_{i}^n", r"\sum_{i}^{n}"),
    (r"T^a{}_b", r"T^{a}{}_{b}"), (r"T_a{}^b", r"T_{a}{}^{b}"), (r"{T_a}^b", r"T_{a}{}^{b}"),
    (r"{T^a}_b", r"T^{a}{}_{b}"), ("T^a{}^b", "T^{ab}"), (r"{\phi'}^2", r"\phi^{\prime2}"), ("T_a{}_b", "T_{ab}"),
    ("T_a{}_b{}_c{}^d", "T_{abc}{}^{d}"), ("T_a{}_b^c", "T_{a}{}_{b}^{c}"), ("T_a^b{}^c", "T_{a}^{b}{}^{c}"),
    ("T^{|}{}^{|}", r"T^{\|}"), ("T^a{}_b{}_c^d", "T^{a}{}_{b}{}_{c}^{d}"), ("{}^a{}^bT", "^{ab}T"),
    (r"T_a\,^b", r"T_{a}{}^{b}"), (r"\left.T_a\right._b", "T_{ab}"), (r"x{}_1", "x_{1}"), ("x_{}^2", "x^{2}"),
    # a script that is indented stands behind the other one, by half of its width and more
    (r"R^{\mu}_{~\nu\rho}", r"R^{\mu}{}_{\nu\rho}"), (r"f_{\;\;bc}^{a}", r"f^{a}{}_{bc}"),
    (r"A_\mu^{\ a}", r"A_{\mu}{}^{a}"),
    (r"R^{ab}_{\phantom{ab}c}", r"R^{ab}{}_{c}"), (r"R^{a}_{\hspace{1ex}b}", r"R^{a}{}_{b}"),
    (r"x^{a}_{\kern 4pt b}", r"x^{a}{}_{b}"), (r"x^{a}_{\,b}", "x_{b}^{a}"), (r"x^{abcd}_{~e}", "x_{e}^{abcd}"),
    (r"x_{~e}", "x_{e}"), (r"\sum_{~~i}^{n}", r"\sum_{i}^{n}"), (r"x^{a}_{\!\!b}", "x_{b}^{a}"),
    # the font goes on in scripts
    (r"{\bf e^a}\mathrm{T_{c}}x_{a}", r"\mathbf{e}^{\mathbf{a}}\mathrm{T}_{\mathrm{c}}x_{a}"),
    (r"{\rm A}_b", r"\mathrm{A}_{b}"),
    ("{}_1F_2", "_{1}F_{2}"), ("{x}^{2}", "x^{2}"), (r"x^\frac12", r"x^{\frac{1}{2}}"), ("a^{b^c}", "a^{b^{c}}"),
    # fractions, roots, stacks
    (r"a \over b", r"\frac{a}{b}"), (r"x+{a+1 \over b}", r"x+\frac{a+1}{b}"), (r"\dfrac12", r"\frac{1}{2}"),
    (r"\left(a\over b\right)", r"\left(\frac{a}{b}\right)"), (r"{n \choose k}", r"\binom{n}{k}"),
    (r"\tbinom nk", r"\binom{n}{k}"),
    (r"(n \atop k)", r"\begin{matrix}(n\\k)\end{matrix}"),
    (r"\left( n \atop k \right)", r"\begin{pmatrix}n\\k\end{pmatrix}"),
    (r"\sqrt 2", r"\sqrt{2}"), (r"\sqrt[3]{x}", r"\sqrt[3]{x}"), (r"\sqrt[ ]{x}", r"\sqrt{x}"),
    (r"\root n \of x", r"\sqrt[n]{x}"),
    (r"\sqrt[]{x}", r"\sqrt{x}"), (r"\sqrt[{[a]}]{x}", r"\sqrt[{[a]}]{x}"), (r"\stackrel{a}{=}", r"\overset{a}{=}"),
    (r"{\buildrel f \over \to}", r"\overset{f}{\rightarrow}"), (r"\xrightarrow[a]{b}", r"\xrightarrow[a]{b}"),
    (r"\nicefrac{1}{2}", "^{1}/_{2}"), (r"\widebar{x}", r"\overline{x}"), (r"\hat x_1", r"\hat{x}_{1}"),
    # delimiters
    (r"\left( x \right)", "(x)"), (r"\bigl[ x \Bigr]", "[x]"), (r"(\frac12)", r"\left(\frac{1}{2}\right)"),
    (r"\left[0,\frac12\right)", r"\left[0,\frac{1}{2}\right)"), (r"(a)\frac12", r"(a)\frac{1}{2}"),
    (r"\left< x \right>", r"\langle x\rangle"),
    (r"(\sum_i x_i)", r"\left(\sum_{i}x_{i}\right)"), (r"f(\{\frac12)", r"f\left(\{\frac{1}{2}\right)"),
    (r"\left. x \right|_0", "x|_{0}"), (r"\left\{ a \middle| b \right\}", r"\{a|b\}"),
    (r"\left\lbrack x \right\rbrack", "[x]"),
    # what is struck out
    (r"\not= \not \in \not\! D", r"\neq\notin\not D"), (r"\partial \! \! \! / \psi", r"\not\partial\psi"),
    (r"D\hspace{-0.6em}/\psi", r"\not D\psi"), (r"D\kern-6pt/", r"\not D"),
    (r"/\hspace{-0.5em}\partial_\mu", r"\not\partial_{\mu}"),
    (r"/\!\!\!p^2", r"\not p^{2}"), (r"G/\!\!/H", "G//H"), (r"a/\!b", "a/b"), (r"a\!/b", "a/b"),
    (r"(/\!\!\!)", "(/)"), (r"a\hspace{2em}/b", "a/b"),
    (r"D\hspace{5pt}\!\!/b", "D/b"),
    (r"\not{p}", r"\not p"),
    (r"D\!/2", "D/2"), (r"\nsubset", r"\not\subset"),
    # dots
    (r"a,\dots,b", r"a,\ldots,b"), (r"a+\dots+b", r"a+\cdots+b"), ("1...n", r"1\ldots n"),
    (r"\cdot\cdot\cdot", r"\cdots"),
    # what is not seen
    (r"x \, y \quad z \! w~v", "xyzwv"), (r"x \hspace { 0 . 2 c m } y \hspace * { 1 c m } z", "xyz"),
    (r"a\kern 2pt b", "ab"),
    (r"a \vphantom | b \label{eq} \mathstrut", "ab"), ("a % b } \n + c", "a+c"), (r"5\%", r"5\%"),
    (r"\displaystyle x", "x"),
    (r"{\large x}", "x"), (r"\raisebox{1pt}{ab} \raise 2 p t \hbox{c}", r"\mathrm{abc}"), (r"\textcolor{red}{x}", "x"),
    (r"$x$", "x"), (r"\[x\]", "x"), ("x \\", "x"), (r"a \linebreak[0] b", "ab"), (r"\rlap{x} y", "xy"), ("", ""),
    # arrays
    (r"\begin{pmatrix}a&b\\c&d\end{pmatrix}", r"\begin{pmatrix}a&b\\c&d\end{pmatrix}"),
    (r"\left[ \begin{array}{cc}a&b\\c&d\\\end{array} \right]", r"\begin{bmatrix}a&b\\c&d\end{bmatrix}"),
    (r"\left| \begin{array}{c}a\\c\end{array} \right|", r"\begin{vmatrix}a\\c\end{vmatrix}"),
    (r"\left\{ \begin{array}{ll}a&b\\c&d\end{array} \right.", r"\begin{cases}a&b\\c&d\end{cases}"),
    (r"\cases{a & b \cr c & d \cr}", r"\begin{cases}a&b\\c&d\end{cases}"),
    (r"\pmatrix{a\cr b}", r"\begin{pmatrix}a\\b\end{pmatrix}"),
    (r"\begin{rcases}a\\b\end{rcases}=c", r"\left.\begin{matrix}a\\b\end{matrix}\right\}=c"),
    (r"\left\{\begin{aligned}a&=b\\c&=d\end{aligned}\right.", r"\left\{\begin{aligned}a&=b\\c&=d\end{aligned}\right."),
    (r"\begin{align*}a&=b\\&=c\end{align*}", r"\begin{aligned}a&=b\\&=c\end{aligned}"),
    ("a&=b\\\\[2pt]&=c", r"\begin{aligned}a&=b\\&=c\end{aligned}"),
    (r"\begin{eqnarray}a&=&b\\&=&c\end{eqnarray}", r"\begin{aligned}a&=b\\&=c\end{aligned}"),
    (r"\begin{array}{rcl}a&=&b\\&=&c\end{array}", r"\begin{aligned}a&=b\\&=c\end{aligned}"),
    (r"\begin{array}{lll}a&=&b\\&<&c&d\end{array}", r"\begin{aligned}a&=b\\&<c&d\end{aligned}"),
    (r"\begin{array}{ccc}a&=&b\\c&+&d\end{array}", r"\begin{matrix}a&=&b\\c&+&d\end{matrix}"),
    (r"\begin{array}{ccc}a&=&b\end{array}", r"\begin{matrix}a&=&b\end{matrix}"),
    (r"\begin{matrix}a&=&b\\c&=&d\end{matrix}", r"\begin{matrix}a&=&b\\c&=&d\end{matrix}"),
    ("a=b\\\\c=d", "a=bc=d"),  # TeX passes over it, too
    (r"\begin{align*}a&=b\end{align*}", "a=b"), (r"\begin{array}{c}a\end{array}^2", "a^{2}"),
    (r"x_a\begin{matrix}{}^b\end{matrix}", "x_{a}{}^{b}"),
    (r"\begin{matrix}a&\\b&c\\&\end{matrix}", r"\begin{matrix}a\\b&c\end{matrix}"),
    (r"\begin{matrix}\end{matrix}x", "x"),
    (r"\begin{matrix}a\\\\&\\b\end{matrix}", r"\begin{matrix}a\\b\end{matrix}"),
    (r"\begin{aligned}\\&a\\&b\end{aligned}", r"\begin{aligned}&a\\&b\end{aligned}"),
    (r"x^{^{\prime}}", r"x^{\prime}"), (r"F_{_{\mu\nu}}", r"F_{\mu\nu}"), (r"x^{_{a}}", "x^{_{a}}"),
    ("x^{^{a}b}", "x^{^{a}b}"), ("x^{^{^a}}", "x^{a}"),
    (r"\begin{matrix}a\\[1pt][b]\end{matrix}", r"\begin{matrix}a\\{}[b]\end{matrix}"),
    (r"\sum_{\substack{a\\b}}", r"\sum_{\begin{matrix}a\\b\end{matrix}}"),
    (r"\begin { a r r a y } { c c } a & b \\ c & d \end { a r r a y }", r"\begin{matrix}a&b\\c&d\end{matrix}"),
    # Unicode
    ("α×β≤γ", r"\alpha\times\beta\leq\gamma"), ("∑ x → ∞", r"\sum x\rightarrow\infty"), ("a−b", "a-b"),
])
def test_a_spelling_has_its_canonical_form(written, canonical):
    assert normalize(written) == canonical
    assert normalize(canonical) == canonical
    assert TOKENIZER.decode(TOKENIZER.encode(written)) == canonical


@pytest.mark.parametrize("command", sorted({
    *symbols.SYNONYMS, *symbols.EXPANSIONS, *symbols.SPACES, *symbols.NARROW_SPACES, *symbols.IGNORED - {r"\-"}}))
def test_every_synonym_stands_for_tokens(command):
    assert set(to_tokens(parse(f"x{command} y"))) <= set(VOCABULARY.tokens)


@pytest.mark.parametrize("command", sorted({
    *symbols.FONT_COMMANDS, *symbols.TEXT_COMMANDS, *symbols.ACCENT_SYNONYMS, *symbols.UNWRAPPED}))
def test_every_command_with_an_argument_keeps_what_is_in_it(command):
    assert "a" in to_text(parse(f"{command}{{a}}b")) and normalize(f"{command}{{a}}b").endswith("b")


@pytest.mark.parametrize("name", sorted({*symbols.ARRAYS, *symbols.TRANSPARENT}))
def test_every_environment_keeps_its_cells(name):
    columns = "{ccc}" if name in ("array", "subarray", "tabular", "alignedat", "alignat", "alignat*") else ""
    body = "xy" if name in symbols.TRANSPARENT else r"x&=&y\\z&=&w"
    tokens = to_tokens(parse(f"\\begin{{{name}}}{columns}{body}\\end{{{name}}}"))
    assert {"x", "y"} <= set(tokens) and set(tokens) <= set(VOCABULARY.tokens)


def test_macros_stand_for_latex_and_nest():
    assert to_text(parse(r"\Q\subset\C", {r"\Q": r"\mathbb{Q}", r"\C": r"\Cplx", r"\Cplx": r"\mathbb{C}"})) \
        == r"\mathbb{Q}\subset\mathbb{C}"


@pytest.mark.parametrize(("text", "position", "sentence"), [
    (r"a+\foo b", 2, r"no command \\foo"), ("{a", 2, "'{' is closed by '}', not by the end"),
    ("a}b", 1, "closes what nothing opened"),
    ("a_1_2", 3, "a second subscript"), ("a^1^2", 3, "a second superscript"),
    (r"x+\frac{a}", 10, r"\\frac needs an argument, not the end"),
    (r"\hat}", 4, "needs an argument, not '}'"), ("a☃b", 1, "has no '☃'"), (r"\begin{foo}x", 0, "no environment 'foo'"),
    (r"\begin{matrix}a\end{array}", 0, r"closed by \\end{array}"),
    (r"\begin{matrix}a", 15, r"'\\\\begin' is closed by '\\\\end'"),
    (r"\left(a", 7, r"closed by '\\\\right', not by the end"), (r"a\right)", 1, "closes what nothing opened"),
    (r"\left a b", 6, r"'a' is no delimiter"), (r"a \over b \over c", 10, r"a second \\over"),
    (r"x\end{matrix}", 1, "closes what nothing"),
    (r"\text{a_b}", 7, "stands in text"), (r"\sqrt[\foo]{x}", 6, r"no command \\foo"),
    (r"x \not\frac12", 2, "needs a symbol"),
    (r"\begin{array}{c|c}a\end{array}", 0, "no vertical rules"), (r"\rule{1pt}{2pt}", 0, r"no visible \\rule"),
    (r"\label{x", 0, "is not closed"), (r"\kern x", 5, "a length was expected"),
    (r"a \matrix b", 2, "needs an argument in braces"),
    (r"\left( a & b \right)", 9, r"closed by '\\\\right', not by '&'"), (r"\l x", 0, r"no command \\l"),
    ("{" * 200 + "x" + "}" * 200, 60, "nested more than 60 deep"), ("x" + r"\hat" * 500 + "a", 241, "nested more than"),
    (r"\frac1" * 300 + "2", 360, "nested more than"),
    (r"\sqrt{" * 41 + "x" + "}" * 41, 246, "nested more than 40 deep"),
])
def test_an_error_says_what_is_wrong_and_where(text, position, sentence):
    with pytest.raises(NotationError, match=sentence) as caught:
        normalize(text)
    assert caught.value.text == text and caught.value.position == position


def test_an_error_in_a_macro_is_the_command_s():
    for body in (r"\foo", "}", r"\loop", r"\frac1"):
        with pytest.raises(NotationError) as caught:
            parse(r"a+\loop b", {r"\loop": body})
        assert caught.value.position == 2 and caught.value.text == r"a+\loop b"


def test_delimiters_nest_without_end():
    text = normalize(r"\left(" * 300 + r"\frac12" + r"\right)" * 300)
    assert text == r"\left(" * 300 + r"\frac{1}{2}" + r"\right)" * 300 and normalize(text) == text


@pytest.mark.parametrize(("before", "after"), [
    (r"\sqrt{", "}"), (r"\left(\frac{a}{", r"}\right)"), (r"\left\{\begin{aligned}b&", r"\\c\end{aligned}\right."),
    ("{x_a}^{", "}"),
    (r"\text{a b$\sqrt{", "}$}"), (r"\begin{pmatrix}", r"&a\end{pmatrix}"), (r"{\bf \hat{", "}}"),
    (r"\left\{(", r"\frac12)\right\}"),
])
def test_what_nests_as_deep_as_is_allowed_has_a_canonical_form(before, after):
    assert holds(before * 15 + "x" + after * 15)
    holds(before * 200 + "x" + after * 200)


def test_tokens_nest_as_deep_as_texts():
    tokens = [r"\sqrt{"] * MAX_DEPTH
    assert normalize(to_text(from_tokens([*tokens, "x"]))) == r"\sqrt{" * MAX_DEPTH + "x" + "}" * MAX_DEPTH
    for opener in (r"\sqrt{", r"\begin{matrix}", r"\frac{"):
        with pytest.raises(NotationError, match="nests more than"):
            from_tokens([opener] * 5000)


LEAVES = st.sampled_from([
    *"aBx12+-=,.|()[]*/'&~ ", r"\alpha", r"\Gamma", r"\sin", r"\{", r"\}", r"\|", r"\\", r"\,", r"\!", r"\ ",
    r"\not", r"\dots", r"\rm ",
    r"\bf ", r"\over ", r"\atop ", r"\choose ", r"\left(", r"\right)", r"\left.", r"\right.", r"\left\{",
    r"\limits", r"\cr ", r"\prime",
    r"\mathrm{s}", r"\mathrm{in}", r"\mathrm{l i m}", r"\text{a b}", r"\text{if $x$}", "{}", r"\big", r"\!\!\!/",
    r"\middle|", r"\degree",
    r"\kern2pt", r"\begin{array}{rcl}", r"\end{array}", "%", "\n", "$", "{", "}", "^", "_", "é", "∑", r"\hline",
    r"\sp", r"\foo",
    *sorted(symbols.SYNONYMS)[::9], *sorted(symbols.IGNORED)[::9], *sorted(symbols.EXPANSIONS)[::3]])


def around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What holds pieces of LaTeX: groups, scripts, commands with arguments, environments."""
    row = st.lists(inner, max_size=5).map(" ".join)
    openers = st.sampled_from([
        "{", "^{", "_{", r"\hat{", r"\sqrt{", r"\mathrm{", r"\text{", r"\mathbf{", r"\operatorname{", r"\mbox{",
        r"\boldsymbol{",
        r"\underline{", r"\boxed{", r"\substack{", r"\pmatrix{", r"\cases{", r"\mathop{", r"\label{", r"\pmod{",
        r"\not{", r"\textbf{"])
    names = st.sampled_from(["matrix", "pmatrix", "cases", "rcases", "aligned", "eqnarray", "align*", "gather",
        "equation", "vmatrix"])
    return st.one_of(
        st.builds(lambda opener, a: opener + a + "}", openers, row),
        st.builds(lambda head, a, b: f"{head}{{{a}}}{{{b}}}",
                  st.sampled_from([r"\frac", r"\binom", r"\stackrel", r"\underset", r"\nicefrac",
                  r"\textcolor"]), row, row),
        st.builds(lambda head, a, b: f"{head}[{a}]{{{b}}}",
                  st.sampled_from([r"\sqrt", r"\xrightarrow", r"\xleftarrow", r"\makebox"]), row, row),
        st.builds(lambda a, b, o, c: f"{a} {o} {b}" if c else f"{{{a} {o} {b}}}", row, row,
                  st.sampled_from([r"\over", r"\atop", r"\brace", "&", r"\\", "_", "^"]), st.booleans()),
        st.builds(lambda a, left, right: f"\\left{left} {a} \\right{right}", row,
                  st.sampled_from([*"([.|<", r"\{", r"\langle"]), st.sampled_from([*")].|>", r"\}", r"\rceil"])),
        st.builds(lambda name, lines: f"\\begin{{{name}}}" + r" \\ ".join(map(" & ".join, lines)) + f"\\end{{{name}}}",
                  names, st.lists(st.lists(row, max_size=3), max_size=3)))


def holds(text: str) -> bool:
    """Checks a text either way: canonical, or refused in words. Whether it was read."""
    try:
        canonical = normalize(text)
    except NotationError as error:
        assert error.text == text and 0 <= error.position <= len(text)
        return False
    assert normalize(canonical) == canonical
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == canonical
    return True


@settings(max_examples=400, deadline=None)
@given(st.lists(st.recursive(LEAVES, around, max_leaves=15), max_size=6).map("".join))
def test_any_text_has_a_canonical_form_or_an_error(text):
    holds(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_characters_have_a_canonical_form_or_an_error(text):
    holds(text)


def test_most_texts_of_the_strategy_are_read():
    texts = st.recursive(st.sampled_from([*"aBx12+-=()", r"\alpha", r"\sin", r"\{", r"\,", r"\mathrm{in}",
        r"\not="]), around, max_leaves=10)
    read: list[bool] = []

    @settings(max_examples=200, deadline=None, derandomize=True, database=None)
    @given(texts)
    def check(text):
        read.append(holds(text))

    check()
    assert sum(read) > len(read) / 3
