"""Words as signs, pages and screens show them -> the example pictures, `images/` and `labels.tsv`.

    python examples/text/make.py

Drawn by Pillow alone, none of it by the renderer that training uses. Needs the Debian packages fonts-lato,
fonts-lobstertwo, fonts-liberation and fonts-bebas-neue.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).parent


def written(text: str, font: str, size: int, ink: str, paper: str, around: tuple[int, int]) -> Image.Image:
    """A text in a font that fontconfig knows, with so many pixels of paper around it: (left and right, above, below).
    """
    path = subprocess.run(["fc-match", "-f", "%{file}", font], check=True, capture_output=True, text=True).stdout
    face = ImageFont.truetype(path, size)
    left, top, right, bottom = face.getbbox(text)
    picture = Image.new("RGB", (round(right - left) + 2 * around[0], round(bottom - top) + 2 * around[1]), paper)
    ImageDraw.Draw(picture).text((around[0] - left, around[1] - top), text, ink, face)
    return picture


def photographed(sign: Image.Image, quad: tuple[float, ...], blur: float, noise: float, width: int) -> Image.Image:
    """The sign seen from one side, in light that falls off, by a camera with some noise; `width` pixels wide.

    quad: where the corners of the photograph lie on the sign: x and y of the upper left, lower left, lower right and
    upper right one, in shares of its sides.
    """
    corners = [share * side for share, side in zip(quad, sign.size * 4, strict=True)]
    turned = sign.transform(sign.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    turned = turned.filter(ImageFilter.GaussianBlur(blur)).resize((width, round(width * sign.height / sign.width)))
    pixels = np.asarray(turned, np.float32)
    pixels = pixels * np.linspace(1.05, 0.7, width, dtype=np.float32)[None, :, None]
    pixels = pixels + np.random.default_rng(3).normal(0, noise, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def scanned(text: str, font: str) -> Image.Image:
    """A line of a page in black and white, with the heads of the next line below it."""
    line = written(text, font, 84, "black", "white", (40, 26))
    page = Image.new("RGB", (line.width, line.height + 8), "white")
    page.paste(line)
    page.paste(written("the harbour was still asleep", font, 84, "black", "white", (40, 0)), (0, line.height - 6))
    small = page.convert("L").resize((page.width // 3, page.height // 3), Image.Resampling.BOX)
    return small.point(lambda level: 255 * (level > 150)).convert("1")


EXAMPLES: dict[str, tuple[str, Callable[[str], Image.Image]]] = {
    "bakery.jpg": ("Bakery", lambda text: photographed(
        written(text, "Lobster Two:bold", 150, "#f4e9c8", "#5b3a24", (60, 40)),
        (0.02, 0.0, 0.05, 1.0, 0.97, 0.9, 1.0, 0.08), 2.0, 6.0, 180)),
    "platform.jpg": ("PLATFORM 9", lambda text: photographed(
        written(text, "Lato:bold", 130, "#ffffff", "#1d3f7c", (50, 44)),
        (0.0, 0.1, 0.0, 0.95, 1.0, 1.0, 1.0, 0.0), 1.5, 8.0, 260)),
    "page.png": ("Early in the morning,", lambda text: scanned(text, "Liberation Serif")),
    "price.png": ("$24.95", lambda text: written(text, "Bebas Neue:bold", 46, "#c8102e", "#ffe94a", (14, 10))),
    "button.png": ("Sign in", lambda text: written(text, "Liberation Sans", 17, "#e8eaed", "#2b5fd9", (22, 9))),
}


def main() -> None:
    (HERE / "images").mkdir(exist_ok=True)
    with (HERE / "labels.tsv").open("w", encoding="utf-8", newline="\n") as labels:
        for name, (text, draw) in EXAMPLES.items():
            draw(text).save(HERE / "images" / name, **({"quality": 70} if name.endswith(".jpg") else {}))
            labels.write(f"images/{name}\t{text}\n")


if __name__ == "__main__":
    main()
