"""What fits its picture is believed; letters, other pictures and ink that no atom explains are not."""

import numpy as np
import pytest

from glyphic.core.notation import Sight
from glyphic.core.results import Place
from glyphic.notations.molecule import target
from glyphic.notations.molecule.plausibility import doubts
from tests.notations.molecule.drawings import pictured
from tests.notations.molecule.test_placement import TARGETS


def doubted(text: str, picture: np.ndarray, points: np.ndarray) -> str:
    texts = [atom.text for drawing in target.to_scheme(text).drawings for atom in drawing.atoms]
    placed = [Place(name, x, y) for name, (x, y) in zip(texts, points, strict=True)]
    return "; ".join(doubts(Sight(tuple(text.split()), np.zeros((0, 2)), picture), placed))


@pytest.mark.parametrize("text", TARGETS)
def test_a_drawing_that_is_read_as_it_is_raises_no_doubt(text):
    assert not doubted(text, *pictured(target.to_drawing(text)))


@pytest.mark.parametrize("text", TARGETS)
def test_bonds_beside_the_ink_are_doubted(text):
    picture, points = pictured(target.to_drawing(text))
    turned = (points - points.mean(0))[:, ::-1] * (0.6, -0.6) + points.mean(0)
    assert "along ink" in doubted(text, picture, turned)


def test_ink_that_nothing_explains_is_doubted():
    picture, points = pictured(target.to_drawing(TARGETS[0]))
    beside = np.ones((picture.shape[0], 400), np.float32)
    beside[10:-10:9, ::5] = beside[11:-10:9, ::5] = beside[10:-10:9, 1::5] = 0.0
    assert "of the ink lies" in doubted(TARGETS[0], np.concatenate((picture, beside), axis=1), points)


def test_a_photograph_is_doubted():
    picture, points = pictured(target.to_drawing(TARGETS[0]))
    dark = np.where(np.random.default_rng(0).random(picture.shape) < 0.5, 0.0, picture).astype(np.float32)
    assert "is ink" in doubted(TARGETS[0], dark, points)


def test_bonds_of_all_lengths_are_doubted():
    picture, points = pictured(target.to_drawing(TARGETS[3]))
    crumpled = points[:1] + np.array([(x, 0.0) for x in (0, 20, 40, 41, 61, 121)])
    assert "shorter or longer" in doubted(TARGETS[3], picture, crumpled)


@pytest.mark.parametrize("text", ["H 2 O", "T h e & f o x & i s", "[:0] & O & N & C l & S"])
def test_letters_without_bonds_are_doubted_by_the_text_alone(text):
    assert doubts(Sight(tuple(text.split()), np.zeros((0, 2)), np.ones((20, 60), np.float32)), ())


def test_a_reaction_may_have_formulas_alone():
    line = "H Cl + N a O H -> N a Cl + H 2 O"
    assert not doubts(Sight(tuple(line.split()), np.zeros((0, 2)), np.ones((20, 60), np.float32)), ())
