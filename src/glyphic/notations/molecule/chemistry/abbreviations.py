"""Names of groups -> what they stand for: the table that comes with the package, and what a user adds to it.

A line of a table is `names <tab> SMILES <tab> weight`: the spellings, apart by spaces, the first the usual one; the
group in Kekulé form with its open ends as `*` (`*C(=O)OC`); and how often drawings have it beside other lines (1 where
it is not said; 0: read, never drawn). A line without `*` is a whole molecule, as salts and solvents have it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from glyphic.core.errors import NotationError
from glyphic.notations.molecule import texts
from glyphic.notations.molecule.chemistry.fragments import Fragment, from_smiles

SECTIONS = ("groups", "formulas", "labels", "molecules")  # `# groups: ...` begins one; a user's table needs none


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """One group: its spellings, its SMILES, how often it is drawn; whether formulas have it as a part (CH2Ph), and
    whether its spelling is turned there (O2NCH2) or is a name, which is not (BocNH)."""

    names: tuple[str, ...]
    smiles: str
    weight: float = 1.0
    part: bool = True
    turns: bool = False

    @property
    def fragment(self) -> Fragment:
        """Its atoms."""
        return from_smiles(self.smiles)


@dataclass(frozen=True, eq=False)  # by identity: tables are keys of caches
class Abbreviations:
    """A table of groups; where two lines share a name and the number of their ends, the first one counts."""

    entries: tuple[Abbreviation, ...]

    @cached_property
    def wholes(self) -> Mapping[str, tuple[Abbreviation, ...]]:
        """Name -> what it may be as the whole text of an atom: groups that differ in their ends."""
        result: dict[str, list[Abbreviation]] = {}
        for entry in self.entries:
            for name in entry.names:
                result.setdefault(name, []).append(entry)
        return {name: tuple(entries) for name, entries in result.items()}

    @cached_property
    def parts(self) -> Mapping[str, Abbreviation]:
        """Name -> the group, for all that stand inside of formulas."""
        result: dict[str, Abbreviation] = {}
        for entry in self.entries:
            if entry.part and len(entry.fragment.ends) == 1:
                for name in entry.names:
                    result.setdefault(name, entry)
        return result

    def extended(self, lines: str | Mapping[str, str]) -> "Abbreviations":
        """This table behind another one, which counts first: the text of a table, or name -> SMILES.

        Errors: NotationError for a name that no text of an atom has, or a SMILES that cannot be read.
        """
        added = _entries(lines.splitlines()) if isinstance(lines, str) else tuple(
            Abbreviation((_name(name),), _smiles(smiles)) for name, smiles in lines.items())
        return Abbreviations((*added, *self.entries))


@cache
def built_in() -> Abbreviations:
    """The table that comes with the package (abbreviations.tsv)."""
    table = resources.files("glyphic.notations.molecule.chemistry") / "abbreviations.tsv"
    return Abbreviations(_entries(table.read_text(encoding="utf-8").splitlines()))


def _entries(lines: Iterable[str]) -> tuple[Abbreviation, ...]:
    result, section = [], "groups"
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            section = next((name for name in SECTIONS if line.startswith(f"# {name}:")), section)
        elif line.strip():
            names, _, rest = line.partition("\t")
            smiles, _, weight = rest.partition("\t")
            if not names.split() or not smiles.strip():
                raise NotationError(f"line {number} of a table of abbreviations is `names <tab> SMILES`; got {line!r}")
            result.append(Abbreviation(tuple(map(_name, names.split())), _smiles(smiles.strip()), float(weight or 1),
                                       section in ("groups", "formulas"), section == "formulas"))
    return tuple(result)


def _name(name: str) -> str:
    return texts.canonical(name)


def _smiles(smiles: str) -> str:
    from_smiles(smiles)
    return smiles
