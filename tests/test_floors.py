"""Imports go down only, heavy libraries stay behind their fences, and `import glyphic` costs next to nothing."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "src" / "glyphic"

SEES = {  # room -> the rooms it may import from, lowest floor first
    "core": set(),
    "notations": {"core"},
    "client.py": {"core"},
    "decoding": {"core"},
    "models": {"core"},
    "recipes": {"core"},
    "data": {"core", "notations"},
    "reading": {"core", "notations", "decoding"},
    "evaluation": {"core", "notations", "decoding", "data", "reading"},
    "training": {"core", "notations", "decoding", "models", "recipes", "data", "reading", "evaluation"},
    "review": {"core", "notations", "data"},
    "bulk": {"core", "notations", "reading", "review"},
    "service": {"core", "notations", "decoding", "reading", "review"},
}
FENCES = {  # library -> the rooms (or modules) that may import it
    "torch": {"models", "training"},
    "onnxruntime": {"reading"},
    "PIL": {"reading", "data", "notations", "evaluation/report.py", "training/plots.py"},
    "sqlalchemy": {"review"},
    "pyarrow": {"bulk"},
    "fsspec": {"bulk"},
    "ray": {"bulk/cluster.py"},
}
FREE = {"cli", "__main__.py", "__init__.py"}  # the front door, which stands outside the rooms
PLAIN = {"core", "decoding"}  # rooms of the standard library and numpy

MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))


def imports(source: str) -> Iterator[str]:
    """Every module that a source imports, also within functions; `from glyphic import x` counts as glyphic.x."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield "." * node.level + (node.module or "")
            elif node.module == "glyphic":
                yield from (f"glyphic.{alias.name}" for alias in node.names)
            else:
                yield str(node.module)


def trespasses(module: str, source: str) -> list[str]:
    """module: path below src/glyphic -> what its imports break, in words."""
    room, found = module.split("/")[0], []
    for name in imports(source):
        top, *rest = name.split(".")
        if not top:
            found.append(f"{module}: absolute imports only; got {name!r}")
        if room in FREE:
            continue
        if top in FENCES and not FENCES[top] & {room, module}:
            found.append(f"{module} may not import {top}; only {', '.join(sorted(FENCES[top]))} may")
        if room in PLAIN and top not in {*sys.stdlib_module_names, "numpy", "glyphic", ""}:
            found.append(f"{module} may import the standard library and numpy; got {top}")
        if top == "glyphic" and rest and rest[0] not in {room, "__version__"} and rest[0] not in SEES[room]:
            found.append(f"{module} may not import {name}; {room} sees {', '.join(sorted(SEES[room])) or 'nothing'}")
    return found


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down_only_and_stay_within_their_fences(module):
    assert module.split("/")[0] in FREE or module.split("/")[0] in SEES, f"give {module} a floor in this test"
    assert trespasses(module, (ROOT / module).read_text(encoding="utf-8")) == []


def test_all_rooms_were_seen():
    assert set(SEES) <= {module.split("/")[0] for module in MODULES}


@pytest.mark.parametrize(("module", "source"), [
    ("core/x.py", "import glyphic.decoding.task"),
    ("core/x.py", "import scipy"),
    ("decoding/x.py", "from glyphic.notations import get"),
    ("decoding/x.py", "def f():\n    import scipy.special"),
    ("models/x.py", "from glyphic import training"),
    ("models/x.py", "from glyphic import load"),
    ("reading/x.py", "def f():\n    from torch import nn"),
    ("training/x.py", "import onnxruntime as rt"),
    ("evaluation/x.py", "from PIL import Image"),
    ("data/x.py", "from . import samples"),
    ("data/x.py", "from glyphic.models.build import build"),
    ("recipes/x.py", "from glyphic.models.build import build"),
])
def test_this_test_notices(module, source):
    assert len(trespasses(module, source)) == 1


def fresh(code: str) -> str:
    """What a new interpreter prints."""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT.parent)!r}); {code}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_importing_glyphic_loads_nothing_heavy():
    heavy = "[m for m in ('numpy', 'torch', 'onnxruntime', 'PIL') if m in sys.modules]"
    assert fresh(f"import glyphic; print({heavy})") == "[]"
    assert fresh(f"import glyphic.core.images; print({heavy})") == "['numpy']"


def test_importing_glyphic_takes_less_than_150_milliseconds():
    code = "import time; start = time.perf_counter(); import glyphic; print(time.perf_counter() - start)"
    assert min(float(fresh(code)) for _ in range(3)) < 0.15
