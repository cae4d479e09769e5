"""The walk through doubtful spots, alternatives, editing, copying and downloading."""

import base64
import json
from pathlib import Path

import pytest

from tests.page import canned
from tests.page.conftest import Visit


def test_spots_glow_in_the_picture_and_in_the_formula(visit: Visit) -> None:
    page = visit.read("formula")
    assert page.locator(".box").count() == 2
    assert [glow.inner_text() for glow in page.locator(".drawn .glow").all()] == ["γ", "z"]
    box, picture = page.locator(".box").first.bounding_box(), page.locator(".given").bounding_box()
    assert 0.53 < (box["x"] - picture["x"]) / picture["width"] < 0.54
    visit.keep("formula")
    page.locator(".drawn .glow").nth(1).click()
    assert page.locator(".chip.current").get_attribute("data-spot") == "1"


def test_keys_walk_through_spots_and_choose(visit: Visit) -> None:
    page = visit.read("formula")
    current = page.locator(".chip.current")
    assert current.get_attribute("data-spot") == "0"  # the first one has the focus
    for key, spot in (("n", "1"), ("n", "0"), ("p", "1"), ("Shift+Tab", "0"), ("Tab", "1")):
        page.keyboard.press(key)
        assert current.get_attribute("data-spot") == spot
    page.keyboard.press("3")
    assert visit.source() == canned.FORMULA.replace("dz", "dx")
    page.keyboard.press("p")
    page.keyboard.press("2")
    both = canned.FORMULA.replace("dz", "dx").replace(r"{\gamma}", "{r}")
    assert visit.source() == both
    page.keyboard.press("1")
    assert visit.source() == canned.FORMULA.replace("dz", "dx")
    assert page.locator(".chip.settled").count() == 2


def test_enter_keeps_spot_after_spot_and_then_accepts(visit: Visit) -> None:
    page = visit.read("text")
    assert "2 spots" in page.locator(".verdict").inner_text()
    page.keyboard.press("Enter")
    assert page.locator(".chip.current").get_attribute("data-spot") == "1"
    page.keyboard.press("Enter")
    assert "Accepted by you" in page.locator(".verdict").inner_text()
    assert page.evaluate("document.activeElement.textContent") == "Copy Text"
    visit.keep("text")


def test_what_is_written_by_hand_is_drawn_and_can_be_taken_back(visit: Visit) -> None:
    page = visit.read("formula")
    page.locator("textarea.source").fill(r"\frac{a}{b}")
    page.wait_for_function("() => document.querySelector('.drawn .katex').textContent.includes('ab') || "
                           "document.querySelector('.drawn .mfrac')")
    page.wait_for_function("() => [...document.querySelectorAll('.formats .preview')].some((one) => "
                           "one.textContent.includes('<mfrac>'))")  # the service wrote MathML of the new text
    page.locator("textarea.source").fill(r"\frac{a}{")
    page.locator(".trouble").filter(has_text="cannot be drawn").wait_for()
    page.get_by_role("button", name="Back to what was read").click()
    page.wait_for_selector(".drawn .glow")
    assert visit.source() == canned.FORMULA


def test_a_formula_is_edited_as_it_is_set(visit: Visit) -> None:
    page = visit.read("formula")
    page.get_by_role("button", name="Edit the formula").click()
    page.wait_for_selector("math-field")
    # MathLive's styles come through: its fraction has an extent
    page.wait_for_function("() => document.querySelector('math-field').shadowRoot"
                           ".querySelector('.ML__mfrac')?.clientHeight > 20")
    page.wait_for_function("() => document.activeElement.matches('math-field')")
    page.keyboard.press("End")
    page.keyboard.type("+c")
    page.wait_for_function("() => document.querySelector('textarea.source').value.endsWith('+c')")
    page.wait_for_function("() => document.querySelector('.drawn .katex').textContent.includes('+c')")
    visit.keep("edit")


def test_another_whole_reading_is_taken(visit: Visit) -> None:
    page = visit.read("formula")
    page.get_by_text("Other readings (2)").click()
    page.locator(".others button").nth(1).click()
    assert visit.source() == canned.FORMULA.replace(r"\oint", r"\int")


def test_every_format_is_copied_and_downloaded(visit: Visit, tmp_path: Path) -> None:
    page = visit.read("music")
    page.get_by_role("button", name="Copy MusicXML").first.click()
    page.get_by_text("MusicXML is copied.").first.wait_for()
    assert visit.copied() == canned.readings()["music"]["formats"]["musicxml"]
    names = page.locator(".formats .format").all_inner_texts()
    assert {"MusicXML", "MEI", "MIDI", "ABC", "Plaine & Easie", "Symbols"} <= set(names)
    endings = {"MusicXML": "musicxml", "MEI": "mei", "MIDI": "mid", "ABC": "abc", "Symbols": "semantic"}
    for name, ending in endings.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Download {name}", exact=True).click()
        assert download.value.suggested_filename == f"picture.{ending}"
        download.value.save_as(tmp_path / name)
    midi = (tmp_path / "MIDI").read_bytes()
    assert midi[:4] == b"MThd" and midi == base64.b64decode(canned.readings()["music"]["formats"]["midi"])
    assert (tmp_path / "Symbols").read_text() == canned.MUSIC
    page.get_by_text("Details").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all as JSON").click()
    assert json.loads(Path(download.value.path()).read_text())["text"] == canned.MUSIC


def test_a_staff_is_engraved_anew_with_another_note_and_played(visit: Visit) -> None:
    page = visit.read("music")
    page.wait_for_selector(".drawn g.note.glow")
    assert page.locator(".drawn g.note").count() == 7
    assert "bar 4: short" in page.locator(".remarks").inner_text()
    visit.keep("music")
    page.keyboard.press("3")
    assert visit.source() == canned.MUSIC.replace("note-Bb4_quarter", "note-Bb4_eighth")
    page.wait_for_selector(".drawn g.flag")
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector(".drawn .sounding")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Play").wait_for()


def test_a_molecule_is_drawn_and_its_drawing_opened_on_a_board(visit: Visit) -> None:
    pytest.importorskip("rdkit", reason="needs rdkit: pip install 'glyphic[chem]'")
    page = visit.read("molecule")
    page.wait_for_selector(".drawn svg line", state="attached")
    assert page.locator(".drawn svg").get_attribute("aria-label") == "Molecule C6H6O"
    assert page.locator(".drawn circle.glow").count() == 1  # around the oxygen, by its place in the picture
    visit.keep("molecule")
    page.get_by_role("button", name="Edit the drawing").click()
    page.wait_for_function("""() => {
        const canvases = document.querySelector(".drawing-board > div")?.shadowRoot?.querySelectorAll("canvas") ?? [];
        return [...canvases].some((one) => one.clientWidth > 200 && one.clientHeight > 200);
    }""")
    assert page.locator(".drawn").is_hidden()
    page.get_by_role("button", name="Done").click()
    assert page.locator(".drawn svg").is_visible()
    assert visit.source() == canned.MOLECULE  # looking changes nothing
