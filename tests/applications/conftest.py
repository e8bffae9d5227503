import pytest
from django.test import Client

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from tests.road.people import make_user


@pytest.fixture
def client_user(db: None) -> User:
    return make_user(email="client@clients.example")


@pytest.fixture
def stranger(db: None) -> User:
    """A client of another organisation."""
    return make_user(email="client2@clients.example")


@pytest.fixture
def reviewer(db: None) -> User:
    return make_user(Role.REVIEWER, name="审核员")


@pytest.fixture
def officer(db: None) -> User:
    return make_user(Role.CONTRACTS, name="合同员")


@pytest.fixture
def auditor(db: None) -> User:
    """Works for the body, but has nothing to do with applications."""
    return make_user(Role.AUDITOR)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser
