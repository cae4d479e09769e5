"""Pictures and readings with known doubtful spots, one a notation, and a service of a few lines that answers them."""

import io
import json
import random
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from PIL import Image

from glyphic import notations
from glyphic.core.errors import GlyphicError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "src/glyphic/service/page"
POLICY = ("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
          "font-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; "
          "form-action 'none'; frame-ancestors 'none'")
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
         ".woff2": "font/woff2"}

FORMULA = r"f(a)=\frac{1}{2\pi i}\oint_{\gamma}\frac{f(z)}{z-a}dz"
MOLECULE = "?[a] double [:270] [:330] double [:30] branch( [:330] O H branch) [:90] double [:150] [a]"
MUSIC = ("clef-C3 keySignature-FM timeSignature-2/4 note-F4_quarter note-G4_quarter barline note-A4_quarter "
         "note-F4_quarter barline note-A4_quarter note-Bb4_quarter barline note-C5_half barline")
TEXT = "Early in the morning,"
EXAMPLES = {"formula": "formula/images/cauchy.png", "music": "music/images/jacques.jpg", "text": "text/images/page.png"}


@cache
def picture(notation: str) -> bytes:
    """An example of the repository; a molecule, of which there is none, is drawn."""
    if notation in EXAMPLES:
        return (ROOT / "examples" / EXAMPLES[notation]).read_bytes()
    molecule = notations.get(notation)
    assert molecule.render is not None
    file = io.BytesIO()
    Image.fromarray(molecule.render(MOLECULE, random.Random(3))).save(file, "PNG")
    return file.getvalue()


def formats(notation: str, text: str) -> dict[str, str]:
    """The text in all formats that can be written here: RDKit may be missing."""
    result = {}
    for name, write in notations.get(notation).formats.items():
        try:
            result[name] = write(text)
        except GlyphicError:
            continue
    return result


