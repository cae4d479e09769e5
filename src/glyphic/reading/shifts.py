"""A line or staff read at several heights at once: what a finder leaves half a pixel wrong is right a row higher.

Test-time augmentation (Krizhevsky et al. 2012), as `glyphic.reading.scales` is for step models. A picture that is moved
up or down keeps its columns, so the frames of all looks fall on each other, and their probabilities are averaged.
"""

import numpy as np

from glyphic.core.images import Image
from glyphic.core.model import FloatArray
from glyphic.decoding.ctc import FrameTask
from glyphic.decoding.ensemble import mean


def steadied(task: FrameTask, pixels: Image, frames: FloatArray) -> FloatArray:
    """pixels: (H, W) as the network saw them, frames: (T, V) what it said -> the same with what it says of the picture
    moved by each of `DecodingOptions.shifts` as well."""
    looks = [frames]
    for rows in task.options.shifts:
        logprobs, _ = task.model.frames(moved(pixels, rows)[None, None])
        looks.append(logprobs[0])
    return mean(looks)


def moved(pixels: Image, rows: int) -> Image:
    """(H, W) -> (H, W), so many rows lower, or higher where it is negative; what comes in is the edge's row again."""
    result: Image = pixels[(np.arange(len(pixels)) - rows).clip(0, len(pixels) - 1)]
    return result
