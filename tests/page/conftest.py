"""A browser in front of the page, and a service behind it whose readings are known."""

import base64
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.page import canned

# a browser that this test starts may be as slow as its machine is busy
PATIENCE = 1000 * float(os.environ.get("GLYPHIC_PAGE_PATIENCE", "15"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--page-pictures", metavar="FOLDER", help="keep pictures of the page in this folder")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("needs chromium: apt-get install chromium")
    if not (canned.PAGE / "index.html").is_file():
        pytest.skip("needs the built page: web/build, with node and npm")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, timeout=10 * PATIENCE, args=[
            "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def running() -> Iterator[canned.Service]:
    service = canned.Service()
    stop = canned.serve(service)
    yield service
    stop()


@pytest.fixture
def service(running: canned.Service) -> canned.Service:
    running.reset()
    return running


class Visit:
    """A fresh browser at the page. `complaints` must be empty when it ends: refusals of the policy, errors, requests to
    other hosts."""

    def __init__(self, browser: Any, service: canned.Service, pictures: Path | None, **options: Any):
        self.service, self.pictures, self.complaints = service, pictures, []
        self.context = browser.new_context(viewport={"width": 1180, "height": 900}, **options)
        self.context.set_default_timeout(PATIENCE)
        self.context.grant_permissions(["clipboard-read", "clipboard-write", "camera"], origin=service.address)
        self.context.route(lambda url: not url.startswith((service.address, "blob:", "data:")), self._refuse)
        self.context.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => console.error('refused by the policy: ' + "
            "event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber))")
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._console)

    def _refuse(self, route: Any) -> None:
        self.complaints.append(f"request to {route.request.url}")
        route.abort()

    def _console(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:  # the page shows those itself
            self.complaints.append(message.text)

    def open(self, path: str = "") -> Any:
        self.page.goto(self.service.address + path)
        return self.page

    def paste(self, picture: bytes, name: str = "picture.png") -> None:
        self._event("paste", picture, name)

    def drop(self, picture: bytes, name: str = "picture.png") -> None:
        self._event("drop", picture, name)

    def _event(self, kind: str, picture: bytes, name: str) -> None:
        self.page.evaluate(
            """async ([kind, coded, name]) => {
                const transfer = new DataTransfer();
                const bytes = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
                transfer.items.add(new File([bytes], name, {type: "image/png"}));
                const options = {bubbles: true, cancelable: true};
                document.body.dispatchEvent(kind === "paste"
                    ? new ClipboardEvent(kind, {...options, clipboardData: transfer})
                    : new DragEvent(kind, {...options, dataTransfer: transfer}));
            }""", [kind, base64.b64encode(picture).decode(), name])

    def read(self, notation: str) -> Any:
        """Pastes the picture of a notation and waits for its reading to be drawn."""
        self.open()
        self.paste(canned.picture(notation))
        return self.drawn()

    def drawn(self) -> Any:
        self.page.wait_for_selector(".reading .drawn > *")
        return self.page

    def copied(self) -> str:
        return self.page.evaluate("navigator.clipboard.readText()")

    def source(self) -> str:
        return self.page.input_value("textarea.source")

    def keep(self, name: str) -> None:
        """With --page-pictures: the page as it stands, in few colours, so that the picture stays small."""
        if self.pictures is None:
            return
        import io

        from PIL import Image

        self.page.evaluate("document.fonts.ready")
        self.page.wait_for_timeout(300)
        shot = Image.open(io.BytesIO(self.page.screenshot(full_page=True))).convert("RGB")
        shot = shot.resize((shot.width * 4 // 5, shot.height * 4 // 5), Image.Resampling.LANCZOS)
        few = shot.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(self.pictures / f"page-{name}.png", optimize=True)


@pytest.fixture
def visit(browser: Any, service: canned.Service, request: pytest.FixtureRequest) -> Iterator[Visit]:
    yield from _visit(browser, service, request)


@pytest.fixture
def phone(browser: Any, service: canned.Service, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """The page as wide as a phone, touched instead of pointed at."""
    yield from _visit(browser, service, request, has_touch=True)


def _visit(browser: Any, service: canned.Service, request: pytest.FixtureRequest, **options: Any) -> Iterator[Visit]:
    folder = request.config.getoption("--page-pictures", default=None)
    made = Visit(browser, service, Path(folder) if folder else None, **options)
    if options:
        made.page.set_viewport_size({"width": 390, "height": 844})
    yield made
    made.page.wait_for_timeout(50)
    made.context.close()
    assert made.complaints == []
