"""What every notation promises, as one function: AssertionError with a sentence where a promise is broken."""

import math
import random

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import NotationError
from glyphic.core.guide import accepts
from glyphic.core.notation import Notation

JUNK = ("\x00", "\N{SNOWMAN}\N{COMBINING ENCLOSING CIRCLE}", "\ufffe\ufffe", "a\x01b")  # no notation can hold them


def check(notation: Notation, count: int = 200, seed: int = 0, renders: int = 5) -> None:
    """Check `notation` on its examples and on `count` samples, of which `renders` are drawn.

    A notation without a sampler, grammar or renderer is checked on the rest; it must have examples or a sampler.
    """
    texts = [*notation.examples, *draw(notation, count, seed)]
    assert texts, f"{notation.name}: give the notation a sampler or examples, so that it can be checked"
    assert notation.metrics, f"{notation.name}: a notation needs at least one metric; the first is its headline"
    for text in texts:
        check_spelling(notation, text)
        check_grammar(notation, text)
    check_metrics(notation, [notation.normalize(text) for text in texts])
    check_errors(notation)
    if notation.render:
        for index, text in enumerate(texts[-renders:] if renders else []):
            check_picture(notation, text, seed + index)
    if notation.render_many and renders:
        check_pictures(notation, texts[-renders:], seed)


def draw(notation: Notation, count: int, seed: int) -> list[str]:
    """`count` sampled texts; the same seed gives the same texts."""
    if notation.sample is None:
        return []
    first = [notation.sample(random.Random(seed + index)) for index in range(count)]
    again = [notation.sample(random.Random(seed + index)) for index in range(min(count, 20))]
    assert first[:20] == again, f"{notation.name}: one seed must give one sample; sample() draws on something else"
    return first


def check_spelling(notation: Notation, text: str) -> None:
    """One canonical spelling, which the tokens hold: normalize is idempotent, decode(encode(t)) = normalize(t)."""
    vocabulary = notation.tokenizer.vocabulary
    try:
        canonical, ids = notation.normalize(text), notation.tokenizer.encode(text)
    except NotationError as error:
        raise AssertionError(f"{notation.name}: {text!r} is an example or sample, and is refused: {error}") from error
    assert notation.normalize(canonical) == canonical, (
        f"{notation.name}: normalize is not idempotent: {text!r} -> {canonical!r} -> {notation.normalize(canonical)!r}")
    inside = all(0 <= i < len(vocabulary) and i not in vocabulary.specials for i in ids)
    assert inside, f"{notation.name}: encode({text!r}) leaves the vocabulary or writes a special token: {ids}"
    decoded = notation.tokenizer.decode(ids)
    assert decoded == canonical, (
        f"{notation.name}: decode(encode(t)) must be normalize(t); {text!r} gives {decoded!r} and {canonical!r}")
    framed = notation.tokenizer.decode([vocabulary.bos, *ids, vocabulary.eos, vocabulary.pad])
    assert framed == canonical, f"{notation.name}: decode must skip <bos>, <eos> and <pad>; it gave {framed!r}"
    assert notation.tokenizer.encode(canonical) == ids, (
        f"{notation.name}: two spellings of one text must have the same tokens: {text!r} and {canonical!r}")


def check_grammar(notation: Notation, text: str) -> None:
    """The grammar lets the text be written with not one token to spare."""
    if notation.grammar is None:
        return
    vocabulary = notation.tokenizer.vocabulary
    shape = notation.grammar.bias(notation.grammar.start(), 10).shape
    assert shape == (len(vocabulary),), f"{notation.name}: bias must be ({len(vocabulary)},); it is {shape}"
    ids = notation.tokenizer.encode(text)
    assert accepts(notation.grammar, ids, vocabulary.eos), (
        f"{notation.name}: the grammar forbids the valid text {text!r} ({' '.join(vocabulary.decode(ids))})")


def check_metrics(notation: Notation, texts: list[str]) -> None:
    """Every metric is 1 for identical texts, below 1 for swapped ones, and in [0, 1]; canonical texts in and out.

    An error rate has an attribute `best`, 0.0, to be taken for that 1.
    """
    others = texts[1:] + texts[:1]
    for name, metric in notation.metrics.items():
        best = getattr(metric, "best", 1.0)
        same = np.sum([list(metric.statistics(text, text)) for text in texts], axis=0)
        assert math.isclose(float(metric.value(same)), best), (
            f"{notation.name}: the metric {name} of identical texts must be {best:g}; it is "
            f"{float(metric.value(same))}")
        rows = np.array([list(metric.statistics(a, b)) for a, b in zip(texts, others, strict=True)], np.float64)
        shape = np.shape(metric.value(rows))
        assert shape == (len(texts),), (
            f"{notation.name}: the metric {name} must turn sums (..., K) into (...); {rows.shape} gave {shape}")
        total = float(metric.value(rows.sum(axis=0)))
        assert 0.0 <= total <= 1.0, f"{notation.name}: the metric {name} must lie in [0, 1]; it is {total}"
        assert total != best or texts == others, f"{notation.name}: the metric {name} calls different texts identical"
        empty = float(metric.value(np.asarray(list(metric.statistics("", max(texts, key=len))), np.float64)))
        assert empty != best, f"{notation.name}: the metric {name} calls the empty text right"


def check_errors(notation: Notation) -> None:
    """What the notation cannot hold is refused with the position where reading stopped."""
    for text in JUNK:
        for verb in (notation.normalize, notation.tokenizer.encode):
            try:
                verb(text)
            except NotationError as error:
                assert error.text and 0 <= error.position <= len(error.text), (
                    f"{notation.name}: the error of {text!r} must carry the text and a position in it; "
                    f"it has {error.text!r} and {error.position}")
            else:
                raise AssertionError(f"{notation.name}: {text!r} must be refused with a NotationError")


def check_picture(notation: Notation, text: str, seed: int) -> None:
    """A rendered text is an (H, W) uint8 picture, with dark ink on bright paper."""
    assert notation.render is not None
    check_pixels(notation, text, notation.render(text, random.Random(seed)))


def check_pictures(notation: Notation, texts: list[str], seed: int) -> None:
    """Rendered together, every text has its own picture (or None), and its marks lie on it."""
    assert notation.render_many is not None
    drawn = notation.render_many(texts, random.Random(seed))
    assert len(drawn) == len(texts), f"{notation.name}: render_many gave {len(drawn)} pictures of {len(texts)} texts"
    assert any(drawn), f"{notation.name}: render_many could draw none of {len(texts)} texts"
    for text, rendering in zip(texts, drawn, strict=True):
        if rendering is not None:
            check_pixels(notation, text, rendering.pixels)
            height, width = rendering.pixels.shape
            outside = [mark for mark in rendering.marks if not (0 <= mark[1] <= width and 0 <= mark[2] <= height)]
            assert not outside, (
                f"{notation.name}: marks of {text!r} lie outside of its {width} x {height} pixels: {outside[:3]}")


def check_pixels(notation: Notation, text: str, pixels: npt.NDArray[np.uint8]) -> None:
    """(H, W) uint8, mostly bright (or bright along its edge, for bold letters may cover most of it), with ink on it."""
    assert pixels.dtype == np.uint8 and pixels.ndim == 2 and pixels.size, (
        f"{notation.name}: render must give (H, W) uint8; {text!r} gave {pixels.dtype} {pixels.shape}")
    edge = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    assert max(np.median(pixels), np.median(edge)) > 127, (
        f"{notation.name}: render must draw on bright paper; {text!r} is mostly dark")
    assert pixels.min() < 128, f"{notation.name}: the picture of {text!r} has no ink"
