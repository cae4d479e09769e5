"""Anything that holds a picture (path, bytes, file, PIL image, array) becomes one grey float32 (H, W) in [0, 1].

What has to be seen stays visible: white ink on a transparent ground, red ink on a green one. Cropping, scaling and
contrast are the business of `glyphic.core.images`.
"""

import contextlib
import io
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, ImageOps, UnidentifiedImageError
from PIL import Image as pil

from glyphic.core.errors import ImageError, PictureSizeError
from glyphic.core.images import Image

MAX_PIXELS = 20_000_000
COMMON = ("PNG", "JPEG", "GIF", "BMP", "PPM")  # tried first: asking Pillow for others imports all its plugins
# no EPS, WMF or PDF: for these Pillow starts Ghostscript or the system's renderer on a file from anywhere
OTHERS = ("WEBP", "TIFF", "AVIF", "JPEG2000", "ICO", "DIB", "TGA", "PCX", "SGI")
READ = ("PNG", "JPEG", "GIF", "WebP", "TIFF", "BMP")  # those that errors name

Colours = npt.NDArray[np.float32]  # (H, W, 3) or (P, 3) in [0, 1]
Source = Any  # str | Path | bytes | binary file | PIL image | array of (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)


def load(source: Source) -> Image:
    """source -> float32 (H, W) in [0, 1], upright (EXIF), the first frame of an animation.

    Arrays: bool (True = white), integers 0..255 (uint16: 8 to 16 bits) or floats in [0, 1]; grey, RGB or RGBA.
    Errors: ImageError for what is missing, no picture, damaged, empty or larger than 20 million pixels.
    """
    if _is_array(source):
        values = _checked(np.asarray(source))
        if values.ndim == 2:
            return values
    return _grey_values(open_image(source))


