"""The second factor of staff (item 2 of the battery)."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client

from certbody.accounts.adapter import MFAAdapter
from certbody.accounts.models import RoleAssignment
from certbody.accounts.roles import Role
from tests.accounts.doors import PASSWORD, SECRET, Clockwork, SecurityLog, make_account, sign_in, with_totp

pytestmark = pytest.mark.django_db

STAFF = "staff@example.org"
CODE_PAGE = "/accounts/2fa/authenticate/"
ACTIVATE = "/accounts/2fa/totp/activate/"


@pytest.mark.parametrize("role", list(Role))
def test_item_2_nobody_on_the_staff_sees_a_page_before_the_second_factor(client: Client, role: Role) -> None:
    make_account(role, email=STAFF)
    sign_in(client, STAFF)
    for page in ("/desk/", "/desk/settings/", "/admin/", "/portal/", "/home/"):
        answer = client.get(page)
        assert answer.status_code == 302, page
        assert answer["Location"].startswith("/accounts/2fa/totp/activate/"), page
    assert client.post("/desk/scoring-tables/begin/")["Location"].startswith("/accounts/2fa/")


def test_item_2_clients_and_demo_accounts_need_none(client: Client) -> None:
    make_account(email="client@example.org")
    make_account(Role.REVIEWER, email="demo@example.org", is_demo=True)
    sign_in(client, "client@example.org")
    assert "2fa" not in client.get("/portal/").headers.get("Location", "")
    other = Client()
    sign_in(other, "demo@example.org")
    assert other.get("/desk/settings/").status_code == 200


def test_item_2_the_language_the_sign_out_and_the_public_files_stay_reachable(client: Client) -> None:
    make_account(Role.HEAD, email=STAFF)
    sign_in(client, STAFF)
    assert client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})["Location"] == "/"
    assert client.get("/accounts/sessions/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302


def activate(client: Client, periods: Clockwork) -> None:
    """Switch the authenticator app on through the pages, with a secret that the test knows."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get(ACTIVATE)
    assert b"data:image/svg+xml" in page.content
    session = client.session
    session[totp.SECRET_SESSION_KEY] = SECRET
    session.save()
    assert client.post(ACTIVATE, {"code": periods.code()}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_item_2_switching_the_second_factor_on_opens_the_desk_at_once(
    client: Client, periods: Clockwork
) -> None:
    make_account(Role.HEAD, email=STAFF)
    sign_in(client, STAFF)
    assert client.get(ACTIVATE)["Location"].startswith("/accounts/reauthenticate/")
    activate(client, periods)
    assert client.get("/desk/settings/").status_code == 200
    assert client.get("/accounts/2fa/recovery-codes/").status_code == 200
    assert mail.outbox[-1].subject == "The second factor is active"


@pytest.mark.django_db(transaction=True)
def test_item_50_a_new_second_factor_stands_in_the_security_log(
    client: Client, periods: Clockwork, security_log: SecurityLog
) -> None:
    user = make_account(Role.HEAD, email=STAFF)
    sign_in(client, STAFF)
    activate(client, periods)
    added = [(line["user"], line["kind"]) for line in security_log.lines("second factor added")]
    assert sorted(added) == [(user.pk, "recovery_codes"), (user.pk, "totp")]
    assert SECRET not in security_log.text


def test_item_2_a_code_opens_the_desk_and_works_once(client: Client, periods: Clockwork) -> None:
    with_totp(make_account(Role.HEAD, email=STAFF))
    assert sign_in(client, STAFF)["Location"] == CODE_PAGE
    assert client.get("/desk/settings/")["Location"].startswith("/accounts/login/")
    assert client.post(CODE_PAGE, {"code": periods.code()})["Location"] == "/desk/"
    assert client.get("/desk/settings/").status_code == 200
    replay = Client()
    sign_in(replay, STAFF)
    assert replay.post(CODE_PAGE, {"code": periods.code()}).status_code == 200
    assert replay.get("/desk/settings/").status_code == 302


def test_item_2_the_code_of_the_period_before_is_refused(
    client: Client, periods: Clockwork, security_log: SecurityLog
) -> None:
    with_totp(make_account(Role.HEAD, email=STAFF))
    sign_in(client, STAFF)
    assert client.post(CODE_PAGE, {"code": periods.code(periods_ago=1)}).status_code == 200
    assert client.get("/desk/settings/").status_code == 302
    (line,) = security_log.lines("second factor refused")
    assert (line["roles"], line["result"]) == (["head"], "refused")


def test_item_2_a_reset_password_does_not_replace_the_second_factor(
    client: Client, periods: Clockwork
) -> None:
    with_totp(make_account(Role.HEAD, email=STAFF))
    client.post("/accounts/password/reset/", {"email": STAFF})
    path = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word).split(
        "127.0.0.1:8000"
    )[1]
    new = "another-long-password"
    client.post(client.get(path)["Location"], {"password1": new, "password2": new})
    assert client.get("/desk/settings/").status_code == 302
    assert sign_in(client, STAFF, new)["Location"] == CODE_PAGE


def test_item_2_a_recovery_code_works_once_and_is_not_readable_in_the_database(client: Client) -> None:
    user = make_account(Role.HEAD, email=STAFF)
    with_totp(user)
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    assert code not in str(list(Authenticator.objects.values_list("data", flat=True)))
    sign_in(client, STAFF)
    assert client.post(CODE_PAGE, {"code": code})["Location"] == "/desk/"
    second = Client()
    sign_in(second, STAFF)
    assert second.post(CODE_PAGE, {"code": code}).status_code == 200


def test_item_2_the_secret_of_the_app_is_encrypted_at_rest() -> None:
    user = make_account(Role.HEAD, email=STAFF)
    with_totp(user)
    stored = Authenticator.objects.get(user=user).data["secret"]
    assert SECRET not in stored
    assert MFAAdapter().decrypt(stored) == SECRET


def test_staff_cannot_switch_the_second_factor_off_and_clients_can(client: Client) -> None:
    staff = make_account(Role.HEAD, email=STAFF)
    with_totp(staff)
    owner = make_account(email="client@example.org")
    with_totp(owner)
    adapter = MFAAdapter()
    assert not adapter.can_delete_authenticator(Authenticator.objects.get(user=staff))
    assert adapter.can_delete_authenticator(Authenticator.objects.get(user=owner))


def test_a_session_from_before_the_second_factor_is_asked_for_it(client: Client) -> None:
    user = make_account(email=STAFF)
    sign_in(client, STAFF)
    with_totp(user)
    RoleAssignment.objects.create(person=user.person, role=Role.HEAD)
    assert client.get("/desk/settings/")["Location"].startswith("/accounts/2fa/reauthenticate/")
