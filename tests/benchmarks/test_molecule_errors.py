"""Wrong readings of molecules are counted by what is wrong with them."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("rdkit", reason="needs rdkit: pip install 'glyphic[chem]'")

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import molecule_errors as benchmark


@pytest.mark.parametrize(("label", "reading", "expected"), [
    ("CCO", "OCC", "right"), ("CCO", "", "no molecule"), ("C[C@H](N)O", "C[C@@H](N)O", "stereo alone"),
    ("CCO", "CO", "atoms missing"), ("CCO", "CCCO", "atoms too many"), ("CCO", "COC", "bonds"),
    ("CCO", "CCN", "elements"),
])
def test_each_error_has_its_kind(label, reading, expected):
    assert benchmark.outcome(benchmark.smiles_of(label), benchmark.smiles_of(reading)) == expected


def test_the_tables_count_labels_and_readings(tmp_path):
    rows = ["path\tlabel\tprediction\tconfidence\texact", "a.png\tCCO\t[:30] [:330] O H\t0.9\t1",
            "b.png\tC[C@H](N)O\t[:30]\t0.9\t0", "c.png\tc1cc\t[:30]\t0.9\t0"]
    (tmp_path / "p.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    text = benchmark.tables(benchmark.rows_of([tmp_path / "p.tsv"]))
    assert "| all | 2 | 50.0 % |" in text and "| stereo | 1 | 0.0 % |" in text
    assert "| right | 1 |" in text and "| atoms missing | 1 |" in text and "| label that is no molecule | 1 |" in text
