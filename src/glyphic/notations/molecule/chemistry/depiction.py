"""SMILES -> a drawing of it, as papers and patents draw: for training data and previews (RDKit; the extra [chem]).

What is drawn can be read back: `interpretation.interpret(depict(smiles, rng)).smiles` is the canonical SMILES, but for
some double bonds of large rings, whose cis or trans no layout shows (2 of 1,600 molecules rich in stereo). Where stereo
is not given, double bonds are crossed or have a wavy bond beside them, unless the style says that they are drawn plain
as if one knew; then what is drawn says more than the SMILES does, and the label is what `interpret` reads.
"""

import math
import random
from dataclasses import dataclass
from typing import Any

from glyphic.core.errors import OptionError
from glyphic.notations.molecule import texts
from glyphic.notations.molecule.chemistry.abbreviations import Abbreviations, built_in
from glyphic.notations.molecule.chemistry.condensed import turned
from glyphic.notations.molecule.chemistry.contraction import LABEL, chosen, contracted, groups
from glyphic.notations.molecule.chemistry.interpretation import parsed, rdkit, silence
from glyphic.notations.molecule.chemistry.kekule import matching
from glyphic.notations.molecule.graph import Atom, Bond, BondKind, Circle, Drawing, circle_around

_H_FIRST = frozenset(["O", "S", "Se", "Te", "F", "Cl", "Br", "I"])  # H2O, HCl; but NH3, CH4
_ASIDE = 0.135  # of a bond: a neighbour that is less far to the right is above or below; half of a target's 15 degrees


