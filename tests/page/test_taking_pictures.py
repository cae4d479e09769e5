"""Pictures are pasted, dropped, chosen or photographed, and what cannot be read is said calmly."""

from pathlib import Path

from tests.page import canned
from tests.page.conftest import Visit


def test_the_first_view_invites_and_says_how(visit: Visit) -> None:
    page = visit.open()
    assert page.get_by_role("heading", level=1).inner_text() == "Paste a picture, get what it says."
    assert page.get_by_role("button", name="Choose a picture").is_visible()
    assert page.get_by_role("radio").count() == 5
    assert page.get_by_role("link", name="Review").count() == 0  # there is no queue
    visit.keep("begin")


def test_a_pasted_picture_is_read_and_drawn(visit: Visit) -> None:
    page = visit.read("formula")
    assert visit.source() == canned.FORMULA
    assert page.locator(".drawn .katex").count() == 1
    assert visit.service.asked == ["auto"]


def test_a_dropped_picture_is_read_as_the_chosen_notation(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("radio", name="Text").check()
    visit.drop(canned.picture("formula"))
    visit.drawn()
    assert visit.service.asked == ["text"]
    assert page.locator(".line-of-text").inner_text() == canned.TEXT
    page.get_by_role("radio", name="Formula").check()  # another choice reads the same picture again
    page.wait_for_selector(".drawn .katex")
    assert visit.service.asked == ["text", "formula"]


def test_a_file_and_a_photograph_are_taken(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "line.png"
    file.write_bytes(canned.picture("text"))
    page = visit.open()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a picture").click()
    chooser.value.set_files(file)
    visit.drawn()
    assert visit.source() == canned.TEXT

    page.get_by_role("button", name="Camera").click()
    page.get_by_role("button", name="Take the picture").click()
    page.get_by_role("heading", name="This picture cannot be read").wait_for()  # in the test picture is nothing
    assert "PNG, JPEG, WebP" in page.get_by_role("alert").inner_text()
    assert page.get_by_role("button", name="Try again").is_visible()
    visit.keep("refused")


def test_a_busy_service_is_asked_again(visit: Visit) -> None:
    visit.service.busy = 1
    visit.open()
    visit.paste(canned.picture("text"))
    visit.page.get_by_text("it is asked again in 1 s").wait_for()
    visit.drawn()
    assert visit.source() == canned.TEXT


def test_what_is_no_picture_is_said_and_changes_nothing(visit: Visit) -> None:
    page = visit.open()
    page.evaluate("document.body.dispatchEvent(new ClipboardEvent('paste', {bubbles: true}))")
    assert page.locator(".brief").inner_text() == "There is no picture on the clipboard."
    assert visit.service.asked == []
