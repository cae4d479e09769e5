"""How right and how fast readers of text are: labelled folders -> tables of engines, and the same figures as JSON.

    python benchmarks/text_engines.py DATA/iiit5k_test DATA/svt_test --out text_engines --limit 500

Reading is measured from the file to the text, for our bundle, Tesseract and PP-OCR (rapidocr-onnxruntime, recognition
only), on the same pictures, each engine in a process of its own; times are means over the pictures. The network is
measured alone, on 32 x 128 pixels, in torch (as it is, and compiled) and in ONNX Runtime, as the reproduction of CRNN
does; without --run the torch networks have the recipe and fresh weights, which take as long. What is not installed is
named with the command that installs it. OUT gets results.md, results.json and predictions/ENGINE.tsv.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import engines
import numpy as np

from glyphic import notations
from glyphic.core.errors import GlyphicError, NotationError
from glyphic.core.images import fit, resize
from glyphic.core.notation import Notation
from glyphic.core.options import InputSpec
from glyphic.core.results import Sample, Score
from glyphic.data.samples import limit, read_folder
from glyphic.evaluation.benchmark import score_predictions
from glyphic.evaluation.report import percent
from glyphic.reading.bundle import Bundle
from glyphic.reading.pictures import load

BATCHES = (1, 16, 128)
HEIGHT, WIDTH = 32, 128
FOREIGN = "~"  # for characters that the notation does not have: not among the 36, and hardly in any label

Json = dict[str, Any]


def compare(folders: Sequence[Path], out: Path, given: argparse.Namespace) -> Json:
    """Runs every engine that is asked for -> the figures, which are also written to out/results.json and .md."""
    sets = {str(folder): limit(read_folder(folder), given.limit or sys.maxsize, folder) for folder in folders}
    (out / "predictions").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        results = {name: _run(job, given, Path(temporary)) for name, job in _jobs(sets, given, Path(temporary))}
    found: Json = {"machine": machine(given.threads),
                   "pictures": {folder: len(samples) for folder, samples in sets.items()},
                   "missing": {name: result["missing"] for name, result in results.items() if "missing" in result},
                   "readers": [], "networks": []}
    for name, result in results.items():
        if "readings" in result:
            found["readers"].append(reader_row(name, result, sets, out / "predictions"))
        elif "speeds" in result:
            found["networks"].append({"name": name, **{k: v for k, v in result.items() if k != "logprobs"}})
    if given.run:
        found["largest_difference"] = _difference([r["logprobs"] for r in results.values() if "logprobs" in r])
    (out / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (out / "results.md").write_text(tables(found), encoding="utf-8")
    return found


# ---- running the engines


def _jobs(sets: Mapping[str, Sequence[Sample]], given: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Json]]:
    """The engines' names as the tables have them, and their jobs; {"missing": why} for what can not be asked."""
    pictures = [str(sample.path) for samples in sets.values() for sample in samples]
    tesseract = {"psm": given.psm, "height": given.tesseract_height, "border": given.tesseract_border}
    for name in given.engines:
        if name == "glyphic":
            for model in given.model:
                yield f"glyphic {model}", {"engine": name, "options": {"model": model}, "pictures": pictures}
        elif name in engines.READERS:
            yield name, {"engine": name, "options": tesseract if name == "tesseract" else {}, "pictures": pictures}
    networks = [name for name in given.engines if name in engines.NETWORKS]
    if not networks:
        return
    try:
        spec, graph, source = _network(given, folder)
    except GlyphicError as problem:
        yield from ((name, {"missing": str(problem)}) for name in networks)
        return
    np.save(folder / "images.npy", lines(pictures, spec))
    for name in networks:
        yield name, {"engine": name, "options": {"graph": graph} if name == "onnxruntime" else source,
                     "images": str(folder / "images.npy"), "batches": BATCHES, "seconds": given.seconds}


def _network(given: argparse.Namespace, folder: Path) -> tuple[InputSpec, str, Json]:
    """What it takes in, its graph, and what torch builds it from."""
    if not given.run:
        bundle = Bundle.load(given.model[0])
        if bundle.kind != "frames":
            raise GlyphicError(f"the model {bundle.name} writes step by step; give one that reads by CTC")
        return bundle.input, str(bundle.path("frames.onnx")), {"recipe": dict(bundle.recipe)}
    from glyphic.training import release
    from glyphic.training.export import write_graphs

    trained = release.load(given.run)
    if trained.network.generation.kind != "frames":
        raise GlyphicError(f"the network of {given.run} writes step by step; give one that reads by CTC")
    write_graphs(trained.network, folder)
    return trained.recipe.input, str(folder / "frames.onnx"), {"run": str(given.run)}


