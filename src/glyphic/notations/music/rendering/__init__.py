"""Semantic texts become pictures of staves, clean as engraving programs and PrIMuS make them, or as cameras see them.

Verovio engraves (engraving.py) in a random style, resvg draws (drawing.py), both of the extra [music]. For the camera,
things stand around the staff (surroundings.py), the sheet is bent (bending.py) and photographed (camera.py). Marks are
the symbols in the text's order: official string, x and y of the middle, in pixels of the picture.
"""

import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import OptionError
from glyphic.core.notation import Rendering
from glyphic.notations.music.rendering import style
from glyphic.notations.music.rendering.bending import bent
from glyphic.notations.music.rendering.camera import photographed
from glyphic.notations.music.rendering.drawing import Grey, drawn
from glyphic.notations.music.rendering.engraving import Engraving, engraved
from glyphic.notations.music.rendering.surroundings import Places, surrounded, tight
from glyphic.notations.music.semantic import Staff

Pixels = npt.NDArray[np.uint8]

LOOKS = ("clean", "camera", "mixed")
CAMERAS = 0.6  # of the mixed look
KEPT = 6  # drawings of earlier staves that may stand around a later one


def render_many(staves: Sequence[Staff], rng: random.Random, look: str = "clean") -> list[Rendering | None]:
    """Staves -> pictures; None for one that Verovio cannot set. All follows from the staves and `rng`.

    Errors: MissingExtraError without the extra [music]; OptionError for a look that is none of LOOKS.
    """
    if look not in LOOKS:
        raise OptionError(f"looks of staves are {', '.join(LOOKS)}; got {look!r}")
    others: list[tuple[Grey, float]] = []
    return [_rendered(staff, rng.random() < CAMERAS if look == "mixed" else look == "camera", others, rng)
            for staff in staves]


def _rendered(staff: Staff, camera: bool, others: list[tuple[Grey, float]], rng: random.Random) -> Rendering | None:
    chosen = style.for_camera(rng) if camera else style.typeset(rng)
    engraving = engraved(staff, chosen, rng)
    if engraving is None:
        return None
    picture = drawn(engraving, chosen.space)
    places: Places = np.array([(x, y) for _, x, y in engraving.marks]).reshape(-1, 2) * chosen.space
    if not camera:
        return _clean(picture, places, engraving, chosen, rng)
    alike = [other for other, space in others if 0.75 < space / chosen.space < 1.33]
    others[:] = [*others[1 - KEPT:], (picture, chosen.space)]
    pixels, places = _photographed(picture, places, chosen.space, alike, rng)
    return Rendering(pixels, _named(engraving, places))


def seen_by_camera(pixels: Pixels, space: float, rng: random.Random) -> Pixels:
    """A clean picture of a staff, (H, W) with 255 = paper and `space` pixels from line to line -> as a camera sees it.

    For test sets: the same distortions as those of the look "camera", around pictures of other engravers.
    """
    return _photographed(pixels.astype(np.float32) / np.float32(255), np.zeros((0, 2)), space, [], rng)[0]


def _photographed(picture: Grey, places: Places, space: float, others: Sequence[Grey],
                  rng: random.Random) -> tuple[Pixels, Places]:
    picture, places = tight(picture, places, space, (0, 0, 0, 0))
    picture, places = surrounded(picture, places, space, others, rng)
    if rng.random() < 0.9:
        picture, places = bent(picture, places, space, rng)
    pixels, factor = photographed(picture, space, rng)
    height, width = pixels.shape
    return pixels, (places * factor).clip(0, (width - 1, height - 1))


def _clean(picture: Grey, places: Places, engraving: Engraving, chosen: style.Style,
           rng: random.Random) -> Rendering:
    if rng.random() < 0.5:  # as PrIMuS is cropped
        margins = (0.0, rng.uniform(0, 0.6), rng.uniform(0, 0.4), rng.uniform(0, 0.6))
    else:
        margins = (rng.uniform(0, 3), rng.uniform(0, 3), rng.uniform(0, 3), rng.uniform(0, 3))
    picture, places = tight(picture, places, chosen.space, margins)
    if chosen.level is not None:
        picture = (picture > chosen.level).astype(np.float32)
    levels = np.round(chosen.ink + (255 - chosen.ink) * picture).astype(np.uint8)
    return Rendering(levels, _named(engraving, places))


def _named(engraving: Engraving, places: Places) -> tuple[tuple[str, float, float], ...]:
    return tuple((name, float(x), float(y)) for (name, _, _), (x, y) in zip(engraving.marks, places, strict=True))
