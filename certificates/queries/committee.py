import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from audits.models import Finding, Report
from audits.states import FindingState, ReportState
from certbody import clock
from certbody.accounts.models import Authorisation, Person, User
from certbody.accounts.roles import Role
from certbody.body.queries import scheme_of
from certbody.body.settings_catalogue import LETTERHEAD, settings_of
from certbody.cases.models import Case
from certbody.permissions import Verdict, independence
from certbody.trail.chain import canonical
from certificates.models import Ballot, Certificate, Decision, Panel, Seat
from certificates.permissions import COMMITTEE_READERS, reads_decisions
from certificates.states import PUBLIC_STATES, CertificateState, DecisionState, Outcome, PanelState
from certificates.tally import Tally, Vote, count


def panels_visible_to(user: User | AnonymousUser) -> QuerySet[Panel]:
    """Panels that a user may know of: the offices of the decision see all, a member those of an own open seat."""
    if not isinstance(user, User) or not user.is_staff_member:
        return Panel.objects.none()
    panels = Panel.objects.select_related("case__organisation", "report", "decision")
    if user.has_role(*COMMITTEE_READERS):
        return panels
    return panels.filter(pk__in=Seat.objects.filter(person=user.person_id, recused_at=None).values("panel"))


def decisions_visible_to(user: User | AnonymousUser) -> QuerySet[Decision]:
    """Decisions that a user may know of; whoever may sign reads them as the head does, a client its signed ones."""
    if not isinstance(user, User) or not user.is_active:
        return Decision.objects.none()
    decisions = Decision.objects.select_related("case__organisation", "panel", "signed_by", "letter")
    if reads_decisions(user):
        return decisions
    if user.is_staff_member:
        seats = Seat.objects.filter(person=user.person_id, recused_at=None)
        return decisions.filter(Q(panel__in=seats.values("panel")) | Q(signed_by=user.person_id))
    return decisions.filter(
        state=DecisionState.SIGNED, case__organisation__in=user.organisations.values("pk")
    )


def votes_of(panel: Panel) -> list[Vote]:
    seats = panel.seats.select_related("ballot")
    return [
        Vote(
            capacity=seat.capacity,
            choice=seat.ballot.choice if hasattr(seat, "ballot") else "",
            is_recused=seat.recused_at is not None,
        )
        for seat in seats
    ]


def tally_of(panel: Panel) -> Tally:
    return count(
        votes_of(panel), quorum=panel.quorum, majority=panel.majority, chair_breaks_tie=panel.chair_breaks_tie
    )


def ballots_fingerprint(panel: Panel) -> str:
    """SHA-256 of the canonical list of the ballots (seat, choice, reason, when cast) in the order of the seats."""
    ballots = Ballot.objects.filter(seat__panel=panel).order_by("seat")
    rows = list(ballots.values_list("seat", "choice", "reason", "cast_at"))
    return hashlib.sha256(canonical(rows).encode()).hexdigest()


def signatories_for_the_head(case: Case) -> Iterable[Person]:
    """Independent people whom the head authorised to sign today; the head's own role is asked elsewhere."""
    today = clock.today()
    people = Person.objects.filter(
        authorisations__kind=Authorisation.Kind.SIGN,
        authorisations__since__lte=today,
        authorisations__until__gte=today,
    )
    return [person for person in people.distinct().order_by("pk") if independence(person, case)]


def open_panel_of(case: Case) -> Panel | None:
    return Panel.objects.filter(case=case, state=PanelState.OPEN).first()


def standing_decision(report: Report) -> Decision | None:
    """The decision about a report that was not returned."""
    return Decision.objects.filter(report=report).exclude(state=DecisionState.RETURNED).first()


def open_findings(case: Case) -> int:
    return Finding.objects.filter(case=case).exclude(state=FindingState.VERIFIED).count()


@dataclass(frozen=True)
class Candidate:
    """A member of the committee and whether a seat in this case is open to the person."""

    person: Person
    is_chair: bool
    verdict: Verdict


def candidates(case: Case) -> list[Candidate]:
    """Everybody who is a member of the committee today, the independent ones first."""
    today = clock.today()
    in_force = Q(role_assignments__until=None) | Q(role_assignments__until__gte=today)
    seated = Q(role_assignments__role__in=[Role.COMMITTEE, Role.CHAIR], role_assignments__since__lte=today)
    people = Person.objects.filter(in_force, seated).distinct().order_by("pk")
    chairs = set(
        Person.objects.filter(
            in_force, role_assignments__role=Role.CHAIR, role_assignments__since__lte=today
        ).values_list("pk", flat=True)
    )
    found = [Candidate(person, person.pk in chairs, independence(person, case)) for person in people]
    return sorted(found, key=lambda entry: not entry.verdict)


def cases_awaiting_a_panel(user: User) -> QuerySet[Report]:
    """Released reports about which no panel votes and no decision stands."""
    if not user.has_role(*COMMITTEE_READERS):
        return Report.objects.none()
    return (
        Report.objects.filter(state=ReportState.RELEASED)
        .exclude(panels__state=PanelState.OPEN)
        .exclude(decisions__state__in=[DecisionState.PROPOSED, DecisionState.TAKEN, DecisionState.SIGNED])
        .select_related("case__organisation", "audit")
        .order_by("pk")
    )


def signed_grants_without_certificate() -> QuerySet[Decision]:
    """Signed decisions to grant whose certificate is still to be issued; a void number does not count."""
    return (
        Decision.objects.filter(state=DecisionState.SIGNED, outcome=Outcome.GRANT)
        .exclude(certificates__state__in=[CertificateState.RESERVED, *PUBLIC_STATES])
        .select_related("case__organisation")
        .order_by("pk")
    )


def has_withdrawn(user: User, panel: int) -> bool:
    """Whether somebody withdrew from a panel and so does not read its file any more."""
    return Seat.objects.filter(panel__pk=panel, person=user.person_id, recused_at__isnull=False).exists()


def decision_of(panel: Panel) -> Decision | None:
    return Decision.objects.filter(panel=panel).first()


def certificate_by(decision: Decision) -> Certificate | None:
    """The certificate that was made or is being made of a decision."""
    return decision.certificates.exclude(state=CertificateState.VOID).first()


def void_numbers_of(decision: Decision) -> QuerySet[Certificate]:
    """Numbers that were reserved for a decision and never issued."""
    return decision.certificates.filter(state=CertificateState.VOID)


def letter_facts(decision: Decision) -> dict[str, Any]:
    """What the letter about a refusal prints."""
    body = settings_of([*LETTERHEAD, "approval_number", "appeal_days"])
    scheme = scheme_of(decision.case)
    return {
        "document_title": "不予认证决定书",
        "reference": decision.case.reference,
        "body_name": body["body_name"],
        "decision": decision,
        "case": decision.case,
        "organisation": decision.case.organisation,
        "signed_on": decision.signed_at.astimezone(clock.BODY_ZONE).date() if decision.signed_at else None,
        "body": body,
        "standard": scheme.standard,
    }
