"""KaTeX for the tests that ask it, and a skip that names what is missing where there is none."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

NODE = Path(__file__).parents[2] / "node"
Katex = Callable[[Sequence[str]], list[str | None]]


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """The folder whose node_modules hold KaTeX and MathJax."""
    if shutil.which("node") is None:
        pytest.skip("needs the program node: apt-get install nodejs npm")
    missing = [name for name in ("katex", "mathjax-full") if not (NODE / "node_modules" / name).is_dir()]
    if missing:
        pytest.skip(f"needs {' and '.join(missing)} for node: npm ci --prefix {NODE}")
    return NODE


@pytest.fixture(scope="session")
def katex(node_folder: Path) -> Iterator[Katex]:
    """Formulas -> for each None, or KaTeX's complaint."""
    with subprocess.Popen(["node", "check.js"], cwd=node_folder, text=True, encoding="utf-8",
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None

        def ask(texts: Sequence[str]) -> list[str | None]:
            process.stdin.write(json.dumps(list(texts)) + "\n")
            process.stdin.flush()
            answer: list[str | None] = json.loads(process.stdout.readline())
            return answer

        yield ask
        process.stdin.close()


@pytest.fixture(scope="session")
def tex() -> None:
    """LaTeX and dvipng are there."""
    for program, package in (("latex", "texlive-latex-recommended texlive-fonts-recommended"), ("dvipng", "dvipng")):
        if shutil.which(program) is None:
            pytest.skip(f"needs the program {program}: apt-get install {package}")
