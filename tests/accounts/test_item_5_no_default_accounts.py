"""A fresh body has no account; demo accounts, whose password everybody knows, stay on loopback (item 5).

A fresh body of script/server, and its refusal to bind anything but loopback, stand in tests/ground/test_scripts.py.
"""

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.test import Client, override_settings

from certbody.accounts.models import Person, User
from certbody.accounts.roles import Role
from tests.accounts.doors import SecurityLog, make_account, sign_in

pytestmark = pytest.mark.django_db

CLIENT = "demo@example.org"


def faults() -> list[str]:
    found = run_checks(tags=["security"], include_deployment_checks=True)
    return [message.id for message in found if message.id.startswith("accounts.")]


def test_item_5_a_fresh_body_has_no_account_and_no_usual_name_opens_it() -> None:
    """The test database is what the migrations leave behind."""
    assert not User.objects.exists()
    assert not Person.objects.exists()
    for name in ("admin", "root", "admin@example.org", "admin@demo.example", "head@demo.example"):
        for password in ("admin", settings.CERTBODY_DEMO_PASSWORD):
            client = Client()
            assert sign_in(client, name, password).status_code == 200, name
    assert client.get("/desk/").status_code == 302


def test_item_5_the_check_before_deployment_names_demo_accounts_of_a_public_body() -> None:
    make_account(email=CLIENT, is_demo=True)
    assert faults() == []
    with override_settings(IS_HTTPS=True):
        assert faults() == ["accounts.E001"]


def test_item_5_a_public_body_without_demo_accounts_passes_the_check() -> None:
    make_account(Role.HEAD)
    with override_settings(IS_HTTPS=True):
        assert faults() == []


def test_item_5_a_public_body_lets_no_demo_account_in(client: Client, security_log: SecurityLog) -> None:
    user = make_account(Role.HEAD, email=CLIENT, is_demo=True)
    with override_settings(IS_HTTPS=True):
        assert sign_in(client, CLIENT)["Location"] == "/accounts/inactive/"
    assert client.get("/desk/").status_code == 302
    (line,) = security_log.lines("demo account refused")
    assert line["user"] == user.pk


def test_item_5_a_public_body_lets_real_accounts_in(client: Client) -> None:
    make_account(email="client@example.org")
    with override_settings(IS_HTTPS=True):
        assert sign_in(client, "client@example.org")["Location"] == "/portal/"
