"""Demo accounts have a password that everybody knows: a public body neither holds nor admits them."""

import pytest
from django.core.checks import run_checks
from django.test import Client, override_settings

from certbody.accounts.roles import Role
from tests.accounts.doors import SecurityLog, make_account, sign_in

pytestmark = pytest.mark.django_db

CLIENT = "demo@example.org"


def faults() -> list[str]:
    found = run_checks(tags=["security"], include_deployment_checks=True)
    return [message.id for message in found if message.id.startswith("accounts.")]


def test_the_check_before_deployment_names_demo_accounts_of_a_public_body() -> None:
    make_account(email=CLIENT, is_demo=True)
    assert faults() == []
    with override_settings(IS_HTTPS=True):
        assert faults() == ["accounts.E001"]


def test_a_public_body_without_demo_accounts_passes_the_check() -> None:
    make_account(Role.HEAD)
    with override_settings(IS_HTTPS=True):
        assert faults() == []


def test_a_public_body_lets_no_demo_account_in(client: Client, security_log: SecurityLog) -> None:
    user = make_account(Role.HEAD, email=CLIENT, is_demo=True)
    with override_settings(IS_HTTPS=True):
        assert sign_in(client, CLIENT)["Location"] == "/accounts/inactive/"
    assert client.get("/desk/").status_code == 302
    (line,) = security_log.lines("demo account refused")
    assert line["user"] == user.pk


def test_a_public_body_lets_real_accounts_in(client: Client) -> None:
    make_account(email="client@example.org")
    with override_settings(IS_HTTPS=True):
        assert sign_in(client, "client@example.org")["Location"] == "/portal/"
