"""A molecule of RDKit -> the same with some of its groups as one atom each, that bears their abbreviation.

The atom of a group that its bond reaches stays where it is in the list of atoms, so that the stereo of its neighbour is
as it was; it becomes an open atom (atomic number 0) with the property LABEL.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from glyphic.notations.molecule.chemistry.abbreviations import Abbreviation, Abbreviations
from glyphic.notations.molecule.chemistry.interpretation import rdkit, silence

TWO_FACED = frozenset(["NCO", "OCN", "NCS", "SCN"])  # from the other side each is another group: they are drawn out
LABEL = "_glyphic_label"  # the property of an atom that stands for a group: the spelling of the group, not turned


@dataclass(frozen=True)
class Group:
    """A place where a group may be contracted: the entry, the atom that its bonds reach, all of its atoms, those next
    to it."""

    entry: Abbreviation
    anchor: int
    atoms: frozenset[int]
    outside: frozenset[int]


def groups(mol: Any, table: Abbreviations) -> list[Group]:
    """All places in a sanitized molecule, overlapping ones too, where a group of the table hangs at the rest."""
    result = []
    with silence():
        for entry, query, stars in _queries(table):
            if TWO_FACED & set(entry.names):
                continue
            for match in mol.GetSubstructMatches(query, uniquify=True, maxMatches=64):
                inside = frozenset(atom for i, atom in enumerate(match) if i not in stars)
                anchor = match[query.GetAtomWithIdx(stars[0]).GetNeighbors()[0].GetIdx()]
                if all(_same(mol.GetAtomWithIdx(match[atom.GetIdx()]), atom)
                       for atom in query.GetAtoms() if atom.GetIdx() not in stars):
                    outside = frozenset(match[star] for star in stars)
                    if not any(mol.GetBondBetweenAtoms(anchor, star).GetStereo() in _told() for star in outside):
                        result.append(Group(entry, anchor, inside, outside))
    return result


def chosen(places: Sequence[Group], share: float, rng: random.Random) -> list[Group]:
    """Some of the places, each with the probability `share` while its atoms are free; frequent names come first."""
    order = sorted(places, key=lambda place: rng.random() ** (1.0 / place.entry.weight), reverse=True)
    taken: set[int] = set()
    near: set[int] = set()  # atoms next to a group: they stay
    result = []
    for place in order:
        if place.atoms & (taken | near) or place.outside & taken or rng.random() >= share:
            continue
        taken |= place.atoms
        near |= place.outside
        result.append(place)
    return result


def contracted(mol: Any, places: Sequence[Group], rng: random.Random) -> Any:
    """A kekulized molecule and disjoint places -> a molecule in which each of them is one atom with its label."""
    Chem = rdkit("drawing molecules")
    editable = Chem.RWMol(mol)
    gone: set[int] = set()
    for place in places:
        names = place.entry.names
        name = names[0] if len(names) == 1 or rng.random() < 0.6 else rng.choice(names)
        atom = editable.GetAtomWithIdx(place.anchor)
        atom.SetAtomicNum(0)
        atom.SetFormalCharge(0)
        atom.SetNumExplicitHs(0)
        atom.SetNoImplicit(True)
        atom.SetIsAromatic(False)
        atom.SetProp(LABEL, name)
        gone |= place.atoms - {place.anchor}
    editable.BeginBatchEdit()
    for index in gone:
        editable.RemoveAtom(index)
    editable.CommitBatchEdit()
    result = editable.GetMol()
    result.UpdatePropertyCache(strict=False)
    Chem.FastFindRings(result)
    return result


@lru_cache(maxsize=8)
def _queries(table: Abbreviations) -> list[tuple[Abbreviation, Any, list[int]]]:
    """For each group that hangs at one atom: what finds it, and which of its atoms are outside of it."""
    Chem = rdkit("drawing molecules")
    result = []
    for entry in table.entries:
        if not entry.weight or len({atom for atom, _ in entry.fragment.ends}) != 1 or "." in entry.smiles:
            continue
        mol = Chem.MolFromSmiles(entry.smiles)
        settings = Chem.AdjustQueryParameters.NoAdjustments()
        settings.adjustDegree = True
        settings.adjustDegreeFlags = Chem.ADJUST_IGNOREDUMMIES
        settings.adjustRingCount = True
        settings.adjustRingCountFlags = Chem.ADJUST_IGNOREDUMMIES
        settings.makeDummiesQueries = True
        stars = [atom.GetIdx() for atom in mol.GetAtoms() if not atom.GetAtomicNum()]
        if len(stars) > 1:  # NMe may stand in a ring
            settings.adjustRingCount = False
        result.append((entry, Chem.AdjustQueryProperties(mol, settings), stars))
    return result


def _same(atom: Any, wanted: Any) -> bool:
    """Whether an atom is the one of the group in what queries leave open."""
    return bool(atom.GetFormalCharge() == wanted.GetFormalCharge() and atom.GetIsotope() == wanted.GetIsotope()
                and atom.GetTotalNumHs() == wanted.GetTotalNumHs() and not atom.GetNumRadicalElectrons()
                and not atom.GetChiralTag() and atom.GetAtomicNum() == wanted.GetAtomicNum()
                and not any(bond.GetStereo() in _told() for bond in atom.GetBonds()))


@lru_cache(maxsize=1)
def _told() -> frozenset[Any]:
    Chem = rdkit("drawing molecules")
    kinds = Chem.BondStereo
    return frozenset([kinds.STEREOE, kinds.STEREOZ, kinds.STEREOCIS, kinds.STEREOTRANS])
