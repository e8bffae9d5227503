from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, Q, QuerySet

from applications.models import Contract
from applications.queries.arithmetic import figures
from audits.models import (
    Audit,
    Finding,
    FindingAnswer,
    Qualification,
    QualificationKind,
    Report,
    TeamMember,
    TeamRole,
)
from audits.states import FindingState, ReportState
from certbody import clock
from certbody.accounts.models import Interest, Person, User
from certbody.cases import queries as cases
from certbody.cases.models import Case
from certbody.desk.services import is_waiting
from certbody.trail.queries import happened_today

REMINDED = "audit.client_reminded"
DAYS_CHANGED = "audit.days_changed"
QUALIFIES_FOR: dict[str, tuple[str, ...]] = {
    TeamRole.LEAD: (QualificationKind.LEAD,),
    TeamRole.AUDITOR: (QualificationKind.AUDITOR, QualificationKind.LEAD),
    TeamRole.EXPERT: (QualificationKind.EXPERT,),
}


def visible_to(user: User | AnonymousUser) -> QuerySet[Audit]:
    """Audits of the cases that a user may know of."""
    return Audit.objects.filter(case__in=cases.visible_to(user)).select_related("case__organisation")


def findings_visible_to(user: User | AnonymousUser) -> QuerySet[Finding]:
    return Finding.objects.filter(case__in=cases.visible_to(user)).select_related(
        "case__organisation", "audit"
    )


def reports_visible_to(user: User | AnonymousUser) -> QuerySet[Report]:
    """Reports of the cases that a user may know of; a client knows of a report once it is released."""
    reports = Report.objects.filter(case__in=cases.visible_to(user)).select_related(
        "case__organisation", "audit"
    )
    if isinstance(user, User) and user.is_staff_member:
        return reports
    return reports.filter(state=ReportState.RELEASED)


def released_report(case: Case) -> Report | None:
    """The report of a case that the committee may read; None while none is released."""
    return Report.objects.filter(case=case, state=ReportState.RELEASED).select_related("audit", "pdf").first()


def audit_of_case(case: Case) -> Audit | None:
    return Audit.objects.filter(case=case).select_related("case__organisation").first()


def team_of(audit: Audit) -> QuerySet[TeamMember]:
    """The open team, the lead first."""
    return audit.team.filter(ended_at=None).select_related("person", "qualification").order_by("-role", "id")


def lead_of(audit: Audit) -> Person | None:
    member = audit.team.filter(ended_at=None, role=TeamRole.LEAD).select_related("person").first()
    return member.person if member else None


def was_reminded_today(audit: Audit) -> bool:
    """Whether the client was reminded of the plan today, in the body's zone."""
    return happened_today(audit, REMINDED)


def is_on_open_team(user: User, audit: Audit) -> bool:
    return audit.team.filter(ended_at=None, person_id=user.person_id).exists()


@dataclass(frozen=True)
class ChangedDays:
    """An amended contract with other person-days, at which the planner has not looked yet."""

    contract: Contract
    old: str
    new: str


def changed_days(audit: Audit) -> ChangedDays | None:
    """What the planner still has to fit the plan to."""
    contract = audit.contract
    if contract.amends_id is None or not is_waiting(DAYS_CHANGED, audit):
        return None
    old = contract.amends.person_days if contract.amends else contract.person_days
    return ChangedDays(contract, figures(old), figures(contract.person_days))


def days_of(audit: Audit) -> list[date]:
    """The planned days of both stages, today while none is planned."""
    days = [audit.stage1_on] if audit.stage1_on else []
    if audit.stage2_from and audit.stage2_to:
        length = (audit.stage2_to - audit.stage2_from).days + 1
        days += [audit.stage2_from + timedelta(days=number) for number in range(length)]
    return days or [clock.today()]


def qualification_for(person: Person, role: str, days: Iterable[date]) -> Qualification | None:
    """A qualification of the person for a place in the team that is valid on every one of the days."""
    wanted = list(days)
    rows = person.qualifications.filter(kind__in=QUALIFIES_FOR[role])
    return next((row for row in rows if all(row.is_valid_on(day) for day in wanted)), None)


@dataclass(frozen=True)
class Candidate:
    """A person who holds a qualification that could fit a place in the team."""

    person: Person
    qualifications: tuple[Qualification, ...]

    def __str__(self) -> str:
        kinds = dict.fromkeys(str(row.get_kind_display()) for row in self.valid_today)
        return " · ".join([self.person.name, *kinds])

    @property
    def valid_today(self) -> list[Qualification]:
        return [row for row in self.qualifications if row.is_valid_on(clock.today())]


def candidates() -> list[Candidate]:
    """People with a qualification for the team, in the order of their names."""
    kinds = {kind for fitting in QUALIFIES_FOR.values() for kind in fitting}
    return _with_qualifications(Person.objects.filter(qualifications__kind__in=kinds))


def people() -> list[Candidate]:
    """Everybody who has or had a role or a qualification with the body, with all qualifications."""
    return _with_qualifications(_people_of_the_body())


def people_with_interests() -> QuerySet[Person]:
    """The same people, each with qualifications and declared interests, the newest interest first."""
    interests = Interest.objects.select_related("organisation").order_by("-since", "-id")
    found = _people_of_the_body().distinct()
    return found.prefetch_related("qualifications", Prefetch("interests", interests))


def _people_of_the_body() -> QuerySet[Person]:
    return Person.objects.filter(Q(role_assignments__isnull=False) | Q(qualifications__isnull=False))


def _with_qualifications(found: QuerySet[Person]) -> list[Candidate]:
    ordered = found.distinct().order_by("name", "id").prefetch_related("qualifications")
    return [Candidate(person, tuple(person.qualifications.all())) for person in ordered]


def findings_of(audit: Audit) -> QuerySet[Finding]:
    """Findings of an audit with their answers and evidence, oldest first."""
    answers = FindingAnswer.objects.select_related("person").prefetch_related("files")
    return audit.findings.select_related("verified_by", "case").prefetch_related(
        Prefetch("answers", queryset=answers)
    )


def open_findings(audit: Audit) -> QuerySet[Finding]:
    return audit.findings.exclude(state=FindingState.VERIFIED)
