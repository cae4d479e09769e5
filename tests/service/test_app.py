"""What every answer of the service keeps to: ids, problems, headers, figures, and what it says of itself."""

import json
from dataclasses import replace

import pytest

from glyphic.service import pages
from tests.service.conftest import png
from tests.service.test_reading import PATH, refused


def test_every_answer_has_an_id_that_the_client_may_choose_if_it_is_sane(client):
    for path in ("/healthz", "/nowhere", "/v1/models"):
        assert len(client.get(path).headers["x-request-id"]) == 32
    assert client.get("/healthz", headers={"X-Request-ID": "a-1.b"}).headers["x-request-id"] == "a-1.b"
    for odd in ("x" * 65, "a b", "<script>"):
        assert client.get("/healthz", headers={"X-Request-ID": odd}).headers["x-request-id"] != odd
    assert client.get("/healthz").headers["x-content-type-options"] == "nosniff"


def test_what_is_nowhere_and_wrong_methods_are_problems(client):
    refused(client.get("/nowhere"), 404, "not-found")
    problem = refused(client.get("/v1/read"), 405, "method-not-allowed")
    assert "GET" in problem["detail"]
    assert client.get("/docs").status_code == 404, "no page that loads scripts from elsewhere"


def test_models_are_listed_with_what_they_can_write(client, step_bundle):
    [found] = client.get("/v1/models").json()
    assert (found["name"], found["version"], found["notation"]) == ("toy", "1", "bars")
    assert found["sha256"] == step_bundle.sha256 and found["formats"] == [] and "folder" not in found


def test_a_text_is_written_in_all_formats_or_refused_with_the_place(client):
    found = client.post("/v1/write", json={"notation": "bars", "text": "a b"})
    assert found.json() == {"notation": "bars", "text": "ab", "formats": {}, "checks": [], "warnings": []}
    problem = refused(client.post("/v1/write", json={"notation": "bars", "text": "abx"}), 422, "invalid-text")
    assert problem["position"] == 2 and "'x'" in problem["detail"]
    for wrong in ({"notation": "poems", "text": "a"}, {"text": "a"}, [], {"notation": "bars", "text": "a", "more": 1}):
        refused(client.post("/v1/write", json=wrong), 422, "invalid-option")
    refused(client.post("/v1/write", content=b"{" * 200_001), 413, "body-too-large")


def test_figures_count_requests_by_route_and_never_by_what_clients_invent(client):
    client.post(PATH, content=png())
    client.get("/nowhere/1234")
    client.request("BREW", "/healthz")
    text = client.get("/metrics").text
    assert 'glyphic_requests_total{method="POST",route="/v1/read",status="200"} 1.0' in text
    assert 'route="other",status="404"' in text and "1234" not in text and "BREW" not in text
    assert 'glyphic_reading_seconds_count{model="toy"} 1.0' in text and "glyphic_admitted 0.0" in text


def test_the_log_says_nothing_of_pictures_and_options(client, caplog):
    with caplog.at_level("INFO", logger="glyphic"):
        client.post(f"{PATH}&lexicon=abcabc", content=png())
        client.post(f"{PATH}&nonsense=secret", content=b"secret")
    lines = [record.getMessage() for record in caplog.records if record.name == "glyphic.service"]
    assert not any("secret" in line or "abcabc" in line for line in lines)
    assert len(lines) == 2 and "POST /v1/read 200" in lines[0]


def test_until_the_models_are_loaded_and_after_the_end_has_begun_the_service_is_not_ready(bars, step_bundle):
    import threading

    from fastapi.testclient import TestClient

    from glyphic.service.app import create_app
    from glyphic.service.readers import Readers
    from glyphic.service.settings import Settings
    from tests.service.conftest import ready

    class Slow(Readers):
        gate = threading.Event()

        def load(self):
            self.gate.wait(30)
            super().load()

    with TestClient(create_app(Settings(workers=1), Slow([str(step_bundle.folder)]))) as client:
        problem = client.get("/readyz")
        refused(problem, 503, "starting")
        assert problem.headers["retry-after"] == "1" and client.get("/healthz").status_code == 200
        refused(client.post(PATH, content=png()), 503, "starting")
        Slow.gate.set()
        ready(client)
        client.app.state.service.leaving = True
        refused(client.get("/readyz"), 503, "leaving")
        assert client.post(PATH, content=png()).status_code == 200, "what still comes is read"


