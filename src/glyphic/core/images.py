"""A grey picture of any size, contrast and polarity becomes the network's input, in numpy alone.

Letters: H, W height and width in pixels. Pictures are float32 (H, W) in [0, 1], 1 = paper, unless said otherwise.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glyphic.core.options import InputSpec

Image = npt.NDArray[np.float32]

INK = 0.6  # below this a pixel counts as ink


@dataclass(frozen=True)
class Fitted:
    """A picture as the network sees it, and how to find its pixels in the original."""

    pixels: Image  # (H, W), multiples of spec.multiple
    scale: float  # fitted pixels per original pixel
    left: float  # original x of fitted x = 0 (may be negative: margin)
    top: float
    blank: bool  # no ink was found
    wanted: float = 1.0  # the scale that the spec asks for; `scale` is less where the maxima forbid it

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """A box in fitted pixels -> the same box in pixels of the original."""
        return (x0 / self.scale + self.left, y0 / self.scale + self.top,
                x1 / self.scale + self.left, y1 / self.scale + self.top)


def fit(image: Image, spec: InputSpec) -> Fitted:
    """image: (H, W) in [0, 1], any polarity and contrast -> what the network of this spec expects."""
    clean = stretch_contrast(image)
    box = ink_box(clean)
    if box is None:
        side = spec.multiple * -(-(2 * spec.margin + 1) // spec.multiple)
        return Fitted(np.ones((side, side), np.float32), 1.0, 0.0, 0.0, True)
    left, top, right, bottom = box
    crop = clean[top:bottom, left:right]
    height, width = crop.shape
    wanted = wanted_scale(crop, spec)
    room_h, room_w = spec.max_height - 2 * spec.margin, spec.max_width - 2 * spec.margin
    scale = min(wanted, room_h / height, room_w / width)
    resized = resize(crop, max(1, round(height * scale)), max(1, round(width * scale)))
    return Fitted(pad(resized, spec.margin, spec.multiple), scale, left - spec.margin / scale,
                  top - spec.margin / scale, False, wanted)


def wanted_scale(crop: Image, spec: InputSpec) -> float:
    """The factor that brings a crop to the spec's symbol size or line height (1 where it asks for neither)."""
    if spec.line_height:
        return float((spec.line_height - 2 * spec.margin) / crop.shape[0])
    if spec.symbol_size:
        return float(np.clip(spec.symbol_size / symbol_size(crop < INK), 0.02, 8.0))
    return 1.0


def stretch_contrast(image: Image) -> Image:
    """Paper becomes 1 and the strongest ink 0, whichever of the two was brighter; a flat picture becomes all paper.

    Paper is the median grey: in a crop of a notation most pixels are paper.
    """
    paper = float(np.median(image))
    low, high = (float(v) for v in np.percentile(image, (0.1, 99.9)))
    low, high = min(low, float(image.min()) + 0.1), max(high, float(image.max()) - 0.1)
    ink = high if high - paper > paper - low else low
    if abs(ink - paper) < 0.06:
        return np.ones_like(image, dtype=np.float32)
    stretched: Image = np.clip((image - ink) / (paper - ink), 0.0, 1.0).astype(np.float32)
    return stretched


def ink_box(image: Image) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) around all ink, right and bottom exclusive; None for a blank picture."""
    ink = image < INK
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


def components(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """ink: (H, W) -> (C, 4) left, top, right, bottom of its 8-connected components, right and bottom exclusive."""
    height, width = ink.shape
    edges = np.diff(np.pad(ink, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(edges == 1)  # runs of ink, ordered by row, then column
    _, stop = np.nonzero(edges == -1)
    if not len(row):
        return np.zeros((0, 4), np.int64)
    # a run touches those of the next row with start <= its stop and stop >= its start (diagonals included)
    stride = width + 2
    first = np.searchsorted(row * stride + stop, (row + 1) * stride + start, side="left")
    last = np.searchsorted(row * stride + start, (row + 1) * stride + stop, side="right")
    many = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(row)), many)
    lower = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)
    label = np.arange(len(row))
    while True:  # every round, each run takes the least label of its neighbours, then labels are followed to their roots
        least = np.minimum(label[upper], label[lower])
        new = label.copy()
        np.minimum.at(new, label[upper], least)
        np.minimum.at(new, label[lower], least)
        while not np.array_equal(new, new[new]):
            new = new[new]
        new = new[label]
        if np.array_equal(new, label):
            break
        label = new
    _, index = np.unique(label, return_inverse=True)
    count = int(index.max()) + 1
    boxes = np.empty((count, 4), np.int64)
    boxes[:, :2], boxes[:, 2:] = max(height, width), 0
    np.minimum.at(boxes[:, 0], index, start)
    np.minimum.at(boxes[:, 1], index, row)
    np.maximum.at(boxes[:, 2], index, stop)
    np.maximum.at(boxes[:, 3], index, row + 1)
    return boxes


def resize(image: Image, height: int, width: int) -> Image:
    """image: (H, W) -> (height, width) by a triangle filter that widens when shrinking: antialiased, any size."""
    if image.shape == (height, width):
        return image
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
    reach = max(ratio, 1.0)
    centers = (np.arange(target) + 0.5) * ratio - 0.5
    rows = np.ceil(centers - reach).astype(np.int64)[:, None] + np.arange(int(2 * reach) + 1)  # (target, taps)
    weights = np.maximum(1.0 - np.abs(rows - centers[:, None]) / reach, 0.0) * ((rows >= 0) & (rows < source))
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    rows = rows.clip(0, source - 1)
    image = np.ascontiguousarray(image)
    result = np.zeros((target, image.shape[1]), np.float32)
    for tap in range(rows.shape[1]):
        result += weights[:, tap, None] * image[rows[:, tap]]
    return result
