"""Anything that holds a picture becomes grey, and what can be seen stays visible."""

import io
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from glyphic.core.errors import ImageError
from glyphic.core.images import INK, fit, stretch_contrast
from glyphic.core.options import InputSpec
from glyphic.reading import pictures

INKED = np.zeros((40, 60), bool)  # a mark that no turn or flip leaves as it is
INKED[10:30, 10:16] = INKED[24:30, 10:40] = True


def draw(mode: str, paper: object, ink: object) -> Image.Image:
    image = Image.new(mode, (60, 40), paper)
    pen = ImageDraw.Draw(image)
    pen.rectangle((10, 10, 15, 29), fill=ink)
    pen.rectangle((10, 24, 39, 29), fill=ink)
    return image


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def seen(source: object) -> np.ndarray:
    """Which pixels the reader takes for ink."""
    return stretch_contrast(pictures.load(source)) < INK


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_every_kind_of_source_gives_the_same_picture(tmp_path):
    image = draw("L", 255, 0)
    (tmp_path / "x.png").write_bytes(encode(image))
    sources = [tmp_path / "x.png", str(tmp_path / "x.png"), encode(image), bytearray(encode(image)),
               io.BytesIO(encode(image)), image, np.asarray(image), np.asarray(image)[..., None],
               np.asarray(image) / 255, np.asarray(image) > 127, np.asarray(image).astype(np.int64),
               np.stack([np.asarray(image)] * 3, axis=-1), np.asarray(image).astype(np.uint16) * 257]
    for source in sources:
        grey = pictures.load(source)
        assert grey.dtype == np.float32 and grey.shape == (40, 60)
        np.testing.assert_allclose(grey, np.where(INKED, 0.0, 1.0), atol=1e-6)


class Pipe(io.RawIOBase):
    """A file that cannot seek."""

    def __init__(self, data: bytes):
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        return self._data.readinto(buffer)


def test_a_pipe_can_be_read():
    assert (seen(io.BufferedReader(Pipe(encode(draw("L", 255, 0))))) == INKED).all()


@pytest.mark.parametrize(("mode", "paper", "ink"), [
    ("1", 1, 0), ("1", 0, 1), ("L", 0, 255), ("I;16", 65535, 100), ("I;16", 4095, 0), ("I", 60000, 0), ("F", 0.0, 3.5),
    ("CMYK", (0, 0, 0, 0), (0, 0, 0, 255)), ("RGB", "white", "red"), ("RGB", "black", "cyan"),
    ("YCbCr", (255, 128, 128), (0, 128, 128)), ("HSV", (0, 0, 255), (0, 0, 0)),
    ("LA", (255, 255), (0, 255)), ("RGBA", (255, 255, 255, 255), (0, 0, 0, 255)),
])
def test_every_mode_keeps_its_ink(mode, paper, ink):
    assert (seen(draw(mode, paper, ink)) == INKED).all()


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "JPEG", "JPEG2000", "ICO"])
def test_every_format_is_read(kind):
    options = {"lossless": True} if kind == "WEBP" else {"sizes": [(60, 40)]} if kind == "ICO" else {}
    assert (seen(encode(draw("RGB", "white", "black"), kind, **options)) == INKED).mean() > 0.98


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_the_picture_upright(orientation):
    turned = {1: [], 2: [Image.FLIP_LEFT_RIGHT], 3: [Image.ROTATE_180], 4: [Image.FLIP_TOP_BOTTOM],
              5: [Image.TRANSPOSE], 6: [Image.ROTATE_90], 7: [Image.TRANSVERSE], 8: [Image.ROTATE_270]}
    image = draw("L", 255, 0)
    for turn in turned[orientation]:
        image = image.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert (seen(encode(image, exif=exif)) == INKED).all()


@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255), (255, 255, 0), (200, 30, 30), (90, 90, 90)])
def test_ink_of_any_colour_on_nothing_stays_visible(ink):
    assert (seen(draw("RGBA", (0, 0, 0, 0), (*ink, 255))) == INKED).all()
    assert (seen(draw("RGBA", (255, 255, 255, 0), (*ink, 255))) == INKED).all()


def test_a_single_stroke_on_nothing_is_no_card():
    stroke = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    ImageDraw.Draw(stroke).rectangle((10, 18, 49, 21), fill=(255, 255, 255, 255))
    assert seen(stroke).sum() == 160


def test_a_card_with_clear_corners_keeps_its_own_ground():
    for paper, ink in (((250, 250, 250), (0, 0, 0)), ((20, 20, 20), (240, 240, 240))):
        card = draw("RGBA", (*paper, 255), (*ink, 255))
        for corner in ((0, 0), (59, 0), (0, 39), (59, 39)):
            card.putpixel(corner, (0, 0, 0, 0))
        assert (seen(card) == INKED).all()


def test_a_palette_with_a_transparent_colour_is_read():
    image = draw("P", 0, 1)
    image.putpalette([255, 255, 255, 255, 255, 255])  # white on transparent white
    assert (seen(encode(image, transparency=0)) == INKED).all()
    assert (seen(encode(image, "GIF", transparency=0)) == INKED).all()


