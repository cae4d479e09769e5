"""The command itself, and how its verbs speak: errors in one line, progress, figures."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import click

from glyphic import __version__
from glyphic.core.errors import GlyphicError, MissingExtraError, OptionError, UnknownNameError


class Verbs(click.Group):
    """Turns the library's errors into one line and an exit code: 1 an input failed, 2 the command makes no sense."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (UnknownNameError, OptionError) as error:
            complain(str(error))
            ctx.exit(2)
        except GlyphicError as error:
            complain(str(error))
            ctx.exit(1)


def complain(line: str) -> None:
    """One line on stderr."""
    click.echo("glyphic: " + " ".join(line.split()), err=True)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="glyphic")
def main() -> None:
    """Read formulas, molecules, sheet music and text from pictures."""


@contextlib.contextmanager
def needed(purpose: str, extra: str) -> Iterator[None]:
    """Imports that an extra brings: where it is not installed, the error names the command that installs it."""
    try:
        yield
    except ImportError as error:
        if error.name and error.name.partition(".")[0] != "glyphic":
            raise MissingExtraError(purpose, extra) from error
        raise


def progress_bar(length: int, label: str = "") -> Any:
    """A progress bar on stderr where that is a terminal, and nothing elsewhere."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


def figures(scores: Any, path: str = "") -> Iterator[str]:
    """Nested figures, one line each; {"value": ..., "low": ..., "high": ...} is one figure."""
    if isinstance(scores, dict) and "value" in scores:
        value = 100 * float(scores["value"])
        interval = f"  [{100 * scores['low']:.2f}, {100 * scores['high']:.2f}]" if "low" in scores else ""
        yield f"{path}: {value:.2f} %{interval}"
    elif hasattr(scores, "items"):
        for name, inner in scores.items():
            yield from figures(inner, f"{path}.{name}" if path else str(name))
    else:
        yield f"{path}: {scores}"
