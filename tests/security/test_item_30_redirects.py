"""Nobody is led away from this site, and nothing here asks another machine (item 30)."""

import re
import socket
import urllib.request
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from certbody.accounts.roles import Role
from tests import network
from tests.accounts.doors import PASSWORD, make_account, sign_in
from tests.matrix.pages import ROWS
from tests.road.people import make_user

ELSEWHERE = (
    "//evil.example",
    "///evil.example",
    "////evil.example/x",
    "\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://evil.example/",
    "http://evil.example/",
    "HTTPS://EVIL.EXAMPLE",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "%5c%5cevil.example",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\x01https://evil.example",
    "https://127.0.0.1:8000@evil.example/",
    "http://127.0.0.1:8000.evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://127.0.0.1/",
    "//evil.example\\@127.0.0.1:8000/",
    "/desk/\r\nLocation: https://evil.example/",
)
SOME = ELSEWHERE[:1] + ELSEWHERE[4:5] + ELSEWHERE[6:7] + ELSEWHERE[9:10] + ("javascript:alert(1)//evil",)
HOME = "http://testserver/accounts/"


def where(location: str) -> str:
    """The host that a browser goes to: it takes white space out and reads a backslash as a slash."""
    seen = re.sub(r"[\t\r\n]", "", location.strip("\x00\x01 ")).replace("\\", "/")
    scheme, host, *_rest = urlsplit(urljoin(HOME, seen))
    return host if scheme in {"http", "https"} else f"{scheme}:"


def faults_of(client: Client, method: str, address: str, **values: str) -> list[str]:
    found = []
    for elsewhere in SOME:
        given = values | {"next": elsewhere}
        answer = client.post(address, given) if method == "post" else client.get(address, given)
        location = answer.get("Location", "")
        if location and where(location) != "testserver":
            found.append(f"{elsewhere!r} → {location!r}")
        if re.search(
            r"""(?:href|action|src)=["']?\s*(?:[a-z]+:|[/\\]{2})[^"']*evil""", answer.content.decode()
        ):
            found.append(f"{elsewhere!r} is a link of the page")
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("is_signed_in", [False, True])
def test_item_30_no_page_that_takes_a_next_leads_to_another_host(is_signed_in: bool) -> None:
    client = Client(raise_request_exception=False)
    if is_signed_in:
        client.force_login(make_user(Role.HEAD))
    addresses = [
        f"/{route}"
        for route in ROWS
        if route.startswith(("accounts/", "i18n/", "home/")) and "(" not in route
    ]
    assert len(addresses) > 15
    faults = {}
    for address in addresses:
        for method in ("get", "post"):
            if found := faults_of(client, method, address, language="en"):
                faults[f"{method} {address}"] = found
            if is_signed_in and "_auth_user_id" not in client.session:
                client.force_login(make_user(Role.HEAD))
    assert faults == {}


@pytest.mark.django_db
def test_item_30_neither_the_switch_of_languages_nor_the_second_factor_leads_away() -> None:
    client = Client()
    client.force_login(make_user(Role.HEAD))
    for elsewhere in ELSEWHERE:
        answers = [
            client.post("/i18n/setlang/", {"language": "en", "next": elsewhere}),
            client.get("/i18n/setlang/", headers={"referer": elsewhere}),
            client.get("/accounts/reauthenticate/", {"next": elsewhere}),
        ]
        locations = [answer.get("Location", "/") for answer in answers]
        assert {where(location) for location in locations} == {"testserver"}, (elsewhere, locations)


@pytest.mark.django_db
def test_item_30_a_sign_in_leads_only_to_a_page_of_ours(client: Client) -> None:
    make_account(email="client@example.org")
    for elsewhere in ELSEWHERE:
        credentials = {"login": "client@example.org", "password": PASSWORD, "next": elsewhere}
        answer = client.post("/accounts/login/", credentials)
        assert (answer.status_code, where(answer["Location"])) == (302, "testserver"), elsewhere
        client.logout()
    assert sign_in(client, "client@example.org")["Location"] == "/portal/"
    client.logout()
    credentials["next"] = "/portal/certificates/"
    assert client.post("/accounts/login/", credentials)["Location"] == "/portal/certificates/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["//evil.example/..", "/%5cevil.example/x", "/desk//evil.example", "/c//evil.example"]
)
def test_item_30_an_address_without_its_last_stroke_leads_to_no_other_host(client: Client, path: str) -> None:
    location = client.get(path).get("Location", "/")
    assert where(location) == "testserver"


@pytest.mark.parametrize(
    "hostile", ["//evil.example", "/\\evil.example", "/\t/evil.example", "https:evil.example"]
)
def test_item_30_the_judge_of_this_file_knows_where_a_browser_goes(hostile: str) -> None:
    assert where("/portal/") == where("http://testserver/x") == "testserver"
    assert where(hostile) != "testserver"
    assert where("//evil.example") == where("\\/evil.example") == where("/\t/evil.example") == "evil.example"


def test_item_30_a_test_that_leaves_the_machine_is_refused_and_remembered() -> None:
    with pytest.raises(network.ForeignHostError, match=r"evil\.example"):
        urllib.request.urlopen("http://evil.example/", timeout=1)
    with pytest.raises(network.ForeignHostError, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with suppress(Exception), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"x", ("192.0.2.1", 53))
    assert [attempt.split()[-1] for attempt in network.attempts] == ["evil.example", "192.0.2.1", "192.0.2.1"]
    network.attempts.clear()


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        (None, True),
        (b"localhost", True),
        ("10.0.0.1", False),
        ("198.51.100.1", False),
        ("127.0.0.1.evil.example", False),
    ],
)
def test_item_30_only_loopback_counts_as_this_machine(host: Any, is_ours: bool) -> None:
    assert network.is_of_this_machine(host) is is_ours


def test_item_30_a_swallowed_refusal_fails_its_test_all_the_same() -> None:
    with suppress(Exception):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(
        AssertionError, match=r"tried to leave the machine: \['socket.getaddrinfo 192\.0\.2\.1'\]"
    ):
        network.refuse_attempts()
    first, second = socket.socketpair()
    first.close()
    second.close()
    network.refuse_attempts()
