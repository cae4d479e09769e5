"""Seed and index decide what is drawn, and nothing else does."""

import dataclasses
import random

import numpy as np
import pytest

from glyphic.core.errors import OptionError
from glyphic.core.notation import Rendering
from glyphic.data.packs import Pack
from glyphic.data.synthesis import batch, write_pack
from tests import bars as toy

BARS = toy.NOTATION


def key(samples):
    return [(s.text, tuple(s.target), s.rendering.pixels.tobytes(), s.rendering.marks) for s in samples]


def test_the_same_seed_and_index_give_the_same_samples_and_others_give_others():
    first, again = (batch(BARS, toy.sample, seed=3, index=7, size=20) for _ in range(2))
    assert len(first) == 20 and key(first) == key(again)
    others = [batch(BARS, toy.sample, seed, index, 20) for seed, index in ((3, 8), (4, 7))]
    assert all(key(other) != key(first) for other in others)


def test_samples_do_not_depend_on_the_state_of_the_global_source():
    random.seed(1)
    np.random.seed(1)
    first = batch(BARS, toy.sample, 0, 0, 5)
    random.seed(2)
    np.random.seed(2)
    assert key(batch(BARS, toy.sample, 0, 0, 5)) == key(first)


def test_texts_that_the_notation_cannot_hold_and_empty_ones_are_drawn_again():
    texts = iter(["xyz", "", "ab", "?", "c"])
    found = batch(BARS, lambda source: next(texts), 0, 0, size=2)
    assert [sample.text for sample in found] == ["ab", "c"]
    assert [BARS.tokenizer.decode(sample.target) for sample in found] == ["ab", "c"]


def test_what_the_renderer_refuses_is_left_out():
    many = dataclasses.replace(BARS, render_many=lambda texts, source: [
        None if "a" in text else Rendering(toy.render(text, source)) for text in texts])
    found = batch(many, toy.sample, 0, 0, size=40)
    assert 0 < len(found) < 40 and not any("a" in sample.text for sample in found)


def test_the_same_numbers_give_the_same_pack_byte_for_byte(tmp_path):
    for name in ("a.npz", "b.npz"):
        assert list(write_pack(tmp_path / name, BARS, toy.sample, 30, seed=1, first=4))[-1] == 30
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    pack = Pack(tmp_path / "a.npz", toy.VOCABULARY)
    drawn = batch(BARS, toy.sample, seed=1, index=4)[:30]
    assert [pack[i].target.tolist() for i in range(30)] == [sample.target for sample in drawn]
    assert all((pack[i].pixels == sample.rendering.pixels).all() for i, sample in enumerate(drawn))


def test_a_pack_goes_on_with_the_next_batch_and_leaves_out_what_is_too_long(tmp_path):
    done = list(write_pack(tmp_path / "deep" / "a.npz", BARS, toy.sample, 300, seed=0, first=0, max_tokens=8))
    pack = Pack(tmp_path / "deep" / "a.npz", toy.VOCABULARY)
    assert done[-1] == len(pack) == 300 and len(done) > 1 and done == sorted(done)
    assert pack.lengths.max() == 8


def test_a_renderer_that_never_works_is_reported_and_nothing_is_written(tmp_path):
    broken = dataclasses.replace(BARS, render_many=lambda texts, source: [None] * len(texts))
    with pytest.raises(OptionError, match="gave no picture"):
        list(write_pack(tmp_path / "a.npz", broken, toy.sample, 5, 0, 0))
    with pytest.raises(OptionError, match="has no renderer"):
        batch(dataclasses.replace(BARS, render=None), toy.sample, 0, 0, 1)
    assert not list(tmp_path.iterdir())


def test_a_size_that_was_misjudged_beyond_recognition_is_the_renderers(tmp_path):
    """Estimates near the truth stay, for readings start from such; others would teach what no reading meets."""
    for known, measured, kept in ((10.0, 12.0, 12.0), (10.0, 25.0, 10.0), (10.0, 4.0, 10.0), (None, 25.0, 25.0)):
        def render_many(texts, source, known=known):
            return [Rendering(toy.render(text, source), (), known) for text in texts]

        notation = dataclasses.replace(BARS, measure=lambda ink, one=measured: one, render_many=render_many)
        list(write_pack(tmp_path / "a.npz", notation, toy.sample, 3, seed=0, first=0))
        assert [Pack(tmp_path / "a.npz", toy.VOCABULARY)[i].symbol_size for i in range(3)] == [kept] * 3
