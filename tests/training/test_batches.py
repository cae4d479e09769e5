"""The stream of batches follows from seed and pool; each batch keeps to its budget and says what it holds."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from glyphic.core.errors import OptionError
from glyphic.training import batches
from glyphic.training.batches import Corpus, Stream, loader
from tests import bars as toy
from tests.training.conftest import RECIPE, equal, write_pack


def changed(**training):
    return dataclasses.replace(RECIPE, training=dataclasses.replace(RECIPE.training, **training))


@pytest.fixture
def corpus(data):
    return Corpus(data, toy.VOCABULARY, RECIPE.data.max_tokens, {})


def stream(corpus, first=1, limit=99, recipe=RECIPE, **more):
    return Stream(corpus, recipe, toy.VOCABULARY, first, limit, **more)


def take(iterator, count):
    return list(itertools.islice(iterator, count))


def test_pictures_are_padded_on_the_right_and_below_and_targets_behind(corpus):
    for batch in stream(corpus).pool(1):
        count, _, height, width = batch.images.shape
        assert batch.images.dtype == torch.uint8 and batch.sizes.shape == (count, 2)
        assert batch.sizes.max(0).values.tolist() == [height, width]
        for image, (h, w) in zip(batch.images[:, 0], batch.sizes.tolist(), strict=True):
            assert (image[h:] == 255).all() and (image[:, w:] == 255).all() and image[:h, :w].min() < 150
        for row in batch.tokens.tolist():
            end = row.index(toy.VOCABULARY.eos)
            assert row[0] == toy.VOCABULARY.bos and set(row[end + 1:]) <= {toy.VOCABULARY.pad}
            assert min(row[1:end]) > 2, "and only letters in between"
        assert batch.inputs.min() >= 0 and batch.inputs.max() == 1


def test_every_cell_lies_on_ink_of_its_picture_and_names_its_glyph(corpus):
    assert corpus.names == ["bar:a", "bar:b", "bar:c"]
    clean = dataclasses.replace(RECIPE, data=dataclasses.replace(RECIPE.data, degradation=0.0))
    for batch in stream(corpus, recipe=clean).pool(2):
        assert len(batch.cells) == sum((batch.tokens > 2).sum(1).tolist())
        for picture, name, x, y in batch.cells.tolist():
            assert batch.images[picture, 0, max(0, y - 1):y + 2, max(0, x - 1):x + 2].min() < 50
            assert toy.VOCABULARY.encode("abc")[name] in batch.tokens[picture].tolist()


@pytest.mark.parametrize(("pixels", "batch"), [(20_000, 16), (6_000, 16), (1, 16), (10**9, 5)])
def test_a_batch_keeps_to_its_budget_of_pixels_and_pictures(corpus, pixels, batch):
    found = stream(corpus, recipe=changed(pixels=pixels, batch=batch)).pool(1)
    assert sum(len(b.images) for b in found) == batches.POOL
    assert all(len(b.images) <= batch for b in found)
    assert all(b.images.numel() <= pixels for b in found if len(b.images) > 1)
    assert max(len(b.images) for b in found) == (1 if pixels == 1 else 5 if batch == 5 else batch if pixels > 9_000
                                                 else max(len(b.images) for b in found))


def test_a_pool_follows_from_seed_and_number_alone(corpus):
    one, two = stream(corpus).pool(5), stream(corpus, first=3).pool(5)
    assert len(one) > 3 and all(equal(a, b) for a, b in zip(one, two, strict=True))
    assert not equal(one[0], stream(corpus).pool(6)[0])
    assert not equal(one[0], stream(corpus, recipe=changed(seed=1)).pool(5)[0])


def test_a_run_that_stopped_goes_on_with_the_next_pool(corpus):
    whole = take(iter(stream(corpus)), 40)
    assert whole[-1].pool > 2
    rest = [batch for batch in whole if batch.pool > 1]
    assert all(equal(a, b) for a, b in zip(rest, iter(stream(corpus, first=2)), strict=False))


def test_processes_share_the_pools_between_them(corpus):
    found = [{batch.pool for batch in take(iter(stream(corpus, first=4, rank=rank, ranks=3)), 40)} for rank in range(3)]
    assert all(min(pools) == 4 + rank for rank, pools in enumerate(found))
    assert not found[0] & found[1] and not found[1] & found[2] and not found[0] & found[2]


def test_worker_processes_prepare_the_same_pools(corpus):
    recipe = changed(workers=2)
    found = take(loader(stream(corpus, recipe=recipe), 2), 6)
    assert [batch.pool for batch in found] == [1, 2, 1, 2, 1, 2]
    for number in (1, 2):
        mine = [batch for batch in found if batch.pool == number]
        assert all(equal(a, b) for a, b in zip(mine, stream(corpus).pool(number), strict=False))


def test_a_curriculum_leaves_out_the_longer_targets_and_keeps_the_weights(data):
    corpus = Corpus(data, toy.VOCABULARY, 7, {"two": 3.0})
    found = stream(corpus, limit=4)
    lengths = [len(target) for _, target, _ in found.samples(300)]
    assert max(lengths) == 4 and set(lengths) == {1, 2, 3, 4}
    assert max(len(target) for _, target, _ in stream(corpus).samples(300)) == 7, "data.max_tokens holds as well"
    short = [sum(lengths <= 4) for lengths in corpus.lengths]
    assert found.weights == [short[0], 3 * short[1]]


def test_what_no_picture_satisfies_is_an_error_and_no_endless_loop(corpus):
    with pytest.raises(OptionError, match="no target of at most 0 tokens"):
        stream(corpus, limit=0)
    small = dataclasses.replace(RECIPE, data=dataclasses.replace(RECIPE.data, max_pixels=10))
    with pytest.raises(OptionError, match=r"data\.max_pixels=10"):
        next(iter(stream(corpus, recipe=small)))


def test_a_folder_without_packs_says_how_to_write_some(tmp_path):
    with pytest.raises(OptionError, match="glyphic synth"):
        Corpus(tmp_path, toy.VOCABULARY, 9, {})


def test_rare_marks_have_no_class(tmp_path):
    write_pack(tmp_path / "a.npz", 60, letters="ab")
    write_pack(tmp_path / "b.npz", 2, letters="c")
    corpus = Corpus(tmp_path, toy.VOCABULARY, 9, {})
    assert corpus.names == ["bar:a", "bar:b"]
    samples = stream(corpus).samples(200)
    assert all(len(cells) == sum(target != toy.VOCABULARY.encode("c")[0]) for _, target, cells in samples)


@pytest.mark.parametrize("ranks", [2, 3, 100])
def test_the_shares_of_a_batch_are_the_batch(corpus, ranks):
    batch = max(stream(corpus).pool(1), key=lambda b: len(b.images))
    shares = [batch.share(rank, ranks) for rank in range(ranks)]
    if ranks > len(batch.images):
        assert all(share is batch for share in shares)
        return
    assert sum(len(share.images) for share in shares) == len(batch.images)
    assert sum(len(share.cells) for share in shares) == len(batch.cells)
    for rank, share in enumerate(shares):
        assert share.images.shape[1:] == batch.images.shape[1:]
        for picture, name, x, y in share.cells.tolist():
            assert [rank + ranks * picture, name, x, y] in batch.cells.tolist()
        for i, image in enumerate(share.images):
            assert (image == batch.images[rank + ranks * i]).all()
            assert (share.tokens[i] == batch.tokens[rank + ranks * i]).all()


def test_moving_a_batch_changes_nothing(corpus):
    batch = stream(corpus).pool(1)[0]
    assert equal(batch.to(torch.device("cpu")), batch)
    assert np.allclose(batch.inputs.numpy() * 255, batch.images.numpy())


def test_lines_become_batches_of_their_height_from_packs_with_and_without_marks(data):
    from glyphic.core.options import InputSpec
    from glyphic.data.packs import PackWriter

    writer, source = PackWriter(toy.VOCABULARY), np.random.default_rng(0)
    for _ in range(20):
        writer.add(source.integers(0, 255, (24, 80), dtype=np.uint8), 8.0, toy.VOCABULARY.encode("ab"))
    writer.write(data / "lines-000.npz")
    spec = InputSpec(line_height=32, margin=0, max_height=32, max_width=512, multiple=32)
    recipe = dataclasses.replace(RECIPE, input=spec, data=dataclasses.replace(RECIPE.data, max_pixels=32 * 512))
    found = Stream(Corpus(data, toy.VOCABULARY, 9, {"one": 0.5, "two": 0.5}), recipe, toy.VOCABULARY, 1, 99).pool(1)
    for batch in found:
        assert batch.images.shape[2] == 32 and batch.images.shape[3] % 32 == 0
        assert (batch.sizes[:, 0] == 32).all()
        assert batch.cells.shape[1] == 4
    assert sum(len(batch.cells) for batch in found) > 0
    (data / "one-000.npz").unlink()
    (data / "two-000.npz").unlink()
    alone = Stream(Corpus(data, toy.VOCABULARY, 9, {}), recipe, toy.VOCABULARY, 1, 99).pool(1)
    assert sum(len(batch.images) for batch in alone) == batches.POOL
    assert not sum(len(batch.cells) for batch in alone)
