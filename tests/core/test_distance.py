from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.distance import levenshtein

TEXTS = st.lists(st.sampled_from("abc"), max_size=8)


@given(TEXTS, TEXTS)
def test_the_distance_is_that_of_the_definition(a, b):
    @cache
    def between(i, j):
        if not i or not j:
            return i + j
        return min(between(i - 1, j) + 1, between(i, j - 1) + 1, between(i - 1, j - 1) + (a[i - 1] != b[j - 1]))

    assert levenshtein(a, b) == between(len(a), len(b))
