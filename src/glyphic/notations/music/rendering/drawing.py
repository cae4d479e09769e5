"""An engraving (SVG) becomes a picture by resvg, at a given number of pixels from staff line to staff line."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from glyphic.core.errors import MissingExtraError
from glyphic.notations.music.rendering.engraving import Engraving

ENGRAVED = 18.0  # pixels of a space at which Verovio's drawings have their stated size

Grey = npt.NDArray[np.float32]  # (H, W) in [0, 1], 1 = paper


def drawn(engraving: Engraving, space: float) -> Grey:
    """The whole drawing without any margin. Errors: MissingExtraError without resvg."""
    try:
        import resvg_py
    except ImportError as error:
        raise MissingExtraError("drawing staves", "music") from error
    png = resvg_py.svg_to_bytes(svg_string=engraving.svg, zoom=space / ENGRAVED, background="#ffffff",
                                skip_system_fonts=True)
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("L"), np.float32) / np.float32(255)
