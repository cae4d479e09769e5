"""A list of SMILES becomes a random source of drawings: turned, contracted, with stereo, salts and counter-ions.

What a picture's label says is what is drawn: the source gives targets, from which the renderer draws.
"""

import contextlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from glyphic.core.errors import NotationError, OptionError
from glyphic.notations.molecule import to_target
from glyphic.notations.molecule.chemistry.depiction import Style, depict_mol, with_stereo
from glyphic.notations.molecule.chemistry.interpretation import canonical, inchi_of, parsed, smiles_of

# what stands beside drugs in their salts, the frequent ones first (Paulekuhn et al., J. Med. Chem. 2007)
PARTNERS = (
    "Cl", "[Cl-]", "Br", "[Br-]", "[Na+]", "[K+]", "O", "OS(=O)(=O)O", "OP(=O)(O)O", "CS(=O)(=O)O", "OC(=O)C(F)(F)F",
    r"OC(=O)\C=C\C(=O)O", r"OC(=O)/C=C\C(=O)O", "OC(=O)C(O)C(O)C(=O)O", "OC(=O)CC(O)(CC(=O)O)C(=O)O", "CC(=O)O",
    "Cc1ccc(cc1)S(=O)(=O)O", "OC(=O)C(=O)O", "[Li+]", "[Ca+2]", "[I-]", "OC=O", "[NH4+]", "CCN(CC)CC",
)
SALTS = 0.05  # of the drawings have one or two partners
DECIDED = 0.5  # of the molecules have stereo at the centres that the list leaves open
ABBREVIATED = 0.4  # of the drawings have groups contracted, as about a third of the drawings in patents
CIRCLES = 0.06  # of the drawings in print have circles in their aromatic rings
TRIES = 50  # of a molecule: then the list is to blame


class MoleculeSource:
    """A random source of targets, from molecules of a list.

    exclude: `skeletons` that are never drawn. circles: the share of drawings with aromatic circles, which print rarely
    has, and pupils mostly.
    """

    def __init__(self, smiles: Sequence[str], exclude: frozenset[str] = frozenset(), circles: float = CIRCLES):
        if not smiles:
            raise OptionError("a source of molecules needs at least one SMILES; got none")
        self.smiles, self.exclude, self.circles = smiles, exclude, circles

    def __call__(self, rng: random.Random) -> str:
        """A drawing's target; OptionError after too many SMILES that give none."""
        for _ in range(TRIES):
            try:
                text = self._drawn(rng)
            except NotationError:  # no SMILES, or a drawing of more than the target holds
                continue
            if text:
                return text
        raise OptionError(f"none of {TRIES} molecules of the list can be drawn; is it a list of SMILES, a line each?")

    def _drawn(self, rng: random.Random) -> str:
        mol = parsed(rng.choice(self.smiles))
        if self.exclude and inchi_of(smiles_of(mol, False)) in self.exclude:
            return ""
        if rng.random() < DECIDED:
            mol = with_stereo(mol, rng, rng.uniform(0.3, 1.0))
        if rng.random() < SALTS:
            parts = [smiles_of(mol), *rng.choices(PARTNERS, k=rng.choice((1, 1, 1, 2)))]
            mol = parsed(".".join(parts))
        return to_target(depict_mol(mol, rng, style(rng, self.circles)))


def style(rng: random.Random, circles: float = CIRCLES) -> Style:
    """A way to draw as papers, patents and textbooks do."""
    chosen = Style(circles=float(rng.random() < circles), stacked=float(rng.random() < 0.3),
                   methyls=float(rng.random() < 0.2), untold=rng.choice(("plain", "plain", "plain", "crossed", "wavy")),
                   layout=rng.choice(("rdkit", "rdkit", "coordgen")),
                   turn=rng.choices(("none", "steps", "any"), (4, 4, 2))[0])
    return replace(chosen, abbreviations=rng.uniform(0.3, 1.0)) if rng.random() < ABBREVIATED else chosen


def read_smiles(path: Path) -> list[str]:
    """The SMILES of a file: what stands first in each line, before a space or tab. They are not looked at."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split(maxsplit=1)[0] for line in lines if line.strip() and not line.startswith("#")]


def skeletons(smiles: Iterable[str]) -> frozenset[str]:
    """The standard InChI of molecules without their stereo; of what is no SMILES, or has no InChI, nothing."""
    found = set()
    for text in smiles:
        with contextlib.suppress(NotationError):
            found.add(inchi_of(canonical(text, False)))
    return frozenset(found - {""})
