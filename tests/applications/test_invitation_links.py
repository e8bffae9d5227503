"""What the link of an invitation leaves behind: a cookie of its own page, and no row."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from certbody.accounts.models import Organisation, User
from tests.applications.conftest import signed_in
from tests.applications.test_members import invited, token_in_mail
from tests.kernel.rows import fingerprint
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation(client_user: User) -> Organisation:
    return make_organisation(client_user)


@pytest.mark.parametrize("token", ["a" * 64, "no secret; at all", "b" * 4000])
def test_whoever_opens_links_leaves_no_row_behind(token):
    visitor = Client()
    rows = fingerprint()
    assert visitor.get(f"/accounts/invitation/{token}/").status_code == 302
    assert visitor.get("/accounts/invitation/").status_code == 200
    assert fingerprint() == rows
    assert Session.objects.count() == 0


def test_the_secret_of_a_link_goes_to_its_own_page_alone_and_leaves_with_the_acceptance(
    client_user, organisation
):
    invitation = invited(organisation, client_user)
    newcomer = signed_in(make_user(email="new@clients.example"))
    kept = newcomer.get(f"/accounts/invitation/{token_in_mail()}/").cookies["invitation"]
    assert (kept["path"], kept["httponly"], kept["samesite"]) == ("/accounts/invitation/", True, "Lax")
    assert kept["max-age"] <= 1800
    accepted = newcomer.post("/accounts/invitation/", {"invitation": invitation.pk})
    assert (accepted.cookies["invitation"].value, accepted.cookies["invitation"]["max-age"]) == ("", 0)
