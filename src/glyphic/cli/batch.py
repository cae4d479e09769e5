"""What reads in bulk: `batch`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glyphic.cli.console import complain, main, progress_bar

if TYPE_CHECKING:
    from glyphic.bulk.workers import Event


@main.command()
@click.argument("source", metavar="IN")
@click.argument("out", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@click.option("--notation", "--model", "model", default="auto", show_default=True, metavar="NAME|FOLDER",
              help="The model that reads; auto takes that of what each picture shows.")
@click.option("--to", "file", type=click.Choice(["jsonl", "parquet"]), default="jsonl", show_default=True,
              help="How rows are written; Parquet needs the extra [bulk].")
@click.option("--format", "formats", multiple=True, metavar="NAME",
              help="Give the readings in this format, too, as in mathml; repeatable.")
@click.option("--spots", is_flag=True, help="Give the least certain tokens, and what else might stand there.")
@click.option("--alternatives", type=click.IntRange(0), default=0, metavar="N", help="Give the N next best readings.")
@click.option("--workers", type=click.IntRange(1), help="Processes, each on one CPU [default: one a CPU].")
@click.option("--shard", type=click.IntRange(1), default=200, show_default=True, metavar="N",
              help="Inputs in a file of rows.")
@click.option("--only", multiple=True, metavar="PATTERN", help="Only files called so, as in '*.png'; repeatable.")
@click.option("--column", default="path", show_default=True, help="The column of a manifest that has paths.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True,
              help="What takes longer is given up: a row with an error.")
@click.option("--batch", type=click.IntRange(1), default=16, show_default=True, metavar="N",
              help="Pictures that are read together.")
@click.option("--threshold", type=click.FloatRange(0, 1), default=0.9, show_default=True, metavar="X",
              help="Readings of less confidence are to be reviewed.")
@click.option("--review", "review_url", metavar="QUEUE", help="Put those into this review queue.")
@click.option("--retry-errors", is_flag=True, help="Read once more what has an error; other rows stay as they are.")
@click.option("--changed-inputs", "changes", type=click.Choice(["refuse", "keep", "add"]), default="refuse",
              show_default=True, help="When a run goes on with other inputs: keep to those that were planned, or add "
                                      "what is new after them.")
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True,
              help="Read on this machine, or on a Ray cluster (extra [ray]).")
@click.option("--address", metavar="ADDRESS", help="With --engine ray: of the cluster [default: one of its own].")
@click.option("--quiet", is_flag=True, help="No progress bar, and no summary.")
def batch(source: str, out: Path, model: str, file: str, formats: tuple[str, ...], spots: bool, alternatives: int,
          workers: int | None, shard: int, only: tuple[str, ...], column: str, seconds: float, batch: int,
          threshold: float, review_url: str | None, retry_errors: bool, changes: str, engine: str,
          address: str | None, quiet: bool) -> None:
    """Read everything in IN into rows in OUT, each input once, and go on where an earlier run ended.

    IN is a folder, a pattern in quotes, an archive (.tar), a manifest (.csv, .tsv, .parquet) or a URL of these, as in
    s3://bucket/scans (extra [bulk]). What cannot be read is a row with an error, and the exit code is 0.
    """
    from glyphic.bulk.options import Conditions, Options
    from glyphic.bulk.run import run
    from glyphic.bulk.summary import lines
    from glyphic.core.processors import processors

    if address and engine != "ray":
        raise click.UsageError("--address belongs to --engine ray")
    options = Options(model, formats, spots, alternatives, file, shard, column, only, threshold, review_url is not None)
    conditions = Conditions(workers or processors(), batch, seconds, changes, retry_errors, review_url)
    with _Bar(quiet) as bar:
        figures = run(source, out, options, conditions, _engine(engine, address, workers), bar)
    if not quiet:
        for line in lines(figures):
            click.echo(line)


def _engine(name: str, address: str | None, workers: int | None) -> Any:
    if name == "local":
        from glyphic.bulk import workers as processes

        return processes.run
    from glyphic.bulk.cluster import Cluster

    return Cluster(address, workers).run


class _Bar:
    """A run's watcher: a progress bar, and a line for each worker that died."""

    def __init__(self, quiet: bool):
        self.quiet, self.bar = quiet, None

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *error: Any) -> None:
        if self.bar is not None:
            self.bar.__exit__(*error)

    def planned(self, inputs: int, before: int) -> None:
        if not self.quiet and before < inputs:
            self.bar = progress_bar(inputs, "reading").__enter__()
            self.bar.update(before)

    def event(self, event: "Event") -> None:
        if event.read and self.bar is not None:
            self.bar.update(event.read)
        if event.died and not self.quiet:
            complain(f"a worker died ({event.died}), and is replaced")
