"""A grey picture of any size, contrast and polarity becomes the network's input, in numpy alone.

Letters: H, W height and width in pixels. Pictures are float32 (H, W) in [0, 1], 1 = paper, unless said otherwise.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from glyphic.core import staves
from glyphic.core.bonds import bond_length
from glyphic.core.components import components
from glyphic.core.options import InputSpec

Image = npt.NDArray[np.float32]
Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels; right and bottom exclusive

INK = 0.6  # below this a pixel counts as ink
FLAT = 0.06  # a picture whose greys differ by less is blank
MANY = 2_000_000  # pixels: of larger pictures, contrast and symbol size are measured on a grid of about so many
TAPS = 32  # what shrinks by more than twice that is first shrunk to so many rows for each new one, by plain means
SURROUND = 0.15  # of grey: what is so much brighter than a sheet, and flat, is what the sheet was laid on
BAND = 8  # pixels: a line of ink along an edge of the picture that is at least so thick belongs to no notation


@dataclass(frozen=True)
class Fitted:
    """A picture as the network sees it, and how to find its pixels in the original."""

    pixels: Image  # (H, W), multiples of spec.multiple
    scale: float  # fitted pixels per original pixel
    left: float  # x of fitted x = 0 in the original as it was turned (may be negative: margin)
    top: float
    blank: bool  # no ink was found
    wanted: float = 1.0  # the scale that the spec asks for; `scale` is less where the maxima forbid it
    squeeze: float = 1.0  # a line that was too long is narrower than its scale says: so many times as wide
    turned: int = 0  # by how many degrees, clockwise, the original was turned: 0, 90 or 270
    size: tuple[int, int] = (0, 0)  # height and width of the original, where that was turned
    rows: npt.NDArray[np.float32] | None = None  # (W,) of a staff laid level: what each column was lowered by, fitted
    staves: int | None = None  # how many whole ones there are, where one was looked for

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """A box in fitted pixels -> the same box in pixels of the original."""
        across = self.scale * self.squeeze
        if self.rows is not None:  # a column was moved as a whole; boxes are narrow beside the bends of staves
            moved = self.rows[int(min(max((x0 + x1) / 2, 0), len(self.rows) - 1))]
            y0, y1 = y0 - moved, y1 - moved
        left, right = x0 / across + self.left, x1 / across + self.left
        top, bottom = y0 / self.scale + self.top, y1 / self.scale + self.top
        height, width = self.size
        if self.turned == 90:  # the original's left edge is above, its lower one on the left
            return top, height - right, bottom, height - left
        if self.turned == 270:
            return width - bottom, left, width - top, right
        return left, top, right, bottom


def fit(image: Image, spec: InputSpec) -> Fitted:
    """image: (H, W) in [0, 1], any polarity and contrast -> what the network of this spec expects."""
    if spec.staff_space:
        return staff_fitted(image, spec)
    clean, box = cleaned(image, spec)
    return _fitted(clean, box, spec)


def fit_turns(image: Image, spec: InputSpec) -> tuple[Fitted, ...]:
    """As `fit`; then, if it is a line that may lie on its side (`spec.turned_from`), turned by 90 and 270 degrees."""
    if spec.staff_space:
        return (staff_fitted(image, spec),)
    clean, box = cleaned(image, spec)
    upright = _fitted(clean, box, spec)
    if box is None or not spec.line_height or spec.turned_from is None:
        return (upright,)
    left, top, right, bottom = box
    if bottom - top < spec.turned_from * (right - left):
        return (upright,)
    turned = []
    for degrees in (90, 270):
        picture = np.rot90(clean, -degrees // 90)
        turned.append(replace(_fitted(picture, line_box(picture), spec), turned=degrees, size=clean.shape))
    return upright, *turned


def staff_fitted(image: Image, spec: InputSpec, off: float = 1.0, lowered: float = 0.0) -> Fitted:
    """A staff of music, spec.max_height pixels high, level, its middle line in the middle.

    Where no staff is found, the ink is taken for one of eight spaces' height. off, lowered: errors that training
    brings in, a factor of the scale and a distance in spaces.
    """
    assert spec.staff_space
    clean, box = cleaned(image, spec)
    if box is None:
        return _nothing(spec, spec.max_height)
    left, top, right, bottom = box
    staff = staves.find(clean)
    wanted = off * spec.staff_space / (staff.space if staff else max(1.0, (bottom - top) / 8))
    heights = staff.middle(np.arange(left, right)) if staff else np.full(right - left, (top + bottom - 1) / 2)
    reach = spec.max_height / wanted  # rows that the cut may need, and as many again for the resampling
    top = max(0, int(heights.min() - reach))
    crop = clean[top:int(heights.max() + reach) + 1, left:right]
    height, width = crop.shape
    squeeze = min(1.0, (spec.max_width - 2 * spec.margin) / (width * wanted))
    new_h, new_w = max(1, round(height * wanted)), max(1, round(width * wanted * squeeze))
    columns = (np.arange(new_w) + 0.5) * (width / new_w) - 0.5
    rows = (np.interp(columns, np.arange(width), heights) - top + 0.5) * (new_h / height) - 0.5
    rows -= lowered * spec.staff_space
    pixels = np.ones((spec.max_height, spec.multiple * -(-(new_w + 2 * spec.margin) // spec.multiple)), np.float32)
    pixels[:, spec.margin:spec.margin + new_w] = staves.levelled(resize(crop, new_h, new_w), rows, spec.max_height)
    moved = np.pad((spec.max_height - 1) / 2 - rows, (spec.margin, pixels.shape[1] - new_w - spec.margin), mode="edge")
    return Fitted(pixels, wanted, left - spec.margin / (wanted * squeeze), top, False, wanted, squeeze,
                  rows=moved.astype(np.float32), staves=staves.count(staff) if staff else 0)


def _nothing(spec: InputSpec, height: int | None = None) -> Fitted:
    """A cell of paper."""
    side = spec.multiple * -(-(2 * spec.margin + 1) // spec.multiple)
    return Fitted(np.ones((height or side, side), np.float32), 1.0, 0.0, 0.0, True)


def _fitted(clean: Image, box: Box | None, spec: InputSpec) -> Fitted:
    """The part of a cleaned picture that is read, in the network's size; for no part, a cell of paper."""
    if box is None:
        return _nothing(spec)
    left, top, right, bottom = box
    crop = clean[top:bottom, left:right]
    height, width = crop.shape
    wanted = wanted_scale(crop, spec)
    room_h, room_w = spec.max_height - 2 * spec.margin, spec.max_width - 2 * spec.margin
    scale, squeeze = min(wanted, room_h / height), 1.0
    if spec.line_height:  # half as high, a line has no letters left; half as wide, it still has
        squeeze = min(1.0, room_w / (width * scale))
    else:
        scale = min(scale, room_w / width)
    resized = resize(crop, max(1, round(height * scale)), max(1, round(width * scale * squeeze)))
    return Fitted(pad(resized, spec.margin, spec.multiple), scale, left - spec.margin / (scale * squeeze),
                  top - spec.margin / scale, False, wanted, squeeze)


