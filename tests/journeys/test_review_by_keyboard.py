"""The checklist of the application review by single keys, which can be switched off (WCAG 2.1.4)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from certbody.workflow import perform, table
from certificates.demo.people import account
from tests.journeys.browsing import enter
from tests.journeys.people_at_work import Reviewer
from tests.road.applications import submitted_application

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey(seconds=10)]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || document.activeElement.id || ''"))


def beginning(page: Page, place: str) -> float:
    box = page.locator(place).bounding_box()
    assert box is not None, place
    return box["y"]


@pytest.mark.usefixtures("staff")
def test_a_reviewer_judges_item_after_item_without_leaving_the_keyboard(
    open_door: Callable[..., Page],
) -> None:
    application = submitted_application()
    perform(table("application").step("take_over"), application, actor=account("reviewer"))
    reviewer = enter(open_door(), "reviewer", Reviewer)
    reviewer.goes_to(f"/desk/applications/{application.case.reference}/")
    page, keys = reviewer.page, reviewer.page.keyboard
    page.set_viewport_size({"width": 1280, "height": 800})
    begins = [beginning(page, place) for place in ("#facts", "#checklist", "#papers")]
    assert max(begins) < 400, "facts, checklist and documents begin on one screen"
    assert max(begins) - min(begins) < 1, "side by side"
    keys.press("1")
    assert focused(page) == "", "a digit answers nothing where the reader stands in no item"
    keys.press("j")
    assert focused(page) == "information-verdict", "J leads to the first item from anywhere on the page"
    keys.press("1")
    keys.press("Control+Enter")
    expect(page.locator("#item-information form")).to_be_hidden()
    expect(page.locator("#review-progress")).to_contain_text("1")
    assert focused(page) == "understanding-verdict"
    top = page.evaluate("scrollY")
    assert top > 0, "the page began again at its top"
    keys.press("2")
    keys.press("Control+Enter")
    expect(page.locator("#item-understanding .invalid-feedback").first).to_be_visible()
    assert focused(page) == "understanding-note"
    keys.insert_text("何时开始？ 1 2 j")
    keys.press("Control+Enter")
    expect(page.locator("#item-understanding form")).to_be_hidden()
    keys.press("j")
    assert focused(page) == "approved_field-verdict"
    keys.press("?")
    expect(page.locator("#review-keys-help")).to_be_visible()
    page.locator("[data-review-switch]").uncheck()
    page.locator("#item-scope input[type=radio]").first.focus()
    keys.press("j")
    assert focused(page) == "scope-verdict"
    stored = dict(application.review_items.values_list("key", "note"))
    assert stored == {"information": "", "understanding": "何时开始？ 1 2 j"}
