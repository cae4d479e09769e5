"""A file of molecule readings -> whether every one parses in RDKit or says why, and its molfile is what its SMILES is.

    python benchmarks/molecule_consistency.py PREDICTIONS.tsv

PREDICTIONS is what `glyphic evaluate --predictions` writes, or lines of path<TAB>target. Exits with 1 where a molfile
and a SMILES differ, or where a reading is no molecule without a reason.
"""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from glyphic.core.errors import NotationError
from glyphic.evaluation.benchmark import COLUMNS
from glyphic.notations.molecule.chemistry.interpretation import from_molfile
from glyphic.notations.molecule.chemistry.readings import remarks, to_molfile, to_smiles


@dataclass(frozen=True)
class Consistency:
    """Of all readings: molecules, those that are none (reason -> how many), and those that contradict themselves."""

    count: int
    molecules: int
    refused: Counter[str]
    contradictions: tuple[str, ...]  # path, and what is wrong


def check(file: Path) -> Consistency:
    """file: TSV as above; empty readings (blank and unread pictures) are left out."""
    lines = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    column = 2 if lines and tuple(lines[0]) == COLUMNS else 1
    readings = [(fields[0], fields[column]) for fields in lines[column == 2:] if len(fields) > column]
    refused: Counter[str] = Counter()
    wrong, molecules = [], 0
    for path, text in readings:
        if not text.strip():
            continue
        try:
            smiles = to_smiles(text)
        except NotationError as problem:
            refused[problem.message] += 1
            if not (remarks(text) or "reaction" in problem.message):
                wrong.append(f"{path}: no molecule, and no reading of it says why")
            continue
        molecules += 1
        if ">" not in smiles and from_molfile(to_molfile(text)).smiles != smiles:
            wrong.append(f"{path}: the molfile is not {smiles}")
    return Consistency(sum(bool(text.strip()) for _, text in readings), molecules, refused, tuple(wrong))


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = check(Path(sys.argv[1]))
    print(f"{found.count} readings, {found.molecules} molecules, {sum(found.refused.values())} none:")
    for reason, count in found.refused.most_common(20):
        print(f"  {count:4d}  {reason}")
    print(*found.contradictions, f"{len(found.contradictions)} contradictions", sep="\n")
    sys.exit(bool(found.contradictions))


if __name__ == "__main__":
    main()