def cleaned(image: Image, spec: InputSpec) -> tuple[Image, Box | None]:
    """The picture with dark ink on bright paper, and the box of it that is read; None for a blank picture."""
    if spec.staff_space:
        clean = staves.evened(image)
        return clean, ink_box(clean)
    if spec.line_height:
        clean = spread_contrast(image)
        return clean, line_box(clean)
    clean = without_bands(stretch_contrast(image))
    return clean, ink_box(clean)


def wanted_scale(crop: Image, spec: InputSpec) -> float:
    """The factor that brings a crop to the spec's symbol size, bond length or line height; 1 where it has none."""
    if spec.line_height:
        return float((spec.line_height - 2 * spec.margin) / crop.shape[0])
    for size, measured in ((spec.symbol_size, symbol_size), (spec.bond_length, bond_length)):
        if size:
            grid = _grid(crop)
            return float(np.clip(size / (measured(grid < INK) * (crop.shape[1] / grid.shape[1])), 0.02, 8.0))
    return 1.0


def _grid(image: Image) -> Image:
    """Every pixel of a picture of usual size, every second or third and so on of a larger one."""
    step = math.ceil((image.size / MANY) ** 0.5)
    return image[::step, ::step]


def stretch_contrast(image: Image) -> Image:
    """Paper becomes 1 and the strongest ink 0, whichever of the two was brighter; a flat picture becomes all paper.

    Paper is the median grey: in a crop of a notation most pixels are paper.
    """
    image = without_surround(image)
    grid = _grid(image)
    paper = float(np.median(grid))
    low, high = _extremes(image)
    ink = high if high - paper > paper - low else low
    if abs(ink - paper) < FLAT:
        return np.ones_like(image, dtype=np.float32)
    stretched: Image = np.clip((image - ink) / (paper - ink), 0.0, 1.0).astype(np.float32)
    return stretched


def _extremes(image: Image) -> tuple[float, float]:
    """The darkest and the brightest grey, without single pixels that stand out."""
    greys = _grid(image).ravel()
    low, high = _low(greys, 0.001), -_low(-greys, 0.001)
    return min(low, float(image.min()) + 0.1), max(high, float(image.max()) - 0.1)


