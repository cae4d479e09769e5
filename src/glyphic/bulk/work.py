"""One shard, from its inputs to its rows: what a worker does, whoever sent it."""

from collections.abc import Callable
from contextlib import closing

from glyphic.bulk import shards
from glyphic.bulk.options import Conditions
from glyphic.bulk.plan import Plan, Shard
from glyphic.bulk.reader import Reader
from glyphic.bulk.rows import Row
from glyphic.bulk.trials import Trial


def read(plan: Plan, shard: Shard, reader: Reader, conditions: Conditions, run: str,
         progress: Callable[[int], None] = lambda count: None) -> list[Row]:
    """The rows of a shard, in the order of its inputs. With `retry_errors`, those that have no error yet are kept.

    run: what this run is called, the same for all its workers. Errors: GlyphicError.
    """
    entries = plan.entries(shard)
    kept: dict[str, Row] = {}
    if conditions.retry_errors and plan.done(shard):
        kept = {row["input"]: row for row in shards.read(plan.path(shard)) if row["error"] is None}
    wanted = [number for number, entry in enumerate(entries) if entry.name not in kept]
    with closing(Trial(plan.trial(shard), run, conditions.seconds)) as trial:
        found = reader.read(entries, wanted, trial, progress)
    return [found[number] if number in found else kept[entry.name] for number, entry in enumerate(entries)]


def counted(rows: list[Row]) -> dict[str, int]:
    """What is told of a shard that is done."""
    return {"rows": len(rows), "errors": sum(row["error"] is not None for row in rows)}
