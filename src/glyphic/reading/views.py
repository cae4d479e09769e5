"""A given picture becomes the views of it that a network reads: upright and, if it may lie on its side, turned."""

import math
import time
from dataclasses import dataclass
from typing import Any

from glyphic.core.errors import ImageError
from glyphic.core.images import Fitted, fit_turns
from glyphic.core.options import InputSpec
from glyphic.reading import pictures

View = tuple[Fitted, tuple[int, int]]  # a picture as it is read, and the height and width of the given one

ENLARGED = 4.0  # from this scale on, a picture had too few pixels to be sure of
SHRUNK = 0.6  # below this share of the size that the model reads best, symbols suffer


@dataclass(frozen=True)
class Views:
    """A picture on its way to the network: its height and width, how it is read, and how long that took to find."""

    size: tuple[int, int]
    fitted: tuple[Fitted, ...]  # upright; then, if it may lie on its side, turned
    milliseconds: float

    @property
    def blank(self) -> bool:
        return self.fitted[0].blank

    @property
    def group(self) -> str:
        """Views of different groups cannot be read together; a model's own are all of one."""
        return ""

    @property
    def width(self) -> int:
        """In pixels, as it is read upright: pictures of about one width are quickest to read together."""
        return int(self.fitted[0].pixels.shape[1])

    @property
    def nbytes(self) -> int:
        """What the views hold in memory."""
        return sum(fitted.pixels.nbytes for fitted in self.fitted)

    def info(self, fitted: Fitted) -> dict[str, Any]:
        """Plain values: size of the given picture, what was cropped (left, top, right, bottom), at which scale; and,
        if it was turned for that, by how many degrees clockwise."""
        height, width = self.size
        if fitted.blank:
            return {"width": width, "height": height, "crop": None, "scale": 1.0}
        left, top, right, bottom = fitted.box(0, 0, fitted.pixels.shape[1], fitted.pixels.shape[0])
        crop = [max(0, math.floor(left)), max(0, math.floor(top)), min(width, math.ceil(right)),
                min(height, math.ceil(bottom))]
        turned = {"turned": fitted.turned} if fitted.turned else {}
        return {"width": width, "height": height, "crop": crop, "scale": round(float(fitted.scale), 4), **turned}

    def warnings(self, fitted: Fitted) -> tuple[str, ...]:
        """What is wrong with the picture, read in this way."""
        if fitted.blank:
            return ("the picture is blank: no ink was found",)
        if fitted.scale >= ENLARGED:
            return (f"the picture is very small: it was enlarged {fitted.scale:.1f} times; "
                    "one of higher resolution is read better",)
        share = fitted.scale * fitted.squeeze / fitted.wanted
        if share < SHRUNK:
            return (f"the picture holds too much: it was shrunk to {share:.0%} of the size that is read best; "
                    "crop it to one formula, line or drawing",)
        return ()

    def doubts(self, fitted: Fitted) -> tuple[str, ...]:
        """Why the picture may not be of the kind that is read, in words; what was read in it is not to be trusted."""
        return ("no staff was found",) if fitted.staves == 0 else ()


def look(source: pictures.Source, spec: InputSpec) -> Views:
    """source: as for `pictures.load`, with its errors; and ImageError where one staff is read and it shows several."""
    start = time.perf_counter()
    grey = pictures.load(source)
    fitted = fit_turns(grey, spec)
    if fitted[0].staves and fitted[0].staves > 1:
        raise ImageError(f"the picture shows {fitted[0].staves} staves, and one is read at a time: cut it into "
                         "pictures of one staff each (a neighbour may show at the edge)", "several-staves")
    return Views((grey.shape[0], grey.shape[1]), fitted, 1000 * (time.perf_counter() - start))
