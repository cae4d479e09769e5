"""A user's file of texts becomes what training pictures show: one row of a table for each notation that takes one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from glyphic.core.errors import OptionError
from glyphic.data.samples import labels_of, write_folder
from glyphic.data.synthesis import Source

SCHOOL_CIRCLES = 0.5  # of the molecules that stand beside lines of school chemistry have circles: one hand draws both


@dataclass(frozen=True)
class Choice:
    """What of a file is drawn, and what never. Not every notation has sources to weigh or to hold out from."""

    weights: Mapping[str, float] = field(default_factory=dict)  # source -> how often, relative to the others
    exclude: Sequence[Path] = ()  # data sets, or their labels.tsv, whose labels are never drawn
    hold_out: Sequence[tuple[str, int]] = ()  # source, how many of its texts are never drawn

    def refuse(self, kind: str, *fields: str) -> None:
        """OptionError for what has no meaning with this kind of file."""
        given = [name.replace("_", "-") for name in fields if getattr(self, name)]
        if given:
            raise OptionError(f"{' and '.join(f'--{name}' for name in given)}: {kind} have no such choice")


def of_file(notation: str, strings: Path, choice: Choice, out: Path) -> Source:
    """The random source of texts for a notation; what is held out is plainly rendered into out/held-out.

    Errors: OptionError for a notation that takes no file, and for choices that its files do not offer.
    """
    if notation not in FILES:
        raise OptionError(f"--strings is read for {', '.join(FILES)}; {notation} has its own sampler")
    return FILES[notation](strings, choice, out)


def _formulas(strings: Path, choice: Choice, out: Path) -> Source:
    from glyphic.data import formulas

    held = [text for source, count in choice.hold_out for text in formulas.held_out(strings, source, count)]
    unseen = formulas.bare([*held, *(text for path in choice.exclude for text in labels_of(path))])
    source = formulas.FormulaSource(formulas.read_strings(strings, unseen), choice.weights, exclude=unseen)
    if held and not (out / "held-out" / "labels.tsv").exists():
        write_folder(out / "held-out", formulas.plain_pictures(held))
    return source


def _words(strings: Path, choice: Choice, out: Path) -> Source:
    from glyphic.notations.text import sampler

    choice.refuse("lists of words", "weights", "exclude", "hold_out")
    return sampler(strings.read_text(encoding="utf-8").split("\n"))


def _molecules(strings: Path, choice: Choice, out: Path) -> Source:
    from glyphic.data import molecules, reactions
    from glyphic.notations.molecule.sampler import sample

    choice.refuse("lists of SMILES", "hold_out")
    unseen = molecules.skeletons(label for path in choice.exclude for label in labels_of(path))
    circles = SCHOOL_CIRCLES if {"school", "slips"} & choice.weights.keys() else molecules.CIRCLES
    listed = molecules.MoleculeSource(molecules.read_smiles(strings), unseen, circles)
    known: dict[str, Source] = {"molecules": listed, "school": reactions.SchoolSource(),
                                "slips": reactions.SchoolSource(reactions.FULL_OF_SLIPS), "sampler": sample}
    return mixed(known, choice.weights or {"molecules": 1.0})


def mixed(known: Mapping[str, Source], weights: Mapping[str, float]) -> Source:
    """Several sources, each as often as its weight says. Errors: OptionError for a name that none has, no weight."""
    for name, weight in weights.items():
        if name not in known or not weight >= 0:
            raise OptionError(f"--weights {name}={weight}: weights are 0 or more, of {', '.join(known)}")
    if not sum(weights.values()):
        raise OptionError("--weights: at least one is more than 0")
    names, shares = list(weights), list(weights.values())
    return lambda rng: known[rng.choices(names, shares)[0]](rng)


def _incipits(strings: Path, choice: Choice, out: Path) -> Source:
    from glyphic.data import incipits

    choice.refuse("lists of staves", "weights", "hold_out")
    unseen = incipits.skeletons(label for path in choice.exclude for label in labels_of(path))
    return incipits.IncipitSource(incipits.read_staves(strings), unseen)


FILES: dict[str, Callable[[Path, Choice, Path], Source]] = {
    "formula": _formulas,  # lines of source<TAB>formula, which are recombined
    "molecule": _molecules,  # SMILES, one a line
    "music": _incipits,  # staves in the semantic encoding, one a line
    "text": _words,  # words, one a line
}
