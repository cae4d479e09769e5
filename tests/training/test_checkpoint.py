"""A checkpoint is whole or the old one, finds its glyph classes again, and travels in half of the bytes."""

import pytest
import torch

from glyphic.core.errors import GlyphicError
from glyphic.core.recipe import ModelSpec
from glyphic.models.build import build
from glyphic.training import checkpoint
from tests.models.test_build import SMALL, TINY_DECODER, VOCABULARY, network


def state_of(built, names=()):
    return {"recipe": {"name": "x"}, "step": 7, "pool": 3, "names": list(names), "weights": built.state_dict()}


def test_what_is_saved_is_loaded(tmp_path):
    state = state_of(network())
    checkpoint.save(tmp_path / "state.pt", state)
    found = checkpoint.load(tmp_path / "state.pt")
    assert {k: v for k, v in found.items() if k != "weights"} == {k: v for k, v in state.items() if k != "weights"}
    assert all(torch.equal(found["weights"][key], value) for key, value in state["weights"].items())


def test_a_kill_in_the_middle_of_saving_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "state.pt"
    checkpoint.save(path, state_of(network(seed=0)))
    before = path.read_bytes()

    def killed(state, target):
        target.write_bytes(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint.torch, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save(path, state_of(network(seed=1)))
    assert path.read_bytes() == before
    monkeypatch.undo()
    checkpoint.save(path, {**state_of(network(seed=1)), "step": 8})
    assert checkpoint.load(path)["step"] == 8 and [p.name for p in tmp_path.iterdir()] == ["state.pt"]


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 half a zip"])
def test_a_damaged_file_is_refused(tmp_path, content):
    (tmp_path / "state.pt").write_bytes(content)
    with pytest.raises(GlyphicError, match="is not a checkpoint"):
        checkpoint.load(tmp_path / "state.pt")


def test_a_file_that_would_run_code_and_one_of_other_things_are_refused(tmp_path):
    class Trap:
        def __reduce__(self):
            return exec, ("raise SystemExit('it ran')",)

    torch.save({"weights": Trap()}, tmp_path / "trap.pt")
    torch.save({"model": torch.zeros(2)}, tmp_path / "other.pt")
    for name in ("trap.pt", "other.pt"):
        with pytest.raises(GlyphicError, match="is not a checkpoint"):
            checkpoint.load(tmp_path / name)


def test_glyph_classes_are_found_by_name_and_new_ones_start_afresh():
    old, new = network(glyph_classes=3, seed=0), network(glyph_classes=4, seed=1)
    fresh = {key: value.clone() for key, value in new.state_dict().items()}
    checkpoint.restore(new, old.state_dict(), ["x", "y", "z"], ["z", "new", "x", "y"])
    for key in ("glyph_head.weight", "glyph_head.bias"):
        theirs, mine = old.state_dict()[key], new.state_dict()[key]
        for ours, row in ((0, 2), (2, 0), (3, 1)):
            assert torch.equal(mine[ours], theirs[row])
        assert torch.equal(mine[1], fresh[key][1])
    assert torch.equal(new.generation.embedding.weight, old.generation.embedding.weight)


def test_a_network_without_glyph_classes_takes_and_gives_weights():
    plain, glyphs = network(seed=0), network(glyph_classes=2, seed=1)
    checkpoint.restore(plain, glyphs.state_dict(), ["x", "y"], [])
    assert torch.equal(plain.generation.embedding.weight, glyphs.generation.embedding.weight)
    other = network(glyph_classes=2, seed=2)
    head = other.glyph_head.weight.clone()
    checkpoint.restore(other, plain.state_dict(), [], ["x", "y"])
    assert torch.equal(other.glyph_head.weight, head)


def test_tokens_that_two_notations_share_keep_their_rows_and_the_others_start_afresh():
    old, new = network(generation="transformer", seed=0), network(generation="transformer", seed=1)
    fresh = new.generation.embedding.weight.detach().clone()
    before = ["<pad>", *"abcdefghijklmnopqrstuvwxyz"][:len(fresh)]
    after = [*before[3:], "new", *before[:2]]
    checkpoint.restore(new, old.state_dict(), [], [], before, after)
    for i, token in enumerate(after):
        expected = fresh[i] if token == "new" else old.generation.embedding.weight[before.index(token)]
        assert torch.equal(new.generation.embedding.weight[i], expected)
        assert token == "new" or new.generation.out.bias[i] == old.generation.out.bias[before.index(token)]
    assert torch.equal(new.generation.norm.weight, old.generation.norm.weight)


def test_weights_from_before_open_groups_were_counted_go_on_with_none_of_it_learnt():
    older = network(seed=0)
    newer = build(ModelSpec("resnet", "transformer", "none", SMALL["resnet"], {},
                            {**TINY_DECODER, "opens": "a", "closes": "b"}), VOCABULARY).eval()
    checkpoint.restore(newer, older.state_dict(), [], [])
    images, tokens = torch.rand(1, 1, 32, 48), torch.randint(0, len(VOCABULARY), (1, 6))
    torch.testing.assert_close(newer(images, tokens), older(images, tokens))


def test_weights_of_another_network_are_refused_in_one_sentence():
    with pytest.raises(GlyphicError, match="belong to another network"):
        checkpoint.restore(network("resnet"), network("densenet").state_dict(), [], [])


def test_the_light_state_is_half_as_large_and_nearly_the_same(tmp_path):
    built = network("resnet", "transformer", glyph_classes=3)
    built.extraction.norm.running_var[0] = 1e6  # beyond what 16 bits hold
    state = {**state_of(built, "xyz"), "optimizers": [1], "network": built.state_dict()}
    light = checkpoint.light(state)
    assert set(light) == {"recipe", "step", "pool", "names", "weights"}
    checkpoint.save(tmp_path / "light.pt", light)
    numbers = sum(value.numel() for value in built.state_dict().values())
    assert sum(v.numel() * v.element_size() for v in light["weights"].values()) < 2.2 * numbers
    other = network("resnet", "transformer", glyph_classes=3, seed=1)
    checkpoint.restore(other, checkpoint.load(tmp_path / "light.pt")["weights"], list("xyz"), list("xyz"))
    for key, value in built.state_dict().items():
        torch.testing.assert_close(other.state_dict()[key], value, rtol=1e-3, atol=1e-6)
