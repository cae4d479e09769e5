"""Melodies that everyone knows, engraved by LilyPond -> the example pictures, `images/` and `labels.tsv`.

    python examples/music/make.py

No staff of LilyPond is trained on, and none of these melodies. Needs the Debian package lilypond.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

HERE = Path(__file__).parent
sys.path.append(str(HERE.parents[1] / "benchmarks"))
import lilypond_staves  # noqa: E402


def as_printed(staff: Image.Image) -> Image.Image:
    return staff


def small(staff: Image.Image) -> Image.Image:
    """As a page shows it that is seen whole on a screen."""
    return staff.resize((round(0.45 * staff.width), round(0.45 * staff.height)), Image.Resampling.LANCZOS)


def photographed(staff: Image.Image) -> Image.Image:
    """From a little aside and above, in light that falls off, by a camera with some noise, on grey paper."""
    padded = Image.new("L", (staff.width + 80, staff.height + 80), 255)
    padded.paste(staff, (40, 40))
    width, height = padded.size
    quad = (0, 0, 12, height, width - 12, height - 26, width, 18)
    pixels = np.asarray(padded.transform(padded.size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)
                        .filter(ImageFilter.GaussianBlur(1.2)), np.float32)
    light = np.linspace(0.95, 0.62, width, dtype=np.float32)[None]
    noise = np.random.default_rng(5).normal(0, 6, pixels.shape)
    return Image.fromarray(((40 + 0.8 * pixels) * light + noise).clip(0, 255).astype(np.uint8))


STAVES: dict[str, tuple[str, Callable[[Image.Image], Image.Image]]] = {
    "ode.png": (  # Beethoven, the ninth symphony, 1824
        "clef-G2 keySignature-DM timeSignature-C note-F#4_quarter note-F#4_quarter note-G4_quarter note-A4_quarter "
        "barline note-A4_quarter note-G4_quarter note-F#4_quarter note-E4_quarter barline note-D4_quarter "
        "note-D4_quarter note-E4_quarter note-F#4_quarter barline note-F#4_quarter. note-E4_eighth note-E4_half "
        "barline",
        as_printed),
    "minuet.png": (  # Petzold, in the notebook for Anna Magdalena Bach, 1725
        "clef-G2 keySignature-GM timeSignature-3/4 note-D5_quarter note-G4_eighth note-A4_eighth note-B4_eighth "
        "note-C5_eighth barline note-D5_quarter note-G4_quarter note-G4_quarter barline note-E5_quarter note-C5_eighth "
        "note-D5_eighth note-E5_eighth note-F#5_eighth barline note-G5_quarter note-G4_quarter note-G4_quarter barline",
        small),
    "mountain.png": (  # Grieg, In the Hall of the Mountain King, 1875
        "clef-F4 keySignature-DM timeSignature-C note-B2_eighth note-C#3_eighth note-D3_eighth note-E3_eighth "
        "note-F#3_eighth note-D3_eighth note-F#3_quarter barline note-E#3_eighth note-C#3_eighth note-E#3_quarter "
        "note-E3_eighth note-C3_eighth note-E3_quarter barline",
        as_printed),
    "jacques.jpg": (  # the round
        "clef-C3 keySignature-FM timeSignature-2/4 note-F4_quarter note-G4_quarter barline note-A4_quarter "
        "note-F4_quarter barline note-A4_quarter note-Bb4_quarter barline note-C5_half barline note-C5_eighth "
        "note-D5_eighth note-C5_eighth note-Bb4_eighth barline note-A4_quarter note-F4_quarter barline",
        photographed),
}


def main() -> None:
    shutil.rmtree(HERE / "images", ignore_errors=True)
    (HERE / "images").mkdir()
    with tempfile.TemporaryDirectory() as folder:
        made, refused = lilypond_staves.engrave([text for text, _ in STAVES.values()], Path(folder) / "set")
        if refused or made != len(STAVES):
            raise SystemExit(f"LilyPond set {made} of {len(STAVES)} staves: {refused}")
        pictures = sorted((Path(folder) / "set" / "images").iterdir())
        for path, (name, (_, look)) in zip(pictures, STAVES.items(), strict=True):
            look(Image.open(path).convert("L")).save(HERE / "images" / name, quality=80)
    lines = [f"images/{name}\t{text}\n" for name, (text, _) in STAVES.items()]
    (HERE / "labels.tsv").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
