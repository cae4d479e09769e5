"""Which items of one sequence are which of another."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.alignment import matched, spread

WORDS = st.text("abc", max_size=7)


def longest(left: str, right: str) -> int:
    """Of all common subsequences, by trying them."""
    def inside(part, whole):
        rest = iter(whole)
        return all(item in rest for item in part)

    return max(n for n in range(len(left) + 1) if any(inside(p, right) for p in itertools.combinations(left, n)))


@given(WORDS, WORDS)
def test_as_many_items_are_matched_as_can_be_in_order(left, right):
    found = matched(left, right)
    pairs = [(i, j) for i, j in enumerate(found) if j >= 0]
    assert len(found) == len(left) and len(pairs) == longest(left, right)
    assert all(left[i] == right[j] for i, j in pairs)
    assert all(a[1] < b[1] for a, b in itertools.pairwise(pairs))


@given(st.lists(st.text("ab|", max_size=3), max_size=6), st.text("abc| ", max_size=12))
def test_spans_are_in_order_and_equal_or_apart(tokens, text):
    spans = spread(tokens, list(text))
    assert len(spans) == len(tokens) and all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(a == b or a[1] <= b[0] for a, b in itertools.pairwise(spans))


def test_what_is_written_otherwise_shares_what_no_one_else_wrote():
    assert spread(["a", "|", "|", "b"], ["a", " ", r"\|", "b"]) == [(0, 1), (2, 4), (2, 4), (4, 5)]
    assert spread(["a", "?", "b"], list("ab")) == [(0, 1), (1, 1), (1, 2)]
