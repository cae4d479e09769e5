"""One engine alone in its process: a job goes in; its readings, or its speed, and their CPU times come out.

    python benchmarks/engines.py JOB.json RESULT.json

`text_engines.py` writes the jobs and makes tables of the results. Apart from the standard library nothing is imported
before the engine is made: what it imports is part of the time until it is ready, and any interpreter that has the
engine can run this file. CPU time is that of the process, user and system, all its threads.
"""

import atexit
import ctypes
import ctypes.util
import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class Missing(Exception):
    """The engine is not here; the text says what to do about it."""


# ---- readers: from the file of a picture to its text


class Glyphic:
    """Our reader. model: an installed bundle, or the folder of one."""

    install = "pip install glyphic"

    def __init__(self, threads: int, model: str):
        from glyphic.core.errors import GlyphicError
        from glyphic.reading.recognizer import Recognizer

        try:
            self.recognizer = Recognizer(model, threads=threads)
        except GlyphicError as problem:
            raise Missing(str(problem)) from problem

    def read(self, path: str) -> str:
        return self.recognizer.read(path).text

    def about(self) -> Json:
        bundle = self.recognizer.bundle
        return {"version": f"{bundle.name} {bundle.version}, onnxruntime {version('onnxruntime')}",
                "megabytes": bundle.bytes / 1e6}


class Tesseract:
    """The library behind the command `tesseract`, through its C interface: the command would start anew every time.

    psm: its page segmentation mode. height: pictures lower than that are enlarged. border: pixels put around them, in
    the median grey of their edge. Its own advice for pages, but on words that fill their pictures a border costs it
    accuracy, and enlarging gains none.
    """

    install = "apt-get install tesseract-ocr"

    def __init__(self, threads: int, psm: int, height: int, border: int):
        name = ctypes.util.find_library("tesseract")
        if name is None:
            raise Missing(f"libtesseract is not installed: {self.install}")
        self.height, self.border = height, border
        self.library = library = ctypes.CDLL(name)  # threads: OMP_THREAD_LIMIT, which the process was started with
        handle, text = ctypes.c_void_p, ctypes.c_char_p
        for function, result, arguments in (
                ("TessVersion", text, []), ("TessBaseAPICreate", handle, []), ("TessBaseAPIDelete", None, [handle]),
                ("TessBaseAPIInit3", ctypes.c_int, [handle, text, text]),
                ("TessBaseAPISetVariable", ctypes.c_int, [handle, text, text]),
                ("TessBaseAPISetPageSegMode", None, [handle, ctypes.c_int]),
                ("TessBaseAPISetImage", None, [handle, text, *[ctypes.c_int] * 4]),
                ("TessBaseAPIGetDatapath", text, [handle]),
                ("TessBaseAPIGetUTF8Text", handle, [handle]), ("TessDeleteText", None, [handle])):
            getattr(library, function).restype, getattr(library, function).argtypes = result, arguments
        self.handle = library.TessBaseAPICreate()
        atexit.register(library.TessBaseAPIDelete, self.handle)
        if library.TessBaseAPIInit3(self.handle, None, b"eng"):
            raise Missing("Tesseract has no English model: apt-get install tesseract-ocr-eng")
        library.TessBaseAPISetPageSegMode(self.handle, psm)
        library.TessBaseAPISetVariable(self.handle, b"user_defined_dpi", b"300")  # it would guess, and complain

    def read(self, path: str) -> str:
        from PIL import Image, ImageOps

        with Image.open(path) as file:
            picture = file.convert("L")
        if picture.height < self.height:
            wide = max(1, round(picture.width * self.height / picture.height))
            picture = picture.resize((wide, self.height), Image.Resampling.BICUBIC)
        if self.border:
            width, height = picture.size
            edges = [(0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height)]
            paper = statistics.median_low(b"".join(picture.crop(edge).tobytes() for edge in edges))
            picture = ImageOps.expand(picture, self.border, paper)
        width, height = picture.size
        self.library.TessBaseAPISetImage(self.handle, picture.tobytes(), width, height, 1, width)
        found = self.library.TessBaseAPIGetUTF8Text(self.handle)
        if not found:
            raise ValueError("Tesseract gives no text for this picture")
        try:
            return ctypes.string_at(found).decode()
        finally:
            self.library.TessDeleteText(found)

    def about(self) -> Json:
        folder = Path(self.library.TessBaseAPIGetDatapath(self.handle).decode())
        return {"version": f"tesseract {self.library.TessVersion().decode()}, eng",
                "megabytes": (folder / "eng.traineddata").stat().st_size / 1e6}


class RapidOcr:
    """PP-OCR's recognition as rapidocr-onnxruntime has it, without its detection and its turning of pictures."""

    install = "pip install rapidocr-onnxruntime"

    def __init__(self, threads: int):
        import rapidocr_onnxruntime

        self.models = Path(rapidocr_onnxruntime.__file__).parent / "models"
        self.engine = rapidocr_onnxruntime.RapidOCR(intra_op_num_threads=threads, inter_op_num_threads=1)

    def read(self, path: str) -> str:
        found, _ = self.engine(path, use_det=False, use_cls=False, use_rec=True)
        return found[0][0] if found else ""

    def about(self) -> Json:
        models = sorted(self.models.glob("*_rec_*.onnx"))
        return {"version": f"rapidocr-onnxruntime {version('rapidocr-onnxruntime')} "
                           f"({', '.join(path.stem for path in models)}), onnxruntime {version('onnxruntime')}",
                "megabytes": sum(path.stat().st_size for path in models) / 1e6}


