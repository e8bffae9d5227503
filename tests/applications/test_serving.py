"""Every client has a named owner at the body (docs/decisions/0017)."""

import pytest
from django.core.exceptions import ValidationError

from applications.services.serving import set_customer_service_owner
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.trail.models import Event
from tests.applications.conftest import signed_in
from tests.road.applications import begun_application, make_organisation
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def test_the_first_application_names_whoever_of_the_contracts_serves_the_fewest(client_user, stranger):
    first, second = make_user(Role.CONTRACTS), make_user(Role.CONTRACTS)
    make_user(Role.REVIEWER)
    one = begun_application(client_user).case.organisation
    two = begun_application(stranger).case.organisation
    one.refresh_from_db()
    two.refresh_from_db()
    assert [one.customer_service_owner, two.customer_service_owner] == [first.person, second.person]
    event = Event.objects.filter(name="organisation.owner_named").first()
    assert (event.actor_user, event.data) == (None, {"person": first.person_id, "before": None})


def test_without_anybody_of_the_contracts_the_review_looks_after_the_client(client_user, reviewer):
    organisation = begun_application(client_user).case.organisation
    organisation.refresh_from_db()
    assert organisation.customer_service_owner == reviewer.person


def test_an_owner_who_was_named_stays(client_user, officer, reviewer):
    organisation = make_organisation(client_user)
    assert set_customer_service_owner(organisation=organisation, person=reviewer.person, actor=officer)
    assert not set_customer_service_owner(organisation=organisation, person=reviewer.person, actor=officer)
    begun_application(client_user, organisation)
    organisation.refresh_from_db()
    assert organisation.customer_service_owner == reviewer.person
    assert Event.objects.filter(name="organisation.owner_named").count() == 1


def test_only_people_of_contracts_or_review_look_after_clients(client_user, officer, auditor):
    with pytest.raises(ValidationError, match="Only people of the contracts"):
        set_customer_service_owner(
            organisation=make_organisation(client_user), person=auditor.person, actor=officer
        )


@pytest.fixture
def page(client_user: User, officer: User) -> str:
    return f"/desk/organisations/{begun_application(client_user).case.organisation_id}/owner/"


def test_the_desk_names_another_owner_and_the_client_reads_whom_to_turn_to(
    page, client_user, officer, reviewer
):
    browser = signed_in(officer)
    case = client_user.organisations.get().cases.get()
    assert officer.person.name in browser.get(f"/desk/cases/{case.reference}/").content.decode()
    assert reviewer.person.name in browser.get(page).content.decode()
    answer = browser.post(page, {"customer_service_owner": reviewer.person_id})
    assert answer["Location"] == f"/desk/organisations/{case.organisation_id}/"
    home = signed_in(client_user).get("/portal/").content.decode()
    assert reviewer.person.name in home
    assert "010-00000000" in home


def test_a_choice_of_nobody_keeps_the_page(page, officer, auditor):
    browser = signed_in(officer)
    for choice in ("", str(auditor.person_id)):
        assert browser.post(page, {"customer_service_owner": choice}).status_code == 422


def test_other_people_cannot_name_an_owner(page, client_user, auditor):
    planner = make_user(Role.PLANNER)
    assert signed_in(planner).get(page).status_code == 403
    assert signed_in(planner).post(page).status_code == 403
    for user in (client_user, auditor):
        assert signed_in(user).get(page).status_code == 404


def test_two_who_name_an_owner_at_once_see_each_other_s_choice(page, officer, reviewer):
    browser = signed_in(officer)
    seen = browser.get(page).context["form"]["seen"].value()
    organisation = officer.person.served_organisations.get()
    set_customer_service_owner(organisation=organisation, person=reviewer.person, actor=reviewer)
    third = make_user(Role.CONTRACTS)
    answer = browser.post(page, {"customer_service_owner": third.person_id, "seen": seen})
    assert answer.status_code == 409
    assert reviewer.person.name in answer.content.decode()
