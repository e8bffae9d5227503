"""Wrong passwords and codes lock one address out of one account; its owner gets in from another (item 1)."""

import re
from datetime import UTC, datetime

import pytest
from axes.models import AccessAttempt
from django.test import Client, override_settings

from certbody.accounts.roles import Role
from tests.accounts.doors import Clockwork, SecurityLog, make_account, sign_in, with_totp

pytestmark = pytest.mark.django_db

ATTACKER, OWNER = "192.0.2.1", "192.0.2.7"
CODE_PAGE = "/accounts/2fa/authenticate/"
AGAIN = "/accounts/2fa/reauthenticate/"
ATTEMPTS = 12


def guess_passwords(email: str, **extra: str) -> list[int]:
    """Wrong passwords, each with another forged X-Forwarded-For."""
    client = Client(REMOTE_ADDR=ATTACKER)
    return [
        sign_in(client, email, "wrong", headers={"x-forwarded-for": f"10.0.0.{number}"}, **extra).status_code
        for number in range(ATTEMPTS)
    ]


@pytest.mark.parametrize(
    ("role", "door", "home"), [("", "", "/portal/"), (Role.ADMINISTRATOR, "?next=/admin/", "/admin/")]
)
def test_item_1_wrong_passwords_lock_one_address_out_and_the_owner_still_gets_in_from_another(
    role: str, door: str, home: str, security_log: SecurityLog
) -> None:
    """The door of the administrator is the same one: /admin/ has no password form of its own."""
    user = make_account(*filter(None, [role]), email="owner@example.org", is_demo=True)
    address = f"/accounts/login/{door}"
    form = {"login": "owner@example.org", "password": "a-long-password"}
    assert guess_passwords("owner@example.org") == [200] * 7 + [429] * 5
    for forged in ("192.0.2.9", OWNER, f"{OWNER}, 127.0.0.1"):
        right = Client(REMOTE_ADDR=ATTACKER).post(address, form, headers={"x-forwarded-for": forged})
        assert right.status_code == 429, forged
        assert right["Retry-After"] == "900"
    assert Client(REMOTE_ADDR=OWNER).post(address, form)["Location"] == home
    locked, refused = security_log.lines("sign-in locked"), security_log.lines("sign-in refused")
    assert {(line["user"], line["address"], line["result"]) for line in [*locked, *refused]} == {
        (user.pk, ATTACKER, "refused")
    }
    assert (len(refused), bool(locked)) == (ATTEMPTS + 3, True)
    for line in locked:
        assert abs(datetime.now(UTC) - datetime.fromisoformat(line["timestamp"])).total_seconds() < 300


def test_item_1_behind_a_declared_proxy_the_address_that_it_saw_is_counted() -> None:
    make_account(email="owner@example.org")
    with override_settings(AXES_IPWARE_PROXY_COUNT=1):
        proxy = Client(REMOTE_ADDR="127.0.0.1")
        for number in range(ATTEMPTS):
            seen = {"x-forwarded-for": f"10.0.0.{number}, {ATTACKER}"}
            answer = sign_in(proxy, "owner@example.org", "wrong", headers=seen)
        assert answer.status_code == 429
        forged = {"x-forwarded-for": f"{OWNER}, {ATTACKER}"}
        assert sign_in(proxy, "owner@example.org", headers=forged).status_code == 429
        owner = {"x-forwarded-for": f"{ATTACKER}, {OWNER}"}
        assert sign_in(proxy, "owner@example.org", headers=owner)["Location"] == "/portal/"


def test_item_1_wrong_codes_lock_one_address_out_and_the_owner_still_gets_in_from_another(
    periods: Clockwork, security_log: SecurityLog
) -> None:
    user = make_account(Role.HEAD, email="owner@example.org")
    with_totp(user)
    thief = Client(REMOTE_ADDR=ATTACKER)
    sign_in(thief, "owner@example.org")
    answers = [
        thief.post(
            CODE_PAGE, {"code": f"{number:06}"}, headers={"x-forwarded-for": f"10.0.0.{number}"}
        ).status_code
        for number in range(ATTEMPTS)
    ]
    assert answers == [200] * 7 + [429] * 5
    assert thief.post(CODE_PAGE, {"code": periods.code()}).status_code == 429
    assert sign_in(Client(REMOTE_ADDR=ATTACKER), "owner@example.org").status_code == 429
    owner = Client(REMOTE_ADDR=OWNER)
    sign_in(owner, "owner@example.org")
    assert owner.post(CODE_PAGE, {"code": periods.code()})["Location"] == "/desk/"
    assert len(security_log.lines("second factor refused")) == 8
    locked = security_log.lines("sign-in locked")
    assert {(line["user"], line["roles"][0], line["address"]) for line in locked} == {
        (user.pk, "head", ATTACKER)
    }


def test_item_1_guessing_the_code_that_is_asked_again_is_limited_too(periods: Clockwork) -> None:
    with_totp(make_account(Role.HEAD, email="owner@example.org"))
    thief = Client()
    sign_in(thief, "owner@example.org")
    thief.post(CODE_PAGE, {"code": periods.code()})
    answers = [thief.post(AGAIN, {"code": f"{number:06}"}).status_code for number in range(ATTEMPTS)]
    assert answers == [200] * 7 + [429] * 5
    periods.counter += 1
    assert thief.post(AGAIN, {"code": periods.code()}).status_code == 429


def test_item_1_codes_from_many_addresses_at_once_have_a_ceiling(
    periods: Clockwork, security_log: SecurityLog
) -> None:
    with_totp(make_account(Role.HEAD, email="owner@example.org"))
    with override_settings(ACCOUNT_RATE_LIMITS={"login_failed": "3/d/key"}):
        for number in range(4):
            thief = Client(REMOTE_ADDR=f"198.51.100.{number}")
            sign_in(thief, "owner@example.org")
            thief.post(CODE_PAGE, {"code": "000000"})
        assert thief.post(CODE_PAGE, {"code": periods.code()}).status_code == 200
    assert thief.get("/desk/").status_code == 302
    assert len(security_log.lines("second factor locked")) == 2


def test_item_1_the_lock_out_says_the_same_whether_the_account_exists() -> None:
    make_account(email="owner@example.org")
    pages = []
    for email, address in (("owner@example.org", "192.0.2.1"), ("nobody@example.org", "192.0.2.2")):
        client = Client(REMOTE_ADDR=address)
        for _attempt in range(9):
            answer = sign_in(client, email, "wrong")
        pages.append((answer.status_code, re.sub(rb'value="[^"]{64}"', b"", answer.content)))
    assert pages[0] == pages[1]
    assert b"owner@example.org" not in pages[0][1]


def test_item_1_the_admin_address_has_no_password_form_of_its_own(client: Client) -> None:
    make_account(Role.ADMINISTRATOR, email="admin@example.org")
    answer = client.post("/admin/login/", {"username": "admin@example.org", "password": "a-long-password"})
    assert answer["Location"].startswith("/accounts/login/?next=")
    assert client.get("/admin/").status_code == 302


def test_item_1_what_was_typed_is_not_kept_with_the_count(periods: Clockwork) -> None:
    with_totp(make_account(Role.HEAD, email="owner@example.org"))
    client = Client()
    sign_in(client, "owner@example.org", "a-wrong-password")
    sign_in(client, "owner@example.org")
    client.post(CODE_PAGE, {"code": "123987"})
    kept = str(list(AccessAttempt.objects.values()))
    assert AccessAttempt.objects.exists()
    assert "a-wrong-password" not in kept
    assert "123987" not in kept
