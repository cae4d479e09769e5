"""What a run looks like: its curves, its training pictures, its readings, each as one picture in the run's folder."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from glyphic.core.images import Image


def readings_page(path: Path, rows: Sequence[tuple[Image, str, str]]) -> None:
    """(picture, label, reading) one below the other; a right reading stands once, behind an equals sign."""
    page = Pillow.new("L", (1100, 8 + sum(picture.shape[0] + 32 for picture, _, _ in rows)), 255)
    draw = ImageDraw.Draw(page)
    y = 4
    for picture, label, reading in rows:
        page.paste(Pillow.fromarray((picture * 255).astype(np.uint8)), (4, y))
        y += picture.shape[0]
        draw.text((4, y), ("= " if reading == label else "label   ") + _plain(label), fill=0)
        if reading != label:
            draw.text((4, y + 12), "reading " + _plain(reading), fill=90)
        y += 32
    page.save(path)


def samples_page(path: Path, rows: Sequence[tuple[Image, str]]) -> None:
    """Training pictures as the network gets them, each above its target."""
    page = Pillow.new("L", (1100, 8 + sum(picture.shape[0] + 20 for picture, _ in rows)), 255)
    draw = ImageDraw.Draw(page)
    y = 4
    for picture, text in rows:
        page.paste(Pillow.fromarray((picture * 255).astype(np.uint8)), (4, y))
        draw.text((4, y + picture.shape[0]), _plain(text), fill=90)
        y += picture.shape[0] + 20
    page.save(path)


def curves(log: Path, path: Path) -> None:
    """The losses and the validation scores of a run's log.jsonl over its steps; nothing without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for kind, axis in (("train", left), ("validation", right)):
        entries = [line for line in lines if line["kind"] == kind]
        for name in ("loss", "glyph_loss") if kind == "train" else sorted({k for e in entries for k in e} - _NO_CURVE):
            values = [(e["step"], e[name]) for e in entries if name in e]
            if values:
                axis.plot(*zip(*values, strict=True), label=name)
        axis.set_xlabel("step")
        axis.set_title(kind)
        axis.grid(alpha=0.3)
        if entries:
            axis.legend()
    left.set_yscale("log")
    figure.savefig(path, dpi=100)


_NO_CURVE = frozenset(["time", "kind", "step"])


def _plain(text: str) -> str:
    return text.encode("ascii", "replace").decode()[:175]
