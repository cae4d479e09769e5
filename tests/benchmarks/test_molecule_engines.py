"""The benchmark of molecule readers: both engines on the same pictures, one table, and what is missing is named."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from glyphic.data.samples import write_folder
from glyphic.notations.molecule import target
from tests.notations.molecule.drawings import pictured
from tests.notations.molecule.test_placement import TARGETS

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import molecule_consistency
import molecule_engines as benchmark

pytest.importorskip("rdkit", reason="needs rdkit: pip install 'glyphic[chem]'")

SMILES = ("Cc1ccccc1", "CCC[C@H](C)N")
SPOKEN = '#!/bin/sh\ncase "$1" in --version) echo toy 2.1;; *a.png) echo "Cc1ccccc1 0.9";; *) exit 3;; esac\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = (np.kron(np.round(255 * pictured(target.to_drawing(TARGETS[i]))[0]).astype(np.uint8),
                        np.ones((2, 2), np.uint8)) for i in (0, 3))
    made = tmp_path / "set"
    write_folder(made, zip(pictures, SMILES, strict=True))
    for number, path in enumerate(sorted((made / "images").iterdir())):
        path.rename(path.with_name("ab"[number] + ".png"))
    (made / "labels.tsv").write_text("".join(f"images/{name}.png\t{smiles}\n"
                                             for name, smiles in zip("ab", SMILES, strict=True)))
    return made


def test_readings_of_a_command_are_scored_and_timed_and_a_failure_is_one(folder, tmp_path):
    command = tmp_path / "osra"
    command.write_text(SPOKEN)
    command.chmod(0o755)
    given = benchmark.arguments([str(folder), "--osra", str(command), "--keep", str(tmp_path / "kept")])
    found = benchmark.compare([folder], given)
    (row,) = found["rows"]
    assert row["engine"] == "OSRA, toy 2.1" and (row["count"], row["unread"]) == (2, 1)
    assert row["metrics"]["exact"]["value"] == 0.5 and row["cpu_s"] > 0
    text = benchmark.table(found)
    assert "| OSRA, toy 2.1 | set | 2 | 50.0 <sub>" in text and "Not measured" not in text
    assert (tmp_path / "kept" / "OSRA-set.tsv").read_text().endswith("a.png\tCc1ccccc1\n")


def test_what_is_not_installed_is_named(folder):
    given = benchmark.arguments([str(folder), "--osra", "no-such-osra", "--model", "no-such-bundle"])
    found = benchmark.compare([folder], given)
    assert not found["rows"] and set(found["missing"]) == {"OSRA", "glyphic no-such-bundle"}
    assert "apt-get install osra" in benchmark.table(found)


@pytest.mark.skipif(not shutil.which("osra"), reason="needs osra: apt-get install osra")
def test_osra_reads(folder):
    found = benchmark.osra("osra", [str(folder / "images" / "a.png")])
    assert "2." in found["version"] and not found["readings"][0]["error"] and found["readings"][0]["cpu_ms"] > 0


def test_a_file_of_readings_is_checked_for_contradictions(tmp_path):
    file = tmp_path / "kept.tsv"
    five = "branch( [:0] F branch) branch( [:60] F branch) branch( [:120] F branch) branch( [:180] F branch) [:240] F"
    file.write_text("".join(f"{i}.png\t{text}\n" for i, text in enumerate((*TARGETS, five, ""))))
    found = molecule_consistency.check(file)
    assert (found.count, found.molecules, sum(found.refused.values())) == (5, 4, 1) and not found.contradictions
    assert "valence" in next(iter(found.refused))
