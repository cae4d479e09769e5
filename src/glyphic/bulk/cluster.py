"""Shards are read by a pool of actors on a Ray cluster, through Ray Data: the same work, into the same files.

A block has one shard and a call of an actor one block, so that whatever Ray does twice is one shard, written again as
it was. What is done is what has its file: that is the checkpoint, and a run goes on with either engine. Ray Data's own
(`DataContext.checkpoint_config`) is not used, since it would be a second opinion: of a sink of one's own it promises
"at least once", and its filter is an actor that holds a CPU. Actors on every CPU leave none for Ray's other tasks, and
everything waits for ever; one CPU stays free here.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glyphic.bulk import plan as plans
from glyphic.bulk import shards, work
from glyphic.bulk.files import OutputError
from glyphic.bulk.options import Conditions
from glyphic.bulk.plan import Plan, Shard
from glyphic.bulk.reader import Reader
from glyphic.bulk.workers import Event, OutputFailure, Tell
from glyphic.core.errors import GlyphicError, MissingExtraError, OptionError

FREE = 1  # CPUs without an actor


class Cluster:
    """An engine for `glyphic.bulk.run`.

    address: of a cluster that runs, whose machines have this version of Glyphic and see the folder of the output under
    the same path; None: one of this machine's own, for the length of the run. workers: actors, each on one CPU, as many
    as the cluster's CPUs allow by default.
    """

    def __init__(self, address: str | None = None, workers: int | None = None):
        self.address, self.workers = address, workers

    def run(self, plan: Plan, wanted: Sequence[Shard], conditions: Conditions, run: str, tell: Tell) -> None:
        """As `glyphic.bulk.workers.run`. Errors besides: MissingExtraError; OptionError for a cluster that is too
        small; GlyphicError for one that cannot be reached, or fails."""
        with self._connected(conditions) as ray:
            size = min(self._size(ray), len(wanted))
            context = ray.data.DataContext.get_current()
            context.enable_progress_bars = False
            inputs = ray.data.from_items([{"shard": shard.number} for shard in wanted],
                                         override_num_blocks=len(wanted))
            told = inputs.map_batches(
                Actor, batch_size=1, num_cpus=1, fn_constructor_args=(str(plan.folder), conditions, run),
                compute=ray.data.ActorPoolStrategy(size=size, max_tasks_in_flight_per_actor=1))
            try:
                for row in told.iter_rows():
                    if row["failed"]:
                        raise OutputFailure(row["failed"]) if row["output"] else GlyphicError(row["failed"])
                    tell(Event(read=int(row["read"]), done=int(row["shard"]), rows=int(row["rows"]),
                               errors=int(row["errors"])))
            except ray.exceptions.RayError as error:
                raise GlyphicError(f"the Ray cluster failed: {_first_line(error)}. What was read is kept: give the "
                                   "same command again") from error

    @contextmanager
    def _connected(self, conditions: Conditions) -> Iterator[Any]:
        """Ray, connected; a program that is connected already stays so."""
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise MissingExtraError("reading on a Ray cluster", "ray") from error
        if ray.is_initialized():
            yield ray
            return
        own: dict[str, Any] = {} if self.address else {"num_cpus": (self.workers or conditions.workers) + FREE,
                                       "include_dashboard": False}
        try:
            ray.init(address=self.address or "local", log_to_driver=False, **own)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise GlyphicError(f"no Ray cluster at {self.address or 'this machine'}: {_first_line(error)}") from error
        try:
            yield ray
        finally:
            ray.shutdown()

    def _size(self, ray: Any) -> int:
        """Of the pool."""
        free = int(ray.available_resources().get("CPU", 0))
        if free <= FREE:
            raise OptionError(f"the Ray cluster has {free} free CPUs, and {1 + FREE} are needed: one to read, and one "
                              "for Ray's own tasks. Wait for others to finish, or add machines")
        return min(self.workers or free, free - FREE)


class Actor:
    """Reads shards, one a call: a batch with the number of one -> what became of it."""

    def __init__(self, folder: str, conditions: Conditions, run: str):
        found = plans.load(Path(folder))
        self.plan, self.conditions, self.run, self.folder = found, conditions, run, folder
        self.reader: Reader | None = None

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        number = int(batch["shard"][0])
        try:
            return {"shard": [number], "failed": [""], "output": [False],
                    **{name: [count] for name, count in self._read(number).items()}}
        except GlyphicError as error:  # as a value: errors of Ray wrap it, retry it, and lose what it says
            return {"shard": [number], "failed": [str(error)], "output": [isinstance(error, OutputError)],
                    "read": [0], "rows": [0], "errors": [0]}

    def _read(self, number: int) -> dict[str, int]:
        if self.plan is None:
            raise GlyphicError(f"{self.folder} has no plan on a machine of the cluster; all of them must see the "
                               "output under the same path")
        if self.reader is None:
            self.reader = Reader(self.plan.options, self.conditions)
        shard, read = self.plan.shards[number], 0

        def progress(count: int) -> None:
            nonlocal read
            read += count

        rows = work.read(self.plan, shard, self.reader, self.conditions, self.run, progress)
        shards.write(self.plan.path(shard), rows)
        return {"read": read, **work.counted(rows)}


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
