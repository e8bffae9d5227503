"""An auditor marks on a tablet, by touch and by keyboard."""

from fractions import Fraction
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override
from playwright.sync_api import Page, expect

from audits.forms.sheet import TOO_MANY_FAILED
from audits.models import Mark, ScoreOperation
from certbody.accounts.models import User
from certbody.scheme.load import shipped
from certbody.scheme.marks import Met
from certbody.scheme.model import ClauseKind
from certbody.scheme.score import display
from tests.audits.pages import desk
from tests.road.audits import mark, open_sheet_audit
from tests.road.scoring_tables import SCHEME

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

CLAUSES = shipped(SCHEME).clauses
SAMPLED = next(index for index, clause in enumerate(CLAUSES) if clause.kind is ClauseKind.SAMPLED)
TABLET = {"width": 820, "height": 1180}


def _sign_in(page: Page, user: User, address: str) -> None:
    browser = Client()
    browser.force_login(user)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


def test_a_clause_is_marked_by_keyboard_and_the_next_one_appears(
    page: Page, live_server: Any, journey_language: str
) -> None:
    road = open_sheet_audit()
    page.set_viewport_size(TABLET)
    _sign_in(page, road.lead, live_server.url)
    shown, following = CLAUSES[SAMPLED], CLAUSES[SAMPLED + 1]
    page.goto(desk(road.audit, f"sheet/{shown.id}/"))
    expect(page.locator("h1")).to_contain_text(shown.id)
    page.keyboard.press("1")
    page.keyboard.type("10")
    expect(page.locator("[data-clause-points]")).to_be_hidden()
    page.locator("input[name=failed]").fill("11")
    beside = page.locator("#div_id_failed .invalid-feedback")
    with override(journey_language):
        expect(beside).to_have_text(str(TOO_MANY_FAILED))
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text(shown.id)
    page.locator("input[name=failed]").fill("2")
    expect(beside).to_have_count(0)
    expect(page.locator("[data-clause-points] output")).to_have_text(display(shown.points * Fraction(8, 10)))
    page.locator("textarea[name=note]").fill("两单没有回访记录")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text(following.id)
    expect(page).to_have_url(live_server.url + desk(road.audit, f"sheet/{following.id}/"))
    so_far = page.locator("[data-points-so-far] > li").first
    expect(so_far).to_contain_text(f"{display(shown.points * Fraction(8, 10))} / {display(shown.points)}")
    page.mouse.wheel(0, 2000)
    expect(so_far).to_be_in_viewport()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("h1")).to_contain_text(shown.id)
    assert (Mark.objects.get().sampled, Mark.objects.get().failed) == (10, 2)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= TABLET["width"]
    kept = page.evaluate("Object.keys({...localStorage, ...sessionStorage})")
    assert "htmx-history-cache" not in kept, "item 6: no page of the sheet stays in the browser"


def test_item_34_the_mark_of_the_other_tablet_is_shown_in_place(page: Page, live_server: Any) -> None:
    road = open_sheet_audit()
    clause = next(one for one in CLAUSES if one.kind is ClauseKind.FIXED)
    _sign_in(page, road.lead, live_server.url)
    page.goto(desk(road.audit, f"sheet/{clause.id}/"))
    mark(road, clause.id, Met(True), actor=road.auditor)
    page.locator("input[value=not_met]").check()
    page.locator("textarea[name=note]").fill("未见记录")
    page.locator("button[value=stay]").click()
    expect(page.locator("[role=alert]")).to_contain_text(road.auditor.person.name)
    expect(page.locator("textarea[name=note]")).to_have_value("未见记录")
    page.locator("button[value=stay]").click()
    expect(page.locator("[role=alert]")).to_have_count(0)
    assert list(ScoreOperation.objects.order_by("sequence").values_list("value__met", flat=True)) == [
        True,
        False,
    ]
