"""The whole walk: a source and an output become a plan, the plan its rows, and the rows a summary."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from glyphic.bulk import plan as plans
from glyphic.bulk import shards, summary, workers
from glyphic.bulk.files import alone, sweep
from glyphic.bulk.inputs import listing, located
from glyphic.bulk.options import Conditions, Options, identities
from glyphic.bulk.plan import Plan, Shard
from glyphic.bulk.workers import Event
from glyphic.core.errors import GlyphicError, OptionError

Engine = Callable[[Plan, "list[Shard]", Conditions, str, Callable[[Event], None]], None]
"""Reads the shards that are wanted, and tells what happens: `workers.run`, or that of a cluster."""


class Watcher(Protocol):
    """Is told how a run goes on; what it does with it is its own affair."""

    def planned(self, inputs: int, before: int) -> None:
        """So many inputs there are, of which so many have their rows already."""

    def event(self, event: Event) -> None:
        """As `workers.Event` says."""


def run(source: str, out: Path, options: Options | None = None, conditions: Conditions | None = None,
        engine: Engine = workers.run, watcher: Watcher | None = None) -> dict[str, Any]:
    """Reads everything that `source` names, as `inputs.listing` takes it, into the folder `out`, and goes on where an
    earlier run into it ended; returns the figures of `summary.summary`.

    Errors: OptionError for what makes no sense, or is not what `out` was begun with; `files.OutputError` where rows
    cannot be written; other GlyphicErrors. Inputs that cannot be read are rows with errors, and no errors of the run.
    """
    options, conditions = options or Options(), conditions or Conditions()
    if options.review != (conditions.review_url is not None):
        raise OptionError("a run with review needs the URL of a queue, and one without has none")
    shards.require(options.file)
    models = identities(options)
    with alone(out):
        sweep(out)
        sweep(out / plans.ROWS)
        found = None if conditions.changes == "keep" else listing(source, options.column, options.only, out)
        plan = plans.settle(out, located(source), options, models, found, conditions.changes)
        found = None  # of a million inputs, that is much
        wanted = _wanted(plan, conditions.retry_errors)
        read = sum(count for _, count in wanted)
        if watcher:
            watcher.planned(plan.count, plan.count - read)
        deaths, start = 0, time.monotonic()

        def tell(event: Event) -> None:
            nonlocal deaths
            deaths += bool(event.died)
            if watcher:
                watcher.event(event)

        if wanted:
            engine(plan, [shard for shard, _ in wanted], conditions, uuid.uuid4().hex, tell)
        missing = [shard.number for shard in plan.shards if not plan.done(shard)]
        if missing:
            raise GlyphicError(f"{len(missing)} shards have no rows, as {plan.path(plan.shards[missing[0]])}; give the "
                               "same command again")
        figures = summary.summary(plan, read, time.monotonic() - start, deaths)
        summary.write(plan, figures)
        return figures


def _wanted(plan: Plan, retry_errors: bool) -> list[tuple[Shard, int]]:
    """The shards to read, and how many inputs of each."""
    wanted = [(shard, shard.count) for shard in plan.shards if not plan.done(shard)]
    if retry_errors:
        for shard in plan.shards:
            if plan.done(shard):
                errors = sum(row["error"] is not None for row in shards.read(plan.path(shard)))
                wanted += [(shard, errors)] if errors else []
    return wanted
