"""The rows of a run become its figures: how many were read, of which notation, how surely, how fast, what failed."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from glyphic.bulk.files import writing
from glyphic.bulk.plan import Plan
from glyphic.bulk.rows import Row, doubtful
from glyphic.bulk.shards import read

BINS = 20  # of confidence


@dataclass
class Tally:
    """What is counted of one notation."""

    count: int = 0
    accept: int = 0
    milliseconds: float = 0.0
    confidence: list[int] = field(default_factory=lambda: [0] * BINS)

    def add(self, row: Row, threshold: float) -> None:
        self.count += 1
        self.accept += not doubtful(row, threshold)
        self.milliseconds += row["milliseconds"] or 0.0
        self.confidence[min(BINS - 1, int(row["confidence"] * BINS))] += 1

    def to_json(self) -> dict[str, Any]:
        """a_second: readings a second of one worker, without what it waits for disks and networks."""
        pace = 1000 * self.count / self.milliseconds if self.milliseconds else None
        return {"count": self.count, "accept": self.accept, "review": self.count - self.accept,
                "a_second": pace and round(pace, 2), "confidence": self.confidence}


def summary(plan: Plan, read_now: int = 0, seconds: float = 0.0, deaths: int = 0) -> dict[str, Any]:
    """The figures of all rows that are there. read_now, seconds, deaths: the inputs that this start of the run has
    read, how long that took, and how many workers died over it."""
    notations: dict[str, Tally] = {}
    errors: Counter[str] = Counter()
    models: Counter[str] = Counter()
    for row in all_rows(plan):
        if row["error"] is not None:
            errors[row["error_kind"]] += 1
            continue
        notations.setdefault(row["notation"], Tally()).add(row, plan.options.threshold)
        models[f"{row['model']['name']} {row['model']['version']}"] += 1
    tallies = notations.values()
    failed = sum(errors.values())
    return {
        "inputs": plan.count, "rows": sum(tally.count for tally in tallies) + failed, "errors": failed,
        "accept": sum(tally.accept for tally in tallies), "review": sum(t.count - t.accept for t in tallies),
        "threshold": plan.options.threshold,
        "notations": {name: tally.to_json() for name, tally in sorted(notations.items())},
        "errors_by_kind": dict(errors.most_common()), "models": dict(models.most_common()),
        "this_start": {"read": read_now, "seconds": round(seconds, 2), "workers_died": deaths,
                       "a_second": round(read_now / seconds, 2) if seconds else None}}


def all_rows(plan: Plan) -> Iterable[Row]:
    """Shard by shard, those that are done. Errors: GlyphicError for a file that was damaged."""
    for shard in plan.shards:
        if plan.done(shard):
            yield from read(plan.path(shard))


def write(plan: Plan, found: dict[str, Any]) -> None:
    """summary.json and confidence.svg. Errors: OutputError."""
    from glyphic.bulk.chart import drawn

    with writing(plan.folder / "summary.json") as file:
        file.write(json.dumps(found, indent=1).encode() + b"\n")
    with writing(plan.folder / "confidence.svg") as file:
        file.write(drawn({name: tally["confidence"] for name, tally in found["notations"].items()},
                         found["threshold"]).encode())


def lines(found: dict[str, Any]) -> list[str]:
    """The figures in words, as the command prints them."""
    now = found["this_start"]
    pace = f", {now['read']} of them now, {now['a_second']:.1f} a second" if now["a_second"] else ""
    said = [f"{found['rows']} of {found['inputs']} inputs have their rows{pace}"]
    for name, tally in found["notations"].items():
        speed = f", {tally['a_second']:.1f} a second and worker" if tally["a_second"] else ""
        said.append(f"  {name}: {tally['count']} read, {tally['accept']} accepted, {tally['review']} to review{speed}")
    if found["errors"]:
        kinds = ", ".join(f"{kind} {count}" for kind, count in found["errors_by_kind"].items())
        said.append(f"  errors: {found['errors']} ({kinds}); the rows say of what, and --retry-errors tries them again")
    if now["workers_died"]:
        said.append(f"  {now['workers_died']} workers died, and were replaced")
    return said
