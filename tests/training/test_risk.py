"""The risk of whole readings: the expectation that it says it is, of readings of the network's own, and it falls."""

import dataclasses

import pytest
import torch

from glyphic.core.errors import OptionError
from glyphic.core.options import DecodingOptions
from glyphic.core.recipe import ModelSpec
from glyphic.core.vocabulary import Vocabulary
from glyphic.models.build import build
from glyphic.training import checkpoint
from glyphic.training.loop import train
from glyphic.training.risk import UNLIKELY, MinimumRisk
from tests import bars as toy
from tests.training.conftest import RECIPE
from tests.training.test_loop import lines, recipe

VOCABULARY = toy.VOCABULARY
SOUND = DecodingOptions(beam_width=4, sound=True, token_bonus=0.5)
RECURRENT = ModelSpec("densenet", "attention", extraction_parameters=RECIPE.model.extraction_parameters,
                      generation_parameters={"width": 16, "embedding": 8})


def risk_of(spec=None, decoding=SOUND, **notation) -> MinimumRisk:
    torch.manual_seed(0)
    given = dataclasses.replace(RECIPE, model=spec or RECIPE.model, decoding=decoding)
    network = build(given.model, VOCABULARY)
    return MinimumRisk(network, given, dataclasses.replace(toy.NOTATION, **notation), VOCABULARY)


def memory(risk: MinimumRisk, *sizes: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
    height, width = (max(side) for side in zip(*sizes, strict=True))
    images = torch.ones(len(sizes), 1, height, width)
    for image, (h, w) in zip(images, sizes, strict=True):
        image[:, :h, :w] = torch.rand(h, w)
    return risk.network.memory(images, torch.tensor(sizes))


def ended(*texts: str) -> torch.Tensor:
    rows = [[*VOCABULARY.encode(text), VOCABULARY.eos] for text in texts]
    longest = max(map(len, rows))
    return torch.tensor([row + [VOCABULARY.pad] * (longest - len(row)) for row in rows])


@pytest.mark.parametrize("spec", [None, RECURRENT])
def test_it_is_the_share_of_wrong_readings_that_is_expected(spec, monkeypatch):
    priors = {"aa": -1.0, "a": -3.0, "c": -99.0}
    risk = risk_of(spec, prior=lambda text: priors[text])
    features, mask = memory(risk, (32, 64))
    read = [tuple(VOCABULARY.encode(text)) for text in ("a", "aa", "c")]
    monkeypatch.setattr(risk, "read", lambda pictures: [read])
    logprobs = risk.logprobs(features, read)
    bonus = torch.tensor([0.5 * 1 - 3.0, 0.5 * 2 - 1.0, 0.5 * 1 + UNLIKELY])
    weights = (logprobs + bonus).softmax(0)
    torch.testing.assert_close(risk(features, mask, ended("aa")), weights[0] + weights[2])


@pytest.mark.parametrize("spec", [None, RECURRENT])
def test_a_reading_is_as_likely_as_the_steps_that_write_it(spec):
    risk = risk_of(spec)
    risk.network.eval()
    features, _ = memory(risk, (32, 64))
    reading = tuple(VOCABULARY.encode("aa"))
    model, total = risk.model, 0.0
    state = model.begin([features.detach()])
    for last, token in zip((VOCABULARY.bos, *reading), (*reading, VOCABULARY.eos), strict=True):
        logprobs, state = model.step([last], state)
        total += float(logprobs[0, token])
    found = risk.logprobs(features, [reading, reading + reading])
    assert found[0].item() == pytest.approx(total, abs=1e-4) and found[1] != found[0]


def test_the_target_is_weighed_though_no_beam_found_it(monkeypatch):
    risk = risk_of(decoding=DecodingOptions())
    features, mask = memory(risk, (32, 64))
    monkeypatch.setattr(risk, "read", lambda pictures: [[tuple(VOCABULARY.encode("a"))]])
    assert 0.0 < risk(features, mask, ended("aa")).item() < 1.0
    monkeypatch.setattr(risk, "read", lambda pictures: [[]])
    assert risk(features, mask, ended("aa")).item() == 0.0


def test_padding_changes_nothing():
    risk = risk_of()
    risk.network.eval()
    together, mask = memory(risk, (32, 64), (32, 160))
    each = [risk(together[n:n + 1], mask[n:n + 1], ended(text)).item() for n, text in enumerate(("a", "aa"))]
    alone = risk(together[:1, :, :, :int(mask[0].any(0).sum())], None, ended("a")).item()
    assert risk(together, mask, ended("a", "aa")).item() == pytest.approx(sum(each) / 2, abs=1e-5)
    assert alone == pytest.approx(each[0], abs=1e-5)


def test_a_search_leaves_the_network_as_it_trains():
    risk = risk_of()
    risk.network.train()
    features, mask = memory(risk, (32, 64))
    loss = risk(features, mask, ended("a"))
    assert risk.network.generation.training and loss.requires_grad


def test_it_falls_where_it_is_asked_for(data, tmp_path):
    train(recipe(steps=60), data, tmp_path / "run")  # so that a beam finds what is right
    train(recipe(steps=20, log_every=5, minimum_risk=5.0, readings=4), data, tmp_path / "risk",
          start=tmp_path / "run" / "state.pt")
    found = [line["risk"] for line in lines(tmp_path / "risk", "train")]
    assert all(0.0 <= risk <= 1.0 for risk in found) and found[-1] < found[0]
    assert all(line["risk"] == 0.0 for line in lines(tmp_path / "run", "train"))


def test_frozen_parts_stay_as_they_are(data, tmp_path):
    first = train(recipe(steps=2), data, tmp_path / "first")
    second = train(recipe(steps=4, frozen=("extraction",)), data, tmp_path / "second", start=first)
    before, after = (checkpoint.load(path)["weights"] for path in (first, second))
    same = {name for name, value in before.items() if torch.equal(value, after[name])}
    own = {name for name in before if name.startswith("extraction.")}
    assert own and own <= same and not {name for name in same if name.startswith("generation.layers")}


@pytest.mark.parametrize(("settings", "message"), [
    ({"minimum_risk": -1.0}, "not negative"), ({"readings": 1}, "2 readings or more"),
    ({"minimum_risk": 1.0, "compile": True}, "not both"), ({"frozen": ("decoder",)}, "got decoder"),
    ({"frozen": ("extraction", "refinement", "generation")}, "not all")])
def test_nonsense_is_refused(settings, message):
    with pytest.raises(OptionError, match=message):
        recipe(**settings)


def test_frames_have_no_readings_to_risk():
    spec = dataclasses.replace(RECIPE.model, generation="ctc", generation_parameters={"width": 16})
    given = dataclasses.replace(RECIPE, model=spec)
    blank = Vocabulary.of(toy.LETTERS, blank=True)
    with pytest.raises(OptionError, match="ctc writes frames"):
        MinimumRisk(build(spec, blank), given, toy.NOTATION, blank)
