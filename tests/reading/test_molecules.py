"""The reading of a molecule says where its atoms are, what is wrong with it, and when it fits no picture."""

import builtins
import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

from glyphic.core.options import DecodingOptions, InputSpec
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.ensemble import Ensemble, LookingEnsemble
from glyphic.notations.molecule import NOTATION, target
from glyphic.notations.molecule.tokens import VOCABULARY
from glyphic.reading.bundle import Bundle
from glyphic.reading.recognizer import DOUBTED, Recognizer
from tests.notations.molecule.drawings import pictured
from tests.notations.molecule.test_placement import TARGETS, UNIT, looks

BUNDLE = Bundle(Path("nowhere"), "toy", "1", "molecule", "step", VOCABULARY, InputSpec(
    max_height=512, max_width=512, margin=8, multiple=8), DecodingOptions(max_tokens=120), (8, 8))
PENTAVALENT = ("branch( [:0] F branch) branch( [:60] F branch) branch( [:120] F branch) branch( [:180] F branch) "
               "[:240] F")

needs_rdkit = pytest.mark.skipif(not importlib.util.find_spec("rdkit"), reason="needs rdkit: pip install "
                                                                              "'glyphic[chem]'")


class Knowing:
    """A step model that writes one target, sure of it by `share`, and looks where its atoms are in its picture."""

    def __init__(self, text: str, points: np.ndarray, share: float = 0.9, vocabulary: Vocabulary = VOCABULARY):
        self.tokens, self.share, self.vocabulary = vocabulary.encode(text.split()), share, vocabulary
        self.points = looks(text, points)

    def encode(self, images):
        self.shape = np.shape(images[0])[-2:]
        return np.zeros(len(images), int)

    def step(self, tokens, state):
        rest = (1 - self.share) / (len(self.vocabulary) - 1)
        rows = np.full((len(state), len(self.vocabulary)), math.log(rest), np.float32)
        for row, place in zip(rows, state, strict=True):
            row[self.tokens[place] if place < len(self.tokens) else self.vocabulary.eos] = math.log(self.share)
        return rows, state + 1

    def select(self, state, rows):
        return state[rows]

    def attention(self, tokens, state, row):
        """A blur around the points: the picture is fitted with a margin of eight pixels less its own."""
        y, x = np.indices((self.shape[0] // 8, self.shape[1] // 8)) * 8 + 4.0
        seen = self.points[:len(tokens), None, None] + self.shift
        far = (x - seen[..., 0])**2 + (y - seen[..., 1])**2
        return (1e-6 + np.exp(-far / 128)).reshape(len(tokens), -1).astype(np.float32)

    shift = 0.0


def reader(text: str, points: np.ndarray, share: float = 0.9, **options) -> Recognizer:
    return Recognizer(BUNDLE, network=Knowing(text, points, share), notation=NOTATION, **options)


def read(text: str, share: float = 0.9, **options):
    """The reading of the picture of a target, and where its atoms are."""
    picture, points = pictured(target.to_drawing(text))
    made = reader(text, points, share, **options)
    ink = picture < 0.6
    first = np.array((ink.any(0).argmax(), ink.any(1).argmax()))
    made.network.shift = 8.0 - first  # from pixels of the picture to fitted ones
    return made.read(np.round(255 * picture).astype(np.uint8)), points


@pytest.mark.parametrize("text", TARGETS)
def test_each_atom_says_where_it_is_in_the_given_picture(text):
    reading, points = read(text)
    assert reading.text == text and not reading.warnings and reading.confidence > NOTATION.unsure
    found = np.array([(place.x, place.y) for place in reading.places])
    assert np.hypot(*(found - points).T).max() < 0.25 * UNIT
    told = reading.to_json()["places"]
    assert [one["text"] for one in told] == [atom.text for atom in target.to_drawing(text).atoms]
    assert told[0]["x"] == pytest.approx(points[0, 0], abs=0.25 * UNIT)


def test_without_boxes_the_reading_is_the_same_but_for_its_places():
    reading, _ = read(TARGETS[0], boxes=False)
    assert reading.text == TARGETS[0] and reading.places == () and not reading.warnings


@needs_rdkit
@pytest.mark.parametrize("text", TARGETS)
def test_the_molfile_has_the_places_and_is_the_same_molecule_as_the_smiles(text):
    from rdkit import Chem

    reading, points = read(text, formats=["molfile", "smiles"])
    mol = Chem.MolFromMolBlock(reading.formats["molfile"])
    assert Chem.CanonSmiles(Chem.MolToSmiles(mol)) == reading.formats["smiles"]
    lengths = [(mol.GetConformer().GetAtomPosition(b.GetBeginAtomIdx())
                - mol.GetConformer().GetAtomPosition(b.GetEndAtomIdx())).Length() for b in mol.GetBonds()]
    assert np.mean(lengths) == pytest.approx(1.5, rel=0.1)
    if all(len(atom.text) < 2 for atom in target.to_drawing(text).atoms):
        xy = mol.GetConformer().GetPositions()[:, :2] * (1, -1)
        wanted = points - points.mean(0)
        turned = (xy - xy.mean(0)) * (np.linalg.norm(wanted) / np.linalg.norm(xy - xy.mean(0)))
        assert np.abs(turned - wanted).max() < 0.3 * UNIT


@needs_rdkit
def test_what_rdkit_refuses_says_why_and_keeps_its_text_and_molfile():
    reading, _ = read(PENTAVALENT, formats=["molfile", "smiles"])
    assert any("no molecule" in warning and "valence" in warning for warning in reading.warnings)
    assert reading.text == PENTAVALENT and "V2000" in reading.formats["molfile"] and "smiles" not in reading.formats
    assert reading.confidence > NOTATION.unsure, "the picture was read well"


def test_without_rdkit_there_is_the_text_and_the_molfile(monkeypatch):
    honest = builtins.__import__

    def without(name, *rest):
        if name.split(".")[0] == "rdkit":
            raise ImportError("no rdkit here")
        return honest(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    reading, points = read(TARGETS[0], formats=["molfile", "smiles"])
    assert reading.text == TARGETS[0] and "V2000" in reading.formats["molfile"] and len(reading.places) == len(points)
    (warning,) = reading.warnings
    assert warning.startswith("no smiles") and "[chem]" in warning


@pytest.mark.parametrize("other", TARGETS[1::2])
def test_a_reading_that_does_not_fit_its_picture_is_neither_confident_nor_without_a_warning(other):
    picture, _ = pictured(target.to_drawing(other))
    _, points = pictured(target.to_drawing(TARGETS[0]))
    reading = reader(TARGETS[0], points).read(np.round(255 * picture).astype(np.uint8))
    assert reading.text == TARGETS[0] and reading.confidence <= DOUBTED < NOTATION.unsure
    assert "doubtful (confidence 0.90 before this)" in reading.warnings[0]


def test_a_picture_of_words_is_not_read_with_confidence():
    words = np.full((40, 160), 255, np.uint8)
    words[12:28, 10:150:9] = words[12:28, 11:151:9] = 0
    reading = reader("T h e & f o x", np.full((2, 2), 20.0)).read(words)
    assert reading.confidence <= DOUBTED and "no bond" in reading.warnings[0]


@pytest.mark.parametrize("width", [1, 4])
def test_an_ensemble_of_molecule_readers_reads_and_looks(width):
    picture, points = pictured(target.to_drawing(TARGETS[1]))
    sure, other = Knowing(TARGETS[1], points, 0.9), Knowing(TARGETS[1], points + 3.0, 0.5)
    ink = picture < 0.6
    sure.shift = other.shift = 8.0 - np.array((ink.any(0).argmax(), ink.any(1).argmax()))
    given = np.round(255 * picture).astype(np.uint8)
    both = Recognizer(BUNDLE, network=LookingEnsemble((sure, other)), notation=NOTATION, beam_width=width).read(given)
    assert both.text == TARGETS[1] and both.confidence == pytest.approx(0.7, abs=0.02)
    assert len(both.places) == len(points)
    blind = Recognizer(BUNDLE, network=Ensemble((sure, other)), notation=NOTATION).read(given)
    assert blind.text == both.text and blind.places == ()


class Babbling:
    """Probabilities of the next token from a hash of those before it: what an untrained network writes."""

    def __init__(self, seed: int):
        self.seed = seed

    def encode(self, images):
        return [()] * len(images)

    def step(self, tokens, state):
        state = [(*before, int(token)) for before, token in zip(state, tokens, strict=True)]
        raw = np.stack([np.random.default_rng([self.seed, *before]).normal(size=len(VOCABULARY)) * 2
                        for before in state])
        return (raw - np.logaddexp.reduce(raw, axis=1, keepdims=True)).astype(np.float32), state

    def select(self, state, rows):
        return [state[row] for row in rows]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("width", [1, 4])
def test_whatever_a_network_writes_a_beam_under_the_grammar_writes_molecules(seed, width):
    given = np.round(255 * pictured(target.to_drawing(TARGETS[0]))[0]).astype(np.uint8)
    made = Recognizer(BUNDLE, network=Babbling(seed), notation=NOTATION, beam_width=width, max_tokens=40,
                      alternatives=width - 1)
    reading = made.read(given)
    for text in (reading.text, *(other.text for other in reading.alternatives)):
        assert target.canonical(text) == text and target.to_scheme(text).parts
    assert reading.confidence < NOTATION.unsure and reading.warnings
