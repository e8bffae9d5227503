"""What no page of ours asks for gets an answer, never a fault."""

import pytest
from django.test import Client

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(client: Client) -> Client:
    user: User = make_user(Role.SECRETARY)
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "address", ["/desk/cases/%00/", "/register/%00/", "/desk/search/?q=%00", "/register/?q=a%00b"]
)
def test_a_nul_in_the_address_is_a_bad_request(secretary: Client, address: str) -> None:
    assert secretary.get(address).status_code == 400


@pytest.mark.parametrize(
    "address", ["/", "/register/", "/accounts/login/", "/portal/", "/api/v1/openapi.json"]
)
def test_a_nul_in_a_cookie_is_a_bad_request(address: str) -> None:
    answer = Client(headers={"cookie": 'sessionid="\\000aaaaaaaaaaaa"'}).get(address)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "/desk/panels/{}/",
        "/desk/decisions/{}/",
        "/desk/certificates/{}/",
        "/desk/audits/{}/",
        "/steps/panel/{}/close/",
    ],
)
def test_a_number_that_no_database_holds_is_not_found(secretary: Client, address: str) -> None:
    assert secretary.get(address.format(2**63)).status_code == 404


@pytest.mark.parametrize(
    "query", ["per_page=-1", "per_page=100000", "page=-1", "page=x", "page=9999", "sort=password"]
)
@pytest.mark.parametrize(
    "address", ["/desk/applications/", "/desk/contracts/", "/desk/panels/", "/desk/certificates/"]
)
def test_a_list_answers_whatever_page_is_asked_for(secretary: Client, address: str, query: str) -> None:
    assert secretary.get(f"{address}?{query}").status_code == 200


def test_the_api_refuses_a_flood_of_bytes(client: Client) -> None:
    flood = '{"numbers": ["' + "x" * 70_000 + '"]}'
    answer = client.post("/api/v1/certificates/check", flood, content_type="application/json")
    assert answer.status_code == 413


def test_a_frame_is_refused_on_errors_too(client: Client) -> None:
    for address in ("/nothing-here/", "/desk", "/register/%00/"):
        assert client.get(address)["X-Frame-Options"] == "DENY"
