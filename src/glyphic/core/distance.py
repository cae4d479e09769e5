"""How far two sequences are apart."""

from collections.abc import Hashable, Sequence


class Pattern:
    """A sequence that others are compared with: the bit-parallel algorithm of Myers (1999), Hyyrö's form (2001).

    A column of the dynamic programme is two integers of one bit per place (Python's have as many as it takes), so
    a word costs a dozen operations per letter, whatever the length of the pattern.
    """

    def __init__(self, pattern: Sequence[Hashable]):
        self.length = len(pattern)
        self._places: dict[Hashable, int] = {}  # item -> the bits of the places where it stands
        for place, item in enumerate(pattern):
            self._places[item] = self._places.get(item, 0) | 1 << place

    def distance(self, other: Sequence[Hashable]) -> int:
        """Fewest insertions, deletions and substitutions that turn one into the other (Levenshtein 1966)."""
        if not self.length:
            return len(other)
        whole = (1 << self.length) - 1
        last = 1 << (self.length - 1)
        rising, falling, distance = whole, 0, self.length  # steps of +1 and -1 down the column, and its foot
        for item in other:
            equal = self._places.get(item, 0)
            diagonal = (((equal & rising) + rising) ^ rising) | equal | falling
            up, down = falling | ~(diagonal | rising) & whole, rising & diagonal  # steps from column to column
            if up & last:
                distance += 1
            elif down & last:
                distance -= 1
            up = up << 1 | 1
            rising, falling = (down << 1 | ~(diagonal | up)) & whole, up & diagonal
        return distance


def levenshtein(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    """Fewest insertions, deletions and substitutions that turn `a` into `b` (Levenshtein 1966)."""
    return Pattern(a).distance(b)
