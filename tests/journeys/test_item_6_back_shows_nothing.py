"""After the sign-out the browser has nothing left to show (item 6)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.accounts.doors import PASSWORD, make_account
from tests.journeys.browsing import Visitor
from tests.road.people import make_organisation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey(seconds=5)]

NAME = "深圳市远航家电有限公司"


def kept_by(page: Page) -> dict[str, str]:
    return page.evaluate("({...localStorage, ...sessionStorage})")


def test_item_6_back_after_the_sign_out_leads_to_the_sign_in_and_the_browser_kept_nothing(
    open_door: Callable[..., Page],
) -> None:
    user = make_account(email="client@example.org")
    organisation = make_organisation(user, name=NAME)
    visitor = Visitor(open_door())
    page = visitor.page
    visitor.signs_in("client@example.org", PASSWORD)
    visitor.goes_to(f"/portal/organisations/{organisation.pk}/")
    expect(page.get_by_text(NAME).first).to_be_visible()
    assert NAME not in str(kept_by(page))
    assert "client@example.org" not in str(kept_by(page))
    visitor.goes_to("/accounts/logout/")
    visitor.presses(visitor.main.locator("form button[type=submit], form .btn-primary").first)
    for _page in range(2):
        page.go_back(wait_until="load")
        expect(page.get_by_text(NAME)).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/accounts/login/"))
    # htmx notes the address of the open page; that of the page behind is no longer there
    assert set(kept_by(page)) <= {"htmx-current-path-for-history"}
    assert "sessionid" not in {cookie["name"] for cookie in page.context.cookies()}