def lines(pictures: Sequence[str], spec: InputSpec) -> np.ndarray:
    """Fitted as for a reading, then brought to one width, from the first on until the largest batch is full;
    (128, 1, 32, 128) float32."""
    count = max(BATCHES)
    fitted = [resize(fit(load(picture), spec).pixels, HEIGHT, WIDTH) for picture in pictures[:count]]
    return np.resize(np.stack(fitted).astype(np.float32), (count, 1, HEIGHT, WIDTH))


def _run(job: Json, given: argparse.Namespace, folder: Path) -> Json:
    """The result of a job that was done in a fresh process with its number of threads."""
    if "missing" in job:
        return job
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
                            str(given.threads))
    (folder / "job.json").write_text(json.dumps({**job, "threads": given.threads}), encoding="utf-8")
    (folder / "result.json").unlink(missing_ok=True)
    done = subprocess.run([given.python.get(job["engine"], sys.executable), engines.__file__, folder / "job.json",
                           folder / "result.json"], env={**os.environ, **threads}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        return {"missing": f"it failed with exit code {done.returncode}: {said[-1] if said else 'without a word'}"}
    found: Json = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return found


def _difference(logprobs: Sequence[Mapping[str, Any]]) -> float:
    """The largest by which two engines' log-probabilities of the first picture differ, at any size of batch."""
    stacked = [np.array([found[str(batch)] for batch in BATCHES]) for found in logprobs]
    return max((float(np.abs(a - b).max()) for a in stacked for b in stacked), default=0.0)


# ---- figures


def reader_row(name: str, result: Json, sets: Mapping[str, Sequence[Sample]], predictions: Path) -> Json:
    """A reader's figures for each folder and, where there are several, for all pictures together."""
    notation, file = notations.get("text"), predictions / f"{re.sub('[^A-Za-z0-9.]+', '-', name)}.tsv"
    read = {reading["path"]: reading for reading in result["readings"]}
    file.write_text("".join(f"{path}\t{spelled(reading['text'], notation)}\n"
                            for path, reading in read.items() if not reading["error"]), encoding="utf-8")
    groups = dict(sets)
    if len(sets) > 1:
        groups["all"] = [sample for samples in sets.values() for sample in samples]
    rows = []
    for folder, samples in groups.items():
        report = score_predictions(file, samples, "", notation)
        taken = [read[str(sample.path)] for sample in samples]
        rows.append({"folder": folder, "count": report.count, "unread": report.unread,
                     "metrics": {metric: score.to_json() for metric, score in report.metrics.items()},
                     **{f"{clock}_ms": statistics.fmean(r[f"{clock}_ms"] for r in taken) for clock in ("cpu", "wall")},
                     "cpu_ms_median": statistics.median(r["cpu_ms"] for r in taken)})
    errors = {path: reading["error"] for path, reading in read.items() if reading["error"]}
    return {"name": name, **{k: v for k, v in result.items() if k != "readings"}, "folders": rows, "errors": errors}


def spelled(text: str, notation: Notation) -> str:
    """A reading in one line, with a stand-in for each character that the notation does not have: it is wrong there,
    but the others are not."""
    result = []
    for character in " ".join(text.split()):
        try:
            result.append(notation.normalize(character) or " ")
        except NotationError:
            result.append(FOREIGN)
    return "".join(result)


def machine(threads: int) -> Json:
    """Where and with how many threads it was measured."""
    known = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in known.read_text(encoding="utf-8").splitlines()
             if line.startswith("model name")] if known.exists() else []
    return {"processor": names[0] if names else platform.processor() or platform.machine(),
            "processors": os.cpu_count(), "system": platform.platform(), "python": platform.python_version(),
            "threads": threads, "load": round(os.getloadavg()[0], 2)}


# ---- tables


