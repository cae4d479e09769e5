"""The five classic readers of words, trained with equal budgets on the same pictures -> a table, and its JSON.

    python benchmarks/text_classics.py DATA --out DIR --minutes 20
    python benchmarks/text_classics.py DATA --out DIR --steps 600 --half-width  # for a slow machine

DATA holds packs and, in validation/, labelled pictures, as `glyphic train` takes them. Each network sees the same
pictures in the same order, and has the same minutes, or the same steps with --steps. DIR keeps the runs (the same
command goes on with them), results.json and results.md. Processes may share DIR, each with the networks of its --only;
the command without it then makes the table of all. The exported bundles are measured, on every picture of validation/;
a reading is timed alone, on one thread.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from glyphic.core.images import fit
from glyphic.core.recipe import Recipe
from glyphic.core.results import Sample, Score
from glyphic.data.samples import limit, read_folder
from glyphic.evaluation.benchmark import evaluate
from glyphic.evaluation.report import percent
from glyphic.models.build import parameter_count
from glyphic.reading.pictures import load
from glyphic.reading.recognizer import Recognizer
from glyphic.recipes.text_classics import RECIPES
from glyphic.training import release
from glyphic.training.export import export
from glyphic.training.loop import train

TIMED = 50  # pictures


def halved(recipe: Recipe) -> Recipe:
    """The recipe with VGG's CNN at half its width, a quarter of its arithmetic; one of another CNN as it is."""
    narrow = recipe.model.extraction == "crnn"
    return recipe.override(["model.extraction_parameters.width_factor=0.5"]) if narrow else recipe


def compare(chosen: Iterable[Recipe], data: Path, out: Path, settings: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Trains each recipe in out/NAME and measures it -> the rows of the table, also in out/results.json and .md.

    settings: as `Recipe.override` takes them, the budget among them; the same for all.
    """
    rows = []
    for recipe in chosen:
        run = out / recipe.name
        train(recipe.override(settings), data, run)
        rows.append(measured(run, data / "validation"))
        (out / "results.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        (out / "results.md").write_text(table(rows), encoding="utf-8")
    return rows


def measured(run: Path, pictures: Path) -> dict[str, Any]:
    """What the bundle of a run reads of all the pictures, what it took to get there, and how long a reading takes."""
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    trained = release.load(run)
    samples = read_folder(pictures)
    timed = limit(samples, TIMED, pictures)
    fitted = (fit(load(sample.path), trained.recipe.input) for sample in timed)
    bundle = export(trained.network, trained.recipe, trained.vocabulary, run / "bundle",
                    [picture.pixels for picture in fitted if not picture.blank], trained.recipe.name, "benchmark")
    recognizer = Recognizer(bundle)
    report = evaluate(recognizer, samples, pictures)
    return {
        "name": trained.recipe.name, "parameters": parameter_count(trained.network), "steps": trained.state["step"],
        "pictures": sum(line["images"] for line in lines if line["kind"] == "train"),
        "minutes": round(_minutes(lines), 2), "milliseconds": round(milliseconds(recognizer, timed), 2),
        "read": report.count, "scores": {name: score.to_json() for name, score in report.metrics.items()},
    }


def milliseconds(recognizer: Recognizer, samples: Sequence[Sample]) -> float:
    """Median of the seconds of this thread that a reading takes, times 1000."""
    taken = []
    for sample in samples:
        start = time.thread_time()
        recognizer.read(sample.path)
        taken.append(1000 * (time.thread_time() - start))
    return statistics.median(taken)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The rows in Markdown."""
    metrics = list(dict.fromkeys(name for row in rows for name in row["scores"]))
    lines = [["network", "million parameters", "steps", "pictures", "minutes", "CPU ms a picture", "read", *metrics]]
    lines.append(["---"] * len(lines[0]))
    for row in rows:
        lines.append([row["name"], f"{row['parameters'] / 1e6:.2f}", str(row["steps"]), f"{row['pictures']:,}",
                      f"{row['minutes']:.1f}", f"{row['milliseconds']:.1f}", f"{row['read']:,}",
                      *(percent(Score(**row["scores"][name])) for name in metrics)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _minutes(lines: Sequence[dict[str, Any]]) -> float:
    """From each start of the run to the last line before the next one, summed."""
    total, begun, last = 0.0, 0.0, 0.0
    for line in lines:
        if line["kind"] == "start":
            total, begun = total + last - begun, line["time"]
        last = line["time"]
    return (total + last - begun) / 60


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=0.0, help="of each network; 0: as many as the steps take")
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--half-width", action="store_true", help="VGG's CNN has half its channels")
    parser.add_argument("--only", action="append", choices=RECIPES, help="of the networks; repeatable")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="a setting for all recipes")
    given = parser.parse_args()
    budget = [f"training.minutes={given.minutes}", f"training.steps={given.steps}"]
    chosen = [RECIPES[name] for name in given.only or RECIPES]
    compare(map(halved, chosen) if given.half_width else chosen, given.data, given.out, [*budget, *given.set])
    print((given.out / "results.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
