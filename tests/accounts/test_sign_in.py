"""Sign-up, sign-in, sign-out, and the lock-out of wrong passwords (items 1, 3, 4, 7, 8 of the battery)."""

import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from certbody.accounts.models import Person, RoleAssignment, User
from certbody.accounts.roles import Role
from tests.accounts.doors import PASSWORD, SecurityLog, make_account, sign_in

pytestmark = pytest.mark.django_db

SIGN_UP = {"name": "陈静", "email": "chen@example.org", "password1": PASSWORD, "password2": PASSWORD}


def link_in(text: str) -> str:
    found = re.search(r"http://\S+", text)
    assert found
    return found.group().rstrip("/") + "/"


def test_sign_up_makes_the_person_and_the_account_and_asks_for_the_address_to_be_confirmed(
    client: Client,
) -> None:
    answer = client.post("/accounts/signup/", SIGN_UP, headers={"accept-language": "zh-hant"})
    assert answer.status_code == 302
    user = User.objects.get(email="chen@example.org")
    assert (user.person.name, user.language, user.is_staff_member) == ("陈静", "zh-hant", False)
    assert sign_in(client, user.email)["Location"] == "/accounts/confirm-email/"
    assert client.get("/portal/").status_code == 302


def test_the_mail_of_sign_up_leads_to_our_own_address_and_to_the_portal(client: Client) -> None:
    client.post("/accounts/signup/", SIGN_UP, headers={"accept-language": "en"})
    (message,) = mail.outbox
    assert message.subject == "Please confirm your e-mail address"
    assert not getattr(message, "alternatives", [])
    link = link_in(message.body)
    assert link.startswith(settings.CERTBODY_URL)
    assert "Is chen@example.org your address?" in client.get(urlsplit(link).path).content.decode()
    assert client.post(urlsplit(link).path).status_code == 302
    assert sign_in(client, "chen@example.org")["Location"] == "/portal/"
    assert "has been used or is too old" in client.get(urlsplit(link).path).content.decode()


def test_sign_up_with_a_known_address_looks_the_same_and_writes_to_its_owner_only(client: Client) -> None:
    make_account(email="known@example.org")
    persons = Person.objects.count()
    known = client.post("/accounts/signup/", SIGN_UP | {"email": "known@example.org"})
    assert Person.objects.count() == persons
    fresh = Client().post("/accounts/signup/", SIGN_UP)
    assert (known.status_code, known["Location"]) == (fresh.status_code, fresh["Location"])
    assert [message.to for message in mail.outbox] == [["known@example.org"], ["chen@example.org"]]
    assert mail.outbox[0].subject == "You already have an account"


