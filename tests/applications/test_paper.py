"""The application on paper: printed with what is entered, and its stamped scan."""

import pytest

from tests.applications.conftest import signed_in
from tests.applications.test_documents import url
from tests.road.applications import begun_application, picture

pytestmark = pytest.mark.django_db


def test_the_application_is_printed_with_what_is_entered_and_room_for_the_stamp(client_user, stranger):
    draft = begun_application(client_user)
    address = url(draft, "paper")
    page = signed_in(client_user).get(address).content.decode()
    for text in (draft.case.organisation.credit_code, "Company stamp (公章)", "data-print", "☐"):
        assert text in page
    assert signed_in(stranger).get(address).status_code == 404
    assert signed_in(client_user).post(address).status_code == 405


def test_a_stamped_scan_is_marked_as_one_on_both_sides(client_user, reviewer):
    draft = begun_application(client_user)
    given = {"upload": picture(), "is_stamped": "on"}
    assert signed_in(client_user).post(url(draft, "document", "application_form"), given).status_code == 302
    assert draft.documents.get().is_stamped
    for user, name, more in ((client_user, "section", ["documents"]), (reviewer, "desk_documents", [])):
        assert "with company stamp" in signed_in(user).get(url(draft, name, *more)).content.decode()
