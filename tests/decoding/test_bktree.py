from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.distance import levenshtein
from glyphic.decoding.bktree import LONGEST, BKTree

WORDS = st.lists(st.text("abc", max_size=7), min_size=1, max_size=40, unique=True)
LONG = st.lists(st.integers(LONGEST - 3, LONGEST + 4).map(lambda n: ("abcbb" * n)[:n]), max_size=4, unique=True)


@given(WORDS, st.text("abcd", max_size=8), st.integers(0, 4))
def test_the_words_near_a_query_are_those_of_a_linear_scan(words, query, distance):
    assert BKTree(words).near(query, distance) == [word for word in words if levenshtein(word, query) <= distance]


@given(WORDS, LONG, st.integers(LONGEST - 3, LONGEST + 3), st.integers(0, 3))
def test_words_and_queries_longer_than_an_integer_of_the_machine_are_found_as_well(words, long, length, distance):
    words = list(dict.fromkeys(words + long))
    query = "a" + ("abcbb" * length)[1:length]
    assert BKTree(words).near(query, distance) == [word for word in words if levenshtein(word, query) <= distance]


def test_most_words_are_not_looked_at():
    words = [f"{i:04}" for i in range(10_000)]
    tree, seen = BKTree(words), []
    distances = tree._distances
    tree._distances = lambda rows, *rest: seen.append(len(rows)) or distances(rows, *rest)
    assert "1234" in tree.near("1234", 0) and sum(seen) < 200
