"""The page in front of the real service: a formula, a staff and a line are read, one goes through the review queue."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.page import canned
from tests.page.conftest import PATIENCE, Visit


@pytest.fixture
def real(browser: Any, tmp_path: Path) -> Iterator[Visit]:
    for name in ("uvicorn", "fastapi", "sqlalchemy", "prometheus_client", "multipart"):
        pytest.importorskip(name, reason=f"needs {name}: pip install 'glyphic[serve]'")
    import uvicorn

    from glyphic.service.app import create_app
    from glyphic.service.settings import Settings

    app = create_app(Settings(workers=1, models=("formula", "text"), seconds=PATIENCE / 1000, review_below=1.0,
                              review_url=f"sqlite:///{tmp_path}/review.sqlite"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        visit = Visit(browser, canned.Service(address=address), None)
        deadline = time.monotonic() + 4 * PATIENCE / 1000
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.05)
        while visit.context.request.get(address + "readyz").status != 200 and time.monotonic() < deadline:
            time.sleep(0.2)
        yield visit
        visit.context.close()
        server.should_exit = True
        thread.join()
    assert visit.complaints == []


def test_the_real_service_reads_writes_and_keeps_a_queue(real: Visit) -> None:
    page = real.open()
    page.get_by_role("radio", name="Formula").check()
    real.paste(canned.picture("formula"))
    real.drawn()
    assert real.source() == canned.FORMULA
    page.locator("textarea.source").fill(r"{a \over b}")
    page.wait_for_function("() => [...document.querySelectorAll('.formats .preview')].some((one) => "
                           "one.textContent.includes('<mfrac>'))")
    page.get_by_role("radio", name="Text").check()
    page.wait_for_selector(".line-of-text")

    page.get_by_role("link", name="Review").click()
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Your name").blur()
    real.drawn()
    waiting = int(page.locator(".review .counts").inner_text().split()[0])
    page.get_by_role("button", name="Accept and go on").click()
    page.get_by_text(f"{waiting - 1} waiting").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text(f"{waiting} waiting").wait_for()
