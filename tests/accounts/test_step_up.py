"""Before what the public relies on, staff prove the second factor again after five minutes (item 2)."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from certbody import urls, workflow
from certbody.accounts.roles import Role
from certbody.accounts.step_up import EVENTS, ask_again, needs_reauthentication
from tests.accounts.doors import Clockwork, make_account, sign_in, with_totp

pytestmark = pytest.mark.django_db

STAFF = "staff@example.org"
CODE_PAGE = "/accounts/2fa/authenticate/"
AGAIN = "/accounts/2fa/reauthenticate/?next=%2Fact%2F"


def act(request: HttpRequest) -> HttpResponse:
    if needs_reauthentication(request):
        return ask_again(request)
    return HttpResponse(f"done: {request.POST.get('reason', '')}")


urlpatterns = [*urls.urlpatterns, path("act/", act)]


@pytest.fixture(autouse=True)
def _with_an_act() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


def age(client: Client, seconds: int) -> None:
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= seconds
    session.save()


@pytest.fixture
def at_the_desk(client: Client, periods: Clockwork) -> Client:
    with_totp(make_account(Role.HEAD, email=STAFF))
    sign_in(client, STAFF)
    client.post(CODE_PAGE, {"code": periods.code()})
    return client


def test_within_five_minutes_of_the_code_nobody_is_asked_again(at_the_desk: Client) -> None:
    age(at_the_desk, 290)
    assert at_the_desk.post("/act/", {"reason": "x"}).content == b"done: x"


def test_after_five_minutes_the_code_is_asked_for_and_what_was_typed_is_taken_up(
    at_the_desk: Client, periods: Clockwork
) -> None:
    age(at_the_desk, 301)
    assert at_the_desk.get("/act/")["Location"] == AGAIN
    assert at_the_desk.post("/act/", {"reason": "it lapsed"})["Location"] == AGAIN
    periods.counter += 1
    assert at_the_desk.post(AGAIN, {"code": periods.code()}).content == b"done: it lapsed"
    assert at_the_desk.get("/act/").status_code == 200


def test_a_wrong_code_opens_nothing(at_the_desk: Client) -> None:
    age(at_the_desk, 301)
    at_the_desk.post("/act/", {"reason": "it lapsed"})
    at_the_desk.post(AGAIN, {"code": "000000"})
    assert at_the_desk.get("/act/").status_code == 302


def test_demo_accounts_and_clients_are_not_asked(client: Client) -> None:
    make_account(Role.HEAD, email="demo@example.org", is_demo=True)
    make_account(email="client@example.org")
    for email in ("demo@example.org", "client@example.org"):
        browser = Client()
        sign_in(browser, email)
        age(browser, 3600)
        assert browser.get("/act/").status_code == 200, email


def test_every_event_that_asks_again_is_a_step_that_somebody_takes() -> None:
    assert {event for event in EVENTS if workflow.step_of_event(event) is None} == set()