def tables(found: Json) -> str:
    """The figures in Markdown."""
    at = found["machine"]
    parts = [f"{at['processor']}, {at['processors']} processors, {at['system']}, Python {at['python']}; "
             f"{at['threads']} thread{'s' * (at['threads'] != 1)} for each engine; load {at['load']} at the end.\n"]
    if found["readers"]:
        parts += ["## From the file to the text\n", _readers(found["readers"]), _about(found["readers"])]
    if found["networks"]:
        parts += [f"## The network alone, {HEIGHT} x {WIDTH} pixels\n", _networks(found["networks"])]
        if "largest_difference" in found:
            parts.append(f"Log-probabilities differ by at most {found['largest_difference']:.1e} between these.\n")
    if found["missing"]:
        parts.append("Not measured:\n")
        parts.append("".join(f"- {name}: {why}\n" for name, why in found["missing"].items()))
    return "\n".join(parts)


def _readers(rows: Sequence[Json]) -> str:
    metrics = list(rows[0]["folders"][0]["metrics"])
    lines = [["engine", "pictures of", "count", *metrics, "CPU ms a picture", "wall ms", "unread"]]
    for row in rows:
        for part in row["folders"]:
            scores = [Score(**part["metrics"][metric]) for metric in metrics]
            lines.append([row["name"], Path(part["folder"]).name, f"{part['count']:,}", *map(percent, scores),
                          f"{part['cpu_ms']:.2f}", f"{part['wall_ms']:.2f}", str(part["unread"])])
    return _markdown(lines, words=2)


def _about(rows: Sequence[Json]) -> str:
    lines = [["engine", "what it is", "model MB", "CPU s until it is ready", "wall s"]]
    lines += [[row["name"], row["version"], f"{row['megabytes']:.1f}", f"{row['ready_cpu_s']:.2f}",
               f"{row['ready_wall_s']:.2f}"] for row in rows]
    return _markdown(lines, words=2)


def _networks(rows: Sequence[Json]) -> str:
    lines = [["network in", "batch", "pictures a second", "per second of CPU", "CPU ms a picture",
              "CPU s until it is ready"]]
    lines += [[row["version"] + ", compiled" * (row["name"] == "torch compiled"), str(part["batch"]),
               f"{part['per_second']:,.0f}", f"{part['per_cpu_second']:,.0f}", f"{part['cpu_ms']:.2f}",
               f"{part['ready_cpu_s']:.1f}"] for row in rows for part in row["speeds"]]
    return _markdown(lines, words=1)


def _markdown(lines: Sequence[Sequence[str]], words: int) -> str:
    """A table, its first line the heading; the first `words` columns are words, the others numbers."""
    rule = [*["---"] * words, *["---:"] * (len(lines[0]) - words)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:])) + "\n"


# ---- the command


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    known = [*engines.READERS, *engines.NETWORKS]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", help="labelled folders: images/ and labels.tsv")
    parser.add_argument("--out", type=Path, required=True, help="folder of the tables, figures and predictions")
    parser.add_argument("--engines", type=lambda names: names.split(","), default=known, metavar="NAME,...",
                        help=f"some of: {', '.join(known)}")
    parser.add_argument("--model", action="append", metavar="BUNDLE",
                        help="an installed one (text, unless given) or a folder; may be repeated")
    parser.add_argument("--run", type=Path,
                        help="a run's folder: its trained network, not the bundle's, is timed alone")
    parser.add_argument("--limit", type=int, metavar="N", help="of each folder the N pictures whose paths hash lowest")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3.0, help="of CPU time for each size of batch")
    parser.add_argument("--python", action="append", default=[], metavar="ENGINE=PATH",
                        help="the interpreter of an engine that is installed elsewhere")
    parser.add_argument("--psm", type=int, default=8, help="Tesseract's page segmentation mode; 8: a word, 7: a line")
    parser.add_argument("--tesseract-height", type=int, default=0, metavar="PIXELS",
                        help="lower pictures are enlarged to it")
    parser.add_argument("--tesseract-border", type=int, default=0, metavar="PIXELS", help="paper around a picture")
    given = parser.parse_args(words)
    if foreign := sorted(set(given.engines) - set(known)):
        parser.error(f"no engine {foreign[0]!r}; there are: {', '.join(known)}")
    if given.threads < 1 or (given.limit is not None and given.limit < 1):
        parser.error("--limit and --threads are at least 1")
    given.model = given.model or ["text"]
    given.python = dict(pair.split("=", 1) for pair in given.python)
    return given


def main() -> None:
    given = arguments()
    try:
        compare(given.folders, given.out, given)
    except GlyphicError as problem:
        sys.exit(str(problem))
    print((given.out / "results.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
