"""Who could audit an applicant, and from which week on (ISO/IEC 17065, 7.3.1 e).

Computed from qualifications, offices and planned days; a bounded horizon and a fixed number of queries.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils.functional import Promise

from audits.models import Qualification, TeamMember, TeamRole
from audits.queries import QUALIFIES_FOR
from audits.services.planning import OFFICES
from audits.states import AuditState
from certbody import clock
from certbody.accounts.models import Interest, Membership, Person, RoleAssignment
from certbody.cases.models import Case
from certbody.permissions import two_years_after

HORIZON_WEEKS = 26
WORKING_DAYS = 5


@dataclass(frozen=True)
class FreePerson:
    """A qualified person; `first_free` is the Monday of the first week without a planned day, if there is one."""

    person: int
    name: str
    kind: str
    kind_label: str | Promise
    first_free: date | None
    has_interest: bool


def free_people(*, case: Case) -> list[FreePerson]:
    """Everybody who may lead, audit or advise today, the leads first, each kind by the first free week."""
    return _people(case, _monday_on_or_after(clock.today()))


def first_free_week(*, case: Case, not_before: date) -> date | None:
    """The Monday of the first week from a day on in which a lead auditor without an interest is free."""
    weeks = [
        one.first_free
        for one in _people(case, _monday_on_or_after(not_before), roles=(TeamRole.LEAD,))
        if one.first_free is not None and not one.has_interest
    ]
    return min(weeks, default=None)


def _people(case: Case, start: date, roles: Iterable[TeamRole] = tuple(TeamRole)) -> list[FreePerson]:
    qualified = _qualifications()
    offices = _offices(qualified)
    busy = _planned_days(qualified)
    barred = _barred(case, qualified)
    found = []
    for role in roles:
        rows = [
            FreePerson(
                person=person.pk,
                name=person.name,
                kind=role.value,
                kind_label=role.label,
                first_free=_first_free(held, busy.get(person.pk, set()), start),
                has_interest=person.pk in barred,
            )
            for person, held in _holders(qualified, role)
            if (person.pk, OFFICES[role].value) in offices
        ]
        found += sorted(rows, key=lambda one: (one.first_free or date.max, one.name))
    return found


def _qualifications() -> list[Qualification]:
    today = clock.today()
    rows = Qualification.objects.filter(Q(valid_until=None) | Q(valid_until__gte=today))
    return list(rows.select_related("person").order_by("person__name", "person_id"))


def _holders(rows: Iterable[Qualification], role: str) -> list[tuple[Person, list[Qualification]]]:
    held: dict[int, list[Qualification]] = defaultdict(list)
    people: dict[int, Person] = {}
    for row in rows:
        if row.kind in QUALIFIES_FOR[role]:
            held[row.person_id].append(row)
            people[row.person_id] = row.person
    return [(people[pk], rows_of) for pk, rows_of in held.items()]


def _offices(rows: Iterable[Qualification]) -> set[tuple[int, str]]:
    today = clock.today()
    assignments = RoleAssignment.objects.filter(
        Q(until=None) | Q(until__gte=today),
        person__in={row.person_id for row in rows},
        role__in=set(OFFICES.values()),
        since__lte=today,
    )
    return set(assignments.values_list("person_id", "role"))


def _planned_days(rows: Iterable[Qualification]) -> Mapping[int, set[date]]:
    """The Mondays of the weeks in which a person has a planned day in the team of a running audit."""
    members = TeamMember.objects.filter(ended_at=None, person__in={row.person_id for row in rows}).exclude(
        audit__state=AuditState.CLOSED
    )
    busy: dict[int, set[date]] = defaultdict(set)
    for person, stage1, first, last in members.values_list(
        "person_id", "audit__stage1_on", "audit__stage2_from", "audit__stage2_to"
    ):
        if stage1 is not None:
            busy[person].add(_monday_of(stage1))
        if first is not None and last is not None:
            busy[person] |= {
                _monday_of(first + timedelta(days=number)) for number in range((last - first).days + 1)
            }
    return busy


def _barred(case: Case, rows: Iterable[Qualification]) -> set[int]:
    """People whose interest in the organisation still counts, as `permissions.without_interest` judges it."""
    people, today = {row.person_id for row in rows}, clock.today()
    ends: list[tuple[int, date | None]] = list(
        Interest.objects.filter(person__in=people, organisation=case.organisation_id).values_list(
            "person_id", "until"
        )
    )
    for person, ended_at in Membership.objects.filter(
        person__in=people, organisation=case.organisation_id
    ).values_list("person_id", "ended_at"):
        ends.append((person, ended_at.astimezone(clock.BODY_ZONE).date() if ended_at else None))
    return {person for person, until in ends if until is None or two_years_after(until) > today}


def _first_free(held: Iterable[Qualification], busy: set[date], start: date) -> date | None:
    held = list(held)
    for number in range(HORIZON_WEEKS):
        monday = start + timedelta(weeks=number)
        friday = monday + timedelta(days=WORKING_DAYS - 1)
        if monday not in busy and any(row.is_valid_on(monday) and row.is_valid_on(friday) for row in held):
            return monday
    return None


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _monday_on_or_after(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)
