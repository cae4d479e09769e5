"""A service that reads bars, without a network between; tests of it skip where the extra [serve] is missing."""

import io
import random
import time
import warnings

import pytest
from PIL import Image

from tests import bars as toy

pytest.importorskip("fastapi", reason="needs fastapi: pip install 'glyphic[serve]'")
pytest.importorskip("prometheus_client", reason="needs prometheus-client: pip install 'glyphic[serve]'")
pytest.importorskip("multipart", reason="needs python-multipart: pip install 'glyphic[serve]'")
pytest.importorskip("httpx", reason="needs httpx, of fastapi's test client")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # later versions would rather have httpx2
    from fastapi.testclient import TestClient


def png(text: str = "abba", kind: str = "PNG") -> bytes:
    """A picture of bars in the bytes of a file."""
    data = io.BytesIO()
    Image.fromarray(toy.render(text, random.Random(0))).save(data, kind)
    return data.getvalue()


def ready(client) -> None:
    """Waits until the models are loaded."""
    for _ in range(600):
        if client.get("/readyz").status_code == 200:
            return
        time.sleep(0.05)
    raise AssertionError(client.get("/readyz").text)


@pytest.fixture
def client(bars, step_bundle):
    """A client of the service of one model, "toy", which reads the notation "bars"."""
    from glyphic.service.app import create_app
    from glyphic.service.settings import Settings

    app = create_app(Settings(workers=2, models=(str(step_bundle.folder),), mathpix=True, largest=200_000))
    with TestClient(app) as found:
        ready(found)
        yield found
