"""The reset of a password tells nobody who has an account, and its link opens one account once (item 3).

What a forged Host does to a running server stands in tests/ground/test_scripts.py.
"""

import re
import statistics
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from certbody.accounts.models import User
from tests.accounts.doors import PASSWORD, make_account, sign_in

pytestmark = pytest.mark.django_db

RESET = "/accounts/password/reset/"
OWNER = "client@example.org"
NEW = "another-long-password"
ROUNDS = 9


def asked_for(email: str = OWNER, **options: object) -> str:
    """Ask for a reset; the path of the link in the mail."""
    assert Client().post(RESET, {"email": email}, **options).status_code == 302
    found = re.search(r"http\S+", mail.outbox[-1].body)
    assert found
    return urlsplit(found.group()).path


def opens(path: str) -> bool:
    """Whether the link still leads to the form for a new password."""
    browser = Client()
    answer = browser.get(path)
    return answer.status_code == 302 and browser.get(answer["Location"]).context["form"] is not None


def test_item_3_a_reset_answers_alike_and_does_the_same_work_for_known_and_unknown_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda hasher, password, salt: hashed.append(password) or encode(hasher, password, salt),
    )
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    answers = set()
    for number in range(ROUNDS):
        make_account(email=f"known{number}@example.org")
        hashed.clear()
        for kind, taken in seconds.items():
            browser = Client(REMOTE_ADDR=f"192.0.2.{number}")
            begun = time.perf_counter()
            answer = browser.post(RESET, {"email": f"{kind}{number}@example.org"})
            taken.append(time.perf_counter() - begun)
            page = browser.get(answer["Location"])
            text = re.sub(rb'value="[^"]{64}"', b"", page.content)
            answers.add((answer.status_code, answer["Location"], answer.content, page.status_code, text))
    assert len(answers) == 1
    assert hashed == []
    assert len(mail.outbox) == 2 * ROUNDS
    difference = abs(statistics.median(seconds["known"]) - statistics.median(seconds["unknown"]))
    assert difference < 0.2, "the clock tells who has an account"


def test_item_3_a_reset_names_our_own_address_whatever_the_request_says(client: Client) -> None:
    make_account(email=OWNER)
    for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:8000", "localhost, evil.example"):
        assert client.post(RESET, {"email": OWNER}, headers={"host": host}).status_code == 400, host
    assert mail.outbox == []
    forged = {"host": "localhost", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    client.post(RESET, {"email": OWNER}, headers=forged)
    (message,) = mail.outbox
    assert re.findall(r"http\S+", message.body)
    assert {urlsplit(link).netloc for link in re.findall(r"http\S+", message.body)} == {
        urlsplit(settings.CERTBODY_URL).netloc
    }


def test_item_3_a_reset_sets_the_password_once_and_signs_nobody_in(client: Client) -> None:
    make_account(email=OWNER)
    path = asked_for()
    client.post(client.get(path)["Location"], {"password1": NEW, "password2": NEW})
    assert client.get("/accounts/sessions/").status_code == 302
    assert sign_in(Client(), OWNER, NEW)["Location"] == "/portal/"
    assert not opens(path)
    second = Client()
    answer = second.get(path, follow=True)
    second.post(answer.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.get(email=OWNER).check_password(NEW)


def test_item_3_the_link_dies_with_the_password_the_address_and_the_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = make_account(email=OWNER)
    path = asked_for()
    assert opens(path)
    user.set_password(NEW)
    user.save()
    assert not opens(path)

    path = asked_for()
    EmailAddress.objects.filter(user=user).update(email="moved@example.org")
    User.objects.filter(pk=user.pk).update(email="moved@example.org")
    assert not opens(path)

    path = asked_for("moved@example.org")
    made = default_token_generator._now()
    for minutes, is_open in ((59, True), (61, False)):
        moved = made + timedelta(minutes=minutes)
        monkeypatch.setattr(default_token_generator, "_now", lambda moved=moved: moved)
        assert opens(path) is is_open, minutes


def test_item_3_a_link_for_one_account_opens_no_other() -> None:
    make_account(email=OWNER)
    other = make_account(email="other@example.org")
    path = asked_for()
    assert opens(path)
    _owner, _dash, token = path.partition("/key/")[2].partition("-")
    assert not opens(f"{RESET}key/{user_pk_to_url_str(other)}-{token}")
