"""Which kinds of pictures there are, and the one small view of a picture by which they are told apart.

A kind is what decides who reads: printed and handwritten formulas, printed and handwritten molecules, a staff of music,
a word or line of text; `none` is all else, as photographs, blank paper, whole pages, tables, plots, several staves.

A letterboxed square would lose what matters: of a staff that is fifteen times as wide as high it would leave fourteen
rows. So every view has about the same number of pixels whatever its shape, as a picture of 15 : 1 is seen in 608 x 40:
staff lines stay apart there, and letters stay letters. Letters: H, W height and width in pixels.
"""

import numpy as np

from glyphic.core.blocks import block_means
from glyphic.core.images import Image, edge_level, line_box, resize, spread_contrast

KINDS = ("formula", "formula-handwritten", "molecule", "molecule-handwritten", "music", "text", "none")
NONE = "none"

# heights and widths of views, in multiples of 8, of about 24,576 pixels each; for what is higher than wide, turned
WIDE = ((32, 768), (40, 608), (48, 512), (56, 440), (64, 384), (80, 304), (96, 256), (112, 216), (128, 192),
        (136, 176), (152, 160))
SHAPES = (*WIDE, *((width, height) for height, width in reversed(WIDE)))

MANY = 160_000  # pixels: of a larger picture, blocks become their means before anything is measured
LEAST = 2  # rows and columns that a picture keeps in its view, however long it is


def view(image: Image) -> Image:
    """image: (H, W) in [0, 1], any size, polarity and contrast -> what the network sees: one of SHAPES, 1 = paper.

    The contrast is spread, bright paper assumed from the picture's edges; what differs from them is cut out with a
    little around it and scaled, its aspect kept, into the shape that leaves it largest. Around it is paper.
    """
    clean = spread_contrast(thinned(image))
    box = line_box(clean)
    if box is not None:
        left, top, right, bottom = box
        clean = clean[top:bottom, left:right]
    return placed(clean)


def placed(image: Image) -> Image:
    """image: (H, W) -> the same in the middle of the shape that leaves it largest, the rest filled like its edges."""
    height, width = image.shape
    scale, shape = max((min(h / height, w / width), (h, w)) for h, w in SHAPES)
    fitted = (min(shape[0], max(LEAST, round(height * scale))), min(shape[1], max(LEAST, round(width * scale))))
    result = np.full(shape, edge_level(image), np.float32)
    top, left = (shape[0] - fitted[0]) // 2, (shape[1] - fitted[1]) // 2
    result[top:top + fitted[0], left:left + fitted[1]] = resize(image, *fitted)
    return result


def thinned(image: Image) -> Image:
    """A picture of usual size as it is; of a larger one, the means of blocks of 2 x 2, 3 x 3 and so on."""
    step = int((image.size / MANY) ** 0.5)
    if step < 2:
        return image
    return block_means(image, min(step, image.shape[0]), min(step, image.shape[1]))
