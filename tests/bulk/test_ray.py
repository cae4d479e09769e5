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
def test_a_cluster_goes_on_with_what_processes_began_and_writes_the_same(tmp_path):
    pytest.importorskip("ray.data", reason="needs ray: pip install 'glyphic[ray]'")
    folder = fill(tmp_path / "in", 11)
    (folder / "words.txt").write_text("words")
    for name in ("whole", "out"):
        run(str(folder), tmp_path / name, Options("text", shard=4), engine=here)
    (tmp_path / "out" / "rows" / "part-000000.jsonl").unlink()
    (tmp_path / "out" / "rows" / "part-000002.jsonl").unlink()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])}
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(folder), str(tmp_path / "out")], env=environment,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    printed = done.stdout.splitlines()
    assert printed[0] == "before 4" and sorted(printed[1:]) == ["event 4 0 4 0", "event 4 2 4 1"]
    assert steady(rows_of(tmp_path / "out")) == steady(rows_of(tmp_path / "whole"))
