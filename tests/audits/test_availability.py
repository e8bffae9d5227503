"""Can we do it: who is qualified, in office and free, from which week on."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audits.availability import HORIZON_WEEKS, first_free_week, free_people
from audits.models import Audit, TeamMember
from certbody import clock, facts
from certbody.accounts.models import Interest, RoleAssignment
from certbody.cases.services import open_case
from tests.road.audits import make_auditor, planned_audit, qualify
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db
SUNDAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)
QUERIES = 5


@pytest.fixture
def case():
    return open_case(organisation=make_organisation(), scheme="gbt27922-2011")


@pytest.fixture(autouse=True)
def on_sunday():
    with clock.at(SUNDAY):
        yield


def lead(**dates):
    return make_auditor("lead", **dates)


def free_on(case, user, kind="lead"):
    return next(
        (
            one.first_free
            for one in free_people(case=case)
            if (one.person, one.kind) == (user.person_id, kind)
        ),
        "unknown",
    )


def plan(user, first, last=None, stage1=None, state="confirmed"):
    """The person stands in a team whose days are planned."""
    audit = planned_audit().audit
    Audit.objects.filter(pk=audit.pk).update(
        stage1_on=stage1, stage2_from=first, stage2_to=last or first, state=state
    )
    qualification = user.person.qualifications.first()
    return TeamMember.objects.create(
        audit=audit, person=user.person, role="auditor", qualification=qualification
    )


def test_who_has_nothing_planned_is_free_from_the_coming_monday(case):
    user = lead()
    assert free_on(case, user) == MONDAY
    assert free_on(case, user, "auditor") == MONDAY  # a lead auditor may audit too
    assert free_on(case, user, "expert") == "unknown"


def test_a_week_with_a_planned_day_of_either_stage_is_not_free(case):
    user = lead()
    plan(user, MONDAY + timedelta(days=12), MONDAY + timedelta(days=14), stage1=MONDAY + timedelta(days=4))
    assert free_on(case, user) == MONDAY + timedelta(weeks=3)


def test_places_that_ended_and_audits_that_closed_keep_nobody_busy(case):
    user, other = lead(), lead()
    member = plan(user, MONDAY)
    TeamMember.objects.filter(pk=member.pk).update(ended_at=clock.now())
    plan(other, MONDAY)
    assert (free_on(case, user), free_on(case, other)) == (MONDAY, MONDAY + timedelta(weeks=1))


def test_a_qualification_must_hold_for_the_whole_week(case):
    short, late = lead(until=3), lead(since=10, until=None)
    assert free_on(case, short) is None
    assert free_on(case, late) == MONDAY + timedelta(weeks=2)


def test_who_lost_the_office_or_the_qualification_is_not_named(case):
    gone, expired = lead(), lead(until=-1)
    RoleAssignment.objects.filter(person=gone.person).delete()
    assert free_on(case, gone) == free_on(case, expired) == "unknown"


def test_beyond_the_horizon_nothing_is_said(case):
    user = lead()
    plan(user, MONDAY, MONDAY + timedelta(weeks=HORIZON_WEEKS))
    assert free_on(case, user) is None


def test_who_has_an_interest_is_named_as_barred_and_does_not_set_the_first_week(case):
    barred, busy = lead(), lead()
    Interest.objects.create(
        person=barred.person,
        organisation=case.organisation,
        kind="trained",
        since=date(2024, 1, 1),
        until=date(2025, 1, 1),
    )
    plan(busy, MONDAY)
    found = {one.person: one.has_interest for one in free_people(case=case)}
    assert (found[barred.person_id], found[busy.person_id]) == (True, False)
    assert first_free_week(case=case, not_before=SUNDAY) == MONDAY + timedelta(weeks=1)
    with clock.at(date(2027, 1, 1)):  # the two years are over
        assert not next(one for one in free_people(case=case) if one.person == barred.person_id).has_interest


def test_the_first_week_begins_on_the_day_asked_for_or_the_monday_after(case):
    assert first_free_week(case=case, not_before=SUNDAY) is None
    lead()
    assert first_free_week(case=case, not_before=MONDAY) == MONDAY
    assert first_free_week(case=case, not_before=MONDAY + timedelta(days=1)) == MONDAY + timedelta(weeks=1)


def test_lower_floors_ask_by_facts(case):
    user = lead()
    (people,) = facts.ask("free_people", case=case)
    assert [one.name for one in people if one.kind == "lead"] == [user.person.name]
    assert facts.ask("first_free_week", case=case, not_before=MONDAY) == [MONDAY]


def test_the_number_of_queries_does_not_grow_with_the_people(case):
    asked = []
    for more in (1, 2):
        for _number in range(more):
            user = make_user("auditor")
            qualify(user, "auditor")
            plan(user, MONDAY)
        with CaptureQueriesContext(connection) as queries:
            free_people(case=case)
        asked.append(len(queries))
    assert asked == [QUERIES, QUERIES]
