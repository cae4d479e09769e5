"""A reading, its places and the picture -> why the picture may hold no molecule, or another; in words, none if it fits.

A network that has only seen molecules reads them into anything. But then the ink does not run where the bonds of the
reading would, most of it is explained by no atom or bond, or the drawing falls apart into letters.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from glyphic.core.images import INK
from glyphic.core.notation import Sight
from glyphic.core.results import Place
from glyphic.notations.molecule import target
from glyphic.notations.molecule.placement import Graph, darkness, graph_of
from glyphic.notations.molecule.tokens import ARROWS

SOLID = 0.3  # of the picture: drawings of lines have less ink
EXPLAINED = 0.6  # of the ink lies near what was read, at least
SUPPORTED = 0.6  # of the bonds' course lies on ink, at least
SHORT, LONG = 0.45, 2.5  # medians: where bonds are shorter or longer, they are odd
ODD = 0.25  # of the bonds may be odd
NEAR = 0.35  # bonds: from the course of a bond to its second line, or the edge of its wedge
BESIDE = 0.2  # bonds: from there to the nearest ink of a bond, as of a double bond of which neither line is on it
FAINT = 0.3  # darkness of the thinnest line
ALONG_TEXT, BESIDE_TEXT = 0.35, 0.6  # bonds: what a character takes of the line, what a label takes above and below
SAMPLES = np.linspace(0.1, 0.9, 9)
MOST = 20_000  # pixels of ink that are looked at


def doubts(sight: Sight, places: Sequence[Place]) -> list[str]:
    """places: the reading's, in the pixels of the sight; without them, what the text and the ink alone tell."""
    tokens = target.repaired(sight.tokens)
    if not tokens:
        return []
    graph = graph_of(target.spelled(tokens))
    found = _of_graph(graph, tokens)
    ink = sight.image < INK
    if ink.mean() > SOLID:
        found.append(f"{ink.mean():.0%} of the picture is ink, more than lines and letters take")
    if len(places) == len(graph.texts) and len(graph.bonds):
        found += _of_places(graph, np.array([(place.x, place.y) for place in places]), sight, ink)
    return found


def _of_graph(graph: Graph, tokens: Sequence[str]) -> list[str]:
    """What the reading alone says; the line of a reaction may do without bonds."""
    if set(tokens) & set(ARROWS):
        return []
    if not len(graph.bonds):
        return ["no bond was read, only letters"]
    lone = sum(len(component) == 1 for component in graph.components)
    if lone >= 3 and lone > len(graph.texts) / 4:
        return [f"{lone} of {len(graph.texts)} atoms have no bond"]
    return []


def _of_places(graph: Graph, points: npt.NDArray[np.float64], sight: Sight, ink: npt.NDArray[np.bool_]) -> list[str]:
    found = []
    begins, arms = points[graph.bonds[:, 0]], points[graph.bonds[:, 1]] - points[graph.bonds[:, 0]]
    lengths = np.hypot(arms[:, 0], arms[:, 1])
    unit = max(float(np.median(lengths)), 1.0)
    odd = float(np.mean((lengths < SHORT * unit) | (lengths > LONG * unit)))
    if odd > ODD:
        found.append(f"{odd:.0%} of the bonds would be far shorter or longer than the others")
    on_ink = support(graph, begins, arms, unit, sight)
    if on_ink < SUPPORTED:
        found.append(f"only {on_ink:.0%} of what would be bonds runs along ink")
    share = explained(graph, points, unit, ink)
    if share < EXPLAINED:
        found.append(f"only {share:.0%} of the ink lies where the reading has atoms and bonds")
    return found


def support(graph: Graph, begins: npt.NDArray[np.float64], arms: npt.NDArray[np.float64], unit: float,
            sight: Sight) -> float:
    """The share of the bonds' course, labels left out, that lies on ink."""
    lengths = np.maximum(np.hypot(arms[:, 0], arms[:, 1]), 1e-9)
    across = np.stack((-arms[:, 1], arms[:, 0]), axis=1) / lengths[:, None]
    beside = np.linspace(-BESIDE, BESIDE, 11) * unit
    at = begins[:, None] + SAMPLES[None, :, None] * arms[:, None]  # (M, samples, 2)
    dark = darkness(sight.image, at[:, :, None] + beside[None, None, :, None] * across[:, None, None]).max(2) > FAINT
    bare = np.array([not text for text in graph.texts])
    shown = np.ones(dark.shape, bool)
    shown[~bare[graph.bonds[:, 0]]] &= SAMPLES > 0.45  # a label takes nearly half of a bond
    shown[~bare[graph.bonds[:, 1]]] &= SAMPLES < 0.55
    return float(dark[shown].mean()) if shown.any() else 1.0


def explained(graph: Graph, points: npt.NDArray[np.float64], unit: float, ink: npt.NDArray[np.bool_]) -> float:
    """The share of the ink that lies near the bonds, labels and circles of a reading."""
    y, x = np.nonzero(ink)
    step = max(1, len(x) // MOST)
    dots = np.stack((x[::step], y[::step]), axis=1) + 0.5  # (K, 2)
    if not len(dots):
        return 1.0
    near = np.zeros(len(dots), bool)
    for begin, end in points[graph.bonds]:
        arm = end - begin
        share = np.clip((dots - begin) @ arm / max(float(arm @ arm), 1e-9), 0.0, 1.0)
        near |= ((dots - begin - share[:, None] * arm) ** 2).sum(1) < (NEAR * unit) ** 2
    for text, point in zip(graph.texts, points, strict=True):
        rows = text.split("\n")
        reach = 0.35 + ALONG_TEXT * max(map(len, rows))  # a label goes on to the left or to the right
        high = BESIDE_TEXT + 0.8 * (len(rows) - 1)
        if text:
            near |= (np.abs(dots - point) < np.array((reach, high)) * unit).all(1)
    start = 0
    for drawing in graph.drawings:
        for circle in drawing.circles:
            centre = points[[start + atom for atom in circle.atoms]].mean(0)
            near |= ((dots - centre) ** 2).sum(1) < (0.8 * unit) ** 2
        start += len(drawing.atoms)
    return float(near.mean())
