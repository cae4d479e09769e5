"""Words -> the words within an edit distance of a query, without a look at most of them.

The tree of Burkhard and Keller (1973): a word hangs under another by an edge that is labelled with their distance. By
the triangle inequality, whatever lies within d of a query at distance n from a node hangs under edges n - d ... n + d.
Here the tree is a few flat arrays, and it is built and searched level by level, every level in one sweep of numpy.
Letters: N words, L longest word, R rows (words of a level), A different characters.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from glyphic.core.distance import Pattern

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]

LONGEST = 63  # characters of a word in the tree: a column of the dynamic programme is one uint64
FACTOR = 64  # a node's edges are found under the key node * FACTOR + distance

ONE = np.uint64(1)


class BKTree:
    """words: different strings (of any characters: those of `Lexicon` stand for token ids).

    88,000 words take 7 MB and a third of a second. Words of more than LONGEST characters are kept aside and compared
    one by one.
    """

    def __init__(self, words: Sequence[str]):
        self.words = words
        self._aside = [row for row, word in enumerate(words) if len(word) > LONGEST]
        self._rows = np.array([row for row, word in enumerate(words) if len(word) <= LONGEST], np.int64)
        kept = [words[row] for row in self._rows]
        self._lengths = np.array([len(word) for word in kept], np.int64)
        codes = np.frombuffer("".join(kept).encode("utf-32-le", "surrogatepass"), np.uint32)
        alphabet, spelled = np.unique(codes, return_inverse=True)
        self._alphabet = {chr(code): index for index, code in enumerate(alphabet.tolist())}
        longest = int(self._lengths.max(initial=0))
        self._table = np.zeros((len(kept), longest), np.int16 if len(alphabet) < 2**15 else np.int32)
        self._table[np.arange(longest) < self._lengths[:, None]] = spelled
        self._keys, self._children = self._grow()

    def near(self, query: str, distance: int) -> list[str]:
        """The words within `distance` of the query, in the order in which they were given."""
        found = self._scan(query, distance, self._aside)
        if len(query) > LONGEST:
            found += self._scan(query, distance, self._rows.tolist())
        elif len(self._rows):
            found += self._rows[self._descend(query, distance)].tolist()
        return [self.words[row] for row in sorted(found)]

    def _scan(self, query: str, distance: int, rows: list[int]) -> list[int]:
        pattern = Pattern(query)
        return [row for row in rows if abs(len(self.words[row]) - len(query)) <= distance
                and pattern.distance(self.words[row]) <= distance]

    def _descend(self, query: str, distance: int) -> Ints:
        places = np.zeros((1, len(self._alphabet) + 1), np.uint64)
        for place, character in enumerate(query):
            places[0, self._alphabet.get(character, -1)] |= ONE << np.uint64(place)
        places[0, -1] = 0  # characters of the query that no word has
        level, found = np.zeros(1, np.int64), []
        while len(level):
            apart = self._distances(level, places, np.zeros(len(level), np.int64), np.full(len(level), len(query)))
            found.append(level[apart <= distance])
            first = np.searchsorted(self._keys, level * FACTOR + np.maximum(apart - distance, 0))
            last = np.searchsorted(self._keys, level * FACTOR + np.minimum(apart + distance, LONGEST), "right")
            counts = last - first
            level = self._children[np.arange(counts.sum()) + np.repeat(first - np.cumsum(counts) + counts, counts)]
        return np.concatenate(found)

    def _grow(self) -> tuple[Ints, Ints]:
        """Keys (node * FACTOR + distance) in order, and the child behind each: the tree that inserting the words one
        by one would give.
        """
        keys, children = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        waiting = np.arange(1, len(self._table))  # words without a place yet, and the node that each hangs under
        under = np.zeros_like(waiting)
        while len(waiting):
            nodes, number = np.unique(under, return_inverse=True)
            apart = self._distances(waiting, self._places(nodes), number, self._lengths[under])
            found, first, member = np.unique(under * FACTOR + apart, return_index=True, return_inverse=True)
            keys.append(found)
            children.append(waiting[first])
            under = waiting[first][member]
            waiting, under = waiting[waiting != under], under[waiting != under]
        all_keys, all_children = np.concatenate(keys), np.concatenate(children)
        order = np.argsort(all_keys)
        return all_keys[order], all_children[order]

    def _places(self, nodes: Ints) -> Bits:
        """(R, A + 1) for each node and character, the bits of the places where the word has it."""
        places = np.zeros((len(nodes), len(self._alphabet) + 1), np.uint64)
        lengths = self._lengths[nodes]
        for place in range(int(lengths.max(initial=0))):
            rows = np.flatnonzero(lengths > place)
            places[rows, self._table[nodes[rows], place]] |= ONE << np.uint64(place)
        return places

    def _distances(self, words: Ints, places: Bits, pattern: Ints, lengths: Ints) -> Ints:
        """(R,) distance of each word to its pattern: `Pattern.distance` on all rows at once.

        places: as `_places` gives them; pattern: (R,) the row of `places` for each word; lengths: (R,) of the patterns.
        """
        order = np.argsort(-self._lengths[words], kind="stable")  # so that those still being read are the first ones
        words, pattern, lengths = words[order], pattern[order], lengths[order]
        own = self._lengths[words]
        last = np.where(lengths > 0, ONE << np.maximum(lengths - 1, 0).astype(np.uint64), np.uint64(0))
        rising, falling = np.full(len(words), ~np.uint64(0)), np.zeros(len(words), np.uint64)
        result = lengths.copy()
        reading = np.searchsorted(-own, -np.arange(int(own.max(initial=0))))  # how many words have a letter there
        for place, count in enumerate(reading.tolist()):
            equal = places[pattern[:count], self._table[words[:count], place]]
            rise, fall = rising[:count], falling[:count]
            diagonal = (((equal & rise) + rise) ^ rise) | equal | fall
            up, down = fall | ~(diagonal | rise), rise & diagonal
            result[:count] += (up & last[:count]) != 0
            result[:count] -= (down & last[:count]) != 0
            up = up << ONE | ONE
            rising[:count], falling[:count] = down << ONE | ~(diagonal | up), up & diagonal
        result = np.where(lengths > 0, result, own)
        back = np.empty_like(result)
        back[order] = result
        return back
