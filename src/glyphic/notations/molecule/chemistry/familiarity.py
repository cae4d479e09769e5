"""How usual a molecule is, whatever its picture says: the log of its prior probability, up to a constant.

A network that has seen some hundred thousand drawings takes OH for O- where the ink is faint, and loses an oxygen of a
sulfonyl. Chemists rarely draw a molecule that is not neutral, or an atom in surroundings that none of their others has.
Both are counted here: environments.tsv has, for each environment of an atom (the atom, its charge and hydrogens, its
bonds and neighbours), in how many molecules of ChEMBL and ZINC it occurs (`scripts/environments` writes it).
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any

from glyphic.core.errors import NotationError
from glyphic.notations.molecule.chemistry.interpretation import parsed

TABLE = "environments.tsv"
USUAL = 0.01  # an environment of so many molecules, or more, is no surprise
SEEN = 1e-5  # and none is rarer than this
WEIGHT = 0.65  # of an atom's surprise: neighbours share theirs
CHARGED = 4.0  # nats for each charge that nothing in the drawing balances


def log_prior(smiles: str) -> float:
    """A SMILES -> 0 for a molecule all of whose atoms are usual, less for others.

    Errors: NotationError for what is no SMILES; MissingExtraError without RDKit.
    """
    mol, table = parsed(smiles), _table()
    surprise = sum(max(0.0, math.log(USUAL / max(table.get(environment, 0.0), SEEN))) for environment in _all(mol))
    charge: int = abs(sum(atom.GetFormalCharge() for atom in mol.GetAtoms()))
    return -WEIGHT * surprise - CHARGED * charge


def environments(smiles: str) -> list[str]:
    """The environment of each atom of a SMILES, in its order; errors as in `log_prior`."""
    return list(_all(parsed(smiles)))


def table_of(smiles: Iterable[str]) -> tuple[int, Counter[str]]:
    """How many of a list of SMILES are molecules, and in how many of them each environment occurs."""
    counts: Counter[str] = Counter()
    molecules = 0
    for text in smiles:
        try:
            found = set(environments(text))
        except NotationError:
            continue
        molecules += 1
        counts.update(found)
    return molecules, counts


def _all(mol: Any) -> Iterator[str]:
    for atom in mol.GetAtoms():
        bonds = sorted(f"{_bond(bond)}{_atom(bond.GetOtherAtom(atom))}" for bond in atom.GetBonds())
        place = "a" if atom.GetIsAromatic() else "r" if atom.IsInRing() else ""
        yield f"{_atom(atom)}H{atom.GetTotalNumHs()}{place} {' '.join(bonds)}"


def _atom(atom: Any) -> str:
    charge = atom.GetFormalCharge()
    return f"{atom.GetSymbol()}{charge:+d}" if charge else str(atom.GetSymbol())


def _bond(bond: Any) -> str:
    return ":" if bond.GetIsAromatic() else {1.0: "-", 2.0: "=", 3.0: "#"}.get(bond.GetBondTypeAsDouble(), "~")


@cache
def _table() -> dict[str, float]:
    """Environment -> the share of molecules that have it."""
    text = resources.files(__package__).joinpath(TABLE).read_text(encoding="utf-8")
    total, *rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {environment: int(count) / int(total[1]) for environment, count in rows}