def spot(text: str, token: str, p: float, box: list[float] | None, *others: tuple[str, float], nth: int = 0) -> Any:
    """The nth occurrence of the token as a doubtful spot; others: tokens that may stand there."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(token, start + 1)
    stop = start + len(token)
    alternatives = [{"token": other, "text": text[:start] + other + text[stop:], "p": q} for other, q in others]
    return {"index": start, "span": [start, stop], "token": token, "p": p, "box": box, "alternatives": alternatives}


def reading(notation: str, text: str, spots: list[Any], **more: Any) -> dict[str, Any]:
    """What /v1/read answers."""
    width, height = Image.open(io.BytesIO(picture(notation))).size
    return {"notation": notation, "notation_confidence": None, "text": text, "formats": formats(notation, text),
            "confidence": 0.87, "calibrated": False, "decision": None, "policy": None, "spots": spots, "tokens": [],
            "alternatives": [], "checks": [], "places": [], "warnings": [],
            "model": {"name": notation, "version": "0.2.0", "sha256": "5e" * 32},
            "image": {"width": width, "height": height}, "milliseconds": 34.2, **more}


@cache
def readings() -> dict[str, dict[str, Any]]:
    """Notation -> its reading."""
    wide, high = Image.open(io.BytesIO(picture("formula"))).size
    gamma = spot(FORMULA, r"\gamma", 0.61, [0.535 * wide, 0.68 * high, 0.59 * wide, 0.9 * high], ("r", 0.2), ("Y", 0.1))
    last = spot(FORMULA, "z", 0.83, [0.88 * wide, 0.41 * high, 0.925 * wide, 0.62 * high],
                ("2", 0.1), ("x", 0.04), nth=2)
    m_wide, m_high = Image.open(io.BytesIO(picture("molecule"))).size
    t_wide, t_high = Image.open(io.BytesIO(picture("text"))).size
    s_wide, s_high = Image.open(io.BytesIO(picture("music"))).size
    oxygen = [0.8 * m_wide, 0.6 * m_high, m_wide, m_high]
    atoms = [line[31:34].strip() for line in formats("molecule", MOLECULE).get("molfile", "").splitlines()[4:11]]
    places = [{"text": atom, "x": 0.9 * m_wide if atom == "O" else 0.0, "y": 0.8 * m_high} for atom in atoms]
    return {
        "formula": reading("formula", FORMULA, [gamma, last], alternatives=[
            {"text": FORMULA.replace(r"\gamma", "r"), "confidence": 0.7},
            {"text": FORMULA.replace(r"\oint", r"\int"), "confidence": 0.4}]),
        "molecule": reading("molecule", MOLECULE, [
            spot(MOLECULE, "O", 0.72, oxygen, ("N", 0.2), ("S", 0.05))], places=places),
        "music": reading("music", MUSIC, [
            spot(MUSIC, "note-Bb4_quarter", 0.66, [0.495 * s_wide, 0.25 * s_high, 0.545 * s_wide, 0.72 * s_high],
                 ("note-A4_quarter", 0.2), ("note-Bb4_eighth", 0.1))],
            checks=[{"part": "bar 4", "verdict": "short", "found": "3/8", "wanted": "2/4", "words": [13, 14]}]),
        "text": reading("text", TEXT, [
            spot(TEXT, "l", 0.7, [0.227 * t_wide, 0.15 * t_high, 0.253 * t_wide, 0.68 * t_high],
                 ("i", 0.2), ("1", 0.05)),
            spot(TEXT, ",", 0.8, [0.925 * t_wide, 0.55 * t_high, 0.96 * t_wide, 0.85 * t_high], (".", 0.2))]),
    }


@dataclass
class Service:
    """What is answered, and what was asked. answer: one reading for all pictures, or None for each its own."""

    answer: dict[str, Any] | None = None
    busy: int = 0  # how many requests are sent away first
    queue: list[str] | None = None  # notations of readings that wait; None: there is no queue
    asked: list[str] = field(default_factory=list)  # notations
    decisions: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""

    def reset(self) -> None:
        self.answer, self.busy, self.queue, self.asked, self.decisions = None, 0, None, [], []

    def read(self, body: bytes) -> tuple[int, Any]:
        if self.busy:
            self.busy -= 1
            return 429, {"title": "Too Many Requests", "detail": "all workers are busy", "status": 429}
        wanted = body.split(b'name="notation"\r\n\r\n', 1)[1].split(b"\r\n", 1)[0].decode()
        self.asked.append(wanted)
        if self.answer:
            return 200, self.answer
        for notation, found in readings().items():
            if wanted == notation or (wanted == "auto" and picture(notation) in body):
                return 200, {**found, "notation_confidence": 0.98 if wanted == "auto" else None}
        return 422, {"title": "Unprocessable Content", "code": "unreadable-picture", "status": 422,
                     "detail": "this is no picture; PNG, JPEG, WebP, GIF, BMP and TIFF are read"}

    def write(self, body: bytes) -> tuple[int, Any]:
        asked = json.loads(body)
        try:
            text = notations.get(asked["notation"]).normalize(asked["text"])
        except GlyphicError as error:
            return 422, {"title": "Unprocessable Content", "detail": str(error), "status": 422}
        return 200, {"text": text, "formats": formats(asked["notation"], text), "checks": [], "warnings": []}

    def review(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        if self.queue is None:
            return 404, {"title": "Not Found", "status": 404, "detail": "no queue"}
        if path == "/v1/review":
            return 200, {"waiting": len(self.queue), "done": len(self.decisions)}
        if path == "/v1/review/next":
            if not self.queue:
                return 204, b""
            notation = self.queue[0]
            return 200, {"id": notation, "picture_url": f"/v1/review/{notation}/picture",
                         "reading": readings()[notation], "leased_until": "2030-01-01T00:00:00Z"}
        if path == "/v1/review/export":
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr("labels.tsv", "".join(f"{d['id']}\t{d.get('text', '')}\n" for d in self.decisions))
            return 200, file.getvalue()
        if method == "GET":
            return 200, picture(path.split("/")[3])
        decision = {"id": path.split("/")[3], **json.loads(body)}
        if decision["decision"] == "undo":
            self.queue.insert(0, decision["id"])
        else:
            self.queue.remove(decision["id"])
        self.decisions.append(decision)
        return 200, {}


def serve(service: Service) -> Callable[[], None]:
    """Starts the service on a free port and sets its address -> what stops it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path.startswith("/v1/"):
                self.send(*service.review("GET", self.path, b""))
                return
            file = PAGE / (self.path.partition("?")[0].lstrip("/") or "index.html")
            if file.is_file():
                self.send(200, file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream"))
            else:
                self.send(404, {"title": "Not Found", "status": 404})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls = {"/v1/read": service.read, "/v1/write": service.write}
            call = calls.get(self.path)
            self.send(*(call(body) if call else service.review("POST", self.path, body)))

        def send(self, status: int, body: Any, kind: str = "application/octet-stream") -> None:
            if not isinstance(body, bytes):
                body, kind = json.dumps(body).encode(), "application/json"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("X-Content-Type-Options", "nosniff")
            if status == 429:
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.address = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop
