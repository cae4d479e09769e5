"""History, dark mode, phones, the review queue, and what everybody needs to be able to use them."""

import io
import zipfile

from tests.page import canned
from tests.page.conftest import Visit

AXE = canned.ROOT / "web/node_modules/axe-core/axe.min.js"


def findings(visit: Visit) -> list[str]:
    """What axe-core finds of the serious and critical kind."""
    import pytest

    if not AXE.is_file():
        pytest.skip("needs axe-core: npm ci in web/")
    visit.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = visit.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:300]}" for one in found["violations"]
            if one["impact"] in ("serious", "critical") for node in one["nodes"]]


def test_what_was_read_is_kept_in_this_browser_until_it_is_forgotten(visit: Visit) -> None:
    page = visit.read("formula")
    page.keyboard.press("2")
    page.get_by_role("button", name="Accept").click()
    visit.read("text")
    page.get_by_role("link", name="History").click()
    cards = page.locator(".card")
    cards.nth(1).wait_for()
    assert [one.inner_text() for one in page.locator(".card .what").all()] == [
        canned.TEXT, canned.FORMULA.replace(r"{\gamma}", "{r}")]
    assert "accepted" in cards.nth(1).inner_text()
    visit.keep("history")
    page.reload()
    cards.nth(1).locator("a").click()
    visit.drawn()
    assert visit.source() == canned.FORMULA.replace(r"{\gamma}", "{r}")
    page.go_back()
    page.get_by_role("button", name=f"Forget {canned.TEXT}").click()
    page.wait_for_function("() => document.querySelectorAll('.card').length === 1")
    page.get_by_role("button", name="Forget everything").click()
    page.get_by_role("button", name="Yes, forget everything").click()
    page.get_by_text("Nothing yet.").wait_for()
    assert visit.service.asked == ["auto", "auto"]  # opening what was kept asks nobody


def test_dark_mode_follows_the_system_and_the_switch(visit: Visit) -> None:
    page = visit.open()
    colour = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(colour) != light
    switch = page.get_by_role("switch", name="Dark mode")
    page.wait_for_selector("[role=switch][aria-checked=true]")
    switch.click()
    assert page.evaluate(colour) == light
    page.reload()
    assert page.evaluate(colour) == light  # it is remembered
    switch.click()
    visit.paste(canned.picture("formula"))
    visit.drawn()
    assert page.evaluate(colour) != light
    visit.keep("dark")
    assert findings(visit) == []


def test_a_phone_shows_everything_without_scrolling_sideways(phone: Visit) -> None:
    page = phone.open()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for notation in ("formula", "music", "text"):
        phone.read(notation)
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        if notation == "formula":
            phone.keep("phone")
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        assert box is None or box["height"] >= 24, button.inner_text()  # WCAG 2.2, target size


def test_readings_of_all_notations_have_no_serious_finding(visit: Visit) -> None:
    visit.open()
    assert findings(visit) == []
    for notation in ("formula", "text", "music"):
        visit.read(notation)
        assert findings(visit) == []
    visit.page.get_by_role("link", name="History").click()
    visit.page.locator(".card").first.wait_for()
    assert findings(visit) == []


def test_the_queue_is_accepted_corrected_skipped_undone_and_exported(visit: Visit) -> None:
    visit.service.queue = ["formula", "text", "music"]
    page = visit.open("#/review")
    page.get_by_text("3 waiting").wait_for()
    page.get_by_role("heading", name="Who reviews?").wait_for()
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Your name").blur()
    visit.drawn()
    visit.keep("review")
    assert findings(visit) == []
    page.locator(".chip").first.focus()
    page.keyboard.press("2")
    page.get_by_role("button", name="Accept and go on").click()
    page.wait_for_function("(text) => document.querySelector('textarea.source')?.value === text", arg=canned.TEXT)
    page.locator(".chip").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_function("(text) => document.querySelector('textarea.source')?.value === text", arg=canned.MUSIC)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function("(text) => document.querySelector('textarea.source')?.value === text", arg=canned.TEXT)
    page.get_by_role("button", name="Skip").click()
    page.wait_for_function("(text) => document.querySelector('textarea.source')?.value === text", arg=canned.MUSIC)
    page.get_by_role("button", name="Skip").click()
    page.get_by_text("Nothing waits for you.").wait_for()
    assert [(d["id"], d["decision"], d["reviewer"]) for d in visit.service.decisions] == [
        ("formula", "correct", "Ada"), ("text", "accept", "Ada"), ("text", "undo", "Ada"), ("text", "skip", "Ada"),
        ("music", "skip", "Ada")]
    assert visit.service.decisions[0]["text"] == canned.FORMULA.replace(r"{\gamma}", "{r}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export corrections").click()
    with open(download.value.path(), "rb") as file:
        assert "labels.tsv" in zipfile.ZipFile(io.BytesIO(file.read())).namelist()


def test_a_malicious_reading_runs_nothing(visit: Visit) -> None:
    hostile = r"\href{javascript:hit=1}{x}\rule{999999em}{999999em}\includegraphics{http://example.org/x.png}y"
    script = '<img src="http://example.org/x" onerror="hit=1"><script>hit=1</script>'
    doubt = {"index": 0, "span": [0, 5], "token": script, "p": 0.5, "box": [-1e9, -1e9, 1e9, 1e9],
            "alternatives": [{"token": script, "text": script, "p": 0.2}]}
    shared = {"spots": [doubt], "warnings": [script], "alternatives": [{"text": script, "confidence": 0.1}],
              "checks": [{"part": script, "verdict": script, "found": "", "wanted": "", "words": [0, 1]}]}
    mei = ('<mei xmlns="http://www.music-encoding.org/ns/mei"><music><body><mdiv><score><scoreDef><staffGrp>'
           '<staffDef n="1" lines="5" clef.shape="G" clef.line="2"><label>&lt;script&gt;hit=1&lt;/script&gt;</label>'
           '</staffDef></staffGrp></scoreDef><section><measure><staff n="1"><layer n="1">'
           '<note pname="c" oct="4" dur="4"/></layer></staff></measure></section></score></mdiv></body></music></mei>')
    cases = [("formula", hostile, {"mathml": script}), ("formula", r"\def\a{\a\a}\a" + script, {}),
             ("text", script, {}), ("molecule", script, {"molfile": f"{script}\nno molfile\n"}),
             ("music", script, {"mei": mei}), ("music", script, {"mei": f"<mei>{script}"}),
             ("x", script, {"other": script})]
    page = visit.open()
    for notation, text, formats in cases:
        visit.service.answer = canned.reading("text", text, []) | shared | {"notation": notation, "formats": formats}
        visit.open("?" + notation)
        visit.paste(canned.picture("text"), name='"><img src=x onerror=hit=1>.png')
        visit.drawn()
        page.wait_for_timeout(150)
        assert page.evaluate("typeof hit") == "undefined"
        assert page.locator("a[href^=javascript], main script, main img[src^=http]").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert visit.source() == text