@dataclass(frozen=True)
class Style:
    """How to draw. Shares are probabilities in [0, 1].

    abbreviations: of each group that has a name, to be contracted. methyls: of a drawing, to write CH3 or Me out.
    circles: of a drawing, to have aromatic circles. stacked: of an NH in a chain, to have its H above or below.
    turn: "none", "any" (angle and mirror image), "steps" (of 30 degrees).
    untold: how double bonds without stereo are drawn: "crossed", "wavy" or "plain". layout: "rdkit" (but for cages with
    stereo) or "coordgen".
    """

    abbreviations: float = 0.0
    methyls: float = 0.0
    circles: float = 0.0
    stacked: float = 0.0
    turn: str = "none"
    untold: str = "crossed"
    layout: str = "rdkit"

    def __post_init__(self) -> None:
        for name in ("abbreviations", "methyls", "circles", "stacked"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise OptionError(f"{name} is a probability in [0, 1]; got {getattr(self, name)}")
        for name, words in (("turn", ("none", "any", "steps")), ("untold", ("crossed", "wavy", "plain")),
                            ("layout", ("rdkit", "coordgen"))):
            if getattr(self, name) not in words:
                raise OptionError(f"{name} is one of {', '.join(words)}; got {getattr(self, name)!r}")


def depict(smiles: str, rng: random.Random, style: Style | None = None, table: Abbreviations | None = None) -> Drawing:
    """A SMILES -> a drawing; the unit of length is about one bond.

    table: the abbreviations, those of the package if none is given.
    Errors: NotationError for what RDKit does not hold, MissingExtraError without RDKit.
    """
    return depict_mol(parsed(smiles), rng, style, table)


def depict_mol(mol: Any, rng: random.Random, style: Style | None = None,
               table: Abbreviations | None = None) -> Drawing:
    """As `depict`, of a sanitized molecule of RDKit, which stays as it is."""
    style, table = style or Style(), table or built_in()
    Chem = rdkit("drawing molecules")
    with silence():
        places = []
        methyls = rng.random() < style.methyls
        if style.abbreviations or methyls:
            found = groups(mol, table)
            small = [place for place in found if len(place.atoms) == 1 and place.entry.smiles == "*C"]
            if style.abbreviations:
                places = chosen([place for place in found if place not in small], style.abbreviations, rng)
            taken = {atom for place in places for atom in place.atoms | place.outside}
            if methyls:
                free = [place for place in small if not (place.atoms | place.outside) & taken]
                names = rng.choice(("CH3", "Me"))
                places += [place for place in free if names in place.entry.names]
        untold = _untold(mol)
        mol = Chem.Mol(mol)
        for i, j in untold:
            mol.GetBondBetweenAtoms(i, j).SetProp("_untold", "")
        aromatic = [ring for ring in mol.GetRingInfo().AtomRings()
                    if len(ring) in (5, 6) and all(mol.GetAtomWithIdx(i).GetIsAromatic() for i in ring)]
        for number, ring in enumerate(aromatic):
            for i in ring:
                mol.GetAtomWithIdx(i).SetProp(f"_ring{number}", "")
        Chem.Kekulize(mol, clearAromaticFlags=True)
        mol = contracted(mol, places, rng)
        _lay_out(mol, style, rng)
        Chem.WedgeMolBonds(mol, mol.GetConformer())
    rings = []
    if rng.random() < style.circles:
        kept = [[atom.GetIdx() for atom in mol.GetAtoms() if atom.HasProp(f"_ring{number}")]
                for number in range(len(aromatic))]
        rings = _circled(mol, [ring for ring, whole in zip(kept, aromatic, strict=True) if len(ring) == len(whole)])
    return _drawing(mol, rings, rng, style, table)


def with_stereo(mol: Any, rng: random.Random, share: float = 1.0) -> Any:
    """A molecule of RDKit -> a copy in which each free stereocentre and double bond is decided with this chance."""
    Chem = rdkit("drawing molecules")
    mol = Chem.Mol(mol)
    with silence():
        for info in Chem.FindPotentialStereo(mol):
            if info.specified == Chem.StereoSpecified.Specified or rng.random() >= share:
                continue
            if info.type == Chem.StereoType.Atom_Tetrahedral:
                tags = Chem.ChiralType
                mol.GetAtomWithIdx(info.centeredOn).SetChiralTag(
                    rng.choice((tags.CHI_TETRAHEDRAL_CW, tags.CHI_TETRAHEDRAL_CCW)))
            elif info.type == Chem.StereoType.Bond_Double:
                bond = mol.GetBondWithIdx(info.centeredOn)
                ends = list(info.controllingAtoms)
                if ends[0] < mol.GetNumAtoms() and ends[2] < mol.GetNumAtoms():
                    bond.SetStereoAtoms(ends[0], ends[2])
                    bond.SetStereo(rng.choice((Chem.BondStereo.STEREOCIS, Chem.BondStereo.STEREOTRANS)))
        again = Chem.MolFromSmiles(Chem.MolToSmiles(mol))  # drops what decided nothing
    return mol if again is None else again


def _untold(mol: Any) -> list[tuple[int, int]]:
    """The double bonds that might be cis or trans and are not said to be."""
    Chem = rdkit("drawing molecules")
    result = []
    for info in Chem.FindPotentialStereo(Chem.Mol(mol), cleanIt=False):
        if info.type == Chem.StereoType.Bond_Double and info.specified != Chem.StereoSpecified.Specified:
            bond = mol.GetBondWithIdx(info.centeredOn)
            result.append((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()))
    return result


def _lay_out(mol: Any, style: Style, rng: random.Random) -> None:
    from rdkit.Chem import rdCoordGen, rdDepictor

    if style.layout == "coordgen" or _caged(mol):
        rdCoordGen.AddCoords(mol)
    else:
        rdDepictor.Compute2DCoords(mol, canonOrient=True)
    if style.turn == "none":
        return
    angle = rng.uniform(0, 2 * math.pi) if style.turn == "any" else math.radians(30 * rng.randrange(12))
    mirror = rng.choice((1, -1))
    cos, sin = math.cos(angle), math.sin(angle)
    conformer = mol.GetConformer()
    for i in range(mol.GetNumAtoms()):
        point = conformer.GetAtomPosition(i)
        x, y = point.x * mirror, point.y
        conformer.SetAtomPosition(i, (x * cos - y * sin, x * sin + y * cos, 0.0))


def _caged(mol: Any) -> bool:
    """Whether there are bridges and stereocentres: RDKit's own layout may show another stereo then."""
    from rdkit.Chem import rdMolDescriptors

    chiral = any(atom.GetChiralTag() for atom in mol.GetAtoms())
    return chiral and bool(rdMolDescriptors.CalcNumBridgeheadAtoms(mol))


def _circled(mol: Any, rings: list[list[int]]) -> list[list[int]]:
    """Those aromatic rings that circles may stand for: read back, each double bond is one again."""
    result = [_around(mol, ring) for ring in rings]
    while True:
        edges = {frozenset(pair) for ring in result for pair in zip(ring, (*ring[1:], ring[0]), strict=True)}
        double = {frozenset((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())) for bond in mol.GetBonds()
                  if bond.GetBondTypeAsDouble() == 2.0}
        held = {atom for edge in double & edges for atom in edge}
        fit = [ring for ring in result if all(i in held or _pyrrolic(mol, i) for i in ring)]
        if len(fit) == len(result):
            break
        result = fit
    if len(matching([(a, b) for a, b in map(tuple, edges)], sorted(held))) < len(held):
        return []
    return result


def _pyrrolic(mol: Any, i: int) -> bool:
    atom = mol.GetAtomWithIdx(i)
    if atom.GetAtomicNum() in (8, 16, 34):
        return not atom.GetFormalCharge()
    return atom.GetAtomicNum() == 7 and not atom.GetFormalCharge() and atom.GetDegree() + atom.GetTotalNumHs() == 3


def _around(mol: Any, ring: list[int]) -> list[int]:
    """The atoms of a ring in their order around it."""
    result, left = [ring[0]], set(ring[1:])
    while left:
        around = [atom.GetIdx() for atom in mol.GetAtomWithIdx(result[-1]).GetNeighbors()]
        result.append(next(i for i in around if i in left))
        left.remove(result[-1])
    return result


def _drawing(mol: Any, rings: list[list[int]], rng: random.Random, style: Style,
             table: Abbreviations) -> Drawing:
    Chem = rdkit("drawing molecules")
    conformer = mol.GetConformer()
    points = [(conformer.GetAtomPosition(i).x / 1.5, -conformer.GetAtomPosition(i).y / 1.5)
              for i in range(mol.GetNumAtoms())]
    circled = {frozenset(pair) for ring in rings for pair in zip(ring, (*ring[1:], ring[0]), strict=True)}
    kinds = {Chem.BondType.DOUBLE: BondKind.DOUBLE, Chem.BondType.TRIPLE: BondKind.TRIPLE,
             Chem.BondType.QUADRUPLE: BondKind.QUADRUPLE, Chem.BondType.DATIVE: BondKind.DATIVE}
    bonds, waves = [], set()
    for bond in mol.GetBonds():
        begin, end = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        kind = kinds.get(bond.GetBondType(), BondKind.SINGLE)
        if frozenset((begin, end)) in circled:
            kind = BondKind.SINGLE
        elif bond.GetBondDir() == Chem.BondDir.BEGINWEDGE:
            kind = BondKind.WEDGE
        elif bond.GetBondDir() == Chem.BondDir.BEGINDASH:
            kind = BondKind.HASH
        elif bond.HasProp("_untold") and style.untold != "plain":
            wave = _wave(mol, bond) if style.untold == "wavy" else None
            if wave is None:
                kind = BondKind.CROSSED
            else:
                waves.add(wave)
        bonds.append(Bond(begin, end, kind))
    bonds = [Bond(bond.begin, bond.end, BondKind.WAVY) if i in waves else bond for i, bond in enumerate(bonds)]
    atoms = []
    for atom in mol.GetAtoms():
        x, y = points[atom.GetIdx()]
        around = [points[other.GetIdx()] for other in atom.GetNeighbors()]
        right = bool(around) and all(px - x > _ASIDE for px, _ in around)
        between = len(around) > 1 and not right and any(px - x > _ASIDE for px, _ in around)
        atoms.append(Atom(_text(atom, right, between, rng, style, table), x, y))
    circles: tuple[Circle, ...] = tuple(circle_around(atoms, ring) for ring in rings)
    return Drawing(tuple(atoms), tuple(bonds), circles)


def _wave(mol: Any, double: Any) -> int | None:
    """A plain single bond at an untold double bond that may be wavy: one to an atom that no other such bond is at."""
    Chem = rdkit("drawing molecules")
    for atom in (double.GetBeginAtom(), double.GetEndAtom()):
        for bond in atom.GetBonds():
            other = bond.GetOtherAtom(atom)
            if (bond.GetBondType() == Chem.BondType.SINGLE and bond.GetBondDir() == Chem.BondDir.NONE
                    and not bond.IsInRing() and not other.GetChiralTag()
                    and not any(b.GetBondTypeAsDouble() == 2.0 for b in other.GetBonds())):
                return int(bond.GetIdx())
    return None


def _text(atom: Any, right: bool, between: bool, rng: random.Random, style: Style, table: Abbreviations) -> str:
    """The text of an atom; right: all of its bonds go to the right, and it is written towards the left."""
    if atom.HasProp(LABEL):
        label = atom.GetProp(LABEL)
        return texts.canonical(turned(label, table) if right else label)
    symbol, hydrogens, charge = atom.GetSymbol(), atom.GetTotalNumHs(), atom.GetFormalCharge()
    isotope, radical = atom.GetIsotope(), atom.GetNumRadicalElectrons()
    if symbol == "*":
        if not isotope:
            return rng.choice(("R", "R", "*", "X", "Ar"))
        return texts.canonical(f"R^{{{isotope}}}" if rng.random() < 0.5 else f"R{isotope}")
    if symbol == "C" and atom.GetDegree() and not (charge or isotope or radical):
        return ""
    if symbol == "H" and isotope in (2, 3) and not charge:
        return "DT"[isotope - 2]
    written = f"^{{{isotope}}}{symbol}" if isotope else symbol
    count = ("H" + (str(hydrogens) if hydrogens > 1 else "")) if hydrogens else ""
    sign = (str(abs(charge)) if abs(charge) > 1 else "") + ("+" if charge > 0 else "-") if charge else ""
    sign += "·" * radical
    sign = f"^{{{sign}}}" if sign else ""
    if between and hydrogens == 1 and not sign and rng.random() < style.stacked:
        return texts.canonical(rng.choice((f"{written}\nH", f"H\n{written}")))
    if right or (not atom.GetDegree() and symbol in _H_FIRST and not (charge < 0 and hydrogens)):
        return texts.canonical(count + written + sign)
    return texts.canonical(written + count + sign)
