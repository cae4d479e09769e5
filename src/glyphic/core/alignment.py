"""Two sequences -> which items of one are which of the other; and so which characters of a text its tokens wrote."""

from collections.abc import Hashable, Sequence

import numpy as np

Span = tuple[int, int]  # characters of a text, from the first to before the last


def matched(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[int]:
    """For each item of `left`, the index of its equal in `right`, or -1: a longest common subsequence."""
    begin, end = 0, min(len(left), len(right))
    while begin < end and left[begin] == right[begin]:
        begin += 1
    end -= begin
    behind = 0
    while behind < end and left[-1 - behind] == right[-1 - behind]:
        behind += 1
    result = [-1] * len(left)
    result[:begin] = range(begin)
    for i in range(1, behind + 1):
        result[-i] = len(right) - i
    for i, j in _common(left[begin:len(left) - behind], right[begin:len(right) - behind]):
        result[begin + i] = begin + j
    return result


def _common(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[tuple[int, int]]:
    ids: dict[Hashable, int] = {}
    rows, columns = (np.array([ids.setdefault(item, len(ids)) for item in part], np.int64) for part in (left, right))
    lengths = np.zeros((len(left) + 1, len(right) + 1), np.int32)  # of the longest one of the first i and the first j
    for i, item in enumerate(rows):
        longer = np.where(columns == item, lengths[i, :-1] + 1, lengths[i, 1:])
        lengths[i + 1, 1:] = np.maximum.accumulate(longer)
    i, j = len(left), len(right)
    pairs = []
    while i and j:
        if left[i - 1] == right[j - 1] and lengths[i, j] == lengths[i - 1, j - 1] + 1:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif lengths[i, j] == lengths[i - 1, j]:
            i -= 1
        else:
            j -= 1
    return pairs


def spread(tokens: Sequence[Sequence[str]], units: Sequence[str]) -> list[Span]:
    """tokens: the units that each is spelled with; units: those that the text is made of -> the characters of each.

    Spans are in order, and apart. Tokens of which no unit is in the text share what stands between their neighbours and
    is no one's, as the | | that are written \\|; if that is nothing, their span is empty.
    """
    starts = [0]
    for unit in units:
        starts.append(starts[-1] + len(unit))
    place = matched([unit for token in tokens for unit in token], units)
    found: list[Span | None] = []
    for token in tokens:
        own, place = [at for at in place[:len(token)] if at >= 0], place[len(token):]
        found.append((starts[own[0]], starts[own[-1] + 1]) if own else None)
    return _filled(found, "".join(units))


def _filled(found: Sequence[Span | None], text: str) -> list[Span]:
    result: list[Span] = []
    end = 0
    for number, span in enumerate(found):
        if span is not None:
            result.append(span)
            end = span[1]
        elif number and found[number - 1] is None:
            result.append(result[-1])
        else:
            after = next((later[0] for later in found[number:] if later is not None), len(text))
            gap = text[end:after]
            begin = end + len(gap) - len(gap.lstrip())
            result.append((begin, begin + len(gap.strip())))
    return result
