"""Molecules that everyone knows, drawn by Open Babel -> the example pictures, `images/` and `labels.tsv`.

    python examples/molecule/make.py

No drawing of Open Babel is trained on, and none of these molecules. Needs the Debian package openbabel.
"""

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

HERE = Path(__file__).parent


def as_drawn(picture: Image.Image) -> Image.Image:
    return picture


def small(picture: Image.Image) -> Image.Image:
    """As a page shows it that is seen whole on a screen."""
    grey = picture.convert("L")
    return grey.resize((round(0.5 * grey.width), round(0.5 * grey.height)), Image.Resampling.LANCZOS)


def scanned(picture: Image.Image) -> Image.Image:
    """Black and white, a little askew, with specks."""
    turned = np.asarray(picture.convert("L").rotate(1.2, Image.Resampling.BICUBIC, fillcolor=255), np.float32)
    noise = np.random.default_rng(8)
    black = turned + noise.normal(0, 18, turned.shape) < 150
    black |= noise.random(turned.shape) < 0.0004
    return Image.fromarray(np.where(black, 0, 255).astype(np.uint8))


def dark(picture: Image.Image) -> Image.Image:
    """As a page in dark mode shows it."""
    return ImageOps.invert(picture.convert("L"))


MOLECULES: dict[str, tuple[str, Callable[[Image.Image], Image.Image]]] = {
    "aspirin.png": ("CC(=O)Oc1ccccc1C(=O)O", as_drawn),
    "caffeine.png": ("Cn1c(=O)c2c(ncn2C)n(C)c1=O", scanned),
    "melatonin.png": ("COc1ccc2[nH]cc(CCNC(C)=O)c2c1", small),
    "vanillin.png": ("COc1cc(C=O)ccc1O", dark),
}


def main() -> None:
    shutil.rmtree(HERE / "images", ignore_errors=True)
    (HERE / "images").mkdir()
    for name, (smiles, look) in MOLECULES.items():
        drawn = subprocess.run(["obabel", f"-:{smiles}", "-opng", "-xp", "480"], capture_output=True, check=True).stdout
        look(Image.open(io.BytesIO(drawn)).convert("RGB")).save(HERE / "images" / name, optimize=True)
    lines = [f"images/{name}\t{smiles}\n" for name, (smiles, _) in MOLECULES.items()]
    (HERE / "labels.tsv").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
