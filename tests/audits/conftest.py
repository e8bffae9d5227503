import pytest

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from tests.road.audits import make_auditor
from tests.road.people import make_organisation, make_user


@pytest.fixture
def other_auditor(db: None) -> User:
    """Qualified, but on the team of no audit."""
    return make_auditor("auditor")


@pytest.fixture
def other_client(db: None) -> User:
    user = make_user()
    make_organisation(user)
    return user


@pytest.fixture
def finance(db: None) -> User:
    """Sees every case and takes no step of an audit."""
    return make_user(Role.FINANCE)


@pytest.fixture
def quality(db: None) -> User:
    return make_user(Role.QUALITY)
