"""A flat picture as a camera sees it: turned, sheared, in perspective, on waved or crumpled paper; marks move along.

One map from the new picture back to the old one is laid out at the corners of a mesh, and Pillow fills the meshes: all
of Camera-PrIMuS's geometry (rotate, shear, wave, swirl, implode) in one resampling.
"""

import math
import random
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

from glyphic.notations.music.rendering.drawing import Grey
from glyphic.notations.music.rendering.surroundings import Places

Map = Callable[[Places], Places]  # (K, 2) x, y of the new picture -> those of the old one

MESH = 3.0  # spaces


def bent(picture: Grey, places: Places, space: float, rng: random.Random) -> tuple[Grey, Places]:
    """The picture, as much larger as it must be, and where its symbols are now."""
    height, width = picture.shape
    angle = max(-4.5, min(4.5, rng.gauss(0, 1.1)))
    if rng.random() < 0.15:
        angle = 0.0
    rise = abs(math.sin(math.radians(angle))) * width
    if rise > 7 * space:  # nobody photographs a long staff so far aslant
        angle *= 7 * space / rise
        rise = 7 * space
    length = space * rng.uniform(20, 90)
    wave = length * rng.choice((0.0, rng.uniform(0, 0.012), rng.uniform(0, 0.025)))  # a slope of 0.16 at most
    grown = height + round(rise * rng.uniform(0.7, 1.0) + 1.2 * wave)
    back = _map((height, width), (grown, width), angle, (wave, length), space, rng)
    return _resampled(picture, (grown, width), back, space), _inverted(back, places, (0.0, (grown - height) / 2))


def _map(old: tuple[int, int], new: tuple[int, int], angle: float, waves: tuple[float, float], space: float,
         rng: random.Random) -> Map:
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    shear = rng.gauss(0, 0.02)
    along, across = rng.gauss(0, 0.03), rng.gauss(0, 0.015)  # perspective: sizes differ from side to side by as much
    (wave, length), phase = waves, rng.uniform(0, math.tau)
    crumple = space * rng.choice((0.0, rng.uniform(0, 0.2)))
    field = np.random.default_rng(rng.getrandbits(32)).normal(0, crumple, (2, 4, max(4, round(new[1] / (14 * space)))))

    def back(points: Places) -> Places:
        x, y = points[:, 0] - new[1] / 2, points[:, 1] - new[0] / 2
        depth = 1 + along * x * 2 / new[1] + across * y * 2 / new[0]
        x, y = x / (1 + along * x * 2 / new[1] * 0.5), y / depth
        x, y = cos * x + sin * y + shear * y, cos * y - sin * x
        y = y + wave * np.sin(math.tau * x / length + phase)
        x = x + 0.4 * wave * np.sin(math.tau * x / (1.3 * length) + 2 * phase)
        if crumple:
            shift = _interpolated(field, points[:, 0] / new[1], points[:, 1] / new[0])
            x, y = x + shift[0], y + shift[1]
        return np.stack((x + old[1] / 2, y + old[0] / 2), axis=1)

    return back


def _interpolated(field: npt.NDArray[np.float64], u: npt.NDArray[np.float64],
                  v: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """field: (2, R, C), u, v: (K,) in [0, 1] across and down -> (2, K), smooth between the nodes."""
    rows, columns = field.shape[1:]
    x, y = u.clip(0, 1) * (columns - 1), v.clip(0, 1) * (rows - 1)
    i, j = np.minimum(y.astype(int), rows - 2), np.minimum(x.astype(int), columns - 2)
    p, q = y - i, x - j
    p, q = p * p * (3 - 2 * p), q * q * (3 - 2 * q)
    upper = field[:, i, j] * (1 - q) + field[:, i, j + 1] * q
    lower = field[:, i + 1, j] * (1 - q) + field[:, i + 1, j + 1] * q
    result: npt.NDArray[np.float64] = upper * (1 - p) + lower * p
    return result


def _resampled(picture: Grey, size: tuple[int, int], back: Map, space: float) -> Grey:
    height, width = size
    rows, columns = max(1, round(height / (MESH * space))), max(1, round(width / (MESH * space)))
    y, x = np.round(np.linspace(0, height, rows + 1)), np.round(np.linspace(0, width, columns + 1))
    nodes = np.stack(np.meshgrid(x, y), axis=-1)
    source = back(nodes.reshape(-1, 2)).reshape(nodes.shape)
    quads = np.concatenate((source[:-1, :-1], source[1:, :-1], source[1:, 1:], source[:-1, 1:]), axis=-1)
    mesh = [((int(x[j]), int(y[i]), int(x[j + 1]), int(y[i + 1])), tuple(quads[i, j].tolist()))
            for i in range(rows) for j in range(columns)]
    old = Image.fromarray(np.round(picture * 255).astype(np.uint8))
    seen = old.transform((width, height), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR, fillcolor=255)
    return np.asarray(seen, np.float32) / np.float32(255)


def _inverted(back: Map, places: Places, shift: tuple[float, float]) -> Places:
    """Where the old places are in the new picture: a few steps of a fixed point, as the map is nearly a shift."""
    found: Places = places + np.asarray(shift)
    for _ in range(8):
        found = found - (back(found) - places)
    return found
