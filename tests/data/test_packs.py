"""What goes into a pack comes out of it, whatever its size; a pack is there as a whole or not at all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from glyphic.core.errors import GlyphicError, OptionError
from glyphic.core.vocabulary import Vocabulary
from glyphic.data import packs
from glyphic.data.packs import Pack, PackWriter

VOCABULARY = Vocabulary.of("abc")
PIXELS = st.tuples(st.integers(1, 17), st.integers(1, 23)).flatmap(lambda shape: arrays(np.uint8, shape))
MARKS = st.lists(st.tuples(st.sampled_from(["x", "y", "zz"]), st.floats(-20, 900), st.floats(-20, 900)), max_size=4)
SAMPLES = st.lists(st.tuples(PIXELS, st.floats(1, 90), st.lists(st.integers(3, 5), max_size=6), MARKS), max_size=5)


@settings(max_examples=60, deadline=None)
@given(samples=SAMPLES)
def test_what_was_packed_is_unpacked(tmp_path_factory, samples):
    writer = PackWriter(VOCABULARY)
    for sample in samples:
        writer.add(*sample)
    assert len(writer) == len(samples)
    path = tmp_path_factory.mktemp("pack") / "some.npz"
    writer.write(path)
    pack = Pack(path, VOCABULARY)
    assert len(pack) == len(samples)
    assert pack.lengths.tolist() == [len(target) for _, _, target, _ in samples]
    for i, (pixels, size, target, marks) in enumerate(samples):
        found = pack[i]
        assert found.pixels.dtype == np.uint8 and found.pixels.shape == pixels.shape
        assert np.abs(found.pixels.astype(int) - pixels).max() <= 255 / 30 + 0.5  # 16 grey levels
        assert found.symbol_size == pytest.approx(size)
        assert found.target.tolist() == target
        assert [pack.names[int(name)] for name in found.marks[:, 0]] == [name for name, _, _ in marks]
        np.testing.assert_allclose(found.marks[:, 1:], np.array([m[1:] for m in marks]).reshape(-1, 2), atol=0.501)
    names = [name for _, _, _, marks in samples for name, _, _ in marks]
    counts = dict(zip(pack.names, pack.mark_counts().tolist(), strict=True))
    assert {name: count for name, count in counts.items() if count} == {name: names.count(name) for name in set(names)}


def test_black_and_white_are_kept_exactly(tmp_path):
    writer = PackWriter(VOCABULARY)
    pixels = np.random.default_rng(0).choice(np.uint8([0, 255]), (9, 31))
    writer.add(pixels, 10.0, [3])
    writer.write(tmp_path / "a.npz")
    assert (Pack(tmp_path / "a.npz", VOCABULARY)[0].pixels == pixels).all()


def test_the_first_packs_rows_of_two_levels_a_byte_are_still_read(tmp_path):
    import zlib

    pixels = (np.random.default_rng(0).integers(0, 16, (5, 7)) * 17).astype(np.uint8)
    writer = PackWriter(VOCABULARY)
    writer.add(pixels, 10.0, [3, 4], [("x", 1, 2)])
    writer.write(tmp_path / "new.npz")
    with np.load(tmp_path / "new.npz") as file:
        stored = {name: file[name] for name in file if name != "layout"}
    levels = np.append(pixels.ravel() // 17, np.uint8(0))
    packed = zlib.compress((levels[::2] << 4 | levels[1::2]).tobytes())
    stored |= {"pictures": np.frombuffer(packed, np.uint8), "picture_ends": np.array([len(packed)])}
    np.savez(tmp_path / "old.npz", **stored)
    assert (Pack(tmp_path / "old.npz", VOCABULARY)[0].pixels == pixels).all()


def test_a_pack_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    writer = PackWriter(VOCABULARY)
    writer.add(np.zeros((3, 3), np.uint8), 3.0, [3])
    writer.write(tmp_path / "a.npz")
    before = (tmp_path / "a.npz").read_bytes()

    def half(file, **_):
        file.write(b"PK")
        raise OSError("no space left on device")

    monkeypatch.setattr(packs.np, "savez", half)
    with pytest.raises(OSError, match="no space"):
        writer.write(tmp_path / "a.npz")
    with pytest.raises(OSError, match="no space"):
        writer.write(tmp_path / "b.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"] and (tmp_path / "a.npz").read_bytes() == before


@pytest.mark.parametrize("pixels", [np.zeros((0, 4), np.uint8), np.zeros((3, 3)), np.zeros((3, 3, 3), np.uint8)])
def test_what_is_no_picture_is_refused(pixels):
    with pytest.raises(OptionError, match=r"\(H, W\) uint8"):
        PackWriter(VOCABULARY).add(pixels, 3.0, [3])


def test_a_pack_of_another_vocabulary_and_a_broken_one_are_refused(tmp_path):
    PackWriter(VOCABULARY).write(tmp_path / "a.npz")
    with pytest.raises(GlyphicError, match="another vocabulary"):
        Pack(tmp_path / "a.npz", Vocabulary.of("abd"))
    (tmp_path / "b.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:50])
    with pytest.raises(GlyphicError, match=r"b\.npz is no pack, or it is damaged"):
        Pack(tmp_path / "b.npz", VOCABULARY)
