"""Building a wheel: the web page is built first, where npm is; without it the package has no page."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = "src/glyphic/service/page"  # too large to be in the repository: 9.7 MB, of which Verovio has 7


class PageHook(BuildHookInterface[Any]):
    """Runs web/build where there is no built page yet. GLYPHIC_PAGE=0 in the environment goes without."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if version == "editable":  # served from the checkout, where scripts/test and people run web/build themselves
            return
        if not (root / PAGE / "index.html").is_file() and not self._built(root):
            return
        build_data["artifacts"].append(f"{PAGE}/**")  # although git ignores it

    def _built(self, root: Path) -> bool:
        if os.environ.get("GLYPHIC_PAGE") == "0" or not (root / "web/build").is_file():
            return False
        if not (shutil.which("npm") and shutil.which("node") and shutil.which("bash")):
            self.app.display_warning("no npm here: the package is built without its web page; see web/README.md")
            return False
        ran = subprocess.run(["bash", "web/build"], cwd=root, stdout=sys.stderr, check=False)
        if ran.returncode:
            self.app.display_warning("web/build failed: the package is built without its web page")
        return ran.returncode == 0
