"""How long a reading takes and how much memory: a model and some pictures -> a table, and the same figures as JSON.

    python benchmarks/latency.py formula examples/formula --json latency.json

Cold is `glyphic read PICTURE` as a program, from start to end. Warm is one thread, greedy unless --beam says otherwise,
in a process that has read before, on the picture whose reading is nearest to 40 tokens long (or --words of its text, as
the symbols of a staff are). Milliseconds are those of a clock; warm_cpu_ms those that the processor worked. The decoder
with its cache is compared, in the same run and on the same tokens, with one that starts every step from an empty cache.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glyphic import notations
from glyphic.core.guide import Both
from glyphic.core.images import fit
from glyphic.core.model import FloatArray, IntArray, StepModel
from glyphic.core.vocabulary import Vocabulary
from glyphic.reading.bundle import Bundle, installed
from glyphic.reading.pictures import load
from glyphic.reading.recognizer import Recognizer

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".tif", ".bmp")
MIB = 1024  # KiB, the unit of ru_maxrss on Linux


@dataclass(frozen=True)
class Length:
    """A guide: exactly so many tokens, for networks that do not know when to stop."""

    vocabulary: Vocabulary
    tokens: int

    def start(self) -> int:
        return 0

    def advance(self, state: int, token: int) -> Hashable:
        return state + 1

    def bias(self, state: int, remaining: int) -> FloatArray:
        end = np.full(len(self.vocabulary), -np.inf if state == self.tokens else 0.0, np.float32)
        end[self.vocabulary.eos] = 0.0 if state == self.tokens else -np.inf
        return end


@dataclass(frozen=True)
class Uncached:
    """A step model that forgets: every step writes the whole prefix again, from an empty cache."""

    network: StepModel

    def encode(self, images: FloatArray) -> Any:
        return self.network.encode(images), []

    def step(self, tokens: IntArray, state: Any) -> tuple[FloatArray, Any]:
        start, prefix = state
        prefix, inner = [*prefix, tokens], start
        for written in prefix:
            logprobs, inner = self.network.step(written, inner)
        return logprobs, (start, prefix)

    def select(self, state: Any, rows: IntArray) -> Any:
        start, prefix = state
        return self.network.select(start, rows), [written[rows] for written in prefix]


def cold(picture: Path, model: str, runs: int) -> dict[str, float]:
    """Seconds from start to end of `glyphic read`, those the processor worked, and the most memory it took in MiB."""
    seconds, worked, peaks = [], [], []
    for _ in range(runs):
        begin = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "glyphic", "read", str(picture), "--model", model],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - begin)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"glyphic read {picture} --model {model} failed with exit code {process.returncode}")
        worked.append(usage.ru_utime + usage.ru_stime)
        peaks.append(usage.ru_maxrss / MIB)
    return {"cold_best_s": min(seconds), "cold_median_s": statistics.median(seconds), "cold_cpu_s": min(worked),
            "peak_mib": max(peaks)}


def best(action: Callable[[], object], runs: int,
         clock: Callable[[], float] = time.perf_counter) -> tuple[float, float]:
    """Best and median milliseconds, after one run that warms up."""
    action()
    times = []
    for _ in range(runs):
        begin = clock()
        action()
        times.append(1000 * (clock() - begin))
    return min(times), statistics.median(times)


def warm(pictures: list[Path], model: str, force: int | None, runs: int, beam: int = 1,
         words: int | None = None) -> dict[str, Any]:
    """Milliseconds of one reading in a running process, with the decoder's cache and without."""
    bundle = Bundle.load(model)
    notation = notations.get(bundle.notation)
    if force:
        guides = [guide for guide in (notation.grammar, Length(notation.tokenizer.vocabulary, force)) if guide]
        notation = replace(notation, grammar=Both(tuple(guides)))
    reader = Recognizer(bundle, notation=notation, beam_width=beam, threads=1)
    readings = {picture: reader.read(picture) for picture in pictures}
    picture = min(pictures, key=lambda p: abs(len(readings[p].text.split()) - words if words else
                                              len(readings[p].tokens) - 40))
    tokens = [token.text for token in readings[picture].tokens]
    figures: dict[str, Any] = {"picture": str(picture), "tokens": len(tokens),
                               "words": len(readings[picture].text.split())}
    figures["warm_best_ms"], figures["warm_median_ms"] = best(lambda: reader.read(picture), runs)
    figures["warm_cpu_ms"], _ = best(lambda: reader.read(picture), runs, time.process_time)
    if bundle.kind == "step":
        pixels = fit(load(picture), bundle.input).pixels[None, None]
        network: Any = reader.network
        figures["fitted"] = list(pixels.shape[2:])
        figures["encoder_best_ms"], _ = best(lambda: network.encode(pixels), runs)
        forgetful = Recognizer(bundle, notation=notation, network=Uncached(network), beam_width=beam)
        again = [token.text for token in forgetful.read(picture).tokens]
        if again != tokens:
            sys.exit(f"without its cache the decoder reads otherwise:\n{tokens}\n{again}")
        figures["uncached_best_ms"], figures["uncached_median_ms"] = best(lambda: forgetful.read(picture), 2)
        figures["cache_speedup"] = figures["uncached_best_ms"] / figures["warm_best_ms"]
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="formula", help=f"installed ({', '.join(installed())}) or a folder")
    parser.add_argument("pictures", nargs="?", type=Path, default=Path("examples/formula"), help="folder or picture")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--force", type=int, metavar="TOKENS", help="read exactly so many tokens, whatever is seen")
    parser.add_argument("--beam", type=int, default=1, metavar="WIDTH")
    parser.add_argument("--words", type=int, metavar="N", help="take the picture whose text is nearest to N words")
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    found = [options.pictures] if options.pictures.is_file() else sorted(
        path for path in options.pictures.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        sys.exit(f"no pictures in {options.pictures}; give a folder of {', '.join(SUFFIXES)}, or one picture")
    figures = warm(found, options.model, options.force, options.runs, options.beam, options.words)
    figures |= cold(Path(figures["picture"]), options.model, options.runs)
    figures |= {"model": options.model, "runs": options.runs, "python": platform.python_version(),
                "processors": os.cpu_count(), "load": round(os.getloadavg()[0], 2)}
    for name, value in figures.items():
        print(f"{name:<20}{value:.3f}" if isinstance(value, float) else f"{name:<20}{value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