def open_image(source: Source) -> pil.Image:
    """source, as for `load` -> the picture in its own colours, decoded and upright."""
    if isinstance(source, (str, os.PathLike)):
        return _from_path(Path(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _from_file(io.BytesIO(bytes(source)), f"the given picture ({len(source)} bytes)")
    if isinstance(source, pil.Image):
        return _decoded(source, "the given picture")
    if hasattr(source, "read"):
        return _from_file(source, str(getattr(source, "name", "file")))
    if _is_array(source):
        return pil.fromarray(np.rint(_checked(np.asarray(source)) * 255).astype(np.uint8))
    raise ImageError(f"cannot read a picture from {type(source).__name__}; give a path, bytes, a binary file, "
                     "a PIL image or an array")


def check_header(data: bytes, formats: tuple[str, ...]) -> None:
    """Whether the header of a file says that it can be read; nothing is decoded.

    formats: Pillow's names of those that are taken, as PNG.
    Errors: ImageError for another format and for a damaged header, PictureSizeError for more than 20 million pixels.
    """
    name = f"the given picture ({len(data)} bytes)"
    pil.init()
    with _told(name, formats), pil.open(io.BytesIO(data), formats=formats) as image:
        _check_size(*image.size, name)


def area(data: bytes) -> int:
    """How many pixels a file has, by its header; ImageError as from `load`."""
    with _told(f"the given picture ({len(data)} bytes)", READ), _open(io.BytesIO(data)) as image:
        return image.width * image.height


@contextlib.contextmanager
def _told(name: str, formats: Sequence[str]) -> Iterator[None]:
    """Whatever Pillow raises over a file becomes an ImageError that says what is wrong with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of bombs, odd EXIF and the like; our own limit is stricter
        try:
            yield
        except ImageError:
            raise
        except UnidentifiedImageError:
            known = f"{', '.join(formats[:-1])} and {formats[-1]}"
            raise ImageError(f"{name} is no picture that can be read; {known} can", "no-picture") from None
        except pil.DecompressionBombError:
            raise PictureSizeError(f"{name} is too large: more than {MAX_PIXELS // 1_000_000} million pixels") from None
        except Exception as error:  # on a damaged file Pillow's plugins raise whatever comes: struct, zlib, IndexError
            raise ImageError(f"{name} is damaged or cut short: {error}", "damaged") from error


def _is_array(source: Source) -> bool:
    return hasattr(source, "__array__") and not isinstance(source, pil.Image)


def _from_path(path: Path) -> pil.Image:
    if path.is_dir():
        raise ImageError(f"{path} is a folder; give the pictures in it")
    try:
        with path.open("rb") as file:
            return _from_file(file, str(path))
    except FileNotFoundError:
        raise ImageError(f"no such file: {path}") from None
    except (OSError, ValueError) as error:
        if isinstance(error, ImageError):
            raise
        raise ImageError(f"cannot open {path}: {getattr(error, 'strerror', None) or error}") from error


def _from_file(file: IO[bytes], name: str) -> pil.Image:
    if isinstance(file, io.TextIOBase):
        raise ImageError(f"{name} is open as text; open it in binary mode, as in open(path, 'rb')")
    try:
        file.seek(0)
    except (OSError, AttributeError):  # a pipe
        file = io.BytesIO(file.read())
    if not file.read(1):
        raise ImageError(f"{name} is empty", "empty")
    file.seek(0)
    with _told(name, READ):
        return _decoded(_open(file), name)


def _open(file: IO[bytes]) -> pil.Image:
    try:
        return pil.open(file, formats=COMMON)
    except UnidentifiedImageError:
        pil.init()
        file.seek(0)
        return pil.open(file, formats=[kind for kind in OTHERS if kind in pil.OPEN])


def _decoded(image: pil.Image, name: str) -> pil.Image:
    _check_size(*image.size, name)  # from the header: nothing is decoded yet
    image.load()
    upright = image.getexif().get(ExifTags.Base.Orientation, 1) == 1
    return image if upright else ImageOps.exif_transpose(image)  # which copies even where it turns nothing


def _grey_values(image: pil.Image) -> Image:
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _from_deep(np.asarray(image).astype(np.float32), image.mode)
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        image = flatten(image.convert("RGBA"))
    if image.mode == "1":
        image = image.convert("L")
    if image.mode != "L":
        image = grey(image if image.mode == "RGB" else image.convert("RGB"))
    values: Image = np.divide(np.asarray(image), np.float32(255), dtype=np.float32)
    return values


def _from_deep(values: Image, mode: str) -> Image:
    """Grey of more than 8 bits: 16-bit files by the bits that are used, 32-bit ones by the range that is used."""
    values = np.nan_to_num(values)
    low, high = float(values.min()), float(values.max())
    if mode.startswith("I;16"):
        low, high = 0.0, _full(high)
    spread: Image = (values - np.float32(low)) / np.float32(high - low) if high > low else np.ones_like(values)
    return spread


def _full(highest: float) -> float:
    """White in 16-bit data that reach so high: scanners keep 10, 12 or 14 bits in them."""
    return float(2 ** max(8, int(highest).bit_length()) - 1)


def _checked(array: npt.NDArray[Any]) -> Image:
    """An array from a caller -> float32 (H, W) or (H, W, 3 or 4) in [0, 1]; ImageError for any other."""
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))):
        raise ImageError(f"an array must be (H, W), (H, W, 1), (H, W, 3) or (H, W, 4); got {array.shape}")
    _check_size(array.shape[1], array.shape[0], "the array")
    if array.dtype == np.uint16:
        values = array.astype(np.float32) / np.float32(_full(float(array.max())))
    elif np.issubdtype(array.dtype, np.integer):
        values = array.astype(np.float32) / np.float32(255)
    elif array.dtype == np.bool_ or np.issubdtype(array.dtype, np.floating):
        values = array.astype(np.float32)
    else:
        raise ImageError(f"an array must hold bool, integers or floats; got {array.dtype}")
    if not (values.min() >= 0.0 and values.max() <= 1.0):  # NaN is neither
        raise ImageError("an array must hold integers in 0..255 or floats in 0..1 without NaN; "
                         f"got {array.dtype} from {array.min()} to {array.max()}")
    return values


def _check_size(width: int, height: int, name: str) -> None:
    if not width or not height:
        raise ImageError(f"{name} is empty: {width} x {height} pixels", "empty")
    if width * height > MAX_PIXELS:
        raise PictureSizeError(f"{name} is too large: {width} x {height} pixels; at most {MAX_PIXELS // 1_000_000} "
                               "million pixels are read: crop it to what is to be read, or shrink it")


def flatten(image: pil.Image) -> pil.Image:
    """An RGBA picture on the ground that its visible part asks for -> RGB.

    Ink on nothing gets white paper, or black where the ink is bright. A card (visible almost everywhere in its box,
    with something on it: round corners, a shadow) goes on in its own colour.
    """
    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return image.convert("RGB")
    colours, opacity = _sample(image.convert("RGB")), _sample(alpha)
    seen = opacity > 0.5
    ground = (255, 255, 255)
    if seen.any():
        inside = seen[_box(seen)]
        light = luminance(colours[seen])
        if inside.mean() > 0.6 and np.ptp(light) > 0.15:
            paper = np.median(colours[seen], axis=0)
            ground = (round(255 * paper[0]), round(255 * paper[1]), round(255 * paper[2]))
        elif light.mean() > 0.6:
            ground = (0, 0, 0)
    result = pil.new("RGB", image.size, ground)
    result.paste(image, mask=alpha)
    return result


def grey(image: pil.Image) -> pil.Image:
    """RGB -> L by luminance, or along the colour that tells ink from paper where luminance hardly does."""
    some = _grid(image, 100_000)
    red, green, blue = (channel.tobytes() for channel in some.split())
    if red == green == blue:  # grey, saved as colour
        return image.convert("L")
    planes = np.ascontiguousarray(np.asarray(some).reshape(-1, 3).T).astype(np.float32) / np.float32(255)  # (3, P)
    middle = np.median(planes, axis=1).astype(np.float32)
    apart = planes - middle[:, None]
    by_light = _strength(np.abs(luminance(apart.T)))
    if by_light > 0.25:
        return image.convert("L")
    by_colour = _strength(np.abs(apart).max(axis=0))
    if by_colour < 2 * by_light or by_colour < 0.1:
        return image.convert("L")
    axis = np.linalg.eigh(apart @ apart.T)[1][:, -1]  # the direction in which colours differ most
    along = axis @ apart
    far = along[np.argsort(np.abs(along))[int(0.995 * len(along))]]  # ink lies on this side of the paper
    axis = axis * (-0.75 / far)  # paper lands at 0.875, the furthest ink at 0.125: both sides keep some room
    offset = 0.875 - float(middle @ axis)
    return image.convert("L", tuple(float(v) for v in (*axis, 255 * offset)))


def luminance(colours: Colours) -> Colours:
    """(..., 3) -> (...) with the weights of ITU-R 601, as in Pillow's mode L."""
    red, green, blue = (np.float32(w) * colours[..., i] for i, w in enumerate((0.299, 0.587, 0.114)))
    light: Colours = red + green + blue
    return light


def _strength(differences: Colours) -> float:
    """How far ink stands from paper: nearly the largest difference, since ink may be 1 % of a picture."""
    return float(np.percentile(differences, 99.5))


def _sample(image: pil.Image, pixels: int = 400_000) -> Colours:
    """About so many pixels of a picture, on a grid, in [0, 1]."""
    return np.asarray(_grid(image, pixels)).astype(np.float32) / np.float32(255)


def _grid(image: pil.Image, pixels: int) -> pil.Image:
    """About so many pixels of a picture: every second, third and so on of every so manieth row."""
    step = max(1, int((image.width * image.height / pixels) ** 0.5))
    if step == 1:
        return image
    first = 0.5 - step / 2  # Pillow asks for the middle of a pixel
    return image.transform((-(-image.width // step), -(-image.height // step)), pil.Transform.AFFINE,
                           (step, 0, first, 0, step, first), pil.Resampling.NEAREST)


def _box(mask: npt.NDArray[np.bool_]) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
