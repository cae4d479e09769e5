"""The package's public names, and what it costs to import it."""

import subprocess
import sys

import pytest

import glyphic

HEAVY = ("numpy", "torch", "onnxruntime", "PIL", "click")


def fresh(code: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def loaded(code: str) -> set[str]:
    """Which heavy modules a fresh interpreter holds after `code`."""
    return set(fresh(f"{code}\nimport sys\nprint(*[m for m in {HEAVY} if m in sys.modules])").split())


def test_importing_glyphic_loads_nothing_heavy():
    assert not loaded("import glyphic; glyphic.__version__; dir(glyphic); glyphic.GlyphicError; glyphic.Recognition")


def test_the_command_line_is_light_until_a_verb_runs():
    assert loaded("import glyphic.cli") == {"click"}


def test_importing_glyphic_is_quick():
    code = "import time; start = time.perf_counter(); import glyphic; print(time.perf_counter() - start)"
    assert min(float(fresh(code)) for _ in range(3)) < 0.15


def test_reading_loads_no_torch():
    assert "torch" not in loaded("import glyphic; glyphic.load, glyphic.read_many, glyphic.Recognizer")


@pytest.mark.parametrize("name", glyphic.__all__)
def test_every_public_name_is_there(name):
    assert getattr(glyphic, name) is not None and name in dir(glyphic)


def test_an_unknown_name_lists_the_public_ones():
    with pytest.raises(AttributeError, match=r"has no attribute 'raed'; it has: .*read"):
        glyphic.raed  # noqa: B018
