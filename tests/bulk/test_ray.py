"""A run on a Ray cluster: the same rows in the same files, with either engine; ends of a cluster are errors."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from glyphic.bulk.options import Conditions, Options
from glyphic.bulk.run import run
from glyphic.core.errors import MissingExtraError
from tests.bulk.conftest import fill, here, rows_of, steady
from tests.bulk.test_processes import EVIL

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from glyphic.bulk.cluster import Cluster
from glyphic.bulk.options import Conditions, Options
from glyphic.bulk.run import run

class Watcher:
    def planned(self, inputs, before):
        print("before", before)
    def event(self, event):
        print("event", event.read, event.done, event.rows, event.errors)

run(sys.argv[1], Path(sys.argv[2]), Options("text", shard=4), Conditions(workers=2), Cluster(None, 2).run, Watcher())
"""


def test_without_ray_the_extra_is_named(pictures, tmp_path, monkeypatch):
    from glyphic.bulk.cluster import Cluster

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"glyphic\[ray\]"):
        run(str(pictures), tmp_path / "out", Options("text"), Conditions(), Cluster().run)


@pytest.mark.slow
def test_a_cluster_goes_on_with_what_was_begun_writes_the_same_and_bears_what_kills_an_actor(tmp_path):
    pytest.importorskip("ray.data", reason="needs ray: pip install 'glyphic[ray]'")
    folder = fill(tmp_path / "in", 11)
    (folder / "words.txt").write_text("words")
    for name in ("whole", "out"):
        run(str(folder), tmp_path / name, Options("text", shard=4), engine=here)
    (folder / "09.jpg").write_bytes(b"\xff\xd8\xff DIES")
    (tmp_path / "sitecustomize.py").write_text(EVIL)
    (tmp_path / "out" / "rows" / "part-000000.jsonl").unlink()
    (tmp_path / "out" / "rows" / "part-000002.jsonl").unlink()
    path = [str(tmp_path), str(ROOT / "src"), *sys.path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "RAY_AUTH_MODE": "disabled"}
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(folder), str(tmp_path / "out")], env=environment,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    printed = [line for line in done.stdout.splitlines() if line.startswith(("before", "event"))]  # Ray speaks as well
    assert printed[0] == "before 4" and sorted(printed[1:]) == ["event 4 0 4 0", "event 4 2 4 2"]
    found, whole = steady(rows_of(tmp_path / "out")), steady(rows_of(tmp_path / "whole"))
    assert [row["error_kind"] for row in found] == [None] * 9 + ["crashed", None, "no-picture"]
    for mine, theirs in zip(found, whole, strict=True):  # what was in hand with what kills is read alone
        if mine["error_kind"] != "crashed":
            assert mine == {**theirs, "confidence": pytest.approx(theirs["confidence"], abs=1e-5)}
