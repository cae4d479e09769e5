"""Names of notations."""

import pytest

from glyphic import notations
from glyphic.core.errors import UnknownNameError
from glyphic.core.notation import Notation
from tests import bars


@pytest.mark.parametrize("name", sorted(notations.BUILT_IN))
def test_every_notation_of_the_table_bears_its_name(name):
    assert isinstance(notations.get(name), Notation) and notations.get(name).name == name
    assert name in notations.names()


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(UnknownNameError, match=r"no notation 'formulas'; there are: .*formula"):
        notations.get("formulas")


@pytest.mark.parametrize("value", ["tests.bars", "tests.bars:NOTATION"])
def test_another_package_adds_a_notation_by_an_entry_point(value, tmp_path, monkeypatch):
    folder = tmp_path / "bars-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: bars\nVersion: 1\n")
    (folder / "entry_points.txt").write_text(f"[glyphic.notations]\nbars = {value}\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert notations.get("bars") is bars.NOTATION and "bars" in notations.names()