def test_sign_up_hashes_one_password_whether_the_address_is_known_or_not(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing takes nearly all the time of a sign-up; where it is left out the clock tells who has an account."""
    make_account(email="known@example.org")
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def count(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    client.post("/accounts/signup/", SIGN_UP)
    for_a_fresh_one = len(hashed)
    Client().post("/accounts/signup/", SIGN_UP | {"email": "known@example.org"})
    assert (for_a_fresh_one, len(hashed)) == (1, 2)


@pytest.mark.parametrize("password", ["sevench", "password123", "chen@example.org"])
def test_item_4_a_short_common_or_personal_password_is_refused(client: Client, password: str) -> None:
    answer = client.post("/accounts/signup/", SIGN_UP | {"password1": password, "password2": password})
    assert answer.status_code == 200
    assert not User.objects.filter(email="chen@example.org").exists()


@pytest.mark.parametrize("password", ["一句话就够长了吧朋友", "x " * 60 + "end 🦊"])
def test_item_4_a_long_password_with_any_characters_is_taken_whole(client: Client, password: str) -> None:
    client.post("/accounts/signup/", SIGN_UP | {"password1": password, "password2": password})
    user = User.objects.get(email="chen@example.org")
    assert user.check_password(password)
    assert not user.check_password(password[:-1])


def test_the_language_chosen_on_the_pages_is_the_language_of_later_mails(client: Client) -> None:
    user = make_account(email="client@example.org")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hant"
    sign_in(client, user.email)
    user.refresh_from_db()
    assert user.language == "zh-hant"
    client.cookies.pop(settings.LANGUAGE_COOKIE_NAME)
    client.post("/accounts/logout/")
    sign_in(client, user.email)
    user.refresh_from_db()
    assert user.language == "zh-hant"


def test_staff_arrive_at_the_desk_and_clients_at_the_portal(client: Client) -> None:
    make_account(Role.REVIEWER, email="staff@example.org", is_demo=True)
    make_account(email="client@example.org")
    assert sign_in(client, "staff@example.org")["Location"] == "/desk/"
    assert sign_in(Client(), "Client@Example.org")["Location"] == "/portal/"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "https://evil.example/", r"\\evil.example", "https:evil.example"]
)
def test_item_30_sign_in_never_leads_to_another_host(client: Client, elsewhere: str) -> None:
    make_account(email="client@example.org")
    answer = client.post(
        "/accounts/login/", {"login": "client@example.org", "password": PASSWORD, "next": elsewhere}
    )
    assert answer["Location"] == "/portal/"


def test_item_1_wrong_passwords_lock_one_address_out_and_the_owner_still_gets_in_from_another(
    client: Client,
) -> None:
    make_account(email="owner@example.org")
    for number in range(12):
        answer = sign_in(
            client, "owner@example.org", "wrong", headers={"x-forwarded-for": f"10.0.0.{number}"}
        )
    assert answer.status_code == 429
    right = sign_in(client, "owner@example.org", headers={"x-forwarded-for": "192.0.2.9"})
    assert right.status_code == 429
    assert sign_in(Client(), "owner@example.org", REMOTE_ADDR="192.0.2.7")["Location"] == "/portal/"


def test_item_1_the_lock_out_says_the_same_whether_the_account_exists(client: Client) -> None:
    make_account(email="owner@example.org")
    pages = []
    for email, address in (("owner@example.org", "192.0.2.1"), ("nobody@example.org", "192.0.2.2")):
        for _attempt in range(9):
            answer = sign_in(client, email, "wrong", REMOTE_ADDR=address)
        pages.append((answer.status_code, re.sub(rb'value="[^"]{64}"', b"", answer.content)))
    assert pages[0] == pages[1]
    assert b"owner@example.org" not in pages[0][1]


def test_item_1_the_admin_address_has_no_password_form_of_its_own(client: Client) -> None:
    make_account(Role.ADMINISTRATOR, email="admin@example.org")
    answer = client.post("/admin/login/", {"username": "admin@example.org", "password": PASSWORD})
    assert answer["Location"].startswith("/accounts/login/?next=")
    assert client.get("/admin/").status_code == 302


def test_item_7_the_session_key_changes_when_somebody_signs_in(client: Client) -> None:
    make_account(email="client@example.org")
    client.get("/accounts/login/")
    session = client.session
    session["before"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    sign_in(client, "client@example.org")
    assert client.session.session_key != session.session_key


def test_item_8_a_session_ends_twelve_hours_after_the_sign_in(client: Client) -> None:
    make_account(email="client@example.org")
    sign_in(client, "client@example.org")
    assert client.get("/accounts/sessions/").status_code == 200
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 12 * 3600 + 1
    session.save()
    assert client.get("/accounts/sessions/")["Location"].startswith("/accounts/login/")
    assert client.session.is_empty()


def test_item_8_half_an_hour_of_silence_ends_a_session_and_a_request_puts_it_off(client: Client) -> None:
    make_account(email="client@example.org")
    sign_in(client, "client@example.org")
    assert client.session.get_expiry_age() == 30 * 60
    before = client.session["touched_at"]
    session = client.session
    session["touched_at"] = before - 61
    session.save()
    client.get("/accounts/sessions/")
    assert client.session["touched_at"] >= before


def test_item_8_a_disabled_account_is_signed_out_at_its_next_request(client: Client) -> None:
    user = make_account(email="client@example.org")
    sign_in(client, "client@example.org")
    user.is_active = False
    user.save()
    assert client.get("/accounts/sessions/")["Location"].startswith("/accounts/login/")
    user.is_active = True
    user.save()
    assert client.get("/accounts/sessions/").status_code == 302
    assert sign_in(Client(), "client@example.org")["Location"] == "/portal/"


def test_item_8_a_new_password_ends_the_other_sessions(client: Client) -> None:
    make_account(email="client@example.org")
    other = Client()
    sign_in(client, "client@example.org")
    sign_in(other, "client@example.org")
    new = "another-long-password"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert other.get("/accounts/sessions/").status_code == 302
    assert client.get("/accounts/sessions/").status_code == 200


def test_item_8_an_ended_role_closes_the_desk_at_the_next_request(client: Client) -> None:
    user = make_account(Role.REVIEWER, email="staff@example.org", is_demo=True)
    sign_in(client, "staff@example.org")
    assert client.get("/desk/settings/").status_code == 200
    RoleAssignment.objects.filter(person=user.person).delete()
    assert client.get("/desk/settings/").status_code == 404


def test_item_6_signing_out_kills_the_session_on_the_server(client: Client) -> None:
    make_account(email="client@example.org")
    sign_in(client, "client@example.org")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/accounts/logout/")
    replay = Client()
    replay.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert replay.get("/accounts/sessions/").status_code == 302


def test_item_3_a_reset_looks_the_same_for_known_and_unknown_addresses(client: Client) -> None:
    make_account(email="client@example.org")
    answers = [
        client.post("/accounts/password/reset/", {"email": email})
        for email in ("client@example.org", "no@example.org")
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, "/accounts/password/reset/done/")
    }
    assert [message.to for message in mail.outbox] == [["client@example.org"], ["no@example.org"]]


def test_item_3_a_reset_names_our_own_address_whatever_the_request_says(client: Client) -> None:
    make_account(email="client@example.org")
    evil = client.post(
        "/accounts/password/reset/", {"email": "client@example.org"}, headers={"host": "evil.example"}
    )
    assert evil.status_code == 400
    forwarded = {"host": "localhost", "x-forwarded-host": "evil.example"}
    client.post("/accounts/password/reset/", {"email": "client@example.org"}, headers=forwarded)
    (message,) = mail.outbox
    assert link_in(message.body).startswith(settings.CERTBODY_URL)


def test_item_3_a_reset_sets_the_password_once_and_signs_nobody_in(client: Client) -> None:
    make_account(email="client@example.org")
    client.post("/accounts/password/reset/", {"email": "client@example.org"})
    path = urlsplit(link_in(mail.outbox[0].body)).path
    form = client.get(path)["Location"]
    new = "another-long-password"
    client.post(form, {"password1": new, "password2": new})
    assert client.get("/accounts/sessions/").status_code == 302
    assert sign_in(Client(), "client@example.org", new)["Location"] == "/portal/"
    second = Client()
    second.get(path, follow=True)
    assert User.objects.get(email="client@example.org").check_password(new)
    assert second.post(path, {"password1": PASSWORD, "password2": PASSWORD}).status_code != 500
    assert User.objects.get(email="client@example.org").check_password(new)


def test_a_mail_server_that_refuses_fails_no_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> int:
        raise ConnectionRefusedError

    make_account(email="client@example.org")
    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    assert client.post("/accounts/password/reset/", {"email": "client@example.org"}).status_code == 302


def test_item_50_every_sign_in_refusal_and_sign_out_stands_once_in_the_security_log(
    client: Client, security_log: SecurityLog
) -> None:
    user = make_account(Role.REVIEWER, email="staff@example.org", is_demo=True)
    sign_in(client, "staff@example.org", "not-this-one", REMOTE_ADDR="192.0.2.5")
    sign_in(client, "staff@example.org", REMOTE_ADDR="192.0.2.5")
    client.post("/accounts/logout/", REMOTE_ADDR="192.0.2.5")
    for event, result in (("sign-in refused", "refused"), ("signed in", "ok"), ("signed out", "ok")):
        (line,) = security_log.lines(event)
        assert (line["user"], line["roles"], line["address"], line["result"]) == (
            user.pk,
            ["reviewer"],
            "192.0.2.5",
            result,
        )
        assert line["timestamp"].endswith("Z")
    assert "not-this-one" not in security_log.text
    assert PASSWORD not in security_log.text


def test_item_50_what_was_typed_for_an_unknown_account_is_not_written_down(
    client: Client, security_log: SecurityLog
) -> None:
    sign_in(client, "my-password-in-the-wrong-field@example.org", "wrong")
    (line,) = security_log.lines("sign-in refused")
    assert line["user"] is None
    assert "wrong-field" not in security_log.text