# ---- networks: from pictures (N, 1, H, W) to log-probabilities (N, T, V)


class OnnxRuntime:
    """graph: a frames.onnx."""

    install = "pip install onnxruntime"

    def __init__(self, threads: int, graph: str):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # as in glyphic.reading.onnx
        self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def forward(self, images: Any) -> Any:
        return self.session.run(["logprobs"], {"images": images})[0]

    def about(self) -> Json:
        return {"version": f"onnxruntime {version('onnxruntime')}"}


class TorchEager:
    """run: a run's folder or state; or recipe: the network is built by it, with fresh weights, as fast as any."""

    install = "pip install 'glyphic[train]'"

    def __init__(self, threads: int, run: str | None = None, recipe: Json | None = None):
        import torch

        from glyphic import notations
        from glyphic.core.recipe import Recipe
        from glyphic.models.build import build
        from glyphic.training import release
        from glyphic.training.loop import vocabulary_of

        torch.set_num_threads(threads)
        if run:
            self.network = release.load(Path(run)).network
        else:
            known = Recipe.from_json(recipe or {})
            self.network = build(known.model, vocabulary_of(known, notations.get(known.notation))).eval()
        self.logprobs: Callable[[Any], Any] = self._logprobs

    def _logprobs(self, images: Any) -> Any:
        return self.network.generation.logprobs(self.network.memory(images)[0], None)

    def forward(self, images: Any) -> Any:
        import torch

        with torch.inference_mode():
            return self.logprobs(torch.from_numpy(images)).numpy()

    def about(self) -> Json:
        return {"version": f"torch {version('torch')}"}


class TorchCompiled(TorchEager):
    """The same through torch.compile, which writes C++ for every size of batch and needs a compiler for it."""

    install = f"{TorchEager.install}; apt-get install g++"

    def __init__(self, threads: int, **source: Any):
        compiler = os.environ.get("CXX", "g++")
        if not shutil.which(compiler):
            raise Missing(f"torch.compile needs a C++ compiler, and {compiler} is not installed: apt-get install g++")
        super().__init__(threads, **source)
        import torch

        self.logprobs = torch.compile(self._logprobs, dynamic=False)


READERS: Mapping[str, Any] = {"glyphic": Glyphic, "tesseract": Tesseract, "rapidocr": RapidOcr}
NETWORKS: Mapping[str, Any] = {"torch": TorchEager, "torch compiled": TorchCompiled, "onnxruntime": OnnxRuntime}


# ---- what is measured


def run(job: Json) -> Json:
    """job: engine, threads, options, and pictures (files) or images (an .npy of all that the largest batch takes),
    batches and seconds. {"missing": why} where the engine is not here."""
    clocks = _clocks()
    name = job["engine"]
    made = {**READERS, **NETWORKS}[name]
    try:
        engine = made(job["threads"], **job["options"])
    except (ImportError, Missing) as problem:
        return {"missing": str(problem) if isinstance(problem, Missing) else f"{problem}: {made.install}"}
    measured = _readings(engine, job["pictures"], clocks) if name in READERS else _speeds(engine, job, clocks)
    return {**engine.about(), **measured}


def _readings(engine: Any, pictures: Sequence[str], clocks: tuple[float, float]) -> Json:
    """The first picture is read twice: engines put off until then what belongs to their start."""
    _read(engine, pictures[0])
    cpu, wall = _since(clocks)
    return {"ready_cpu_s": cpu, "ready_wall_s": wall, "readings": [_read(engine, picture) for picture in pictures]}


def _read(engine: Any, picture: str) -> Json:
    clocks = _clocks()
    try:
        text, error = engine.read(picture), ""
    except Exception as problem:  # of whatever kind the engine raises: the picture counts as not read, and is named
        text, error = "", f"{type(problem).__name__}: {problem}"
    cpu, wall = _since(clocks)
    return {"path": picture, "text": text, "error": error, "cpu_ms": 1000 * cpu, "wall_ms": 1000 * wall}


def _speeds(engine: Any, job: Json, clocks: tuple[float, float]) -> Json:
    """For each batch the median CPU time and the best wall time of as many rounds as `seconds` of CPU time hold."""
    import numpy as np

    images = np.load(job["images"])
    rows, sums = [], {}
    for batch in job["batches"]:
        given = np.ascontiguousarray(images[:batch])
        found = np.asarray(engine.forward(given))
        ready, rounds = _since(clocks), list[tuple[float, float]]()
        while len(rounds) < 3 or sum(cpu for cpu, _ in rounds) < job["seconds"]:
            begun = _clocks()
            engine.forward(given)
            rounds.append(_since(begun))
        cpu, wall = statistics.median(cpu for cpu, _ in rounds) / batch, min(wall for _, wall in rounds) / batch
        rows.append({"batch": batch, "rounds": len(rounds), "ready_cpu_s": ready[0], "ready_wall_s": ready[1],
                     "cpu_ms": 1000 * cpu, "wall_ms": 1000 * wall, "per_cpu_second": 1 / cpu, "per_second": 1 / wall})
        sums[batch] = found[0].tolist()
        clocks = _clocks()
    return {"speeds": rows, "logprobs": sums}


def _clocks() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def _since(clocks: tuple[float, float]) -> tuple[float, float]:
    cpu, wall = _clocks()
    return cpu - clocks[0], wall - clocks[1]


if __name__ == "__main__":
    job, result = map(Path, sys.argv[1:])
    result.write_text(json.dumps(run(json.loads(job.read_text(encoding="utf-8")))), encoding="utf-8")
