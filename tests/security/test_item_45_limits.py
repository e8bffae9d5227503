"""Whoever searches the register all the time is asked to wait; whoever knows a number is not (item 45)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client, RequestFactory

from certbody.web.limits import visitor_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _counts(settings: Any) -> Iterator[None]:
    settings.CERTBODY_LIMITS = {"search": 2, "api": 3}
    caches["limits"].clear()
    yield
    caches["limits"].clear()


def answers(client: Client, *addresses: str, visitor: str = "192.0.2.1") -> list[int]:
    return [client.get(address, REMOTE_ADDR=visitor).status_code for address in addresses]


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_item_45_the_third_search_of_a_minute_is_answered_with_a_sentence(language: str) -> None:
    client = Client(headers={"accept-language": language}, REMOTE_ADDR="192.0.2.1")
    assert answers(client, "/register/?q=甲", "/register/?q=' OR 1=1") == [200, 200]
    refused = client.get("/register/?q=美的")
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    sentence = {"en": "Please wait a minute", "zh-hans": "请等待一分钟", "zh-hant": "請等待一分鐘"}[language]
    assert sentence in refused.content.decode()


def test_item_45_pages_that_search_nothing_and_other_visitors_are_not_limited(client: Client) -> None:
    assert answers(client, *["/register/?q=甲"] * 3) == [200, 200, 429]
    assert answers(client, "/register/", "/", "/register/unknown/", "/c/unknown") == [200, 200, 404, 302]
    assert answers(client, "/register/?q=甲", visitor="192.0.2.2") == [200]


def test_item_45_the_interface_for_programs_has_its_own_limit_and_shares_that_of_the_search(
    client: Client,
) -> None:
    number, search = "/api/v1/certificates/unknown", "/api/v1/certificates?q=甲"
    assert answers(client, number, number, number, number) == [404, 404, 404, 429]
    assert answers(client, search, search, search, visitor="192.0.2.2") == [200, 200, 429]
    assert answers(client, "/register/?q=甲", visitor="192.0.2.2") == [429]
    refused = client.get(number, REMOTE_ADDR="192.0.2.1")
    assert refused.json() == {"detail": "Too many requests."}
    assert int(refused["Retry-After"]) == 60


def test_item_45_zero_sets_no_limit(client: Client, settings: Any) -> None:
    settings.CERTBODY_LIMITS = {"search": 0, "api": 0}
    assert set(answers(client, *["/api/v1/certificates?q=甲"] * 5)) == {200}


@pytest.mark.parametrize(
    ("address", "visitor"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("no address", "unknown"),
    ],
)
def test_item_45_a_limit_counts_an_address_and_of_ipv6_a_network(address: str, visitor: str) -> None:
    forged = {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    assert visitor_of(RequestFactory().get("/", **forged)) == visitor
