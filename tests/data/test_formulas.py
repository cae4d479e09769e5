"""Held-out formulas are never drawn; another spelling of a formula is still that formula."""

import random
import shutil

import pytest

from glyphic.core.errors import OptionError
from glyphic.core.results import Sample
from glyphic.data import formulas
from glyphic.data.formulas import FormulaSource, bare, held_out, read_strings, respell
from glyphic.data.samples import labels_of, leaks
from glyphic.notations.latex import SEEDS, normalize
from glyphic.notations.latex.sampler import sample

MINE = [r"x^2", r"x ^ { 2 } .", r"\frac{a}{b}=c", r"\Spec(A)\to\Spec(B)", r"\undefinedcommand", r"a+b=c,", "y", "",
        r"\sum_{i=1}^n i", r"(a+b)(c-d)", r"e^{i\pi}+1=0"]


@pytest.fixture
def strings(tmp_path):
    lines = [f"mine\t{text}" for text in MINE] + [f"others\t{text}" for text in SEEDS] + ["a line without a tab"]
    path = tmp_path / "strings.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_each_formula_is_read_once_and_what_is_none_is_left_out(strings):
    found = read_strings(strings)
    texts = [formulas.to_text(f.row) for f in found]
    assert len(texts) == len(set(texts))
    mine = [f.text for f in found if f.source == "mine"]
    assert mine == [text for text in MINE if text not in (r"\undefinedcommand", "y", "")]
    assert [f.text for f in found if not f.plain] == [r"\Spec(A)\to\Spec(B)"]


def test_excluded_formulas_are_not_read_in_any_spelling(strings):
    unseen = bare([r"x^{2}", r"\frac ab = c ,", r"\Spec (A) \to \Spec (B)"])
    found = {f.text for f in read_strings(strings, unseen)}
    assert found.isdisjoint({r"x^2", r"x ^ { 2 } .", r"\frac{a}{b}=c", r"\Spec(A)\to\Spec(B)"})
    assert {r"a+b=c,", r"(a+b)(c-d)"} <= found


def test_held_out_formulas_are_the_same_for_everyone_and_are_never_read(strings):
    held = held_out(strings, "others", 7)
    assert len(held) == len(set(held)) == 7 and set(held) <= set(SEEDS)
    strings.write_text("".join(reversed(strings.read_text().splitlines(keepends=True))))
    assert held_out(strings, "others", 7) == held and held_out(strings, "others", 3) == held[:3]
    unseen = bare(held)
    read = [Sample(strings, f.text) for f in read_strings(strings, unseen)]
    whole = [Sample(strings, f.text) for f in read_strings(strings)]
    test = [Sample(strings, text) for text in held]

    def same(text):
        return next(iter(bare([text])))

    assert len(leaks(whole, test, same)) == 7 and leaks(read, test, same) == []


def test_an_unknown_source_is_named_with_those_there_are(strings):
    with pytest.raises(OptionError, match="it has: mine, others"):
        held_out(strings, "nobody", 3)
    with pytest.raises(OptionError, match="weights for nobody"):
        FormulaSource(read_strings(strings), {"nobody": 2.0})


def test_no_recombination_hits_an_excluded_formula_by_chance(strings):
    everything = read_strings(strings)
    rng = random.Random(0)
    loose = FormulaSource(everything, {"mine": 9.0}, recombined=1.0)
    drawn = {next(iter(bare([loose(rng)])), "") for _ in range(400)}
    unseen = frozenset(sorted(drawn)[::2])
    assert unseen & drawn
    strict = FormulaSource(read_strings(strings, unseen), {"mine": 9.0}, recombined=0.9, exclude=unseen)
    assert not {next(iter(bare([strict(rng)])), "") for _ in range(400)} & unseen


def test_sources_are_drawn_as_often_as_their_weights_say(strings):
    source = FormulaSource(read_strings(strings), {"mine": 3.0}, recombined=0.0)
    mine = {normalize(f.text) if f.plain else formulas.to_text(f.row) for f in source.groups[0]}
    rng = random.Random(1)
    drawn = [next(iter(bare([source(rng)]))) for _ in range(1_200)]
    share = sum(text in {m.rstrip(".,;") for m in mine} for text in drawn) / len(drawn)
    assert 0.7 < share < 0.8


def test_the_same_source_of_chance_draws_the_same_formulas(strings):
    source = FormulaSource(read_strings(strings), {})
    one, two = ([source(rng) for _ in range(50)] for rng in (random.Random(5), random.Random(5)))
    assert one == two and len(set(one)) > 25


ODD = (r"(a]+(b)", r")a(", r"\left|\frac{a}{b}\right|,c", r"x,^2y", r"f(x,y)_{1,2}", r"\text{if }x,y",
       r"\begin{aligned}a&=left\\left&\\[b]&=\left[\frac12\right]\\\left[\frac{a}{b}\right]^2&=c\end{aligned}")


ODD = (r"(a]+(b)", r")a(", r"\left|\frac{a}{b}\right|,c", r"x,^2y", r"f(x,y)_{1,2}", r"\text{if }x,y",
       r"\begin{aligned}a&=left\\left&\\[b]&=\left[\frac12\right]\\\left[\frac{a}{b}\right]^2&=c\end{aligned}")


@pytest.mark.parametrize("text", [*SEEDS, *ODD])
def test_another_spelling_means_the_same_but_for_what_stands_behind_it(text):
    canonical = normalize(text)
    spellings = {respell(canonical, random.Random(seed)) for seed in range(60)}
    assert len(spellings) > 1 or "text" in text
    for spelled in spellings:
        found = normalize(spelled)
        assert found == canonical or (found[:-1] == canonical and found[-1] in ".,;"), spelled


def test_random_formulas_keep_their_meaning_too():
    rng = random.Random(0)
    for _ in range(300):
        canonical = normalize(sample(rng))
        found = normalize(respell(canonical, rng))
        assert found == canonical or found[:-1] == canonical or canonical.endswith("..")


def test_labels_come_from_a_folder_or_a_file(bars_folder):
    assert labels_of(bars_folder) == labels_of(bars_folder / "labels.tsv") and len(labels_of(bars_folder)) == 12


@pytest.mark.tex
@pytest.mark.skipif(not (shutil.which("latex") and shutil.which("dvipng")), reason="needs latex and dvipng: apt-get "
                    "install texlive-latex-recommended texlive-fonts-recommended dvipng")
def test_held_out_formulas_are_rendered_plainly(strings):
    made = list(formulas.plain_pictures([r"x^2", r"\Spec(A)", r"\undefinedcommand"]))
    assert [text for _, text in made] == [r"x^2", r"\Spec(A)"]
    for pixels, _ in made:
        assert pixels.dtype == "uint8" and (pixels[:8] == 255).all() and pixels.min() < 50
