"""Ways to an account that the tests of this folder share."""

import json
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from certbody.accounts import identity
from certbody.accounts.models import Person, User
from tests.road.people import make_person, make_user

PASSWORD = "a-long-password"
SECRET = "JBSWY3DPEHPK3PXP"


def make_account(*roles: str, email: str = "somebody@example.org", is_demo: bool = False) -> User:
    """An account that can sign in through the pages; not a demo account unless said so."""
    user = make_user(*roles, email=email)
    user.is_demo = is_demo
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def known_person(name: str = "") -> Person:
    """A person whose identity-document number is recorded."""
    person = make_person(name)
    person.identity_fingerprint = identity.fingerprint(str(person.pk))
    person.save()
    return person


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> HttpResponse:
    return client.post("/accounts/login/", {"login": email, "password": password}, **extra)


def with_totp(user: User) -> None:
    totp.TOTP.activate(user, SECRET)


class Clockwork:
    """Periods of the authenticator app, moved by hand so that no test runs across a change of code."""

    def __init__(self) -> None:
        self.counter = 1_000_000

    def code(self, *, periods_ago: int = 0) -> str:
        return totp.format_hotp_value(totp.hotp_value(SECRET, self.counter - periods_ago))


@pytest.fixture
def periods(monkeypatch: pytest.MonkeyPatch) -> Clockwork:
    clockwork = Clockwork()
    monkeypatch.setattr(totp, "yield_hotp_counters_from_time", lambda: iter([clockwork.counter]))
    return clockwork


class SecurityLog:
    """What was written to the security log since the test began."""

    def __init__(self) -> None:
        self._path = Path(settings.CERTBODY_HOME) / "logs" / "security.log"
        self._before = self._path.stat().st_size if self._path.exists() else 0

    @property
    def text(self) -> str:
        return self._path.read_bytes()[self._before :].decode() if self._path.exists() else ""

    def lines(self, event: str) -> list[dict[str, Any]]:
        return [line for line in map(json.loads, self.text.splitlines()) if line["event"] == event]


@pytest.fixture
def security_log() -> SecurityLog:
    return SecurityLog()
