"""`scripts/gpu-train` on the CPU: two pieces on two machines, with nothing but light.pt between them, are one run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.conftest import RECIPE, data  # noqa: F401

ROOT = Path(__file__).parents[1]
RECIPE_FILE = """
import json
from glyphic import notations
from glyphic.core.recipe import Recipe

notations.BUILT_IN["bars"] = "tests.bars"
RECIPE = Recipe.from_json(json.loads({text!r}))
"""


@pytest.mark.slow
def test_pieces_on_two_machines_are_one_run(data, tmp_path):  # noqa: F811
    (tmp_path / "tiny.py").write_text(RECIPE_FILE.format(text=json.dumps(RECIPE.to_json())))
    starts = []
    for piece in ("first", "second"):
        out = tmp_path / f"out-{piece}"
        environment = {**os.environ, "CPU": "1", "RUN": str(tmp_path / f"run-{piece}"), "PYTHON": sys.executable,
                       "PYTHONPATH": str(ROOT)}
        done = subprocess.run([ROOT / "scripts" / "gpu-train", tmp_path / "tiny.py", data, out, "0.1",
                               "training.steps=100000"], env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]
        assert '"kind": "validation"' in done.stdout, "the end of the log is shown"
        files = [path for path in out.rglob("*") if path.is_file()]
        assert {"light.pt", "log.jsonl", "recipe.json", "samples.png"} <= {path.name for path in files}
        assert len(files) <= 8 and max(path.stat().st_size for path in files) < 16 * 2**20
        log = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
        starts.append((log[0]["step"], log[-1]["step"]))
        shutil.copy(out / "light.pt", data)
    (begun, ended), (again, further) = starts
    assert begun == 0 < ended == again < further


def test_without_arguments_it_tells_how_to_use_it():
    done = subprocess.run([ROOT / "scripts" / "gpu-train"], capture_output=True, text=True)
    assert done.returncode == 2 and "scripts/gpu-train RECIPE DATA OUT" in done.stderr
