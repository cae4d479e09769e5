"""What a run reads, pinned in its output: the sorted inputs, cut into shards, and the options of all rows.

`plan.json` and `inputs.jsonl` are written before the first row. Shard k holds the inputs from k times the shard's size
on; it follows from them alone who reads it, and when, changes nothing in it.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from glyphic import __version__
from glyphic.bulk.files import OutputError, writing
from glyphic.bulk.options import Options
from glyphic.bulk.storage import Entry
from glyphic.core.errors import GlyphicError, OptionError

FORMAT = 1
PLAN, INPUTS, ROWS, TRIALS = "plan.json", "inputs.jsonl", "rows", "trials"
OURS = {PLAN, INPUTS, ROWS, TRIALS, "summary.json", "confidence.svg"}
SHOWN = 3  # names of inputs in an error


@dataclass(frozen=True)
class Shard:
    """So many inputs of the list, from a byte of it on."""

    number: int
    offset: int
    count: int


@dataclass(frozen=True)
class Plan:
    """The plan in a folder."""

    folder: Path
    source: str
    options: Options
    models: dict[str, str]  # name and version -> sha256
    shards: tuple[Shard, ...]
    sha256: str  # of the list of inputs

    @property
    def count(self) -> int:
        """How many inputs there are."""
        return sum(shard.count for shard in self.shards)

    def path(self, shard: Shard) -> Path:
        """Where the rows of a shard are, once they are."""
        return self.folder / ROWS / f"part-{shard.number:06d}.{self.options.file}"

    def done(self, shard: Shard) -> bool:
        """A file under its name is whole: it got it by being renamed."""
        return self.path(shard).exists()

    def trial(self, shard: Shard) -> Path:
        """Where the journal of a shard is while it is read."""
        return self.folder / TRIALS / f"part-{shard.number:06d}.log"

    def entries(self, shard: Shard) -> list[Entry]:
        """The inputs of a shard, in their order."""
        with (self.folder / INPUTS).open("rb") as file:
            file.seek(shard.offset)
            return [Entry.from_json(json.loads(line)) for line in islice(file, shard.count)]

    def every(self) -> Iterator[Entry]:
        """All inputs, shard by shard."""
        with (self.folder / INPUTS).open("rb") as file:
            yield from (Entry.from_json(json.loads(line)) for line in islice(file, self.count))


def load(folder: Path) -> Plan | None:
    """The plan of a folder; None where there is none. Errors: GlyphicError for one of another version, or damaged."""
    try:
        data = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise GlyphicError(f"{folder / PLAN} cannot be read: {error}; give another folder") from error
    if data.get("format") != FORMAT:
        raise GlyphicError(f"{folder / PLAN} is of format {data.get('format')!r}, and this version of Glyphic goes on "
                           f"with format {FORMAT}; give another folder")
    shards = tuple(Shard(number, *place) for number, place in enumerate(data["shards"]))
    return Plan(folder, data["source"], Options.from_json(data["options"]), data["models"], shards, data["sha256"])


def settle(folder: Path, source: str, options: Options, models: dict[str, str], listing: Sequence[Entry] | None,
           changes: str = "refuse") -> Plan:
    """The plan of a folder that is new, or that goes on.

    listing: the sorted inputs; None: those of the plan that is there. changes: what becomes of inputs that are not
    those of the plan: "refuse" the run; "keep" to the plan: what is new is not read, and what is gone becomes rows with
    errors; or "add" what is new, in shards of its own after the others.
    Errors: OptionError that says what differs; OutputError.
    """
    old = load(folder)
    if old is None or not any(old.done(shard) for shard in old.shards):  # nothing is lost with it
        if listing is None:
            raise OptionError(f"{folder} has no plan with rows to keep to; leave out --changed-inputs keep")
        _refuse_others(folder)
        return _write(folder, source, options, models, [], listing)
    _refuse_differences(old, source, options, models)
    if listing is None:
        return old
    known = {entry.name: entry for entry in old.every()}
    new = [entry for entry in listing if entry.name not in known]
    moved = [entry.name for entry in listing if known.get(entry.name, entry) != entry]
    gone = sorted(known.keys() - {entry.name for entry in listing})
    if changes == "refuse" and (new or moved or gone):
        changed = (("new", [entry.name for entry in new]), ("gone", gone), ("elsewhere", moved))
        what = [f"{len(names)} {how} ({', '.join(names[:SHOWN])}{', ...' if len(names) > SHOWN else ''})"
                for how, names in changed if names]
        raise OptionError(f"the inputs are not those that {folder} was planned for: {'; '.join(what)}. Read on with "
                          "--changed-inputs keep (as planned) or add (what is new comes after the rest), or give "
                          "another folder")
    if changes != "add" or not new:
        return old
    return _write(folder, source, options, models, list(old.shards), new)


def _write(folder: Path, source: str, options: Options, models: dict[str, str], before: list[Shard],
           listing: Sequence[Entry]) -> Plan:
    """A new plan, or one whose list goes on after the shards `before`. The list comes first: a plan is valid as long as
    the list is at least as long as it says."""
    digest, offset, shards = hashlib.sha256(), 0, list(before)
    try:
        for name in (ROWS, TRIALS):
            (folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(folder, error) from error
    with writing(folder / INPUTS) as file:
        if before:
            with (folder / INPUTS).open("rb") as old:
                for line in islice(old, sum(shard.count for shard in before)):
                    file.write(line)
                    digest.update(line)
                    offset += len(line)
        for first in range(0, len(listing), options.shard):
            part = listing[first:first + options.shard]
            shards.append(Shard(len(shards), offset, len(part)))
            for entry in part:
                line = json.dumps(entry.to_json()).encode() + b"\n"
                file.write(line)
                digest.update(line)
                offset += len(line)
    plan = Plan(folder, source, options, models, tuple(shards), digest.hexdigest())
    described: dict[str, Any] = {
        "format": FORMAT, "glyphic": __version__, "source": source, "options": options.to_json(), "models": models,
        "count": plan.count, "sha256": plan.sha256, "shards": [[shard.offset, shard.count] for shard in shards]}
    with writing(folder / PLAN) as file:
        file.write(json.dumps(described, indent=1).encode() + b"\n")
    return plan


def _refuse_others(folder: Path) -> None:
    """A folder that holds something else than an earlier plan without rows."""
    there = folder.iterdir() if folder.is_dir() else ()
    others = sorted(path.name for path in there if not path.name.startswith(".") and path.name not in OURS)
    rows = [path.name for path in (folder / ROWS).glob("[!.]*")] if (folder / ROWS).is_dir() else []
    if others or rows:
        raise OptionError(f"{folder} holds {', '.join((others or rows)[:SHOWN])} and is no output of a run that could "
                          "go on; give a new folder")


def _refuse_differences(old: Plan, source: str, options: Options, models: dict[str, str]) -> None:
    was, now = ({"source": s, **o.to_json(), "models": m}
                for s, o, m in ((old.source, old.options, old.models), (source, options, models)))
    different = [f"{name} was {_shown(was[name])}, now {_shown(now[name])}" for name in was if was[name] != now[name]]
    if different:
        raise OptionError(f"{old.folder} was begun otherwise: {'; '.join(different)}. Give the same again to go on, or "
                          "another folder")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return " + ".join(f"{name} ({sha256[:8]})" for name, sha256 in sorted(value.items()))
    return json.dumps(value)
