"""Letters as a pen writes them: a few strokes through points each, in several ways where people write differently.

A capital is 100 units high and stands on y = 0, y upwards; strokes are parted by `;`, those that begin with `~` are
curves through their points. Drawn for this project after how pupils write formulas.

What people did write takes their place where it is given, as forms of the same kind (`as_written`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]  # (k, 2)
Letters = Mapping[str, Sequence["Form"]]  # character -> ways to write it

LETTERS: dict[str, str] = {  # character -> its forms, parted by " | "
    "A": "0,0 30,100 60,0;10,36 50,36 | 2,0 34,100 34,98 62,0;14,40 54,36",
    "B": "8,0 8,100;~8,98 40,96 46,76 34,58 10,54;~10,54 46,50 56,28 40,4 6,2 | "
         "10,98 8,2;~2,90 30,100 46,84 34,62 14,54;~14,54 48,46 50,18 28,0 4,4",
    "C": "~58,82 44,98 22,92 6,66 4,36 18,8 40,2 60,14 | ~50,88 30,96 10,70 6,34 20,6 52,8 | "
         "~52,90 26,88 8,58 10,24 28,2 56,10",
    "D": "8,0 8,100;~4,98 36,94 60,62 54,22 30,2 4,2 | ~10,100 10,4;~0,92 34,98 58,68 52,24 26,0 6,6",
    "E": "54,98 8,98 8,2 56,2;8,52 46,52 | 8,100 8,2 52,4;8,98 50,100;8,54 42,54",
    "F": "8,0 8,98 54,98;8,54 44,54 | 10,100 6,0;8,98 52,100;8,56 42,56",
    "G": "~58,80 40,98 16,88 4,50 14,12 38,2 58,16 60,42;34,44 62,44 | "
         "~54,84 34,98 10,76 4,40 20,6 44,4 54,26;34,40 56,42 54,0",
    "H": "6,0 6,100;56,0 56,100;6,52 56,52 | 6,100 4,0;~5,46 30,54 56,52;58,102 54,-2 | "
         "8,98 6,2;8,50 50,54;52,100 50,0",
    "I": "24,0 24,100;6,100 42,100;6,0 42,0 | 20,100 18,0;4,98 36,100;2,0 36,2",
    "J": "~40,100 40,30 30,4 12,2 2,20;20,100 58,100 | ~30,100 30,24 18,0 2,12",
    "K": "8,0 8,100;54,98 10,46;22,56 58,0 | 8,100 6,0;50,94 8,48 54,2",
    "L": "8,100 8,2 52,2 | ~10,100 6,30 10,4 50,6",
    "M": "4,0 10,100 36,30 62,100 70,0 | 2,0 6,98 34,20 64,98 68,0",
    "N": "6,0 6,100 54,0 54,100 | 4,0 8,98 50,4 54,102",
    "O": "~32,100 8,80 2,44 18,6 40,2 60,30 58,72 34,98 | ~26,98 6,74 4,34 20,4 42,6 58,36 52,78 30,100 16,92 | "
         "~38,96 14,90 4,50 14,12 36,2 56,28 56,70 38,98",
    "P": "8,0 8,100;~8,98 44,96 54,74 42,52 8,48 | 10,98 8,0;~2,88 32,102 52,80 38,54 10,48",
    "Q": "~32,100 8,80 2,44 18,6 40,2 60,30 58,72 32,100;36,24 64,-6",
    "R": "8,0 8,100;~8,98 44,96 52,76 40,54 8,50;26,52 56,0 | 10,98 8,0;~2,90 34,102 50,78 34,56 12,50;22,50 58,2",
    "S": "~52,84 34,100 10,88 12,66 36,50 52,30 40,4 16,0 2,14 | ~48,90 22,98 10,74 30,54 46,32 34,4 4,8",
    "T": "30,0 30,98;2,98 60,98 | 28,98 26,0;0,94 58,100",
    "U": "~6,100 6,30 22,2 42,4 54,30 56,100 | ~6,98 8,20 28,0 48,16 52,98;52,60 54,0",
    "V": "2,100 30,0 58,100",
    "W": "2,100 20,0 38,80 56,0 76,100 | ~2,98 18,2 36,70;~36,70 54,2 72,100",
    "X": "4,100 54,0;54,100 4,0",
    "Y": "2,100 30,52 58,100;30,52 30,0 | 2,98 28,54;56,100 16,0",
    "Z": "4,98 54,98 4,2 58,2 | 4,96 52,98 4,2 56,4;14,50 46,52",
    "a": "~44,54 24,64 6,44 6,14 24,0 42,18 44,56;44,60 46,12 56,2 | ~40,50 20,60 4,34 12,2 34,10 42,56;42,58 44,0",
    "b": "6,100 6,2;~6,40 26,60 46,44 44,12 22,0 6,10",
    "c": "~42,52 26,62 8,46 6,18 22,2 44,10",
    "d": "~42,46 26,62 6,44 6,12 24,0 42,16;44,100 44,0",
    "e": "~8,32 44,36 38,58 20,62 6,40 10,8 28,0 46,10 | ~4,26 38,40 32,60 12,54 6,20 24,0 46,14",
    "f": "~44,90 32,100 20,86 20,0;4,58 38,58",
    "g": "~42,50 24,62 6,44 8,16 26,6 42,22;~44,60 44,-16 28,-34 6,-24",
    "h": "6,100 6,0;~6,36 24,60 40,50 42,0",
    "i": "10,60 10,0;10,84 12,80",
    "j": "~22,60 22,-16 10,-34 -4,-26;22,84 24,80",
    "k": "6,100 6,0;38,60 8,24;18,34 42,0",
    "l": "10,100 10,0 | ~10,100 8,16 20,0 | 14,102 8,-2",
    "m": "6,60 6,0;~6,40 20,60 30,46 30,0;~30,40 46,60 56,46 56,0",
    "n": "6,60 6,0;~6,38 22,60 40,48 42,0",
    "o": "~24,62 6,44 6,14 24,0 42,16 42,46 24,62",
    "p": "6,60 6,-36;~6,42 26,62 46,44 42,12 22,0 6,12",
    "q": "~42,46 24,62 6,44 6,14 24,0 42,18;44,60 44,-36",
    "r": "8,60 8,0;~8,36 20,58 38,58 | ~6,56 10,30 8,0;~9,34 22,58 36,52",
    "s": "~38,52 22,62 8,50 22,34 38,20 28,2 4,6",
    "t": "~20,90 20,14 32,0 44,8;4,60 40,60 | 20,92 20,0;2,62 38,64",
    "u": "~6,60 6,18 20,0 40,16;42,60 44,0",
    "v": "2,60 22,0 42,60",
    "w": "2,60 16,0 30,48 44,0 58,60",
    "x": "4,60 40,0;40,60 4,0",
    "y": "4,60 24,8;~44,60 24,4 10,-34",
    "z": "4,60 40,60 4,0 44,0",
    "0": "~28,100 6,76 6,26 26,0 48,24 48,76 28,100",
    "1": "14,82 28,100 28,0 | 16,100 14,0",
    "2": "~6,80 22,100 44,86 40,56 6,4;6,4 52,4 | ~6,80 24,98 44,82 34,46 6,4 24,10 54,4 | "
         "~4,74 20,98 40,80 24,36 2,4;2,4 48,8",
    "3": "~8,90 28,100 44,82 24,56;~24,56 50,44 42,8 20,0 2,12 | 6,98 44,98 22,60;~22,60 48,46 40,6 16,0 2,12 | "
         "~6,92 30,96 34,66 16,54;~16,54 46,44 38,4 4,6",
    "4": "34,100 4,34 56,34;38,60 38,0 | 20,98 6,42 52,44;40,86 36,0",
    "5": "~12,58 36,58 48,32 34,4 6,4;12,58 14,98 48,98 | 14,98 10,56;~10,56 42,52 44,20 26,0 4,8;14,98 46,100",
    "6": "~42,98 18,74 6,34 18,2 42,8 46,36 26,50 8,34 | ~36,100 12,60 8,20 28,0 44,20 32,44 10,30",
    "7": "4,98 50,98 22,0 | 4,94 48,98 20,0;12,48 44,52",
    "8": "~42,86 26,100 10,84 24,58 44,32 30,0 8,14 14,44 40,70 42,86",
    "9": "~46,72 26,58 8,76 22,100 44,90 46,66 36,0 | ~42,80 22,60 8,82 26,100 42,84;42,86 40,0",
    "(": "~26,110 8,76 8,24 26,-10", ")": "~4,110 22,76 22,24 4,-10",
    "[": "24,108 8,108 8,-8 24,-8", "]": "4,108 20,108 20,-8 4,-8",
    "-": "4,46 46,48", "–": "4,46 46,48", "−": "4,48 46,46", "=": "4,60 54,60;4,34 54,34",
    "#": "18,4 26,96;40,4 48,96;6,66 60,66;4,34 58,34",
    ".": "8,2 12,0", ",": "10,6 4,-14", ":": "10,58 12,54;10,10 12,6", ";": "10,58 12,54;10,6 4,-14",
    "/": "2,-6 40,106", "'": "8,104 6,80", '"': "6,104 5,80;22,104 21,80",
    "*": "24,84 24,40;6,74 42,50;42,74 6,50",
    "%": "6,0 56,100;~14,96 4,82 14,68 24,82 14,96;~48,32 38,16 48,0 58,16 48,32",
    "<": "50,84 6,48 50,12", ">": "6,84 50,48 6,12", "|": "8,110 8,-10", "~": "~2,44 16,56 34,40 50,52",
    "!": "10,100 10,30;10,6 12,2", "?": "~4,82 22,100 42,82 24,52 24,30;24,6 26,2",
    "@": "~46,40 30,26 22,48 38,64 48,44 58,30 66,56 40,90 8,60 16,10 56,4",
    "·": "10,50 13,47", "°": "~12,100 2,88 12,76 22,88 12,100", "+": "30,76 30,20;2,48 58,48",
    "↑": "20,0 20,100;4,76 20,100 36,76", "↓": "20,100 20,0;4,24 20,0 36,24",
    "△": "2,0 36,86 70,0 2,0 | 4,2 34,80 66,0 0,-2", "Δ": "2,0 36,92 70,0 2,0",
    "℃": "~12,100 2,88 12,76 22,88 12,100;~84,82 70,98 48,92 32,66 30,36 44,8 66,2 86,14",
    "α": "~52,58 38,10 16,2 4,30 18,60 38,40 54,2", "β": "~6,-34 8,80 24,100 42,84 18,56 46,40 38,6 10,4",
    "γ": "~2,50 14,60 24,10 20,-30 12,-10 24,20 42,60", "μ": "6,60 2,-34;~6,30 14,2 34,6 40,60;~40,60 38,10 50,2",
    "π": "~2,50 14,60 52,60;16,58 12,0;~38,58 36,10 46,2", "ω": "~12,60 4,20 18,0 30,20 44,0 58,20 50,60",
}
SAMPLES = 6  # points of a curve between two of its own


@dataclass(frozen=True, eq=False)  # one is another only if it is the same one
class Form:
    """One way to write a character: its strokes as (points, curved), and the box (left, bottom, right, top)."""

    strokes: tuple[tuple[Points, bool], ...]
    box: tuple[float, float, float, float]
    traced: bool = False  # from the pen of a person: its points are dense, and need no unevenness of ours


@cache
def forms(character: str) -> tuple[Form, ...]:
    """The ways to write a character, as parts of a capital's height; empty if it has none here."""
    return tuple(_form(text) for text in LETTERS.get(character, "").split(" | ") if text)


