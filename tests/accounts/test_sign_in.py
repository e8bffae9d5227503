"""Sign-up, sign-in and where they lead."""

import re
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from certbody.accounts.models import Person, User
from certbody.accounts.roles import Role
from tests.accounts.doors import PASSWORD, make_account, sign_in

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


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Another account has confirmed chen@example.org already."),
        ("zh-hans", "chen@example.org"),
        ("zh-hant", "chen@example.org"),
    ],
)
def test_an_address_that_another_account_confirmed_meanwhile_is_not_confirmed_twice(
    client: Client, language: str, sentence: str
) -> None:
    client.post("/accounts/signup/", SIGN_UP)
    path = urlsplit(link_in(mail.outbox[0].body)).path
    other = make_account(email="other@example.org")
    EmailAddress.objects.filter(user=other).update(email="chen@example.org")
    page = client.get(path, headers={"accept-language": language}).content.decode()
    assert sentence in page
    assert '<form method="post" action="/accounts/confirm-email' not in page
    client.post(path)
    assert not EmailAddress.objects.get(user__email="chen@example.org").verified


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


def test_a_mail_server_that_refuses_fails_no_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> int:
        raise ConnectionRefusedError

    make_account(email="client@example.org")
    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    assert client.post("/accounts/password/reset/", {"email": "client@example.org"}).status_code == 302
