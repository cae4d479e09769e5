"""Whatever the notation writes parses in KaTeX, and is its own canonical spelling."""

import random

import pytest

from glyphic.core.errors import NotationError
from glyphic.notations.latex import normalize
from glyphic.notations.latex.sampler import SEEDS, sample
from glyphic.notations.latex.tree import VOCABULARY
from tests.notations.latex.conftest import Katex
from tests.notations.latex.walks import TOKENIZER, TOKENS, context, walk, weird

WALKS = 3000


def complaints(katex: Katex, texts: list[str]) -> list[tuple[str, str]]:
    """What KaTeX refuses, and why."""
    return [(text, said) for text, said in zip(texts, katex(texts), strict=True) if said is not None]


@pytest.mark.node
def test_katex_refuses_what_is_wrong(katex):
    wrong = ["a^2^3", r"\frac{a}", r"\undefined", "}", r"\left(a", r"\begin{matrix}"]
    assert [text for text, _ in complaints(katex, [*wrong, "x", ""])] == wrong


@pytest.mark.node
def test_every_token_parses_in_katex(katex):
    assert complaints(katex, [TOKENIZER.decode(VOCABULARY.encode(context(token))) for token in TOKENS]) == []


@pytest.mark.node
def test_every_walk_through_the_grammar_parses_in_katex(katex):
    assert complaints(katex, weird(WALKS)) == []


@pytest.mark.node
def test_seeds_and_samples_parse_in_katex(katex):
    samples = [sample(random.Random(seed)) for seed in range(500)]
    assert complaints(katex, [*map(normalize, SEEDS), *samples]) == []


def test_every_token_is_its_own_canonical_spelling():
    for token in TOKENS:
        ids = VOCABULARY.encode(context(token))
        text = TOKENIZER.decode(ids)
        assert normalize(text) == text and TOKENIZER.encode(text) == ids, (token, text)


def test_every_walk_through_the_grammar_is_a_canonical_text():
    for seed in range(WALKS):
        text = TOKENIZER.decode(walk(seed))
        assert normalize(text) == text
        assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


def test_walks_reach_every_token():
    assert {token for seed in range(WALKS) for token in VOCABULARY.decode(walk(seed))} == set(TOKENS)


def test_readings_without_a_guide_are_formulas_or_refused():
    rng, read = random.Random(0), 0
    for seed in range(600):
        ids = list(walk(seed))
        for _ in range(rng.randint(1, 3)):  # what no grammar would write
            ids[rng.randrange(len(ids))] = rng.randrange(len(VOCABULARY))
        try:
            text = TOKENIZER.decode(ids)
        except NotationError:
            continue
        read += 1
        assert normalize(text) == text
    assert read > 100