def _form(text: str) -> Form:
    strokes = []
    for stroke in text.split(";"):
        points = np.array([[float(v) for v in pair.split(",")] for pair in stroke.lstrip("~").split()]) / 100
        strokes.append((points, stroke.startswith("~")))
    traced = np.concatenate([curve(points) if curved else points for points, curved in strokes])
    (left, bottom), (right, top) = traced.min(0), traced.max(0)
    return Form(tuple(strokes), (float(left), float(bottom), float(right), float(top)))


def curve(points: Points) -> Points:
    """A smooth curve through points (Catmull and Rom 1974): (k, 2) -> (SAMPLES * (k - 1) + 1, 2)."""
    return np.asarray(_weights(len(points)) @ points)


@cache
def _weights(count: int) -> npt.NDArray[np.float64]:
    """What each of `count` points counts in each sample of the curve through them."""
    rows = []
    for span in range(count - 1):
        for t in np.arange(SAMPLES) / SAMPLES:
            row = np.zeros(count)
            for k, weight in enumerate((-0.5 * t + t * t - 0.5 * t ** 3, 1 - 2.5 * t * t + 1.5 * t ** 3,
                                        0.5 * t + 2 * t * t - 1.5 * t ** 3, -0.5 * t * t + 0.5 * t ** 3)):
                row[min(max(span + k - 1, 0), count - 1)] += weight
            rows.append(row)
    last = np.zeros(count)
    last[-1] = 1.0
    return np.array([*rows, last])


