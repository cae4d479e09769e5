"""Several bundles with + between their names read as one."""

import random

import numpy as np
import pytest

from glyphic.core.errors import OptionError, UnknownNameError
from glyphic.decoding.ensemble import Ensemble, FrameEnsemble, LookingEnsemble
from glyphic.reading import members
from glyphic.reading.recognizer import Recognizer
from tests import bars as toy

pytestmark = pytest.mark.usefixtures("bars")


def picture(text: str) -> np.ndarray:
    return toy.render(text, random.Random(0))


@pytest.mark.parametrize(("kind", "made"), [("step_bundle", LookingEnsemble), ("frame_bundle", FrameEnsemble)])
def test_a_model_joined_to_itself_reads_as_it_does_alone(kind, made, request):
    bundle = request.getfixturevalue(kind)
    alone = Recognizer(bundle, boxes=True)
    both = Recognizer(f"{bundle.folder}+{bundle.folder}", boxes=True)
    assert type(both.network) is made and both.name == "toy 1 + toy 1"
    for seed in range(4):
        given = picture(toy.sample(random.Random(seed)))
        one, other = alone.read(given), both.read(given)
        assert one.text == other.text and one.confidence == pytest.approx(other.confidence, abs=1e-5)
        assert [token.box for token in one.tokens] == [token.box for token in other.tokens]


def test_a_folder_whose_name_has_a_plus_is_one_model(tmp_path):
    folder = toy.write_step_bundle(tmp_path / "a+b").folder
    assert [bundle.folder for bundle in members.bundles(str(folder))] == [folder]


def test_models_that_cannot_read_as_one_are_refused(tmp_path, step_bundle, frame_bundle):
    with pytest.raises(OptionError, match="differ in their kind"):
        Recognizer(f"{step_bundle.folder}+{frame_bundle.folder}")
    wider = toy.write_step_bundle(tmp_path / "wider", input={"max_height": 64, "max_width": 512, "margin": 0,
                                                              "multiple": 16})
    with pytest.raises(OptionError, match="differ in their input"):
        Recognizer(f"{step_bundle.folder}+{wider.folder}")
    with pytest.raises(UnknownNameError, match="nothing"):
        Recognizer(f"{step_bundle.folder}+nothing")


def test_members_with_cells_of_other_sizes_do_not_say_where_they_look(tmp_path, step_bundle):
    other = toy.write_step_bundle(tmp_path / "other", stride=16)
    made = members.network((step_bundle, other), 1)
    assert type(made) is Ensemble
