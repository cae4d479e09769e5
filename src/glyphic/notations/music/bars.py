"""The sums of the bars of a staff: a verdict for each, in exact fractions.

In real incipits 7 % of the inner bars contradict their metre (old sources, misprints), so a sum is a reason to doubt
and never to forbid; familiarity.py weighs readings with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from glyphic.notations.music.semantic import Barline, GraceNote, Metre, Multirest, Note, Rest, Staff, Value

Verdict = Literal["complete", "short", "long", "pickup", "cut", "unknown"]
WRONG = ("short", "long")  # the verdicts that contradict the metre


@dataclass(frozen=True)
class Bar:
    """The symbols [start, stop) of a staff between two barlines, and how their sum compares with the metre.

    complete: the sum is the metre's, or one whole rest or multirest fills it, or the last bar lacks what the pickup
    has. pickup: a short first bar. cut: a short last bar without its barline, as incipits end. unknown: there is
    no metre, or no barline at all, as in mensural sources.
    """

    start: int
    stop: int
    length: Fraction  # in whole notes; of one bar where a multirest counts many; 0 for a multirest without a metre
    wanted: Fraction | None
    verdict: Verdict


def bars(staff: Staff) -> tuple[Bar, ...]:
    """The bars of a staff; signatures behind the last barline make none."""
    result: list[Bar] = []
    wanted: Fraction | None = None
    start = 0
    for index in range(len(staff) + 1):
        closed = index < len(staff)
        symbol = staff[index] if closed else None
        if isinstance(symbol, Metre):
            wanted = symbol.length
        elif isinstance(symbol, Barline) or not closed:
            sounding = [s for s in staff[start:index] if isinstance(s, Note | Rest | Multirest)]
            if sounding or closed or any(isinstance(s, GraceNote) for s in staff[start:index]):
                result.append(_judged(Bar(start, index, _length(sounding, wanted), wanted, "complete"),
                                      not result, closed))
            start = index + 1
    if len(result) == 1 and result[0].stop == len(staff):
        return (replace(result[0], verdict="unknown"),) if result[0].verdict == "long" else tuple(result)
    return tuple(_completed(result))


def is_bar_rest(sounding: Sequence[object]) -> bool:
    """Whether all that sounds in a bar is a whole rest, which then fills the bar whatever its metre."""
    return len(sounding) == 1 and isinstance(sounding[0], Rest) and sounding[0].value == Value("whole")


def _length(sounding: Sequence[Note | Rest | Multirest], wanted: Fraction | None) -> Fraction:
    if wanted is not None and (is_bar_rest(sounding) or any(isinstance(s, Multirest) for s in sounding)):
        return wanted
    return sum((s.value.length for s in sounding if not isinstance(s, Multirest)), Fraction(0))


def _judged(bar: Bar, first: bool, closed: bool) -> Bar:
    verdict: Verdict = "complete"
    if bar.wanted is None:
        verdict = "unknown"
    elif bar.length > bar.wanted:
        verdict = "long"
    elif bar.length < bar.wanted:
        verdict = "cut" if not closed else "pickup" if first else "short"
    return replace(bar, verdict=verdict)


def _completed(found: list[Bar]) -> list[Bar]:
    if len(found) > 1 and found[0].verdict == "pickup" and found[-1].verdict in ("short", "cut"):
        last = found[-1]
        if found[0].length + last.length == last.wanted:
            found[-1] = replace(last, verdict="complete")
    return found
