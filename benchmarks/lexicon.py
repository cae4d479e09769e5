"""How right and how fast the ways of using a lexicon are: a list of words -> a table, on frames that are made up.

    python benchmarks/lexicon.py words.txt

The frames are those of a fair network: a blank or two between peaks, now and then another letter before the right one,
rarely none at all. A share of the words is in no lexicon: what the gate is for. Times are CPU time of one thread and
include the reading without the lexicon.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from glyphic.core.model import FloatArray
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.ctc import best_path
from glyphic.decoding.lexicon import Lexicon, LexiconOptions
from glyphic.decoding.transcription import transcribe

CHARACTERS = Vocabulary.of(map(chr, range(32, 127)), blank=True)  # 99 tokens
FRAMES = 32
SMALL = 50  # words of a picture's own lexicon


@dataclass(frozen=True)
class Picture:
    word: str
    listed: bool
    frames: FloatArray  # (T, V)


def main() -> None:
    arguments = _arguments()
    words = arguments.words.read_text(encoding="utf-8").split()
    pictures = [picture(words, arguments.outside, Random(seed)) for seed in range(arguments.pictures)]
    rows = [_row("no lexicon", pictures, lambda p: _text(best_path(p.frames, CHARACTERS)[0].tokens))]
    for name, options in _ways(arguments.gate):
        made = _lexicon(words, options)
        rows.append(_row(name, pictures, lambda p, made=made: _read(p, made)))
    for method in ("exact", "trie", "bk"):
        small = {id(p): _lexicon(own(p, words), LexiconOptions(method, 3)) for p in pictures}
        rows.append(_row(f"{SMALL} words, {method}", pictures, lambda p, small=small: _read(p, small[id(p)])))
    builds = {name: _seconds(make) for name, make in _builds(words).items()}
    print(_table(len(words), rows, builds))
    if arguments.json:
        arguments.json.write_text(json.dumps({"words": len(words), "rows": rows, "builds": builds}, indent=1) + "\n")


def _ways(gate: float) -> list[tuple[str, LexiconOptions]]:
    ways = [("trie", "trie", 0)] + [(f"bk, distance {d}", "bk", d) for d in (1, 2, 3)]
    return [(f"{name}, {note}", LexiconOptions(method, distance, limit)) for name, method, distance in ways
            for note, limit in (("closed", math.inf), (f"gate {gate:g}", gate))]


def picture(words: list[str], outside: float, source: Random) -> Picture:
    """A word of the list, or (in a share of `outside`) two halves of words that make none, as a network sees it."""
    listed = source.random() >= outside
    word = source.choice(words)
    while not listed and (word in words or not 3 <= len(word) <= 16):
        left, right = source.choice(words), source.choice(words)
        word = left[:len(left) // 2 + 1] + right[len(right) // 2:]
    spelled = source.choice((word, word.capitalize(), word.upper()))
    return Picture(spelled, listed, frames(CHARACTERS.encode(spelled), np.random.default_rng(source.getrandbits(32))))


def frames(tokens: list[int], source: np.random.Generator) -> FloatArray:
    """(T, V) log-probabilities in which the tokens are seen: four letters of a hundred as another one."""
    logits = source.normal(size=(FRAMES, len(CHARACTERS)))
    logits[:, [CHARACTERS.pad, CHARACTERS.bos, CHARACTERS.eos]] = -20
    logits[:, CHARACTERS.blank] += 11
    for place, token in zip(np.linspace(1, FRAMES - 2, len(tokens)).round().astype(int), tokens, strict=True):
        logits[place, CHARACTERS.blank] -= source.choice([12, 3], p=[0.99, 0.01])
        logits[place, token] += 11
        small = CHARACTERS.ids[CHARACTERS.tokens[token].lower()]
        logits[place, small] += source.uniform(0, 7)  # its case is not so sure
        if source.random() < 0.04:
            logits[place, source.integers(4, len(CHARACTERS))] += 11 + abs(source.normal()) * 2
    return (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)).astype(np.float32)


def own(given: Picture, words: list[str]) -> list[str]:
    """A picture's own lexicon: its word among others."""
    return [given.word, *Random(given.word).sample(words, SMALL - 1)]


def _lexicon(words: list[str], options: LexiconOptions) -> Lexicon:
    made = Lexicon(map(CHARACTERS.encode, words), CHARACTERS, options)
    if made.method == "bk":
        made.tree  # noqa: B018  built now, so that it is not timed
    return made


def _builds(words: list[str]) -> dict[str, Callable[[], Any]]:
    ids = list(map(CHARACTERS.encode, words))
    made = Lexicon(ids, CHARACTERS)
    return {"lexicon": lambda: Lexicon(ids, CHARACTERS), "its bk-tree": lambda: made.tree,
            "its guide, for step models": lambda: made.guide}


def _seconds(make: Callable[[], Any]) -> float:
    start = time.process_time()
    make()
    return time.process_time() - start


def _read(given: Picture, lexicon: Lexicon) -> str:
    found = transcribe(given.frames, lexicon)
    return _text(tuple(map(ord, found[0][0]))) if found else _text(best_path(given.frames, CHARACTERS)[0].tokens)


def _text(tokens: tuple[int, ...]) -> str:
    return "".join(CHARACTERS.decode(tokens))


def _row(name: str, pictures: list[Picture], read: Callable[[Picture], str]) -> dict[str, Any]:
    times, texts = [], []
    for given in pictures:
        start = time.process_time()
        texts.append(read(given))
        times.append(1000 * (time.process_time() - start))
    right = [text.lower() == p.word.lower() for text, p in zip(texts, pictures, strict=True)]
    exact = [text == p.word for text, p in zip(texts, pictures, strict=True)]
    inside = [ok for ok, p in zip(right, pictures, strict=True) if p.listed]
    outside = [ok for ok, p in zip(right, pictures, strict=True) if not p.listed]
    return {"name": name, "all": np.mean(right), "case": np.mean(exact), "inside": np.mean(inside),
            "outside": np.mean(outside) if outside else math.nan, "ms": np.mean(times),
            "ms_90": np.percentile(times, 90)}


def _table(count: int, rows: list[dict[str, Any]], builds: dict[str, float]) -> str:
    lines = [f"{count} words; right without regard to case, in %",
             f"{'':28}{'all':>7}{'inside':>8}{'outside':>9}{'+ case':>8}{'ms':>8}{'ms, 90 %':>10}"]
    for row in rows:
        shares = "".join(f"{100 * row[key]:>{wide}.1f}" for key, wide in
                         (("all", 7), ("inside", 8), ("outside", 9), ("case", 8)))
        lines.append(f"{row['name']:28}{shares}{row['ms']:>8.2f}{row['ms_90']:>10.2f}")
    lines += [f"{name}: {seconds:.2f} s to build" for name, seconds in builds.items()]
    return "\n".join(lines)


def _arguments() -> Any:
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__.splitlines()[0])
    parser.add_argument("words", type=Path, help="a file of words")
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--outside", type=float, default=0.2, help="share of words that the list does not hold")
    parser.add_argument("--gate", type=float, default=1.0)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
