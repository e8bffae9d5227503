"""People of the body: their qualifications and declared interests, each change in the trail."""

import uuid
from datetime import timedelta

import pytest

from audits.models import Qualification
from certbody import clock
from certbody.accounts.models import Interest, User
from certbody.accounts.roles import Role
from certbody.trail.models import Event
from tests.audits.pages import signed_in
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[Role.PLANNER, Role.QUALITY])
def keeper(request: pytest.FixtureRequest, db: None) -> User:
    return make_user(request.param)


def _page(user: User, part: str = "") -> str:
    return f"/desk/people/{user.person.pk}/{part}"


def _qualification(**changes: str) -> dict[str, str]:
    return {
        "kind": "lead",
        "registration": "CCAA-1",
        "valid_from": clock.today().isoformat(),
        "valid_until": "",
        **changes,
    }


def test_list_and_person_are_shown(keeper: User, other_auditor: User) -> None:
    browser = signed_in(keeper)
    assert other_auditor.person.name in browser.get("/desk/people/").content.decode()
    assert "CCAA" in browser.get(_page(other_auditor)).content.decode()


def test_a_qualification_is_added_and_ended_with_an_event_each(keeper: User, other_auditor: User) -> None:
    browser = signed_in(keeper)
    assert browser.post(_page(other_auditor, "qualifications/"), _qualification()).status_code == 302
    row = Qualification.objects.get(registration="CCAA-1")
    last = clock.today() + timedelta(days=3)
    address = _page(other_auditor, f"qualifications/{row.pk}/end/")
    assert browser.post(address, {"valid_until": last.isoformat()}).status_code == 302
    row.refresh_from_db()
    assert row.valid_until == last
    names = Event.objects.order_by("sequence").values_list("name", "actor_person")
    assert list(names) == [
        ("qualification.added", keeper.person.pk),
        ("qualification.ended", keeper.person.pk),
    ]
    added = Event.objects.get(name="qualification.added")
    assert added.object_id == str(row.pk)
    assert "CCAA-1" not in added.data.values()


def test_an_interest_is_declared_with_an_event(keeper: User, other_auditor: User) -> None:
    organisation = make_organisation()
    data = {"organisation": str(organisation.pk), "kind": "trained", "since": clock.today().isoformat()}
    assert signed_in(keeper).post(_page(other_auditor, "interests/"), data).status_code == 302
    assert Interest.objects.get().organisation == organisation
    assert Event.objects.get().name == "interest.declared"


def test_item_36_a_page_that_arrives_twice_declares_one_interest(keeper: User, other_auditor: User) -> None:
    data = {
        "organisation": str(make_organisation().pk),
        "kind": "trained",
        "since": clock.today().isoformat(),
        "submission": str(uuid.uuid4()),
    }
    for _arrival in range(2):
        assert signed_in(keeper).post(_page(other_auditor, "interests/"), data).status_code == 302
    assert Interest.objects.count() == 1


@pytest.mark.parametrize("part", ["", "qualifications/", "qualifications/1/end/", "interests/"])
def test_only_planner_and_quality_manager_keep_people(
    part: str, other_auditor: User, other_client: User
) -> None:
    for user, status in ((other_auditor, 403), (make_user(Role.HEAD), 403), (other_client, 404)):
        browser = signed_in(user)
        answer = browser.post(_page(other_auditor, part)) if part else browser.get(_page(other_auditor))
        assert answer.status_code == status
        assert browser.get("/desk/people/").status_code == status


def test_other_methods_are_refused(keeper: User, other_auditor: User) -> None:
    browser = signed_in(keeper)
    assert browser.post("/desk/people/").status_code == 405
    assert browser.post(_page(other_auditor)).status_code == 405
    for part in ("qualifications/", "qualifications/1/end/", "interests/"):
        assert browser.get(_page(other_auditor, part)).status_code == 405


def test_a_person_who_never_worked_for_the_body_is_not_found(keeper: User, other_client: User) -> None:
    assert signed_in(keeper).get(_page(other_client)).status_code == 404


@pytest.mark.parametrize(
    ("part", "data"),
    [
        ("qualifications/", _qualification(valid_until="2001-01-01")),
        ("qualifications/", _qualification(registration="")),
        ("interests/", {"kind": "trained", "since": "2026-01-01"}),
    ],
)
def test_what_is_incomplete_or_in_the_wrong_order_is_refused(
    part: str, data: dict[str, str], other_auditor: User
) -> None:
    keeper = make_user(Role.PLANNER)
    assert signed_in(keeper).post(_page(other_auditor, part), data).status_code == 422
    assert not Event.objects.exists()


def test_a_qualification_of_somebody_else_is_not_ended_through_this_page(other_auditor: User) -> None:
    keeper, row = make_user(Role.PLANNER), Qualification.objects.get(person=other_auditor.person)
    address = _page(keeper, f"qualifications/{row.pk}/end/")
    assert signed_in(keeper).post(address, {"valid_until": clock.today().isoformat()}).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_database_equally_often(number: int, django_assert_num_queries: object) -> None:
    keeper = make_user(Role.PLANNER)
    for _person in range(number):
        make_user(Role.AUDITOR)
    browser = signed_in(keeper)
    browser.get("/desk/people/")
    with django_assert_num_queries(11):  # type: ignore[operator]  # pytest-django's fixture is untyped
        browser.get("/desk/people/")