def test_a_fully_transparent_picture_is_blank():
    assert fit(pictures.load(Image.new("RGBA", (50, 50), (0, 0, 0, 0))), InputSpec()).blank


@pytest.mark.parametrize("size", [(1, 1), (640, 480), (1999, 703), (90, 20_001)])
def test_a_grid_has_every_so_manieth_pixel(size):
    values = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    step = max(1, int((size[0] * size[1] / 100_000) ** 0.5))
    np.testing.assert_array_equal(np.asarray(pictures._grid(Image.fromarray(values), 100_000)), values[::step, ::step])


def test_an_animation_shows_its_first_frame():
    frames = [draw("L", 255, 0), Image.new("L", (60, 40), 255)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (seen(data) == INKED).all()


@pytest.mark.parametrize(("paper", "ink"), [((255, 0, 0), (0, 130, 0)), ((0, 110, 255), (255, 60, 60)),
                                            ((120, 120, 120), (190, 90, 110))])
def test_colours_of_one_brightness_are_told_apart(paper, ink):
    image = draw("RGB", paper, ink)
    assert np.ptp(np.asarray(image.convert("L"), np.int16)) < 25, "luminance alone would not show it"
    assert (seen(image) == INKED).all()


@given(st.tuples(*[st.integers(0, 255)] * 3), st.tuples(*[st.integers(0, 255)] * 3))
def test_any_two_colours_that_differ_enough_are_told_apart(paper, ink):
    if max(abs(a - b) for a, b in zip(paper, ink, strict=True)) >= 80:
        assert (seen(draw("RGB", paper, ink)) == INKED).all()


def test_grey_that_is_saved_as_colour_is_read_as_grey():
    grey = np.random.default_rng(0).integers(0, 256, (40, 60), np.uint8)
    assert (pictures.load(np.repeat(grey[..., None], 3, axis=2)) == pictures.load(grey)).all()


def test_black_text_under_a_highlighter_is_read_by_its_light():
    image = draw("RGB", (255, 255, 255), (0, 0, 0))
    pixels = np.asarray(image).copy()
    pixels[5:35, 5:30][pixels[5:35, 5:30].min(axis=-1) == 255] = (255, 255, 0)
    assert (seen(pixels) == INKED).all()


@pytest.mark.parametrize(("source", "message"), [
    (b"", "empty"), (b"hello, this is no picture at all", "no picture"), (b"%PDF-1.4 ...", "no picture"),
    (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "no picture"),
    (np.zeros((0, 5)), "empty"), (np.zeros((5, 0, 3)), "empty"), (np.zeros((0, 0), np.uint16), "empty"),
    (np.zeros(5), "must be"), (np.zeros((4, 4, 2)), "must be"),
    (np.full((4, 4), np.nan), "NaN"), (np.full((4, 4), 300), "0..255"), (np.full((4, 4), -1), "0..255"),
    (np.full((4, 4), 128.0), "0..1"), (np.array([["a"]]), "bool, integers or floats"), (None, "NoneType"),
    (12, "int"), (io.StringIO("x"), "text"), ("/nowhere/x.png", "no such file"), ("x\0y", "cannot open"),
    ("/", "folder"), (png_header(6000, 4000), "too large"), (png_header(60_000, 60_000), "too large"),
    (png_header(0, 10), "damaged|empty|no picture"), (png_header(30, 30), "damaged"),
    (np.broadcast_to(np.uint8(0), (5000, 5000)), "too large"),
])
def test_what_is_no_picture_is_refused_with_the_reason(source, message):
    with warnings.catch_warnings(), pytest.raises(ImageError, match=message):
        warnings.simplefilter("error")
        pictures.load(source)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"])
def test_a_truncated_file_never_raises_anything_else(kind, tmp_path):
    source = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    data = encode(Image.fromarray(source), kind)
    outcomes = set()
    for length in range(1, len(data), max(1, len(data) // 60)):
        path = tmp_path / "cut"
        path.write_bytes(data[:length])
        try:
            pictures.load(path)
            outcomes.add("read")
        except ImageError as error:
            assert str(path) in str(error)
            outcomes.add("refused")
    assert "refused" in outcomes


def test_an_error_names_the_file_and_leaves_it_closed(tmp_path):
    path = tmp_path / "notes.png"
    path.write_text("these are notes")
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        with pytest.raises(ImageError, match=r"notes\.png"):
            pictures.load(path)


def test_nothing_is_decoded_before_the_size_is_known(monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(ImageError, match="6000 x 4000"):
        pictures.load(png_header(6000, 4000))


def test_the_picture_may_be_shown_in_its_own_colours(tmp_path: Path):
    image = draw("RGB", "white", "red")
    image.save(tmp_path / "x.png")
    assert pictures.open_image(tmp_path / "x.png").getpixel((12, 12)) == (255, 0, 0)
