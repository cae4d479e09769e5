"""Fixtures that several rooms share: the toy notation of `bars.py` and its hand-made models."""

from pathlib import Path

import pytest
from hypothesis import settings

from glyphic import notations
from glyphic.core.notation import Notation
from glyphic.reading.bundle import Bundle
from tests import bars as toy

settings.register_profile("glyphic", deadline=None)  # a busy machine is no failure
settings.load_profile("glyphic")


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> Notation:
    """The toy notation, installed under its name for the length of a test."""
    monkeypatch.setitem(notations.BUILT_IN, "bars", "tests.bars")
    return toy.NOTATION


@pytest.fixture(scope="session")
def step_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A step model that reads bars."""
    return toy.write_step_bundle(tmp_path_factory.mktemp("step") / "toy")


@pytest.fixture(scope="session")
def frame_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A frame model that reads bars."""
    return toy.write_frame_bundle(tmp_path_factory.mktemp("frames") / "toy")


@pytest.fixture
def bars_folder(tmp_path: Path) -> Path:
    """A data set of 12 pictures of bars."""
    import random

    from glyphic.data.samples import write_folder

    texts = [toy.sample(random.Random(i)) for i in range(12)]
    write_folder(tmp_path / "bars", ((toy.render(t, random.Random(0)), t) for t in texts))
    return tmp_path / "bars"
