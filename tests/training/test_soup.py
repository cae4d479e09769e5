"""The mean of weights is their mean, and what cannot be averaged is the first one's or refused."""

import pytest
import torch
from click.testing import CliRunner

from glyphic.cli import main
from glyphic.core.errors import OptionError
from glyphic.training import checkpoint
from glyphic.training.soup import mean
from tests.models.test_build import network
from tests.training.test_checkpoint import state_of


def states(*seeds, names=("a", "b")):
    return [state_of(network(seed=seed), names) for seed in seeds]


def test_weights_are_averaged_by_their_shares():
    first, second = states(0, 1)
    found = mean([first, second], [0.75, 0.25])
    different = 0
    for key, value in found["weights"].items():
        one, other = first["weights"][key], second["weights"][key]
        if value.is_floating_point():
            assert torch.allclose(value, 0.75 * one + 0.25 * other, atol=1e-6)
            different += not torch.equal(one, other)
        else:
            assert torch.equal(value, one)
    assert different
    assert (found["step"], found["names"], found["recipe"]) == (7, ["a", "b"], {"name": "x"})
    equal = mean([first, second])["weights"]
    assert all(torch.allclose(equal[key], (value + second["weights"][key]) / 2, atol=1e-6)
               for key, value in first["weights"].items() if value.is_floating_point())


def test_what_one_lacks_or_has_otherwise_is_the_first_ones():
    first, second = states(0, 1)
    key, *others = [key for key, value in first["weights"].items() if value.is_floating_point() and value.ndim > 1]
    del second["weights"][key]
    second["weights"][others[0]] = torch.zeros(3)
    first["weights"]["glyph_head.weight"] = torch.zeros(2, 3)
    second["weights"]["glyph_head.weight"] = torch.ones(2, 3)
    found = mean([first, second])["weights"]
    assert torch.equal(found[key], first["weights"][key]) and torch.equal(found[others[0]], first["weights"][others[0]])
    assert not torch.equal(found[others[1]], first["weights"][others[1]])
    assert found["glyph_head.weight"].eq(0.5).all()
    second["names"] = ["b", "a"]  # rows of other classes
    assert not mean([first, second])["weights"]["glyph_head.weight"].any()


def test_what_is_no_mean_is_refused():
    first, second = states(0, 1)
    with pytest.raises(OptionError, match="2 states take as many shares; got 3"):
        mean([first, second], [0.2, 0.3, 0.5])
    with pytest.raises(OptionError, match=r"sum to 1; these are 1\.3"):
        mean([first, second], [0.8, 0.5])
    with pytest.raises(OptionError, match=r"at least 0; got -0\.5"):
        mean([first, second], [1.5, -0.5])
    with pytest.raises(OptionError, match="state 2 writes other tokens"):
        mean([first, {**second, "tokens": ["x"]}])
    with pytest.raises(OptionError, match="state 2 is of another network"):
        mean([first, {**second, "weights": {"x": torch.zeros(2)}}])


def test_the_command_averages_states_and_folders_of_runs(tmp_path):
    first, second = states(0, 1)
    (tmp_path / "run").mkdir()
    checkpoint.save(tmp_path / "run" / "light.pt", checkpoint.light(first))
    checkpoint.save(tmp_path / "b.pt", second)
    out = tmp_path / "mean.pt"
    done = CliRunner().invoke(main, ["average", str(out), str(tmp_path / "run"), f"{tmp_path / 'b.pt'}=0.25"])
    assert done.exit_code == 0, done.output
    found, expected = checkpoint.load(out)["weights"], mean([first, second], [0.75, 0.25])["weights"]
    assert all(torch.allclose(found[key].float(), value.float(), atol=1e-2) for key, value in expected.items())
    assert any(value.dtype == torch.float16 for value in found.values())
    for given, said in (([f"{tmp_path / 'b.pt'}=much"], "a share is a number"), (["nothing.pt"], "there is no state"),
                        ([f"{tmp_path / 'b.pt'}=0.5"], "sum to 1")):
        done = CliRunner().invoke(main, ["average", str(tmp_path / "new.pt"), *given])
        assert done.exit_code and said in done.output and not (tmp_path / "new.pt").exists()
