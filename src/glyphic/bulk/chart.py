"""How sure the readings are becomes a picture: a histogram of confidence for each notation, as SVG.

Bars are rectangles, so this needs no library: matplotlib comes with the extra for training only.
"""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, GAP = 480, 110, 64, 26, 48  # of a histogram, and the room around it
COLOURS = ("#3b6ea8", "#b5502f", "#4b8a4b", "#7d5ba6", "#8a7a3b", "#5b8a8a")


def drawn(histograms: Mapping[str, Sequence[int]], threshold: float) -> str:
    """histograms: notation -> how many readings are in each of equal parts of [0, 1] -> an SVG. A line stands where
    readings begin to be accepted."""
    height = TOP + max(1, len(histograms)) * (HEIGHT + GAP)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 24}" height="{height}" '
             'font-family="sans-serif" font-size="12" fill="#333">', '<rect width="100%" height="100%" fill="#fff"/>']
    for place, (name, counts) in enumerate(histograms.items()):
        top = TOP + place * (HEIGHT + GAP)
        parts += _histogram(name, counts, threshold, top, COLOURS[place % len(COLOURS)])
    if not histograms:
        parts.append(f'<text x="{LEFT}" y="{TOP}">nothing was read</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _histogram(name: str, counts: Sequence[int], threshold: float, top: int, colour: str) -> list[str]:
    most, base, each = max(1, *counts), top + HEIGHT, WIDTH / len(counts)
    parts = [f'<text x="{LEFT}" y="{top - 8}" font-weight="bold">{escape(name)}: confidence of '
             f'{sum(counts)} readings</text>']
    for place, count in enumerate(counts):
        tall = HEIGHT * count / most
        low, high = place / len(counts), (place + 1) / len(counts)
        parts.append(f'<rect x="{LEFT + place * each + 1:.1f}" y="{base - tall:.1f}" width="{each - 2:.1f}" '
                     f'height="{tall:.1f}" fill="{colour}"><title>{low:.2f} to {high:.2f}: {count}</title></rect>')
    at = LEFT + WIDTH * threshold
    parts += [f'<line x1="{at:.1f}" y1="{top}" x2="{at:.1f}" y2="{base}" stroke="#333" stroke-dasharray="4 3"/>',
              f'<line x1="{LEFT}" y1="{base}" x2="{LEFT + WIDTH}" y2="{base}" stroke="#333"/>',
              f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end">{most}</text>',
              f'<text x="{LEFT - 6}" y="{base}" text-anchor="end">0</text>']
    parts += [f'<text x="{LEFT + WIDTH * value:.1f}" y="{base + 16}" text-anchor="middle">{value:g}</text>'
              for value in (0, 0.25, 0.5, 0.75, 1)]
    return parts
