"""Frames and a sorted list of words -> the words of a prefix beam that never leaves the list.

A sorted list is a trie already: the words that begin with a prefix stand side by side, and bisection finds them in a
microsecond. So nothing is built, and 88,000 words take no memory beside their own 6 MB.
Letters: T frames, V vocabulary.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

LEVELS = (1e-3, 1e-6, 0.0)  # of a frame's best: tokens below are looked at only where words are poor without them
COMPLETIONS = 256  # words that are tried where the frames end within a word
TINY = 1e-100  # masses below it are scaled up, long before they vanish


class Node:
    """A prefix of words, and the mass of its alignments up to the present frame: ended by a blank, by its token."""

    __slots__ = ("blank_ended", "children", "first", "next_blank", "next_token", "prefix", "token_ended", "touched")

    def __init__(self, prefix: str, first: int):
        self.prefix, self.first = prefix, first  # the first word that begins with the prefix
        self.children: dict[str, Node | None] = {}
        self.blank_ended = self.token_ended = self.next_blank = self.next_token = 0.0
        self.touched = -1  # the frame in which it was last reached


def word_beam(frames: npt.NDArray[np.float64], words: Sequence[str], blank: int, width: int,
              worth: float = 0.0) -> list[str]:
    """frames: (T, V) log-probabilities; words: sorted, each a string of characters that are token ids -> up to `width`
    words, best first as far as the beam can tell (it drops small masses: rank them by `text_logprobs`).

    Prefix beam search as in `ctc.prefix_beam`, in plain floats, and over the likely tokens of each frame. An alignment
    with an unlikely one is at most that likely: where a better word was found, there is no need to look at them.
    worth: a word less probable than this, the best alignment being 1, need not be found. Empty only where a frame
    forbids everything or no word begins as the beam's texts do.
    """
    top = frames.max(axis=1, initial=-np.inf, keepdims=True)
    if not np.isfinite(top).all():
        return []
    probabilities = np.exp(frames - top)
    found: list[str] = []
    for level in LEVELS:
        least = max(level, worth)  # an alignment with a token below it is worth nothing
        beam, scale = _search(probabilities, words, blank, width, least)
        ended = [node for node in beam if words[node.first] == node.prefix]
        found = [node.prefix for node in ended]
        if 0.0 < least == worth or (ended and scale == 1.0 and _mass(ended[0]) >= least):
            return found
    if found:
        return found
    begun = {word: None for node in beam for word in islice(words, node.first, node.first + COMPLETIONS)
             if word.startswith(node.prefix)}
    return list(begun)[:COMPLETIONS]


def _search(probabilities: npt.NDArray[np.float64], words: Sequence[str], blank: int, width: int,
            least: float) -> tuple[list[Node], float]:
    """The beam after the last frame, and by what its masses were multiplied to remain numbers."""
    likely: list[list[tuple[str, float]]] = [[] for _ in probabilities]
    choices = probabilities > least
    choices[:, blank] = False
    for time, index in np.argwhere(choices).tolist():
        likely[time].append((chr(index), float(probabilities[time, index])))
    root = Node("", 0)
    root.blank_ended = 1.0
    beam, scale = [root], 1.0
    for time, row in enumerate(probabilities.tolist()):
        reached: list[Node] = []
        for node in beam:
            either, last = node.blank_ended + node.token_ended, node.prefix[-1:]
            if node.touched != time:
                node.touched, node.next_blank, node.next_token = time, 0.0, 0.0
                reached.append(node)
            node.next_blank += either * row[blank]
            if last:
                node.next_token += node.token_ended * row[ord(last)]
            for token, probability in likely[time]:
                child = node.children[token] if token in node.children else _child(node, token, words)
                if child is None:
                    continue
                if child.touched != time:
                    child.touched, child.next_blank, child.next_token = time, 0.0, 0.0
                    reached.append(child)
                # a token that repeats the one before needs a blank between
                child.next_token += (node.blank_ended if token == last else either) * probability
        for node in reached:
            node.blank_ended, node.token_ended = node.next_blank, node.next_token
        reached.sort(key=_mass, reverse=True)
        beam = reached[:width]
        if (best := _mass(beam[0])) < TINY and best > 0.0:
            scale /= best
            for node in beam:
                node.blank_ended, node.token_ended = node.blank_ended / best, node.token_ended / best
    return beam, scale


def _mass(node: Node) -> float:
    return node.blank_ended + node.token_ended


def _child(node: Node, token: str, words: Sequence[str]) -> Node | None:
    prefix = node.prefix + token
    first = bisect_left(words, prefix, node.first)
    child = Node(prefix, first) if first < len(words) and words[first].startswith(prefix) else None
    node.children[token] = child
    return child
