"""What README.md says: its Python runs, its commands exist, its figures are those of the bundles, its links lead on."""

import re
import runpy
import shlex
from pathlib import Path

import pytest

import glyphic
from glyphic.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def commands() -> list[list[str]]:
    """Every `glyphic ...` in code, as words."""
    shown = [*blocks("sh"), *blocks("console"), *re.findall(r"`(glyphic [^`]+)`", README)]
    return [shlex.split(found) for text in shown for found in re.findall(r"\bglyphic ([a-z][^&|\n]*)", text)]


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_a_python_block_runs_and_prints_what_it_says(number, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    wanted = blocks("python")[number]
    if re.search(r"glyphic\.(read|load)", wanted) and "formula" not in glyphic.list_models():
        pytest.skip("no model is in the package")
    names = {"glyphic": glyphic}  # the first block imports it for all
    exec(compile(wanted, f"README.md, block {number}", "exec"), names)
    printed = capsys.readouterr().out.splitlines()
    for line in re.findall(r"print\(.*\)  # (.*)", wanted):
        assert line in printed


def test_there_are_exactly_two_commands_to_copy():
    assert len(blocks("sh")) == 2 and all(len(block.splitlines()) == 1 for block in blocks("sh"))


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_of_the_readme_exists_with_its_options(words):
    verb = words[0]
    assert verb in [*main.commands, "VERB"]
    known = [name for p in main.commands[verb].params for name in p.opts] if verb in main.commands else ["--help"]
    assert [word for word in words if word.startswith("--") and word not in known] == []


def test_every_verb_is_in_the_readme():
    assert set(main.commands) <= {words[0] for words in commands()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_figures_are_those_of_the_bundles(capsys):
    assert scripts_figures()["main"](check=True) == 0, capsys.readouterr().out


def test_figures_are_written_into_their_block_and_nowhere_else(tmp_path, capsys):
    bundle = tmp_path / "src" / "glyphic" / "bundles" / "toy"
    bundle.mkdir(parents=True)
    report = '{"count": 7, "metrics": {"exact": {"value": 0.5, "low": 0.25, "high": 0.75, "count": 7}}}'
    (bundle / "bundle.json").write_text(
        f'{{"name": "toy", "version": "3", "files": {{}}, "scores": {{"pages": {report}, "memory": {{"MB": 9}}}}}}')
    (tmp_path / "README.md").write_text("before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n")
    run = scripts_figures()["main"]
    assert run(check=True, root=tmp_path) == 1 and "old" in (tmp_path / "README.md").read_text()
    assert run(check=False, root=tmp_path) == 0 and run(check=True, root=tmp_path) == 0
    text = (tmp_path / "README.md").read_text()
    assert text.startswith("before\n<!-- figures -->\n**toy 3**") and text.endswith("<!-- /figures -->\nafter\n")
    assert "| pages | 7 | 50.0 <sub>25.0 to 75.0</sub> |  |" in text and "- memory MB: 9" in text


def scripts_figures() -> dict:
    return runpy.run_path(str(ROOT / "scripts" / "figures"))
