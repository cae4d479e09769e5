"""POST /v1/read: pictures in, readings out, and what is refused."""

import json
import random
import types
from importlib import resources

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glyphic.core.errors import UnknownNameError
from glyphic.core.results import ModelIdentity
from glyphic.reading.recognizer import Recognizer
from glyphic.service import readers
from tests import bars as toy
from tests.service.conftest import png

SCHEMA = json.loads((resources.files("glyphic.core") / "recognition.schema.json").read_text(encoding="utf-8"))
PATH = "/v1/read?notation=bars"


def refused(answer, status: int, code: str) -> dict:
    """The problem of an answer, which must be one."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert problem["instance"] == answer.headers["x-request-id"] and problem["detail"] and problem["title"]
    return problem


def test_a_picture_is_read_as_the_body_or_in_a_form_and_python_and_the_command_say_the_same(client, step_bundle,
                                                                                              tmp_path):
    from click.testing import CliRunner

    from glyphic.cli import main

    jsonschema = pytest.importorskip("jsonschema")
    (tmp_path / "abba.png").write_bytes(png())
    command = CliRunner().invoke(main, ["read", str(tmp_path / "abba.png"), "--json", "--spots", "--model",
                                        str(step_bundle.folder)])
    found = [client.post(PATH, content=png()).json(),
             client.post("/v1/read", files={"picture": ("x.png", png())}, data={"notation": "bars"}).json(),
             Recognizer(step_bundle, spots=True).read(png()).to_json(),
             {name: value for name, value in json.loads(command.stdout).items() if name != "path"}]
    for reading in found:
        jsonschema.Draft202012Validator(SCHEMA).validate(reading)
        reading["milliseconds"] = 0
        assert reading == found[0] and reading["text"] == "abba"
    assert found[0]["model"] == {"name": "toy", "version": "1", "sha256": step_bundle.sha256}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_these_formats_are_read(client, kind):
    assert client.post(PATH, content=png("cab", kind)).json()["text"] == "cab"


@pytest.mark.parametrize(("body", "status", "code"), [
    (b"", 422, "no-picture"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported-format"),
    (b"%PDF-1.7", 415, "unsupported-format"), (b"%!PS-Adobe-3.0 EPSF-3.0", 415, "unsupported-format"),
    (b"P6 1 1 255 abc", 415, "unsupported-format"), (b"\x89PNG\r\n\x1a\nnonsense", 422, "unreadable-picture"),
    (png()[:60], 422, "unreadable-picture"), (b"x" * 200_001, 413, "body-too-large"),
])
def test_what_is_no_picture_is_refused_with_a_reason(client, body, status, code):
    refused(client.post(PATH, content=body), status, code)


def test_a_picture_of_too_many_pixels_is_refused_by_its_header(client):
    import struct
    import zlib

    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    body = b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    assert "20 million" in refused(client.post(PATH, content=body), 413, "picture-too-large")["detail"]


def test_a_body_is_refused_while_it_streams_in(client):
    taken = []

    def endless():
        for _ in range(1000):
            taken.append(1)
            yield b"\x89PNG" + b"x" * 10_000

    refused(client.post(PATH, content=endless()), 413, "body-too-large")


@pytest.mark.parametrize("query", [
    "notation=poems", "model=nothing", "model=../../etc", "notation=bars&alternatives=99", "notation=bars&colour=red",
    "notation=bars&formats=nonsense", "notation=text&model=toy", "notation=bars&alternatives=x", "",
])
def test_options_that_make_no_sense_are_refused_by_name(client, query):
    problem = refused(client.post(f"/v1/read?{query}", content=png()), 422, "invalid-option")
    assert "poems" not in query or "bars" in problem["detail"], "the notations there are"


def test_options_choose_what_is_answered(client):
    assert len(client.post(f"{PATH}&alternatives=2", content=png()).json()["alternatives"]) == 2
    form = client.post("/v1/read?alternatives=1", files={"picture": png()},
                       data={"model": "toy", "lexicon": ["abca", "ccc"], "alternatives": "2"})
    assert form.status_code == 200 and len(form.json()["alternatives"]) <= 2
    refused(client.post("/v1/read", files={"other": png()}, data={"notation": "bars"}), 422, "no-picture")
    refused(client.post("/v1/read", content=b"--x", headers={"content-type": "multipart/form-data"}), 422,
            "invalid-form")


def test_a_notation_can_be_left_to_the_picture_where_that_can_be_told(client, monkeypatch):
    def missing():
        raise UnknownNameError("classifier of kinds or its folder", "kind", ())

    monkeypatch.setattr(readers, "KindReader", missing)
    refused(client.post("/v1/read?notation=auto", content=png()), 501, "not-installed")
    shares = {"bars-handwritten": 0.7, "none": 0.3}
    found = types.SimpleNamespace(identity=ModelIdentity("kind", "1"), kind_of=lambda image: dict(
        sorted(shares.items(), key=lambda item: -item[1])))
    monkeypatch.setattr(readers, "KindReader", lambda: found)
    reading = client.post("/v1/read?notation=auto", content=png()).json()
    assert (reading["text"], reading["notation_confidence"]) == ("abba", pytest.approx(0.7))
    shares.update({"none": 0.9, "bars-handwritten": 0.1})
    nothing = client.post("/v1/read?notation=auto", content=png()).json()
    assert (nothing["text"], nothing["notation"], nothing["notation_confidence"]) == ("", "none", 0.9)
    assert "no notation" in nothing["warnings"][0]
    del shares["none"]
    shares["poems"] = 1.0
    refused(client.post("/v1/read?notation=auto", content=png()), 422, "invalid-option")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]))
def test_a_damaged_picture_is_read_or_refused_but_never_a_failure(client, seed, kind):
    rng = random.Random(seed)
    body = bytearray(png(toy.sample(rng), kind))
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(body))
        how = rng.randrange(4)
        if how == 0:
            body[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            body[at:at + rng.randint(1, 9)] = rng.randbytes(rng.randint(0, 9))
        elif how == 2 and at:
            del body[at:]
        else:
            body[rng.randrange(min(64, len(body)))] = rng.randrange(256)
        if not body:
            break
    answer = client.post(PATH, content=bytes(body))
    assert answer.status_code in (200, 413, 415, 422), (answer.status_code, answer.text)
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"


def test_what_the_library_raises_by_mistake_is_a_problem_without_its_details(client, monkeypatch):
    def fail(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr(client.app.state.service.workers.readers, "read", fail)
    problem = refused(client.post(PATH, content=png()), 500, "internal")
    assert "secret" not in json.dumps(problem)


def test_doubtful_readings_go_into_the_review_queue_and_its_failure_costs_no_reading(client, monkeypatch):
    kept = []

    class Store:
        def add(self, picture, recognition):
            kept.append((picture, recognition))
            raise OSError("the disk is full")

    service = client.app.state.service
    monkeypatch.setattr(service, "store", Store())
    monkeypatch.setattr(service, "settings", type(service.settings)(workers=1, review_below=1.0))
    reading = client.post(PATH, content=png()).json()
    assert reading["text"] == "abba" and kept == [(png(), reading)]
    monkeypatch.setattr(service, "settings", type(service.settings)(workers=1, review_below=0.0))
    assert client.post(PATH, content=png()).status_code == 200 and len(kept) == 1


# --- in the shape of Mathpix

def test_a_formula_is_answered_in_the_shape_of_mathpix(client, monkeypatch):
    import base64

    service = client.app.state.service
    honest = service.workers.readers.read
    monkeypatch.setattr(service.workers.readers, "read", lambda picture, order: honest(
        picture, order.model_copy(update={"notation": "bars", "formats": None})))
    src = "data:image/png;base64," + base64.b64encode(png()).decode()
    for answer in (client.post("/v3/text", json={"src": src}),
                   client.post("/v3/text", files={"file": png()}, data={"options_json": "{}"})):
        found = answer.json()
        assert answer.status_code == 200 and found["latex_styled"] == "abba" and found["text"] == r"\( abba \)"
        assert 0 < found["confidence"] <= 1 and found["request_id"] == answer.headers["x-request-id"]
        assert found["data"][0] == {"type": "latex", "value": "abba"}


@pytest.mark.parametrize(("body", "status", "code"), [
    ({"src": "https://example.org/x.png"}, 422, "no-download"), ({"src": "http://127.0.0.1/"}, 422, "no-download"),
    ({"src": "file:///etc/passwd"}, 422, "no-download"), ({}, 422, "no-picture"), ([], 422, "invalid-json"),
    ({"src": "data:image/png;base64,!!!"}, 422, "no-picture"), ({"src": "data:;base64,"}, 422, "no-picture"),
    ({"src": "data:application/pdf;base64,JVBERi0="}, 415, "unsupported-format"),
])
def test_nothing_is_fetched_and_nonsense_is_a_problem_that_also_has_mathpix_members(client, body, status, code):
    problem = refused(client.post("/v3/text", json=body), status, code)
    assert problem["error"] == problem["detail"] and problem["error_info"]["id"] == code