def _low(values: npt.NDArray[np.float32], share: float) -> float:
    """The quantile of a small share, as `numpy.quantile` interpolates it, in a fifth of the time.

    Of every eighth value, as many as are wanted of all lie below some bound; so all that are wanted lie below it.
    """
    place = share * (len(values) - 1)
    first = int(place)
    some = values[::8]
    if len(some) > first + 1:
        bound = np.partition(some, first + 1)[first + 1]
        if bound == values.min():  # as of paper that is all white
            return float(bound)
        values = values[values <= bound]
    if len(values) < first + 2:  # a single value
        return float(values[first])
    below, above = np.partition(values, (first, first + 1))[first:first + 2].tolist()
    return float(below + (above - below) * (place - first))


def without_surround(image: Image) -> Image:
    """A sheet that was cut out or turned, on bright ground of one grey, stands on its own paper's grey; else as it is.

    The ground has two corners of the picture at least, and reaches from its sides to the sheet. Without this a grey
    sheet on white would be taken for dark paper, and the white for ink.
    """
    paper, corners = float(np.median(image[::4, ::4])), image[np.ix_((0, -1), (0, -1))]
    level = float(corners.max())
    if level - paper < SURROUND or (level - corners < FLAT).sum() < 2:
        return image
    near = image > (level + paper) / 2  # the pixels between, at the sheet's edge, are of both
    edge = np.concatenate([side[shown] for side, shown in zip(_sides(image), _sides(near), strict=True)])
    if (np.abs(edge - level) < FLAT).mean() < 0.8:  # light that falls from one side
        return image
    ground = np.zeros_like(near)
    for side, rest in ((near, ground), (near.T, ground.T), (near[::-1], ground[::-1]), (near.T[::-1], ground.T[::-1])):
        rest |= np.logical_and.accumulate(side, axis=0)
    for rest in (ground, ground.T, ground[::-1], ground.T[::-1]):
        rest[1:] |= rest[:-1].copy()
    sheet = image[~ground]
    if not sheet.size or sheet.max() - sheet.min() < FLAT:  # ink alone
        return image
    laid: Image = np.where(ground, np.float32(np.median(sheet)), image)
    return laid


def without_bands(image: Image) -> Image:
    """The black bands that scanners leave along the edges become paper, on up to all four sides.

    A band has BAND solid rows at least and takes at most a quarter of the picture. With it goes all ink that reaches
    from it straight into the picture: where a page lay askew, bands are wedges. A picture of nothing but bands, as a
    tightly cropped = is, stays as it is.
    """
    result = image.copy()
    for ink, paper in ((image < INK, result), ((image < INK).T, result.T)):
        for side, rest in ((ink, paper), (ink[::-1], paper[::-1])):
            quarter = len(side) // 4
            if quarter < BAND or side[:BAND].mean(axis=1).min() < 0.95:
                continue
            if side[quarter].mean() < 0.95:
                rest[:2 * quarter][np.logical_and.accumulate(side[:2 * quarter], axis=0)] = 1.0
    return result if (result < INK).any() else image


def spread_contrast(image: Image) -> Image:
    """The whole range of greys becomes 0 to 1, with bright paper; a flat picture becomes all paper.

    For lines of text in a scene, where letters may be both darker and brighter than what they stand on (reliefs,
    outlines, shadows), so that nothing is cut off. Paper is the median grey of the picture's edge: bold letters may
    cover most of a tight crop, but hardly most of its edge.
    """
    low, high = _extremes(image)
    if high - low < FLAT:
        return np.ones_like(image, dtype=np.float32)
    spread: Image = np.clip((image - low) / (high - low), 0.0, 1.0).astype(np.float32)
    return spread if edge_level(spread) >= 0.5 else 1 - spread


def line_box(image: Image) -> Box | None:
    """The box around all that differs from the edge's grey, and an eighth of its height more on all sides.

    Faint letters count (a tenth of the contrast of others cannot be told from noise, a fifth can).
    """
    differs = np.abs(image - edge_level(image)) > 0.2
    box = _box_of(differs)
    if box is None:
        return None
    left, top, right, bottom = box
    more = round((bottom - top) / 8)
    return max(0, left - more), max(0, top - more), min(image.shape[1], right + more), min(len(image), bottom + more)


def _sides(image: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], ...]:
    """The upper and lower row, the left and right column."""
    return image[0], image[-1], image[:, 0], image[:, -1]


def edge_level(image: Image) -> float:
    """The median grey along the four edges: what the ink stands on, in a crop of any tightness."""
    edge = np.concatenate(_sides(image))
    half = len(edge) // 2  # of an even number of pixels; numpy's median takes twice as long for so few
    return float(np.partition(edge, (half - 1, half))[half - 1:half + 1].mean())


