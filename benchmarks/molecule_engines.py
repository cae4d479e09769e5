"""Labelled folders of chemical drawings go in; a table of engines, their accuracy and their CPU time comes out.

    apt-get install osra
    python benchmarks/molecule_engines.py FOLDER... --model BUNDLE --out docs/molecule_engines.md

The engines are `glyphic`, once for each --model, and OSRA (Filippov and Nicklaus 2009), all on the same pictures, one
picture at a time. A folder has images/ and labels.tsv with SMILES. CPU time is user and system time of one reading from
the file on: our reader stays loaded, as a program that reads many pictures keeps it, while OSRA is a command that
starts anew for each. `exact` compares RDKit's canonical SMILES, stereo included.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import engines
from text_engines import machine

from glyphic import notations
from glyphic.core.errors import GlyphicError
from glyphic.core.results import Sample, Score
from glyphic.data.samples import limit, read_folder
from glyphic.evaluation.benchmark import score_predictions
from glyphic.evaluation.report import percent

METRICS = ("exact", "exact_no_stereo", "inchi", "tanimoto")
PATIENCE = 120  # seconds for a picture

Json = dict[str, Any]


def compare(folders: Sequence[Path], given: argparse.Namespace) -> Json:
    """Runs every engine on the pictures of all folders -> the figures; with --keep, predictions are kept as TSV."""
    sets = {folder.name: limit(read_folder(folder), given.limit or sys.maxsize, folder) for folder in folders}
    pictures = [str(sample.path) for samples in sets.values() for sample in samples]
    found: Json = {"machine": machine(1), "rows": [], "missing": {}}
    jobs = [(f"glyphic {Path(model).name}", glyphic, model) for model in given.model] + [("OSRA", osra, given.osra)]
    for name, engine, source in jobs:
        result = engine(source, pictures)
        if "missing" in result:
            found["missing"][name] = result["missing"]
            continue
        read = {reading["path"]: reading for reading in result["readings"]}
        rows = [_row(f"{name}, {result['version']}", folder, samples, read, given.keep)
                for folder, samples in sets.items()]
        found["rows"] += rows
    return found


def glyphic(model: str, pictures: Sequence[str]) -> Json:
    """Our reader in a fresh process with one thread; as `engines.run`."""
    with tempfile.TemporaryDirectory() as folder:
        job, result = Path(folder) / "job.json", Path(folder) / "result.json"
        job.write_text(json.dumps({"engine": "glyphic", "threads": 1, "options": {"model": model},
                                   "pictures": list(pictures)}), encoding="utf-8")
        done = subprocess.run([sys.executable, engines.__file__, job, result], env={**os.environ, **_single()},
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            return {"missing": (done.stderr.strip().splitlines() or ["it failed without a word"])[-1]}
        found: Json = json.loads(result.read_text(encoding="utf-8"))
        return found


def osra(command: str, pictures: Sequence[str]) -> Json:
    """OSRA, a process for each picture; several structures of a picture are one SMILES of several parts."""
    if not shutil.which(command):
        return {"missing": f"the command {command!r} is not installed: apt-get install osra"}
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    version = " ".join((said.stdout or said.stderr).split()) or command
    return {"version": version, "readings": [_osra(command, picture) for picture in pictures]}


def _osra(command: str, picture: str) -> Json:
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as out:
        start = time.perf_counter()
        process = subprocess.Popen([command, picture], stdout=out, stderr=subprocess.DEVNULL, env={
            **os.environ, **_single()})
        status, used = _waited(process)
        wall = time.perf_counter() - start
        out.seek(0)
        smiles = ".".join(line.split()[0] for line in out.read().splitlines() if line.strip())
    return {"path": picture, "text": smiles, "error": f"exit status {status}" if status else "",
            "cpu_ms": 1000 * (used.ru_utime + used.ru_stime), "wall_ms": 1000 * wall}


def _waited(process: "subprocess.Popen[bytes]") -> tuple[int, Any]:
    """The exit status of a process, and what it used; it is ended when it takes too long."""
    until = time.monotonic() + PATIENCE
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, used
        if time.monotonic() > until:
            process.kill()
            until = float("inf")
        time.sleep(0.005)


def _single() -> dict[str, str]:
    return dict.fromkeys(("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS"), "1")


# ---- figures


def _row(name: str, folder: str, samples: Sequence[Sample], read: Json, keep: Path | None) -> Json:
    with tempfile.TemporaryDirectory() as temporary:
        place = keep or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        file = place / f"{name.split(',')[0].replace(' ', '-')}-{folder}.tsv"
        lines = (f"{sample.path}\t{read[str(sample.path)]['text']}\n" for sample in samples
                 if not read[str(sample.path)]["error"])
        file.write_text("".join(lines), encoding="utf-8")
        report = score_predictions(file, samples, "", notations.get("molecule"))
    taken = [read[str(sample.path)] for sample in samples]
    return {"engine": name, "folder": folder, "count": report.count, "unread": report.unread,
            "metrics": {metric: report.metrics[metric].to_json() for metric in METRICS},
            "cpu_s": sum(r["cpu_ms"] for r in taken) / 1000 / len(taken),
            "wall_s": sum(r["wall_ms"] for r in taken) / 1000 / len(taken)}


def table(found: Json) -> str:
    """The figures in Markdown."""
    at = found["machine"]
    lines = [["engine", "pictures of", "count", *METRICS, "CPU s a picture", "wall s", "unread"],
             ["---", "---", *["---:"] * (len(METRICS) + 4)]]
    for row in found["rows"]:
        scores = [Score(**row["metrics"][metric]) for metric in METRICS]
        lines.append([row["engine"], row["folder"], f"{row['count']:,}",
                      *map(percent, scores),
                      f"{row['cpu_s']:.3f}", f"{row['wall_s']:.3f}", str(row["unread"])])
    parts = ["# Molecules: Glyphic beside OSRA\n",
             "Written by benchmarks/molecule_engines.py, which says what is measured and how.\n",
             f"{at['processor']}, {at['processors']} processors, {at['system']}; one thread; load {at['load']} when it "
             "began.\n", "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"]
    if found["missing"]:
        parts.append("Not measured:\n\n" + "".join(f"- {name}: {why}\n" for name, why in found["missing"].items()))
    return "\n".join(parts)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", help="labelled folders: images/ and labels.tsv with SMILES")
    parser.add_argument("--model", action="append", default=[], metavar="BUNDLE", help="ours; may be repeated")
    parser.add_argument("--out", type=Path, default=Path("docs/molecule_engines.md"), help="where the table goes")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the readings go, a TSV for each engine")
    parser.add_argument("--limit", type=int, metavar="N", help="of each folder the N pictures whose paths hash lowest")
    parser.add_argument("--osra", default="osra", metavar="COMMAND")
    return parser.parse_args(words)


def main() -> None:
    given = arguments()
    try:
        given.out.write_text(table(compare(given.folders, given)), encoding="utf-8")
    except GlyphicError as problem:
        sys.exit(str(problem))
    print(given.out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
