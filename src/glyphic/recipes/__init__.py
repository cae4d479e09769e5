"""Names, or paths of Python files, to recipes."""

import importlib
import importlib.util
from pathlib import Path
from types import ModuleType

from glyphic.core.errors import OptionError, UnknownNameError
from glyphic.core.recipe import KindRecipe, Recipe

BUILT_IN = {  # name -> a module with one RECIPE, or with several RECIPES by name
    "formula": "glyphic.recipes.formula",
    "kind": "glyphic.recipes.kind",
    "molecule": "glyphic.recipes.molecule",
    "molecule-handwritten": "glyphic.recipes.molecule_handwritten",
    "music": "glyphic.recipes.music",
    "music-crnn": "glyphic.recipes.music_crnn",
    "text": "glyphic.recipes.text",
    "text-synthetic": "glyphic.recipes.text_synthetic",
    "text-cnn-ctc": "glyphic.recipes.text_classics",
    "text-cnn-ed": "glyphic.recipes.text_classics",
    "text-cnn-attention": "glyphic.recipes.text_classics",
    "text-res15-ctc": "glyphic.recipes.text_classics",
    "text-res23-ctc": "glyphic.recipes.text_classics",
}


def get(name: str) -> Recipe | KindRecipe:
    """The recipe of this name (dashes and underscores are one), or the RECIPE of a Python file `PATH.py`.

    Errors: UnknownNameError lists the names there are; OptionError for a file without a RECIPE.
    """
    table = {key.replace("_", "-"): module for key, module in BUILT_IN.items()}
    dashed = name.replace("_", "-")
    if dashed in table:
        module = importlib.import_module(table[dashed])
        recipe: Recipe | KindRecipe = module.RECIPES[dashed] if hasattr(module, "RECIPES") else module.RECIPE
        return recipe
    if name.endswith(".py"):
        found = getattr(_run(Path(name)), "RECIPE", None)
        if not isinstance(found, Recipe | KindRecipe):
            raise OptionError(f"{name} must define RECIPE = Recipe(...); it has {type(found).__name__}")
        return found
    raise UnknownNameError("recipe or Python file", name, names())


def notes(name: str) -> str:
    """What the recipe of this name says about its data, their licences and the limits of its model, in Markdown; empty
    for a recipe that says nothing or is in no table."""
    module = BUILT_IN.get(name.replace("_", "-")) or BUILT_IN.get(name)
    return str(getattr(importlib.import_module(module), "NOTES", "")) if module else ""


def names() -> tuple[str, ...]:
    """The recipes that come with the package, sorted."""
    return tuple(sorted(BUILT_IN))


def _run(path: Path) -> ModuleType:
    if not path.is_file():
        raise OptionError(f"no such recipe file: {path}")
    spec = importlib.util.spec_from_file_location(f"recipe_{path.stem}", path)
    assert spec and spec.loader  # a .py file always has a loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
