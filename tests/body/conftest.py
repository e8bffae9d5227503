import pytest

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from tests.road.people import make_user


@pytest.fixture
def head() -> User:
    return make_user(Role.HEAD, name="赵总")


@pytest.fixture
def quality() -> User:
    return make_user(Role.QUALITY, name="钱经理")
