"""Where readings of molecules go wrong: predictions files -> two tables, by what the label holds and by what was read.

    glyphic evaluate molecule FOLDER --predictions FOLDER.tsv
    python benchmarks/molecule_errors.py FOLDER.tsv ...

The first table has the share of right readings (canonical SMILES with stereo) among labels of each kind; a label may be
of several kinds. The second counts the wrong ones by the first of its rows that fits.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from glyphic.core.errors import NotationError
from glyphic.notations.molecule.chemistry.interpretation import canonical, parsed
from glyphic.notations.molecule.chemistry.readings import to_smiles

COMMON = {"C", "N", "O", "S", "F", "Cl", "Br", "H"}
KINDS: dict[str, Callable[[Any, str], bool]] = {
    "all": lambda mol, smiles: True,
    "up to 15 atoms": lambda mol, smiles: mol.GetNumAtoms() <= 15,
    "16 to 25 atoms": lambda mol, smiles: 15 < mol.GetNumAtoms() <= 25,
    "26 to 35 atoms": lambda mol, smiles: 25 < mol.GetNumAtoms() <= 35,
    "more than 35 atoms": lambda mol, smiles: mol.GetNumAtoms() > 35,
    "stereo": lambda mol, smiles: any(c in smiles for c in "@/\\"),
    "several components": lambda mol, smiles: "." in smiles,
    "charges": lambda mol, smiles: any(atom.GetFormalCharge() for atom in mol.GetAtoms()),
    "rare elements": lambda mol, smiles: any(atom.GetSymbol() not in COMMON for atom in mol.GetAtoms()),
    "a bridge": lambda mol, smiles: _bridged(mol),
}


def rows_of(paths: Iterable[Path]) -> list[tuple[str, str]]:
    """(label, reading) of predictions files."""
    csv.field_size_limit(sys.maxsize)
    found = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                found.append((row["label"], row["prediction"]))
    return found


def smiles_of(text: str) -> str:
    """Canonical SMILES, "" for what is no molecule."""
    try:
        return to_smiles(text) if text else ""
    except NotationError:
        return ""


def outcome(label: str, reading: str) -> str:
    """What is wrong with a reading, in one of a few ways; "right" if nothing is. Both are canonical SMILES."""
    if reading == label:
        return "right"
    if not reading:
        return "no molecule"
    if canonical(reading, False) == canonical(label, False):
        return "stereo alone"
    wanted, found = parsed(label), parsed(reading)
    difference = found.GetNumAtoms() - wanted.GetNumAtoms()
    if difference:
        return "atoms missing" if difference < 0 else "atoms too many"
    symbols = [sorted(atom.GetSymbol() for atom in mol.GetAtoms()) for mol in (wanted, found)]
    return "bonds" if symbols[0] == symbols[1] else "elements"


def tables(rows: Iterable[tuple[str, str]]) -> str:
    """(label, reading) -> both tables in Markdown."""
    of_kind: Counter[str] = Counter()
    right: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for label, text in rows:
        smiles = smiles_of(label)
        if not smiles:
            outcomes["label that is no molecule"] += 1
            continue
        result, mol = outcome(smiles, smiles_of(text)), parsed(smiles)
        outcomes[result] += 1
        for kind, holds in KINDS.items():
            if holds(mol, smiles):
                of_kind[kind] += 1
                right[kind] += result == "right"
    lines = ["| label | count | right |", "| --- | ---: | ---: |"]
    lines += [f"| {kind} | {of_kind[kind]} | {100 * right[kind] / of_kind[kind]:.1f} % |" for kind in KINDS
              if of_kind[kind]]
    lines += ["", "| reading | count |", "| --- | ---: |"]
    lines += [f"| {name} | {count} |" for name, count in outcomes.most_common()]
    return "\n".join(lines) + "\n"


def _bridged(mol: Any) -> bool:
    """Whether two rings share more than a bond."""
    rings = [set(ring) for ring in mol.GetRingInfo().BondRings()]
    return any(len(a & b) > 1 for i, a in enumerate(rings) for b in rings[:i])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("predictions", type=Path, nargs="+")
    print(tables(rows_of(parser.parse_args().predictions)), end="")


if __name__ == "__main__":
    main()
