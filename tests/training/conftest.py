"""Packs of bars, and a recipe so small that a step takes milliseconds."""

import random
import signal
from pathlib import Path

import numpy as np
import pytest

from glyphic.core.options import InputSpec
from glyphic.core.recipe import DataSpec, ModelSpec, Recipe, TrainingSpec
from glyphic.data.packs import PackWriter
from glyphic.data.samples import write_folder
from glyphic.training import batches
from tests import bars as toy

RECIPE = Recipe(
    "tiny", "bars",
    ModelSpec("densenet", "transformer",
              extraction_parameters={"stem": 8, "growth": 4, "layers": [1, 1], "kernel": 3},
              generation_parameters={"width": 32, "layers": 1, "heads": 2, "hidden": 64, "longest": 300}),
    InputSpec(max_height=32, max_width=256, margin=2),
    DataSpec(degradation=0.3, scale_jitter=0.0, max_tokens=9, validation=6),
    TrainingSpec(steps=12, pixels=20_000, batch=16, learning_rate=3e-3, warmup=2, precision="fp32", workers=0,
                 log_every=2, validate_every=100, glyph_loss=0.3))


def write_pack(path: Path, count: int, seed: int = 0, letters: str = toy.LETTERS) -> None:
    """Bars, cropped to their ink, each with a mark in the middle of its stroke."""
    rng, writer = random.Random(seed), PackWriter(toy.VOCABULARY)
    for _ in range(count):
        text = "".join(rng.choices(letters, k=rng.randint(1, 9)))
        pixels = toy.render(text, rng)[16:24, 16:-16]
        marks = [(f"bar:{letter}", 8 * place + 1.0, 4.0) for place, letter in enumerate(text)]
        writer.add(pixels, 8.0, toy.VOCABULARY.encode(text), marks)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.write(path)


@pytest.fixture
def data(tmp_path: Path, bars, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two packs and six pictures to validate on; pools are small, so that they end within a test."""
    monkeypatch.setattr(batches, "POOL", 64)
    folder = tmp_path / "data"
    write_pack(folder / "one-000.npz", 120, seed=0)
    write_pack(folder / "two-000.npz", 80, seed=1)
    texts = [toy.sample(random.Random(100 + i)) for i in range(6)]
    write_folder(folder / "validation", ((toy.render(t, random.Random(0)), t) for t in texts))
    return folder


@pytest.fixture(autouse=True)
def handlers():
    """Whatever a test does, Ctrl-C works afterwards; and training leaves the handlers as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    assert {number: signal.getsignal(number) for number in before} == before


def equal(a, b) -> bool:
    """Two batches hold the same numbers."""
    return a.pool == b.pool and all(
        getattr(a, name).shape == getattr(b, name).shape and bool((getattr(a, name) == getattr(b, name)).all())
        for name in ("images", "sizes", "tokens", "cells"))


def whole(image: np.ndarray) -> np.ndarray:
    return image.astype(np.float32) / 255