def ink_box(image: Image) -> Box | None:
    """The box around all ink; None for a blank picture."""
    return _box_of(image < INK)


def _box_of(ink: npt.NDArray[np.bool_]) -> Box | None:
    columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    if not len(columns):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def symbol_size(ink: npt.NDArray[np.bool_]) -> float:
    """Typical larger side of the symbols (connected components), in pixels: a geometric mean without the extremes.

    It follows the font size and hardly the content, so pictures scaled by it look alike at any resolution. On 200
    formulas of one font size its logarithm varies by 0.14 (standard deviation); the median varies by 0.18.
    """
    boxes = components(ink)
    if _is_framed(ink):  # the frame is as large as the picture, whatever stands in it
        inner = boxes[(boxes != (0, 0, ink.shape[1], ink.shape[0])).any(axis=1)]
        boxes = inner if len(inner) else boxes
    if not len(boxes):
        return float(max(ink.shape))
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    # rules (fractions, bars of roots, minus signs) and dots say little about the font size
    typical = np.percentile(longer, 75)
    symbols = longer[(shorter > 0.2 * longer) & (longer > 0.25 * typical)]
    if not len(symbols) or symbols.max() < 0.4 * typical:  # nothing but dots, as in "i = j": rules and stems must do
        symbols = longer[longer > 0.5 * longer.max()]
    sides = symbols.astype(np.float64)
    return float(np.exp(np.log(np.clip(sides, *np.percentile(sides, (10, 90)))).mean()))


def _is_framed(ink: npt.NDArray[np.bool_]) -> bool:
    """Whether a line runs along all four edges."""
    return bool(min(edge.mean() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1])) > 0.9)


def resize(image: Image, height: int, width: int) -> Image:
    """image: (H, W) -> (height, width) by a triangle filter that widens when shrinking: antialiased, any size."""
    if image.shape == (height, width):
        return image
    if height > image.shape[0] and width < image.shape[1]:  # a thread of a million pixels, 32 times as high, is large
        return resize(resize(image, image.shape[0], width), height, width)
    lower = _resampled(image, height)
    return np.ascontiguousarray(np.clip(_resampled(lower.T, width).T, 0.0, 1.0))


def pad(image: Image, margin: int, multiple: int) -> Image:
    """A margin of paper all around, then paper on the right and below up to a multiple in both directions."""
    height, width = image.shape
    full_h = multiple * -(-(height + 2 * margin) // multiple)
    full_w = multiple * -(-(width + 2 * margin) // multiple)
    result = np.ones((full_h, full_w), np.float32)
    result[margin:margin + height, margin:margin + width] = image
    return result


def stack(images: list[Image]) -> npt.NDArray[np.float32]:
    """Pictures of several sizes -> (N, 1, H, W), each in the upper left corner, the rest paper."""
    height, width = max(i.shape[0] for i in images), max(i.shape[1] for i in images)
    batch = np.ones((len(images), 1, height, width), np.float32)
    for row, image in zip(batch, images, strict=True):
        row[0, :image.shape[0], :image.shape[1]] = image
    return batch


def _resampled(image: Image, target: int) -> Image:
    """(H, W) -> (target, W): every new row is the mean of the rows around it, by the triangle filter.

    Row by row of the filter, not as a matrix product: that has 100 times the work when a big picture shrinks, and a
    multi-threaded BLAS on a busy machine takes 60 ms for what takes 3.
    """
    source = image.shape[0]
    ratio = source / target
    if ratio > 2 * TAPS:  # a filter of thousands of taps, minutes for a picture 20 million pixels long, for no gain
        parts = TAPS * target
        first = np.arange(parts) * source // parts
        sums = np.add.reduceat(image, first, axis=0)
        return _resampled(sums / np.diff(first, append=source).astype(np.float32)[:, None], target)
    reach = max(ratio, 1.0)
    centers = (np.arange(target) + 0.5) * ratio - 0.5
    rows = np.ceil(centers - reach).astype(np.int64)[:, None] + np.arange(int(2 * reach) + 1)  # (target, taps)
    weights = np.maximum(1.0 - np.abs(rows - centers[:, None]) / reach, 0.0) * ((rows >= 0) & (rows < source))
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    rows = rows.clip(0, source - 1)
    image = np.ascontiguousarray(image)
    result: Image = np.take(image, rows[:, 0], axis=0)
    result *= weights[:, 0, None]
    part = np.empty_like(result)
    for tap in range(1, rows.shape[1]):
        np.take(image, rows[:, tap], axis=0, out=part, mode="clip")  # with another mode, numpy copies once more
        part *= weights[:, tap, None]
        result += part
    return result
