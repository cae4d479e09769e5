"""What makes models: `train`, `average` and `export`."""

import functools
from collections.abc import Mapping
from pathlib import Path

import click

from glyphic.cli.console import figures, main, needed, progress_bar
from glyphic.core.errors import OptionError
from glyphic.core.recipe import KindRecipe


@main.command()
@click.argument("recipe")
@click.option("--data", type=click.Path(exists=True, file_okay=False), required=True, help="Folder of training data.")
@click.option("--run", "run_dir", type=click.Path(file_okay=False), help="Folder of the run [default: runs/RECIPE].")
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="As in training.steps=1000; repeatable.")
@click.option("--fresh", is_flag=True, help="Begin anew instead of going on where the run stopped.")
@click.option("--start", type=click.Path(exists=True, dir_okay=False),
              help="Weights of an earlier run to begin with: its state.pt or light.pt.")
@click.option("--go-on", is_flag=True, help="With --start: at the step of the schedule where that run was.")
def train(recipe: str, data: str, run_dir: str | None, settings: tuple[str, ...], fresh: bool, start: str | None,
          go_on: bool) -> None:
    """Train the model of RECIPE, a name or a Python file; the same command again goes on."""
    from glyphic import recipes

    chosen = recipes.get(recipe).override(settings)
    if go_on and not start:
        raise OptionError("--go-on says where to go on from the weights of --start; give both")
    of_kinds = isinstance(chosen, KindRecipe)
    if go_on and of_kinds:
        raise OptionError("--go-on: a classifier of kinds is trained in minutes, and begins its schedule anew")
    with needed("training", "train"):
        if of_kinds:
            import glyphic.training.kinds as loop
        else:
            import glyphic.training.loop as loop  # type: ignore[no-redef]
    with progress_bar(chosen.training.steps) as bar:

        def progress(step: int, figures: Mapping[str, float]) -> None:
            bar.label = f"loss {figures['loss']:.3f}" if figures else ""
            bar.update(step - bar.pos)

        loop.train(chosen, Path(data), Path(run_dir or f"runs/{chosen.name}"), resume=not fresh,
                   start=Path(start) if start else None, progress=progress, **({"go_on": True} if go_on else {}))


@main.command()
@click.argument("out", type=click.Path(dir_okay=False))
@click.argument("states", nargs=-1, required=True, metavar="STATE[=SHARE]...")
def average(out: str, states: tuple[str, ...]) -> None:
    """Write the mean of the weights of several runs, a model soup, as the state OUT.

    STATE: the state.pt or light.pt of a run, or its folder; SHARE: as in 0.3 [default: what the others leave, in equal
    parts]. Recipe and tokens are those of the first.
    """
    with needed("averaging", "train"):
        from glyphic.training import checkpoint, release, soup
    paths, shares = [], []
    for given in states:
        path, _, share = given.rpartition("=") if "=" in given else (given, "", "")
        if not Path(path).exists():
            raise OptionError(f"there is no state {path}")
        try:
            shares.append(float(share) if share else None)
        except ValueError as error:
            raise OptionError(f"a share is a number, as in {path}=0.3; got {share!r}") from error
        paths.append(release.state_file(Path(path)))
    left = 1 - sum(share for share in shares if share is not None)
    open_ones = shares.count(None)
    checkpoint.save(Path(out), checkpoint.light(soup.mean(
        [checkpoint.load(path) for path in paths],
        [left / open_ones if share is None else share for share in shares])))
    click.echo(f"{out}: the mean of {len(paths)} states")


@main.command()
@click.argument("run_dir", metavar="RUN", type=click.Path(exists=True))
@click.argument("out", type=click.Path(file_okay=False))
@click.option("--name", required=True, help="The model's name, as `read --model` takes it.")
@click.option("--version", required=True, help="The model's version.")
@click.option("--check", type=click.Path(exists=True, file_okay=False), required=True, metavar="DIR",
              help="A data set that torch and ONNX, and 8 and 32 bits, are compared on.")
@click.option("--evaluate", "sets", multiple=True, metavar="DIR[=NAME]",
              help="A data set to measure the finished bundle on; repeatable.")
@click.option("--calibrate", multiple=True, type=click.Path(exists=True, file_okay=False), metavar="DIR",
              help="A data set of every look that will be read, which none is measured on: convolutions are stored in "
                   "8 bits, with the ranges that activations have there; repeatable.")
@click.option("--card-notes", default="", metavar="TEXT", help="Goes to the end of the model card.")
@click.option("--state", type=click.Path(dir_okay=False), metavar="FILE",
              help="Also write what a later run can --start from.")
def export(run_dir: str, out: str, name: str, version: str, check: str, sets: tuple[str, ...],
           calibrate: tuple[str, ...], card_notes: str, state: str | None) -> None:
    """Make the bundle OUT of RUN, a run's folder: graphs, figures and a model card."""
    with needed("exporting", "train"):
        import glyphic.training.kind_release as kind_release
        import glyphic.training.release as release
        from glyphic.reading.bundle import MANIFEST, read_manifest
        from glyphic.reading.kinds import MANIFEST as KINDS_MANIFEST
        from glyphic.training import checkpoint
    folders = {}
    for given in sets:
        path, _, title = given.partition("=")
        if not Path(path).is_dir():
            raise OptionError(f"--evaluate takes the folder of a data set; {path} is none")
        folders[title or Path(path).name] = Path(path)
    trained = checkpoint.load(release.state_file(Path(run_dir)))
    of_kinds = "pictures" in trained["recipe"]  # the recipe of a classifier, which is no reader
    if of_kinds and calibrate:
        raise OptionError("--calibrate is for what reads; a classifier of kinds is stored in 16 bits")
    of_readers = functools.partial(release.release, calibrate=[Path(given) for given in calibrate])
    make = kind_release.release if of_kinds else of_readers
    folder = make(Path(run_dir), Path(out), name, version, Path(check), folders, card_notes,
                  lambda words: click.echo(words, err=True))
    if state:
        checkpoint.save(Path(state), checkpoint.light(trained))
    manifest = read_manifest(folder, KINDS_MANIFEST if of_kinds else MANIFEST)
    size = sum((folder / file).stat().st_size for file in manifest["files"])
    click.echo(f"{name} {version}  {manifest.get('notation', 'kinds')}  {size / 1e6:.1f} MB")
    for line in figures(manifest["scores"]):
        click.echo(f"  {line}")
