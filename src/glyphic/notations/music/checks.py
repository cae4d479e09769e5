"""A text -> a verdict for each of its bars, and in words which of them do not fill their metre."""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import lcm

from glyphic.core.results import Check
from glyphic.notations.music.bars import WRONG, bars
from glyphic.notations.music.semantic import Metre, canonical, parse

NAMED = 6  # bars that a remark lists


@lru_cache(maxsize=8)  # a reading is asked for its verdicts, its remarks and its format
def checks(text: str) -> tuple[Check, ...]:
    """For each bar, as "bar 3", its verdict (`bars.Verdict`), and the sum of its notes and rests beside its metre, as
    "5/8" beside "6/8"."""
    staff = canonical(parse(text))
    found = []
    for number, bar in enumerate(bars(staff), 1):
        metres = [symbol for symbol in staff[:bar.stop] if isinstance(symbol, Metre)]
        unit = lcm(bar.length.denominator, metres[-1].unit if metres else 1)
        wanted = f"{metres[-1].beats}/{metres[-1].unit}" if metres else ""
        found.append(Check(f"bar {number}", bar.verdict, _over(bar.length, unit), wanted, (bar.start, bar.stop)))
    return tuple(found)


def remarks(text: str) -> list[str]:
    """One sentence where bars are too short or too long; 7 % of real ones are, so the reading may be right."""
    wrong = [check for check in checks(text) if check.verdict in WRONG]
    named = ", ".join(f"{check.part} {check.found} of {check.wanted}" for check in wrong[:NAMED])
    more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
    return [f"bars that do not fill their metre: {named}{more}"] if wrong else []


def as_lines(text: str) -> str:
    """The verdicts as a format: a line for each bar, of tabs between its number, verdict, sum and metre."""
    rows: Sequence[Sequence[str]] = [(check.part.removeprefix("bar "), check.verdict, check.found, check.wanted)
                                     for check in checks(text)]
    return "\n".join("\t".join(row) for row in rows)


def _over(value: Fraction, unit: int) -> str:
    return f"{value.numerator * (unit // value.denominator)}/{unit}"