def test_a_model_that_misreads_its_golden_picture_is_never_ready(bars, step_bundle, monkeypatch):
    from fastapi.testclient import TestClient

    from glyphic.service import readers
    from glyphic.service.app import create_app
    from glyphic.service.settings import Settings

    monkeypatch.setattr(readers, "golden", lambda: {"bars": (png("ab"), {"text": "ba"})})
    found = readers.Readers([str(step_bundle.folder)])
    honest = readers.Bundle.load
    monkeypatch.setattr(readers.Bundle, "load", classmethod(
        lambda cls, source: replace(honest(source), name="bars")))
    with TestClient(create_app(Settings(workers=1), found)) as client:
        for _ in range(600):
            answer = client.get("/readyz")
            if answer.json()["code"] != "starting":
                break
        assert "golden" in refused(answer, 503, "not-ready")["detail"]


@pytest.mark.parametrize("name", ["formula", "molecule", "music", "text"])
def test_the_models_inside_the_package_read_their_golden_pictures(name):
    from glyphic.reading.bundle import list_models
    from glyphic.service.readers import Readers, golden

    if name not in list_models():
        pytest.skip(f"no model {name} is installed")
    assert name in golden()
    Readers([name]).load()


def test_what_the_service_says_of_itself_holds_the_schema_of_a_reading(client):
    found = client.get("/openapi.json").json()
    assert set(found["paths"]) >= {"/v1/read", "/v1/models", "/healthz", "/readyz", "/metrics", "/v3/text"}
    assert found["components"]["schemas"]["Recognition"]["title"] == "Recognition"
    assert "#/$defs" not in json.dumps(found), "references point into the document"
    answers = found["paths"]["/v1/read"]["post"]["responses"]
    assert set(answers) >= {"200", "413", "415", "422", "429", "503", "504"}
    assert all("application/problem+json" in answers[status]["content"] for status in answers if status != "200")


def test_the_page_is_served_under_its_policy_and_its_routes_leave_others_alone(tmp_path):
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    (tmp_path / "fonts").mkdir()
    (tmp_path / "index.html").write_text("<title>Glyphic</title>")
    (tmp_path / "app.js").write_text("1")
    (tmp_path / "fonts" / "a.woff2").write_bytes(b"x")
    app = FastAPI()
    app.add_api_route("/v1/x", lambda: 1, methods=["POST"])
    pages.install(app, tmp_path)
    client = TestClient(app)
    for path in ("/", "/app.js", "/fonts/a.woff2"):
        answer = client.get(path)
        assert answer.status_code == 200 and answer.headers["content-security-policy"] == pages.POLICY
    assert "default-src 'none'" in pages.POLICY and "unsafe-inline" not in pages.POLICY
    assert client.get("/").text == "<title>Glyphic</title>" and client.get("/v1/x").status_code == 405
    assert client.get("/fonts/../../secret").status_code == 404 == client.get("/nothing").status_code
    empty = FastAPI()
    pages.install(empty, tmp_path / "fonts")
    missing = TestClient(empty).get("/")
    assert missing.status_code == 404 and "web/build" in missing.text


def test_the_interface_keeps_what_it_says(client):
    """Generated requests: none fails, and every answer is one of those that /openapi.json names."""
    schemathesis = pytest.importorskip("schemathesis")
    schema = schemathesis.openapi.from_asgi("/openapi.json", client.app)

    for operation in schema.get_all_operations():
        _generate(operation.ok())


def _generate(operation) -> None:
    from hypothesis import HealthCheck, Phase, given, settings

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(operation.as_strategy())
    def check(case):
        answer = case.call()
        assert answer.status_code < 500 or answer.status_code == 501, (case, answer.status_code)
        defined = {str(status) for status in operation.definition.raw["responses"]}
        assert str(answer.status_code) in defined or answer.status_code in (404, 405), (case, answer.status_code)

    check()
