"""Whoever is signed in and turned away keeps the menu, reads why, and is led back."""

import re
import uuid

import pytest
from django.test import Client

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from tests.kernel.pages import signed_in
from tests.road.people import make_user

pytestmark = pytest.mark.django_db

WAY_BACK = re.compile(r'class="btn btn-primary" href="([^"]+)"')


@pytest.mark.parametrize(
    ("role", "address", "status"),
    [
        (Role.PLANNER, "/desk/audits/999999/", 404),
        (Role.PLANNER, "/nothing/here/", 404),
        (Role.PLANNER, "/admin/", 403),
        (Role.PLANNER, f"/files/{uuid.UUID(int=7)}/", 404),
        (None, "/portal/cases/2019-9999/", 404),
        (None, "/desk/", 404),
    ],
)
def test_the_menu_stays_and_the_button_leads_home(role: Role | None, address: str, status: int) -> None:
    home = "/desk/" if role else "/portal/"
    answer = signed_in(make_user(role) if role else make_user()).get(address)
    assert answer.status_code == status
    menu = answer.text.partition('id="menu"')[2].partition("</nav>")[0]
    assert f'href="{home}"' in menu
    assert WAY_BACK.findall(answer.text) == [home]


@pytest.fixture
def planner() -> User:
    return make_user(Role.PLANNER)


@pytest.mark.parametrize(
    ("referrer", "led_to"),
    [
        ("http://testserver//elsewhere.example/login", "/desk/"),
        ("http://testserver///elsewhere.example/", "/desk/"),
        ("http://testserver/\\elsewhere.example/", "/desk/"),
        ("http://testserver/nothing/he%72e/", "/desk/"),
        ("http://testserver/desk/cases/2026-0001/", "/desk/cases/2026-0001/"),
        ("http://testserver/desk/search/?q=a%22b", "/desk/search/?q=a%22b"),
        ("http://testserver/nothing/here/", "/desk/"),
        ("http://testserver/accounts/login/?next=/nothing/here/", "/desk/"),
        ("https://evil.example/desk/", "/desk/"),
        ("javascript:alert(1)", "/desk/"),
        ("//evil.example/", "/desk/"),
        ("", "/desk/"),
    ],
)
def test_the_button_leads_to_the_page_before_if_it_is_ours(planner: User, referrer: str, led_to: str) -> None:
    answer = signed_in(planner).get("/nothing/here/", headers={"referer": referrer})
    assert WAY_BACK.findall(answer.text) == [led_to]


def test_a_form_that_has_expired_keeps_the_menu(planner: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(planner)
    answer = browser.post("/desk/", {})
    assert answer.status_code == 403
    assert "The form has expired" in answer.text
    assert 'id="menu"' in answer.text


def test_a_stranger_reads_the_page_without_a_menu() -> None:
    answer = Client().get("/nothing/here/")
    assert answer.status_code == 404
    assert 'id="menu"' not in answer.text
