"""Before what the public relies on, staff prove the second factor again after five minutes (item 2)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from certbody import clock, workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.accounts.step_up import EVENTS
from certificates.models import Certificate
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


def on_a_certificate(certificate: Certificate, step: str) -> str:
    return f"/steps/certificate/{certificate.pk}/{step}/"


ACTS = {"panel.voted": vote, "decision.signed": sign, "certificate.reserved": issue}
ON_A_CERTIFICATE = {
    "certificate.suspended": "suspend",
    "certificate.restored": "restore",
    "certificate.withdrawn": "withdraw",
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


def test_item_2_every_act_that_asks_again_is_a_step_and_stands_in_the_tests_below() -> None:
    assert {*ACTS, *ON_A_CERTIFICATE} == EVENTS
    assert {event for event in EVENTS if workflow.step_of_event(event) is None} == set()


def asks_again(browser: Client, address: str, seconds: int, *methods: str) -> bool:
    """Whether every one of these methods is answered by the page for the code, so long after it was typed last."""
    proofs = [record["at"] for record in browser.session.get("account_authentication_methods", [])]
    proven = datetime.fromtimestamp(max(proofs, default=clock.now().timestamp()), UTC)
    with clock.at(proven + timedelta(seconds=seconds)):
        answers = [getattr(browser, method)(address) for method in methods]
    asked = {"/accounts/2fa/" in answer.get("Location", "") for answer in answers}
    assert {answer.status_code for answer in answers} <= {200, 302}
    assert len(asked) == 1
    return asked.pop()


@pytest.mark.parametrize("event", ACTS)
def test_item_2_four_minutes_fifty_nine_after_the_code_the_act_is_open_two_seconds_later_it_asks_again(
    event: str, periods: Clockwork
) -> None:
    obj, user, address = ACTS[event]()
    browser = at_work(user, periods)
    before = type(obj).objects.filter(pk=obj.pk).values().get()
    is_one_button = event == "certificate.reserved"
    assert asks_again(browser, address, 301, *(["post"] if is_one_button else ["get", "post"]))
    assert type(obj).objects.filter(pk=obj.pk).values().get() == before
    assert not asks_again(browser, address, 299, "post" if is_one_button else "get")


def test_item_2_suspending_restoring_and_withdrawing_ask_again_and_the_right_code_takes_up_what_was_typed(
    periods: Clockwork, client: Client
) -> None:
    certificate, head, demo = issued_certificate(), make_user(Role.HEAD), make_user(Role.HEAD)
    browser = at_work(head, periods)
    client.force_login(demo)
    for step in ("suspend", "withdraw", "restore"):
        address = on_a_certificate(certificate, step)
        if step == "restore":
            suspend = workflow.table("certificate").step("suspend")
            workflow.perform(suspend, certificate, actor=head, ground="client_request", reason="Asked for.")
        assert asks_again(browser, address, 301, "get", "post"), step
        assert not asks_again(browser, address, 299, "get"), step
        assert not asks_again(client, address, 3600, "get"), "demo accounts have no second factor"

    form = {"ground": WITHDRAWAL_GROUNDS[0].value, "reason": "Found at the visit."}
    with clock.at(clock.now() + timedelta(minutes=6)):
        again = browser.post(on_a_certificate(certificate, "withdraw"), form)["Location"]
        assert again.startswith(AGAIN)
        browser.post(again, {"code": "000000"})
        assert browser.get(on_a_certificate(certificate, "withdraw"))["Location"].startswith(AGAIN)
        certificate.refresh_from_db()
        assert certificate.state == "suspended"
        browser.post(on_a_certificate(certificate, "withdraw"), form)
    periods.counter += 1
    assert browser.post(again, {"code": periods.code()}).status_code == 302
    certificate.refresh_from_db()
    assert certificate.state == "withdrawn"


def test_item_2_clients_are_asked_for_their_password_only_where_they_change_the_account(
    client: Client,
) -> None:
    make_account(email="client@example.org")
    sign_in(client, "client@example.org")
    assert client.get("/portal/").status_code == 200
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