def as_written(character: str, strokes: Sequence[Points]) -> Form | None:
    """Strokes of a pen (y downwards, any unit) -> a form of this character, at the height and place of ours.

    None for a character that has no form here, and for strokes whose shape is so far from all of ours that they are
    hardly this character.
    """
    known = forms(character)
    whole = np.concatenate([*strokes, np.zeros((0, 2))])
    if not known or len(whole) < 2:
        return None
    (x0, y0), (x1, y1) = whole.min(0), whole.max(0)
    left, bottom, right, top = known[0].box
    wide, high = right - left, top - bottom
    if high > 0.25:  # all but dashes and dots, whose width says more
        scale = high / max(y1 - y0, 1e-9)
        if not wide / 2.2 - 0.1 < scale * (x1 - x0) < 2.2 * wide + 0.1:
            return None
    else:
        scale = max(wide, high) / max(x1 - x0, y1 - y0, 1e-9)
    flip = np.array([scale, -scale])
    placed = [_evenly((stroke - (x0, y1)) * flip + (left, bottom)) for stroke in strokes]
    (low, under), (far, over) = np.concatenate(placed).min(0), np.concatenate(placed).max(0)
    return Form(tuple((points, False) for points in placed), (float(low), float(under), float(far), float(over)), True)


def _evenly(points: Points) -> Points:
    """A stroke with a point about every twelfth of a capital, its ends kept."""
    steps = np.hypot(*np.diff(points, axis=0).T) if len(points) > 1 else np.zeros(1)
    way = np.concatenate(([0.0], np.cumsum(steps)))
    if way[-1] < 0.02:  # a dot
        return np.stack((points[0], points[0] + (0.03, 0.02)))
    wanted = np.linspace(0.0, way[-1], max(2, round(12 * float(way[-1])) + 1))
    return np.stack([np.interp(wanted, way[:len(points)], points[:, axis]) for axis in (0, 1)], axis=1)
