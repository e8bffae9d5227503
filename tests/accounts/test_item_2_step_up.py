"""Before what the public relies on, staff prove the second factor again after five minutes (item 2)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from certbody import clock, workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.accounts.step_up import EVENTS
from certificates.states import WITHDRAWAL_GROUNDS
from tests.accounts.doors import Clockwork, make_account, sign_in, with_totp
from tests.road.certificates import (
    committee,
    issued_certificate,
    opened_panel,
    released_case,
    signed_decision,
    taken_decision,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db

CODE_PAGE = "/accounts/2fa/authenticate/"
AGAIN = "/accounts/2fa/reauthenticate/?next="
ISSUE = "/desk/decisions/{}/issue/"


def vote() -> tuple[Any, User, str]:
    seated = committee()
    panel = opened_panel(released_case(), seated)
    return panel, seated[0], f"/steps/panel/{panel.pk}/vote/"


def sign() -> tuple[Any, User, str]:
    decision = taken_decision(released_case())
    return decision, make_user(Role.HEAD), f"/steps/decision/{decision.pk}/sign/"


def issue() -> tuple[Any, User, str]:
    decision = signed_decision()
    return decision, make_user(Role.CERTIFICATES), ISSUE.format(decision.pk)


def on_a_certificate(step: str) -> Callable[[], tuple[Any, User, str]]:
    def prepared() -> tuple[Any, User, str]:
        certificate = issued_certificate()
        head = make_user(Role.HEAD)
        if step == "restore":
            suspend = workflow.table("certificate").step("suspend")
            workflow.perform(
                suspend, certificate, actor=head, ground="client_request", reason="As the client asked."
            )
        return certificate, head, f"/steps/certificate/{certificate.pk}/{step}/"

    return prepared


ACTS = {
    "panel.voted": vote,
    "decision.signed": sign,
    "certificate.reserved": issue,
    "certificate.suspended": on_a_certificate("suspend"),
    "certificate.restored": on_a_certificate("restore"),
    "certificate.withdrawn": on_a_certificate("withdraw"),
}


def at_work(user: User, periods: Clockwork) -> Client:
    """The user's browser, just after the code of the second factor."""
    user.is_demo = False
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    with_totp(user)
    browser = Client()
    sign_in(browser, user.email)
    assert browser.post(CODE_PAGE, {"code": periods.code()})["Location"] == "/desk/"
    return browser


def test_item_2_every_act_that_asks_again_is_a_step_and_stands_in_the_next_test() -> None:
    assert set(ACTS) == EVENTS
    assert {event for event in EVENTS if workflow.step_of_event(event) is None} == set()


@pytest.mark.parametrize("event", ACTS)
def test_item_2_four_minutes_fifty_nine_after_the_code_the_act_is_open_two_seconds_later_it_asks_again(
    event: str, periods: Clockwork
) -> None:
    obj, user, address = ACTS[event]()
    browser = at_work(user, periods)
    proven = clock.now()
    before = type(obj).objects.filter(pk=obj.pk).values().get()
    with clock.at(proven + timedelta(minutes=5, seconds=1)):
        for method in ("post",) if event == "certificate.reserved" else ("get", "post"):
            assert getattr(browser, method)(address)["Location"].startswith(AGAIN), method
    assert type(obj).objects.filter(pk=obj.pk).values().get() == before
    with clock.at(proven + timedelta(minutes=4, seconds=59)):
        answer = browser.post(address) if event == "certificate.reserved" else browser.get(address)
    assert "2fa" not in answer.get("Location", "")
    assert answer.status_code in {200, 302}


def test_item_2_a_wrong_code_opens_nothing_and_the_right_one_takes_up_what_was_typed(
    periods: Clockwork,
) -> None:
    certificate, head, address = ACTS["certificate.withdrawn"]()
    browser = at_work(head, periods)
    late = clock.now() + timedelta(minutes=6)
    with clock.at(late):
        form = {"ground": WITHDRAWAL_GROUNDS[0].value, "reason": "Found at the visit."}
        again = browser.post(address, form)["Location"]
        browser.post(again, {"code": "000000"})
        certificate.refresh_from_db()
        assert certificate.state == "valid"
        assert browser.get(address)["Location"].startswith(AGAIN)
        browser.post(address, form)
    periods.counter += 1
    assert browser.post(again, {"code": periods.code()}).status_code == 302
    certificate.refresh_from_db()
    assert certificate.state == "withdrawn"


def test_item_2_demo_accounts_are_not_asked(client: Client) -> None:
    _certificate, head, address = ACTS["certificate.withdrawn"]()
    client.force_login(head)
    with clock.at(clock.now() + timedelta(hours=1)):
        assert client.get(address).status_code == 200


def test_item_2_clients_are_asked_for_their_password_only_where_they_change_the_account(
    client: Client,
) -> None:
    make_account(email="client@example.org")
    sign_in(client, "client@example.org")
    assert client.get("/portal/").status_code == 200
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
