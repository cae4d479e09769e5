"""What a full service refuses, and how little it looks at it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from glyphic.service.app import create_app
from glyphic.service.settings import Settings


def asked(app, path="/v1/read", method="POST", query=b""):
    """The messages that an ASGI application answers with, and how often it wanted to hear of the body."""
    sent, heard = [], []

    async def receive():
        heard.append(1)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
             "raw_path": path.encode(), "root_path": "", "scheme": "http", "query_string": query, "headers": [],
             "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2)}

    async def run():
        async with app.state.service.admission.place():
            await app(scope, receive, send)

    with ThreadPoolExecutor(1) as thread:  # where other tests' browsers left a loop running, none runs
        thread.submit(asyncio.run, run()).result()
    return sent, len(heard)


@pytest.fixture
def full():
    """A service whose only place somebody has."""
    return create_app(Settings(workers=1, waiting=0))


def test_a_full_service_refuses_before_the_body_has_come(full):
    sent, heard = asked(full)
    headers = dict(sent[0]["headers"])
    assert sent[0]["status"] == 429 and heard == 0
    assert int(headers[b"retry-after"]) >= 1 and headers[b"x-request-id"] and b'"queue-full"' in sent[1]["body"]


def test_what_a_full_service_refuses_is_counted_under_its_route(full):
    asked(full)
    count = full.state.service.metrics.registry.get_sample_value(
        "glyphic_requests_total", {"route": "/v1/read", "method": "POST", "status": "429"})
    assert count == 1


@pytest.mark.parametrize(("path", "method", "status"), [
    ("/healthz", "GET", 200), ("/metrics", "GET", 200), ("/v1/read", "GET", 405), ("/nowhere", "POST", 404)])
def test_a_full_service_answers_what_takes_no_place(full, path, method, status):
    assert asked(full, path, method)[0][0]["status"] == status


def test_a_service_with_a_place_hears_what_is_asked():
    sent, _ = asked(create_app(Settings(workers=1, waiting=1)), query=b"alternatives=99")
    assert sent[0]["status"] == 422
