"""Whatever a person may hand in: the answer is a Recognition, or an ImageError that says what is wrong."""

import io
import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from glyphic.core.errors import ImageError
from glyphic.core.options import InputSpec
from glyphic.core.results import Recognition
from glyphic.reading.recognizer import Recognizer
from tests import bars as toy

pytestmark = pytest.mark.usefixtures("bars")

TEXT = "cabbacabca"
RANDOM = np.random.default_rng(0)
DRAWN = Image.fromarray(toy.render(TEXT, random.Random(0)))


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def coloured(paper: str, ink: str) -> Image.Image:
    return ImageOps.colorize(DRAWN, black=ink, white=paper)


def on_nothing(ink: int) -> Image.Image:
    image = Image.new("RGBA", DRAWN.size, (ink, ink, ink, 0))
    image.putalpha(ImageOps.invert(DRAWN))
    return image


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(DRAWN.transpose(Image.ROTATE_90), exif=exif)


SAME = {  # name -> the same picture in another guise
    "plain": encoded(DRAWN),
    "dark mode": encoded(ImageOps.invert(DRAWN)),
    "dark grey on grey": encoded(DRAWN.point(lambda v: 90 + v // 3)),
    "black on transparent": encoded(on_nothing(0)),
    "white on transparent": encoded(on_nothing(255)),
    "red on cream": encoded(coloured("#fff8e0", "#b01010")),
    "yellow on blue": encoded(coloured("#102060", "#ffe040")),
    "EXIF-rotated": turned(),
    "palette GIF": encoded(DRAWN.convert("P", palette=Image.ADAPTIVE, colors=7), "GIF"),
    "CMYK JPEG": encoded(DRAWN.convert("RGB").convert("CMYK"), "JPEG", quality=98),
    "16-bit PNG": encoded(Image.fromarray(np.asarray(DRAWN).astype(np.uint16) * 257)),
    "12 bits in 16": encoded(Image.fromarray(np.asarray(DRAWN).astype(np.uint16) * 16)),
    "1-bit TIFF": encoded(DRAWN.convert("1"), "TIFF"),
    "animated": encoded(DRAWN, "GIF", save_all=True, append_images=[Image.new("L", DRAWN.size, 255)]),
    "with a margin": encoded(ImageOps.expand(DRAWN, 300, 255)),
    "on a scanned page": encoded(ImageOps.expand(ImageOps.expand(DRAWN, 60, 255), (40, 40, 0, 25), 0)),
    "unevenly lit": encoded(Image.fromarray((np.asarray(DRAWN) * np.linspace(0.85, 1, DRAWN.width)).astype(np.uint8))),
}


def photo(height: int, width: int) -> np.ndarray:
    """Smooth light and dark, with grain: no formula."""
    y, x = np.mgrid[:height, :width] / 40
    light = 120 + 60 * np.sin(x + np.cos(y)) + 50 * np.cos(1.7 * y - x)
    grain = RANDOM.normal(0, 9, (height, width, 3))
    return np.clip(light[..., None] * [1.0, 0.8, 0.6] + grain, 0, 255).astype(np.uint8)


def around(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """The picture with so much paper on each side."""
    return np.pad(picture, ((rows, rows), (columns, columns)), constant_values=1)


FOREIGN = {
    "one pixel": np.zeros((1, 1)), "one white pixel": np.ones((1, 1)),
    "3 x 2000": RANDOM.random((3, 2000)), "2000 x 3": RANDOM.random((2000, 3)),
    "3 x 2000 line": around(np.zeros((1, 1990)), 1, 5), "2000 x 3 line": around(np.zeros((1990, 1)), 5, 1),
    "noise": RANDOM.random((120, 300)), "grey noise": 0.5 + 0.1 * RANDOM.random((90, 90)),
    "salt": RANDOM.random((120, 300)) > 0.02, "pepper": RANDOM.random((120, 300)) < 0.02,
    "photo": photo(200, 300), "large photo": photo(900, 1300),
    "black": np.zeros((80, 200)), "white": np.ones((80, 200)),
    "half and half": np.repeat([0.0, 1.0], 50)[None].repeat(60, 0),
    "chequered": np.indices((64, 64)).sum(axis=0) % 2 == 0,
    "one dot": around(np.zeros((3, 3)), 40, 40), "bar": around(np.zeros((30, 2)), 20, 20),
    "minus": around(np.zeros((2, 20)), 20, 20), "bar, tight": np.zeros((30, 2)),
    "frame": np.pad(np.ones((60, 200)), 2), "bright frame": around(np.zeros((60, 200)), 1, 1),
    "page of dots": np.kron(RANDOM.random((200, 150)) > 0.2, np.ones((9, 9))),
}


@pytest.fixture(scope="module", params=["step_bundle", "frame_bundle"])
def bundle(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("guise", SAME)
def test_the_same_picture_reads_the_same_in_every_guise(bundle, guise):
    result = Recognizer(bundle).read(SAME[guise])
    assert result.text == TEXT and not [w for w in result.warnings if "unsure" not in w]


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("spec", [None, InputSpec(symbol_size=16.0, max_height=32, max_width=256)])
def test_a_picture_without_a_formula_still_gets_an_answer(bundle, name, spec):
    reader = Recognizer(replace(bundle, input=spec) if spec else bundle)
    result = reader.read(FOREIGN[name])
    assert isinstance(result, Recognition) and 0 <= result.confidence <= 1
    assert reader.notation.normalize(result.text) == result.text
    assert (result.image["height"], result.image["width"]) == FOREIGN[name].shape[:2]
    if result.image["crop"]:
        left, top, right, bottom = result.image["crop"]
        assert 0 <= left < right <= result.image["width"] and 0 <= top < bottom <= result.image["height"]
    else:
        assert result.text == "" and result.confidence == 0 and "blank" in result.warnings[0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"])
def test_a_truncated_picture_is_refused_or_read(bundle, kind):
    reader, data = Recognizer(bundle), encoded(DRAWN.convert("RGB"), kind)
    for share in (0.05, 0.3, 0.6, 0.9):
        try:
            assert isinstance(reader.read(data[:int(share * len(data))]), Recognition)
        except ImageError as error:
            assert any(word in str(error) for word in ("damaged", "no picture", "empty"))
        else:
            assert share > 0.1, "nothing can be read from so little"


def test_twenty_million_pixels_are_read_and_no_more(bundle):
    reader, most = Recognizer(bundle), np.full((4000, 5000), 255, np.uint8)
    drawn = np.asarray(DRAWN)
    most[100:100 + drawn.shape[0], 200:200 + drawn.shape[1]] = drawn
    assert reader.read(most).text == TEXT
    with pytest.raises(ImageError, match="20 million"):
        reader.read(np.full((4001, 5000), 255, np.uint8))
