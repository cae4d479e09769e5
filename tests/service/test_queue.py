"""The routes of the review queue, as the page asks them."""

import io
import zipfile

import pytest

pytest.importorskip("sqlalchemy", reason="needs sqlalchemy: pip install 'glyphic[serve]'")

from fastapi import FastAPI
from fastapi.testclient import TestClient

from glyphic.review.store import Store
from glyphic.service import answers, queue
from tests.review.readings import picture, reading


@pytest.fixture
def store(tmp_path):
    return Store(f"sqlite:///{tmp_path / 'q.db'}")


@pytest.fixture
def web(store):
    app = FastAPI()
    answers.install(app)
    app.include_router(queue.router(store))
    with TestClient(app) as client:
        yield client


def decide(web, id, decision, reviewer="ann", **more):
    return web.post(f"/v1/review/{id}", json={"reviewer": reviewer, "decision": decision, **more})


def test_a_reading_is_taken_looked_at_and_corrected(web, store):
    id = store.add(picture(1), reading())
    assert web.get("/v1/review").json() == {"waiting": 1, "accepted": 0, "corrected": 0}
    item = web.post("/v1/review/next", json={"reviewer": "ann"}).json()
    assert item["id"] == id and item["reading"] == reading() and item["leased_until"].endswith("+00:00")
    shown = web.get(item["picture_url"])
    assert shown.content == picture(1) and shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert decide(web, id, "correct", text="right").json() == {"waiting": 0, "accepted": 0, "corrected": 1}
    assert web.post("/v1/review/next", json={"reviewer": "ann"}).status_code == 204
    assert decide(web, id, "undo").json()["waiting"] == 1
    assert decide(web, id, "accept").json()["accepted"] == 1


def test_two_reviewers_get_two_items_and_may_not_decide_on_each_others(web, store):
    for n in range(2):
        store.add(picture(n), reading())
    first, second = (web.post("/v1/review/next", json={"reviewer": who}).json()["id"] for who in ("ann", "ben"))
    assert first != second
    refused = decide(web, first, "accept", "ben")
    assert refused.status_code == 409 and refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "not-yours" and "ann" in refused.json()["detail"]
    assert decide(web, second, "skip", "ben").json()["waiting"] == 2


def test_what_the_notation_cannot_hold_is_told_with_its_place(web, store):
    id = store.add(picture(1), reading("x", notation="formula"))
    refused = decide(web, id, "correct", text=r"\frac{1")
    assert refused.status_code == 422 and refused.json()["code"] == "invalid-text"
    assert isinstance(refused.json()["position"], int)
    assert decide(web, id, "correct", text="y").status_code == 200


def test_a_text_belongs_to_corrections_only(web, store):
    id = store.add(picture(1), reading())
    assert decide(web, id, "correct").status_code == 422
    assert decide(web, id, "accept", text="x").status_code == 422
    assert store.counts()["waiting"] == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"reviewer": ""}', b'{"reviewer": "a\\nb"}', b'{"reviewer": 3}',
                                  b'{"reviewer": "\\ud800"}', b'{"reviewer": "ann", "more": 1}', b"\xff"])
def test_requests_that_are_none_are_refused(web, body):
    answer = web.post("/v1/review/next", content=body)
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"


def test_a_decision_that_is_too_large_is_refused(web, store):
    id = store.add(picture(1), reading())
    assert decide(web, id, "correct", text="x" * 2_000_000).status_code == 413


@pytest.mark.parametrize("id", ["7", "0", "-1", "x", str(2**63), "1.5"])
def test_items_that_are_not_there_are_no_failure(web, id):
    assert decide(web, id, "accept").status_code in (404, 422)
    assert web.get(f"/v1/review/{id}/picture").status_code in (404, 422)


def test_what_was_decided_is_downloaded_as_a_data_set(web, store):
    for n in range(3):
        store.add(picture(n), reading(f"word {n}"))
    decide(web, 1, "accept")
    decide(web, 3, "correct", text="third")
    answer = web.get("/v1/review/export")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.read("labels.tsv").decode() == "images/000001.png\tword 0\nimages/000003.png\tthird\n"
        assert archive.read("images/000003.png") == picture(2)


def test_a_hostile_picture_is_never_a_page(web, store):
    id = store.add(b"<html><script>alert(1)</script>", reading())
    assert web.get(f"/v1/review/{id}/picture").headers["content-type"] == "application/octet-stream"
