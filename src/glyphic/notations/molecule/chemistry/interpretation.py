"""A drawing -> SMILES, InChI and molfile, all of one graph, and what is wrong with it (RDKit; the extra [chem]).

The molfile is written first, and RDKit reads SMILES and InChI from it: they cannot disagree. RDKit also decides what
wedges and the sides of double bonds say. A graph that no chemistry holds (a carbon with five bonds) keeps its molfile,
has neither SMILES nor InChI, and its problems say why.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from glyphic.core.errors import MissingExtraError, NotationError
from glyphic.notations.molecule.chemistry.abbreviations import Abbreviations
from glyphic.notations.molecule.chemistry.constitution import Constitution
from glyphic.notations.molecule.chemistry.expansion import expand
from glyphic.notations.molecule.chemistry.molfile import write
from glyphic.notations.molecule.graph import Drawing


@dataclass(frozen=True)
class Molecule:
    """What a drawing means. `smiles` (canonical, with stereo), `inchi` and `inchikey` are "" where there is none."""

    molfile: str
    smiles: str = ""
    inchi: str = ""
    inchikey: str = ""
    problems: tuple[str, ...] = ()
    graph: Constitution | None = None

    @property
    def valid(self) -> bool:
        """Whether RDKit holds it for a molecule; problems of reading (an unknown label) may stand beside that."""
        return bool(self.smiles)


def interpret(drawing: Drawing, table: Abbreviations | None = None, superatoms: str = "expanded") -> Molecule:
    """A drawing -> the molecule; `table` as expansion.expand has it, `superatoms` as molfile.write.

    Errors: MissingExtraError without RDKit (molfile.from_drawing needs none), NotationError beyond 999 atoms.
    """
    graph = expand(drawing, table)
    block = write(graph, superatoms)
    mol, wrong = _read(block)
    problems = (*graph.problems, *wrong)
    if mol is None:
        return Molecule(block, problems=problems, graph=graph)
    smiles = smiles_of(mol)
    if not smiles:
        return Molecule(block, problems=(*problems, "RDKit writes no SMILES of it that it reads again"), graph=graph)
    inchi, key = _inchi(mol)
    return Molecule(block, smiles, inchi, key, problems, graph)


def from_molfile(block: str) -> Molecule:
    """The text of a molfile, of any source -> what it means."""
    mol, wrong = _read(block)
    if mol is None:
        return Molecule(block, problems=wrong)
    return Molecule(block, smiles_of(mol), *_inchi(mol), problems=wrong)


@lru_cache(maxsize=65536)
def canonical(smiles: str, stereo: bool = True) -> str:
    """Any SMILES -> RDKit's canonical one, without atom maps; NotationError for what RDKit does not hold."""
    mol = parsed(smiles)
    result = smiles_of(mol, stereo)
    if not result:
        raise NotationError(f"RDKit writes no SMILES of {smiles!r} that it reads again", smiles)
    return result


@lru_cache(maxsize=65536)
def inchi_of(smiles: str) -> str:
    """Any SMILES -> the standard InChI; "" where InChI has none, as of open atoms; NotationError as `canonical`."""
    return _inchi(parsed(smiles))[0]


def parsed(smiles: str) -> Any:
    """A SMILES -> RDKit's molecule; NotationError for what it does not hold."""
    Chem = rdkit("reading SMILES")
    with silence():
        mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        raise NotationError(f"no molecule that RDKit holds has the SMILES {smiles!r}", smiles)
    return mol


def smiles_of(mol: Any, stereo: bool = True) -> str:
    """RDKit's molecule -> canonical SMILES, "" if RDKit does not read what it writes.

    It is written twice: RDKit's first SMILES of a molecule with stereo is not always that of the molecule read again.
    """
    Chem = rdkit("writing SMILES")
    with silence():
        copy = Chem.Mol(mol)
        for atom in copy.GetAtoms():
            atom.SetAtomMapNum(0)
        text: str = Chem.MolToSmiles(copy, isomericSmiles=True)
        if not stereo:
            flat = Chem.MolFromSmiles(text)
            if flat is None:
                return ""
            Chem.RemoveStereochemistry(flat)
            text = Chem.MolToSmiles(flat)
        for _ in range(2):
            again = Chem.MolFromSmiles(text)
            if again is None:
                return ""
            text = Chem.MolToSmiles(again)
    return text


def rdkit(purpose: str) -> Any:
    """The module rdkit.Chem; MissingExtraError, with what it is needed for, where it is not installed."""
    try:
        from rdkit import Chem
    except ImportError as error:
        raise MissingExtraError(purpose, "chem") from error
    return Chem


@contextmanager
def silence() -> Iterator[None]:
    """RDKit writes no messages inside of this."""
    from rdkit import rdBase

    with rdBase.BlockLogs():
        yield


def _read(block: str) -> tuple[Any, tuple[str, ...]]:
    """A molfile -> RDKit's molecule, or None and why there is none."""
    Chem = rdkit("SMILES and InChI")
    with silence():
        mol = Chem.MolFromMolBlock(block, sanitize=True, removeHs=True, strictParsing=False)
        if mol is not None:
            return _plain(mol), ()
        raw = Chem.MolFromMolBlock(block, sanitize=False, removeHs=False, strictParsing=False)
        if raw is None:
            return None, ("RDKit does not read the molfile",)
        raw.UpdatePropertyCache(strict=False)
        found = tuple(problem.Message() for problem in Chem.DetectChemistryProblems(raw))
    return None, found or ("RDKit does not hold it for a molecule",)


def _plain(mol: Any) -> Any:
    """Open atoms without the queries that readers of molfiles make of them, so that they are as SMILES has them."""
    Chem = rdkit("SMILES and InChI")
    if not any(atom.HasQuery() or not atom.GetAtomicNum() for atom in mol.GetAtoms()):
        return mol
    editable = Chem.RWMol(mol)
    for atom in mol.GetAtoms():
        if atom.GetAtomicNum() == 0:
            fresh = Chem.Atom(0)
            fresh.SetIsotope(atom.GetIsotope())
            fresh.SetFormalCharge(atom.GetFormalCharge())
            fresh.SetNoImplicit(True)
            editable.ReplaceAtom(atom.GetIdx(), fresh, preserveProps=False)
    return editable.GetMol()


def _inchi(mol: Any) -> tuple[str, str]:
    Chem = rdkit("InChI")
    if any(not atom.GetAtomicNum() for atom in mol.GetAtoms()):
        return "", ""
    with silence():
        try:
            inchi: str = Chem.MolToInchi(mol) or ""
        except ValueError:  # rare: what RDKit has read as aromatic, and cannot write as alternating bonds
            return "", ""
        key: str = Chem.InchiToInchiKey(inchi) or "" if inchi else ""
    return inchi, key
