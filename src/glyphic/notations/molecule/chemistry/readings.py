"""A text of the notation, or a SMILES -> SMILES, InChI and molfile; and how right a reading is as a molecule.

Labels of data sets are SMILES, readings are targets: both are taken for the molecule that they are. All of this needs
RDKit (the extra [chem]) but for the molfile.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import MissingExtraError, NotationError
from glyphic.core.notation import Metric
from glyphic.core.results import Check, Place
from glyphic.notations.molecule import ssml, target
from glyphic.notations.molecule.chemistry import balance, familiarity
from glyphic.notations.molecule.chemistry.interpretation import (
    Molecule,
    canonical,
    from_molfile,
    inchi_of,
    interpret,
    parsed,
    rdkit,
    silence,
)
from glyphic.notations.molecule.chemistry.molfile import from_drawing
from glyphic.notations.molecule.graph import Arrow, ArrowKind, Drawing, Plus, Scheme
from glyphic.notations.molecule.tokens import VOCABULARY

_SMILES = re.compile(r"[A-Za-z0-9@+\-\[\]()=#$:/\\.%*~]+")
RADIUS, BITS = 2, 2048  # of the Morgan fingerprints (ECFP4) that Tanimoto's coefficient compares


def is_smiles(text: str) -> bool:
    """Whether a label is a SMILES: one word, which no target of more than a token is. `N`, which is both, is the same
    molecule as both."""
    return bool(_SMILES.fullmatch(text)) and text not in VOCABULARY.ids and not ssml.is_ssml(text)


def molecule(text: str) -> Molecule:
    """A target or SSML string of one drawing -> what it means; NotationError for a line of a reaction."""
    scheme = _scheme(text)
    if len(scheme.parts) == 1 and isinstance(scheme.parts[0], Drawing):
        return interpret(scheme.parts[0])
    raise NotationError("this is the line of a reaction, not one drawing", text)


def to_smiles(text: str) -> str:
    """A target, SSML or SMILES -> canonical SMILES; a line with one arrow -> reaction SMILES (`A.B>reagents>C`).

    Errors: NotationError that names the problems of what is no molecule; MissingExtraError without RDKit.
    """
    if is_smiles(text):
        return canonical(text)
    scheme = _scheme(text)
    if len(scheme.parts) == 1 and isinstance(scheme.parts[0], Drawing):
        return _certain(interpret(scheme.parts[0]), text).smiles
    return _reaction(scheme, text)


def to_inchi(text: str) -> str:
    """A target, SSML or SMILES of one molecule -> standard InChI; "" for what InChI has none of (open atoms)."""
    return inchi_of(text) if is_smiles(text) else _certain(molecule(text), text).inchi


def to_molfile(text: str) -> str:
    """A target or SSML string of one drawing -> its molfile, also of what is no molecule; needs no RDKit."""
    scheme = _scheme(text)
    if len(scheme.parts) == 1 and isinstance(scheme.parts[0], Drawing):
        return from_drawing(scheme.parts[0])
    raise NotationError("a molfile holds one drawing; this is the line of a reaction", text)


def remarks(text: str) -> list[str]:
    """A target -> why it, or a drawing of a reaction's line, is no molecule to RDKit, and what could not be told of it.

    Words and formulas on a reaction's line are let be. Nothing without RDKit.
    """
    try:
        meanings = _meanings(text)
    except (MissingExtraError, NotationError):
        return []
    found = [("" if meant.valid else "no molecule: ") + problem for meant in meanings for problem in meant.problems]
    return list(dict.fromkeys(found))


def log_prior(text: str) -> float:
    """How likely what is drawn is, before any picture is seen; 0 for what cannot be told.

    Of a reaction's line, whether it is balanced (balance.py); of what else is drawn, how usual its atoms are
    (familiarity.py), -inf for what is no molecule to RDKit.
    """
    try:
        scheme = _scheme(text)
        if any(isinstance(part, Arrow) for part in scheme.parts):
            return balance.log_prior(scheme)
        meanings = _meanings(text)
        if not all(meant.valid for meant in meanings):
            return -math.inf
        return familiarity.log_prior(".".join(meant.smiles for meant in meanings)) if meanings else 0.0
    except (MissingExtraError, NotationError):
        return 0.0


def checks(text: str) -> tuple[Check, ...]:
    """Whether the line of a reaction is balanced: "balanced" or "unbalanced", with the atoms of its left side beside
    those of its right one. Nothing for other texts, nor where it cannot be told."""
    try:
        sides = balance.sides(_scheme(text))
    except NotationError:
        return ()
    if sides is None:
        return ()
    verdict = "balanced" if sides[0] == sides[1] else "unbalanced"
    left, right = map(balance.hill, sides)
    return (Check("equation", verdict, left, right, (0, len(text.split()))),)


@lru_cache(maxsize=256)
def _meanings(text: str) -> tuple[Molecule, ...]:
    """What the drawings of a text mean, without the words on a reaction's line; kept, for a beam's choice and the
    remarks on it ask for the same ones."""
    drawings = list(_scheme(text).drawings)
    return tuple(interpret(drawing) for drawing in drawings if drawing.bonds or len(drawings) == 1)


FORMATS = {"smiles": to_smiles, "inchi": to_inchi, "molfile": to_molfile}


def to_placed_molfile(text: str, places: Sequence[Place]) -> str:
    """As `to_molfile`, with the atoms where they stand in the picture (y upwards, bonds 1.5 long on average).

    places: of the text's atoms, in their order. Coordinates say what is left and right of a bond, so where the picture
    would be another molecule, which shaky lines and misplaced atoms may make of it, the atoms stand as the text has
    them. Without RDKit that is so as well: only it can tell.
    """
    plain = to_molfile(text)
    (drawing,) = _scheme(text).drawings
    if len(places) != len(drawing.atoms):
        return plain
    atoms = tuple(replace(atom, x=place.x, y=place.y) for atom, place in zip(drawing.atoms, places, strict=True))
    placed = from_drawing(replace(drawing, atoms=atoms))
    try:
        wanted, given = from_molfile(plain), from_molfile(placed)
    except MissingExtraError:
        return plain
    same = (given.smiles, given.problems) == (wanted.smiles, wanted.problems)
    return placed if same else plain


PLACED_FORMATS = {"molfile": to_placed_molfile}


def _scheme(text: str) -> Scheme:
    return ssml.read(text) if ssml.is_ssml(text) else target.to_scheme(text)


def _certain(found: Molecule, text: str) -> Molecule:
    if not found.valid:
        raise NotationError(f"no molecule is drawn like this: {'; '.join(found.problems)}", text)
    return found


def _reaction(scheme: Scheme, text: str) -> str:
    arrows = [i for i, part in enumerate(scheme.parts) if isinstance(part, Arrow)]
    if len(arrows) != 1:
        raise NotationError(f"reaction SMILES has one arrow; this line has {len(arrows)}", text)
    arrow = scheme.parts[arrows[0]]
    sides = [[_certain(interpret(part), text).smiles for part in parts if isinstance(part, Drawing)]
             for parts in (scheme.parts[:arrows[0]], scheme.parts[arrows[0] + 1:])]
    if isinstance(arrow, Arrow) and arrow.kind in (ArrowKind.LEFT, ArrowKind.RETRO):
        sides.reverse()
    above = [part for part in (*arrow.above, *arrow.below) if not isinstance(part, Plus)] if isinstance(
        arrow, Arrow) else []
    agents = [found.smiles for found in map(interpret, above) if found.valid and not found.problems]  # not 80 °C
    return ">".join((".".join(sides[0]), ".".join(agents), ".".join(sides[1])))


# ---- metrics: each compares two texts, of which either may be a target or a SMILES


@lru_cache(maxsize=65536)
def _smiles(text: str, stereo: bool = True) -> str:
    """Canonical SMILES, "" for what is no molecule."""
    try:
        smiles = to_smiles(text)
        return smiles if stereo or ">" in smiles else canonical(smiles, False)
    except NotationError:
        return ""


class SmilesMatch:
    """Share of readings whose canonical SMILES (RDKit) is the label's; without stereo if so asked."""

    def __init__(self, stereo: bool = True):
        self.stereo = stereo

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        wanted = _smiles(reference, self.stereo)
        return float(bool(wanted) and _smiles(prediction, self.stereo) == wanted), 1.0

    def value(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(sums[..., 0] / np.maximum(sums[..., 1], 1.0))


class InchiMatch(SmilesMatch):
    """Share of readings whose standard InChI is the label's, so that tautomers count as right; where the label has no
    InChI, for it has open atoms, canonical SMILES decide."""

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        wanted, given = _smiles(reference), _smiles(prediction)
        if not wanted or not given or wanted == given or ">" in wanted + given:
            return float(bool(wanted) and wanted == given), 1.0
        inchi = inchi_of(wanted)
        return float(bool(inchi) and inchi_of(given) == inchi), 1.0


class Tanimoto(SmilesMatch):
    """Mean Tanimoto coefficient of the Morgan fingerprints (radius 2, 2048 bits; Rogers and Hahn 2010) of reading and
    label; 0 for a reading that is no molecule."""

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        return _similarity(_smiles(prediction), _smiles(reference)), 1.0


class Valid(SmilesMatch):
    """Share of readings that RDKit holds for molecules, right or wrong."""

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        return float(bool(_smiles(prediction))), 1.0


def _similarity(given: str, wanted: str) -> float:
    rdkit("Tanimoto's coefficient")
    from rdkit.Chem import rdFingerprintGenerator
    from rdkit.DataStructs import TanimotoSimilarity

    if not given or not wanted or ">" in given + wanted:
        return float(bool(given) and given == wanted)
    with silence():
        generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=BITS)
        return float(TanimotoSimilarity(*(generator.GetFingerprint(parsed(smiles)) for smiles in (given, wanted))))


METRICS: dict[str, Metric] = {"exact": SmilesMatch(), "exact_no_stereo": SmilesMatch(stereo=False),
                              "inchi": InchiMatch(), "tanimoto": Tanimoto(), "valid": Valid()}
