"""What a network should write of a drawn molecule: the drawing's own target or canonical SMILES, on the same pictures.

    python benchmarks/molecule_targets.py PACKS --out DIR --steps 3000

PACKS holds packs of the notation molecule and, in validation/, pictures labelled with SMILES. Both networks are that of
the recipe molecule; they draw from the same packs, with the same pixels a step, for the same number of steps. DIR keeps
the packs with SMILES in place of targets, the runs (the same command goes on with them) and results.md.
"""

import argparse
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glyphic import notations, recipes
from glyphic.core.errors import NotationError
from glyphic.core.notation import Tokenizer
from glyphic.core.recipe import Recipe
from glyphic.notations.molecule.chemistry.readings import to_smiles
from glyphic.training.loop import train

TARGETS = ("molecule", "smiles")  # notations


def translated(pack: Path, out: Path) -> int:
    """Writes a pack of molecules once more, as `out`, with canonical SMILES as targets; pictures and marks stay.

    A drawing that is no molecule gets an empty target, which training never draws. Returns how many there are.
    """
    source: Tokenizer = notations.get("molecule").tokenizer
    wanted: Tokenizer = notations.get("smiles").tokenizer
    with np.load(pack) as file:
        arrays = {name: file[name] for name in file.files}
    targets = []
    for ids in np.split(arrays["targets"], arrays["target_ends"][:-1]):
        try:
            targets.append(wanted.encode(to_smiles(source.decode(ids.tolist()))))
        except NotationError:
            targets.append([])
    arrays["tokens"] = np.array(wanted.vocabulary.tokens)
    arrays["targets"] = np.array([t for target in targets for t in target], np.uint16)
    arrays["target_ends"] = np.cumsum([len(target) for target in targets], dtype=np.int64)
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(out, **arrays)
    return sum(not target for target in targets)


def recipe_of(notation: str, settings: Sequence[str]) -> Recipe:
    """The recipe molecule with another target."""
    recipe = recipes.get("molecule").override(settings)
    return dataclasses.replace(recipe, name=notation, notation=notation)


def data_of(notation: str, packs: Path, out: Path) -> Path:
    """The folder with the packs of a notation; those of smiles are made of the others, once."""
    if notation == "molecule":
        return packs
    folder = out / "packs"
    for pack in sorted(packs.glob("*.npz")):
        if not (folder / pack.name).exists():
            translated(pack, folder / pack.name)
    if not (folder / "validation").exists():
        (folder / "validation").symlink_to((packs / "validation").resolve())
    return folder


def row(notation: str, run: Path) -> dict[str, Any]:
    """What the run's log says of its last steps and its last validation."""
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    trained = [line for line in lines if line["kind"] == "train"]
    scores = next(line for line in reversed(lines) if line["kind"] == "validation")
    return {"target": notation, "steps": trained[-1]["step"], "pictures": sum(line["images"] for line in trained),
            "loss a token": trained[-1]["loss"],
            **{name: value for name, value in scores.items() if name not in ("time", "kind", "step")}}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The rows in Markdown; scores in percent."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names)]
    for one in rows:
        lines.append([f"{100 * one[name]:.1f}" if i > 3 else f"{one[name]:,}" if isinstance(one[name], int)
                      else str(one[name]) for i, name in enumerate(names)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("packs", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="a setting for both networks")
    parser.add_argument("--only", choices=TARGETS, action="append", help="train this one now, the other another time")
    given = parser.parse_args()
    settings = [f"training.steps={given.steps}", *given.set]
    for notation in given.only or TARGETS:
        train(recipe_of(notation, settings), data_of(notation, given.packs, given.out), given.out / notation)
    done = [notation for notation in TARGETS if (given.out / notation / "log.jsonl").exists()]
    text = table([row(notation, given.out / notation) for notation in done])
    (given.out / "results.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
