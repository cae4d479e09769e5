"""Metrics against values worked out by hand, and against slow ones written another way."""

import math
import random

import numpy as np
import pytest

from glyphic.notations.latex.metrics import METRICS, tokens
from glyphic.notations.latex.sampler import sample


def score(name: str, pairs: list[tuple[str, str]]) -> float:
    """The corpus figure of (prediction, reference) pairs."""
    metric = METRICS[name]
    return float(metric.value(np.sum([list(metric.statistics(a, b)) for a, b in pairs], axis=0, dtype=np.float64)))


def slow_distance(a: list[str], b: list[str]) -> int:
    """Levenshtein's recurrence as it stands in the books."""
    table = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
    return table[-1][-1]


def slow_bleu(pairs: list[tuple[list[str], list[str]]]) -> float:
    """BLEU-4 as Papineni et al. define it: clipped counts, geometric mean, brevity penalty."""
    product = 1.0
    for n in range(1, 5):
        hits = total = 0
        for ours, theirs in pairs:
            left = [tuple(theirs[i:i + n]) for i in range(len(theirs) - n + 1)]
            for i in range(len(ours) - n + 1):
                total += 1
                if tuple(ours[i:i + n]) in left:
                    left.remove(tuple(ours[i:i + n]))
                    hits += 1
        product *= hits / max(total, 1)
    length, reference = (sum(len(pair[k]) for pair in pairs) for k in (0, 1))
    return product ** 0.25 * (1.0 if length >= reference else math.exp(1 - reference / max(length, 1e-9)))


def pairs(seed: int, count: int = 12) -> list[tuple[str, str]]:
    """Formulas and misreadings of them."""
    rng = random.Random(seed)
    result = []
    for _ in range(count):
        text = sample(rng)
        parts = tokens(text)
        for _ in range(rng.randint(0, 4)):
            parts[rng.randrange(len(parts))] = rng.choice(["x", "+", r"\alpha", ""])
        result.append((" ".join(parts), text))
    return result


@pytest.mark.parametrize(("text", "expected"), [
    ("x_{1}^{2}", ["x", "_", "{", "1", "}", "^", "{", "2", "}"]), (r"\alpha b", [r"\alpha", "b"]),
    (r"\{a\}\\", [r"\{", "a", r"\}", r"\\"]),
    (r"\left(\frac{a}{b}\right)", ["(", r"\frac", "{", "a", "}", "{", "b", "}", ")"]),
    (r"\begin{aligned}a&=b\end{aligned}", [r"\begin{aligned}", "a", "&", "=", "b", r"\end{aligned}"]), ("", []),
])
def test_tokens_are_commands_characters_and_braces(text, expected):
    assert tokens(text) == expected


def test_exact_counts_identical_texts():
    assert score("exact", [("a", "a"), ("b", "c"), ("x^{2}", "x^{2}"), ("", "d")]) == 0.5


def test_edit_similarity_by_hand():
    # a+b -> a-b: 1 of 3; abcd -> ab: 2 of 4; nothing of 2
    assert score("edit", [("a+b", "a-b")]) == pytest.approx(1 - 1 / 3)
    assert score("edit", [("a+b", "a-b"), ("abcd", "ab"), ("", "xy")]) == pytest.approx(1 - 5 / 9)
    assert score("edit", [(r"\alpha", r"\beta")]) == 0.0


def test_bleu_by_hand():
    # unigrams 4/5, bigrams 2/4, trigrams 1/3, 4-grams 0/2: unsmoothed, so nothing
    assert score("bleu", [("abcxe", "abcde")]) == 0.0
    # 5/6, 4/5, 3/4, 2/3; as long as the reference
    assert score("bleu", [("abcdex", "abcdef")]) == pytest.approx((5 / 6 * 4 / 5 * 3 / 4 * 2 / 3) ** 0.25)
    # all right but two tokens short: the brevity penalty alone
    assert score("bleu", [("abcdef", "abcdefgh")]) == pytest.approx(math.exp(1 - 8 / 6))
    # clipped: one a of four counts
    assert METRICS["bleu"].statistics("aaaa", "abcd")[2:4] == [1.0, 4.0]


def test_bleu_is_a_corpus_figure():
    """Short formulas, which have no 4-grams, do not spoil it."""
    assert score("bleu", [("abcdef", "abcdef"), ("x", "x")]) == 1.0


@pytest.mark.parametrize("seed", range(20))
def test_metrics_agree_with_slow_ones(seed):
    texts = pairs(seed)
    split = [(tokens(a), tokens(b)) for a, b in texts]
    wrong, length = sum(slow_distance(a, b) for a, b in split), sum(max(len(a), len(b)) for a, b in split)
    assert score("edit", texts) == pytest.approx(1 - wrong / length)
    assert score("bleu", texts) == pytest.approx(slow_bleu(split))


def test_growing_delimiters_are_no_tokens():
    assert score("edit", [(r"(\frac{a}{b})", r"\left(\frac{a}{b}\right)")]) == 1.0


def test_many_sums_at_once_give_many_values():
    metric = METRICS["bleu"]
    rows = np.array([list(metric.statistics(a, b)) for a, b in pairs(3)])
    assert np.allclose(metric.value(rows), [float(metric.value(row)) for row in rows])
