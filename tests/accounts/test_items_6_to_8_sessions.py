"""What a session leaves behind (item 6), what it is known by (item 7), when it ends (item 8)."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client, override_settings

from certbody import clock
from certbody.accounts import services
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.accounts.templatetags.browsers import browser_name
from tests.accounts.doors import PASSWORD, Clockwork, make_account, sign_in, with_totp
from tests.ground.sources import ROOT

pytestmark = pytest.mark.django_db

OWNER = "client@example.org"
CODE_PAGE = "/accounts/2fa/authenticate/"
OWN_PAGE = "/accounts/sessions/"


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def is_signed_in(client: Client) -> bool:
    return client.get(OWN_PAGE).status_code == 200


def test_item_6_no_answer_to_somebody_signed_in_is_kept_by_a_cache(client: Client) -> None:
    make_account(email=OWNER)
    pages = {"before": client.get("/accounts/login/"), "sign-in": sign_in(client, OWNER)}
    for address in (
        "/",
        "/portal/",
        "/home/",
        "/register/",
        "/register/nothing/",
        "/nothing/",
        "/desk/",
        OWN_PAGE,
    ):
        pages[address] = client.get(address)
    pages["csrf"] = Client(enforce_csrf_checks=True, headers={"cookie": f"sessionid={key_of(client)}"}).post(
        "/portal/"
    )
    pages["sign-out"] = client.post("/accounts/logout/")
    assert {
        name for name, answer in pages.items() if "no-store" not in answer.get("Cache-Control", "")
    } == set()
    assert {pages[name].status_code for name in ("/register/nothing/", "/desk/", "csrf")} == {404, 403}


def test_item_6_signing_out_kills_the_session_on_the_server_and_clears_the_browser(client: Client) -> None:
    make_account(email=OWNER)
    sign_in(client, OWNER)
    cookie = key_of(client)
    assert "Clear-Site-Data" not in client.get("/portal/")
    answer = client.post("/accounts/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/")
    replay = Client()
    replay.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert not is_signed_in(replay)
    assert not Session.objects.filter(session_key=cookie).exists()
    assert not UserSession.objects.exists() or not UserSession.objects.get().exists()


def test_item_7_the_session_gets_another_key_with_the_password_the_code_and_the_code_asked_again(
    client: Client, periods: Clockwork
) -> None:
    with_totp(make_account(Role.HEAD, email=OWNER))
    client.get("/accounts/login/")
    session = client.session
    session["before"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    keys = [key_of(client)]
    sign_in(client, OWNER)
    keys.append(key_of(client))
    client.post(CODE_PAGE, {"code": periods.code()})
    keys.append(key_of(client))
    periods.counter += 1
    client.post("/accounts/2fa/reauthenticate/", {"code": periods.code()})
    keys.append(key_of(client))
    assert len(set(keys)) == 4
    assert set(Session.objects.values_list("session_key", flat=True)) == {keys[-1]}
    assert client.get("/desk/").status_code == 200
    assert UserSession.objects.get().session_key == keys[-1], "the list of sessions still knows this one"


def test_item_7_a_key_that_somebody_chose_is_never_taken_over(client: Client) -> None:
    make_account(email=OWNER)
    chosen = "fixed0fixed0fixed0fixed0fixed0aa"
    client.cookies[settings.SESSION_COOKIE_NAME] = chosen
    client.get("/accounts/login/")
    sign_in(client, OWNER)
    assert is_signed_in(client)
    assert key_of(client) != chosen
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = chosen
    assert not is_signed_in(thief)


SHOW = """
import json
from certbody import settings
names = [name for name in vars(settings) if name.startswith(("SESSION_COOKIE", "CSRF_COOKIE", "LANGUAGE_COOKIE"))]
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def declared_at(url: str, home: Any) -> dict[str, Any]:
    """The settings of cookies that a body at this address starts with."""
    ran = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env={"CERTBODY_URL": url, "CERTBODY_HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout)


@pytest.mark.parametrize(
    ("url", "session_name", "csrf_name", "is_secure"),
    [
        ("https://body.example", "__Host-sessionid", "__Host-csrftoken", True),
        ("http://127.0.0.1:8000", "sessionid", "csrftoken", False),
    ],
)
def test_item_7_the_flags_of_the_cookies(
    url: str, session_name: str, csrf_name: str, is_secure: bool, tmp_path: Any
) -> None:
    make_account(email=OWNER)
    browser = Client()
    with override_settings(**declared_at(url, tmp_path)):
        browser.get("/accounts/login/")
        sign_in(browser, OWNER)
        cookies = {name: browser.cookies[name] for name in (session_name, csrf_name)}
        browser.post("/i18n/setlang/", {"language": "zh-hant"})
        language = browser.cookies[settings.LANGUAGE_COOKIE_NAME]
    for name, cookie in cookies.items():
        assert (bool(cookie["secure"]), cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
            is_secure, True, "Lax", "/", ""
        ), name  # fmt: skip
    assert (bool(language["secure"]), language["samesite"]) == (is_secure, "Lax")


def test_item_8_thirty_one_minutes_of_silence_end_a_session_and_a_request_puts_the_end_off(
    client: Client,
) -> None:
    make_account(email=OWNER)
    sign_in(client, OWNER)

    def silence(minutes: int) -> None:
        Session.objects.update(expire_date=F("expire_date") - timedelta(minutes=minutes))

    silence(29)
    with clock.at(clock.now() + timedelta(minutes=29)):
        assert is_signed_in(client)
    silence(29)
    assert is_signed_in(client)
    silence(31)
    assert not is_signed_in(client)


def test_item_8_twelve_hours_after_the_sign_in_a_session_ends_whatever_happened_in_it(client: Client) -> None:
    make_account(email=OWNER)
    sign_in(client, OWNER)
    begun = clock.now()
    with clock.at(begun + timedelta(hours=11, minutes=59)):
        assert is_signed_in(client)
    with clock.at(begun + timedelta(hours=12, minutes=1)):
        assert not is_signed_in(client)
    assert client.session.is_empty()


def disable(user: User, _elsewhere: Client) -> None:
    user.is_active = False
    user.save()


def change_the_password(_user: User, elsewhere: Client) -> None:
    new = "another-long-password"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert elsewhere.post("/accounts/password/change/", form).status_code == 302
    assert is_signed_in(elsewhere)


def end_the_others(_user: User, elsewhere: Client) -> None:
    assert elsewhere.post(OWN_PAGE).status_code == 302
    assert is_signed_in(elsewhere)


@pytest.mark.parametrize("happens", [disable, change_the_password, end_the_others])
def test_item_8_the_next_request_of_the_session_is_refused(
    client: Client, happens: Callable[[User, Client], None]
) -> None:
    user = make_account(email=OWNER)
    elsewhere = Client(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"})
    sign_in(client, OWNER)
    sign_in(elsewhere, OWNER)
    assert is_signed_in(client)
    happens(user, elsewhere)
    assert client.get("/portal/")["Location"].startswith("/accounts/login/")


def test_item_8_an_account_that_was_disabled_opens_again_only_by_signing_in(client: Client) -> None:
    user = make_account(email=OWNER)
    sign_in(client, OWNER)
    disable(user, client)
    assert not is_signed_in(client)
    user.is_active = True
    user.save()
    assert not is_signed_in(client)
    assert sign_in(Client(), OWNER)["Location"] == "/portal/"


def test_item_8_an_ended_role_closes_the_desk_at_the_next_request(client: Client) -> None:
    user = make_account(email=OWNER, is_demo=True)
    role = services.add_role(
        person=user.person, role=Role.REVIEWER, actor=None, since=clock.today() - timedelta(days=9)
    )
    sign_in(client, OWNER)
    assert client.get("/desk/settings/").status_code == 200
    services.end_role(role, actor=None, until=clock.today() - timedelta(days=1))
    assert client.get("/desk/settings/").status_code == 404


def test_item_8_the_list_of_sessions_names_them_and_ends_the_others(client: Client) -> None:
    make_account(email=OWNER)
    sign_in(client, OWNER, REMOTE_ADDR="192.0.2.1")
    other = Client(headers={"user-agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X) Safari/605"})
    sign_in(other, OWNER, REMOTE_ADDR="192.0.2.2")
    page = client.get(OWN_PAGE).content.decode()
    assert "192.0.2.1" in page
    assert "192.0.2.2" in page
    assert "Safari · macOS" in page
    assert page.count("This browser") == 1
    assert 'action="/accounts/sessions/"' in page
    client.post(OWN_PAGE)
    assert 'action="/accounts/sessions/"' not in client.get(OWN_PAGE).content.decode()
    assert "192.0.2.2" not in client.get(OWN_PAGE).content.decode()
    assert not is_signed_in(other)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0 Safari/604.1",
            "WeChat · iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("curl/8", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_item_8_a_session_is_named_as_its_owner_knows_the_browser(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
