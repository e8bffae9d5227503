"""Independence is computed from what people did and declared; no role bypasses it."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import AnonymousUser

from certbody import clock
from certbody.accounts.models import Interest, InterestKind, Membership, MembershipRole
from certbody.accounts.roles import Role
from certbody.cases.models import EVALUATION, Case, Part
from certbody.cases.queries import visible_to
from certbody.cases.services import open_case, record_part
from certbody.permissions import (
    has_role,
    independence,
    is_client,
    is_independent,
    system_only,
    two_years_after,
)
from tests.road.people import make_organisation, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return open_case(organisation=make_organisation(), scheme="gbt27922-2011")


@pytest.mark.parametrize("part", sorted(EVALUATION))
def test_whoever_took_part_in_the_evaluation_is_barred(case: Case, part: str) -> None:
    person = make_person()
    assert independence(person, case)
    record_part(case=case, person=person, part=part)
    assert not independence(person, case)
    assert person.name in str(independence(person, case).reason)


@pytest.mark.parametrize("part", [Part.PLANNING, Part.APPLICATION_REVIEW, Part.TECHNICAL_REVIEW])
def test_planning_and_reviews_alone_do_not_bar(case: Case, part: str) -> None:
    person = make_person()
    record_part(case=case, person=person, part=part)
    assert independence(person, case)


def test_who_made_the_offer_is_barred_by_default(case: Case) -> None:
    person = make_person()
    record_part(case=case, person=person, part=Part.SALES)
    assert not independence(person, case)


def test_a_second_account_of_the_same_person_helps_nobody(case: Case) -> None:
    user = make_user(Role.HEAD)
    record_part(case=case, person=user.person, part=Part.STAGE_2)
    second = type(user).objects.create_user("second@example.org", "a-long-password", person=user.person)
    assert not is_independent(second, case)


def test_nobody_and_nothing_of_no_case_are_never_independent(case: Case) -> None:
    for user, obj in ((None, case), (make_user(Role.HEAD), make_organisation())):
        verdict = is_independent(user, obj)
        assert (bool(verdict), str(verdict.reason)) == (False, "This is done by a person.")


def test_whoever_has_not_signed_in_or_may_no_longer_sees_no_case(case: Case) -> None:
    head = make_user(Role.HEAD)
    assert list(visible_to(head)) == [case]
    head.is_active = False
    assert list(visible_to(head)) == []
    assert list(visible_to(AnonymousUser())) == []


def test_an_interest_bars_until_two_years_after_its_end(case: Case) -> None:
    person = make_person()
    Interest.objects.create(
        person=person,
        organisation=case.organisation,
        kind=InterestKind.CONSULTED,
        since=date(2020, 1, 1),
        until=date(2024, 3, 1),
    )
    with clock.at(date(2026, 2, 28)):
        assert not independence(person, case)
    with clock.at(date(2026, 3, 1)):
        assert independence(person, case)


def test_an_open_interest_and_a_membership_bar(case: Case) -> None:
    employee, owner = make_person(), make_person()
    Interest.objects.create(
        person=employee, organisation=case.organisation, kind=InterestKind.EMPLOYED, since=date(2020, 1, 1)
    )
    Membership.objects.create(organisation=case.organisation, person=owner, role=MembershipRole.OWNER)
    assert not independence(employee, case)
    assert not independence(owner, case)


def test_the_second_anniversary_of_a_leap_day_is_the_first_of_march() -> None:
    assert two_years_after(date(2024, 2, 29)) == date(2026, 3, 1)


def test_rules_join_and_the_first_reason_reaches_the_reader(case: Case) -> None:
    head, planner = make_user(Role.HEAD), make_user(Role.PLANNER)
    rule = (has_role(Role.HEAD) | has_role(Role.QUALITY)) & ~has_role(Role.PLANNER)
    assert rule(head, case)
    assert not rule(planner, case)
    assert "quality manager" in str(rule(planner, case).reason)


def test_only_members_are_the_client_and_only_nobody_is_the_system(case: Case) -> None:
    owner, stranger = make_user(), make_user()
    Membership.objects.create(organisation=case.organisation, person=owner.person, role=MembershipRole.OWNER)
    assert is_client(owner, case)
    assert not is_client(stranger, case)
    assert not is_client(None, case)
    assert system_only(None, case)
    assert not system_only(owner, case)


def test_a_membership_bars_until_two_years_after_its_end(case: Case) -> None:
    person = make_person()
    Membership.objects.create(
        organisation=case.organisation,
        person=person,
        role=MembershipRole.MEMBER,
        ended_at=datetime(2024, 3, 1, 4, tzinfo=UTC),
    )
    with clock.at(date(2026, 2, 28)):
        assert not independence(person, case)
    with clock.at(date(2026, 3, 1)):
        assert independence(person, case)
