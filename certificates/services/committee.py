"""Effects of the steps of panels and decisions; each runs inside the transaction of its step."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from certbody import clock
from certbody.accounts.models import Person, User
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import settings_of
from certbody.cases.models import SEAT_ON_PANEL, Case
from certbody.cases.services import end_access, grant_access
from certbody.desk.services import close_tasks
from certbody.files.models import StoredFile
from certbody.outbox.services import promise_job
from certbody.permissions import independence
from certbody.workflow import Facts, Missing, NotReady, WrongState, perform, table
from certificates.models import Ballot, Decision, Panel, Seat
from certificates.permissions import authorisation_of, seat_of
from certificates.queries.committee import ballots_fingerprint, tally_of
from certificates.states import Capacity, Choice, Outcome, grades_up_to

OPEN_TASK = "panel.open"
LETTER_JOB = "decision.letter"
LEAST_SEATS = 3


def least_seats() -> int:
    """How many members a panel needs at the least: the quorum of the settings, and never fewer than three."""
    quorum: int = settings_of(["quorum"])["quorum"]
    return max(LEAST_SEATS, quorum)


def open_panel(
    panel: Panel, *, actor: User, outcome: str, grade: str, reasons: str, members: Iterable[Person]
) -> Facts:
    """Seat at least as many independent members as the quorum asks, three at the least, and put the motion."""
    settings = settings_of(["quorum", "majority", "chair_breaks_tie"])
    people = list(dict.fromkeys(members))
    least = least_seats()
    refuse_unfit(panel.case, people)
    computed = panel.report.audit.grade
    if outcome == Outcome.GRANT and grade not in grades_up_to(computed):
        raise NotReady(_("A motion grants at most the computed grade."))
    if len(people) < least:
        raise NotReady(
            _("The panel needs at least %(count)s independent members.") % {"count": least},
            (
                Missing(
                    ngettext("%(count)s member is chosen.", "%(count)s members are chosen.", len(people))
                    % {"count": len(people)}
                ),
            ),
        )
    panel.session = Panel.objects.filter(case=panel.case).count() + 1
    panel.motion_outcome, panel.motion_reasons = outcome, reasons
    panel.motion_grade = grade if outcome == Outcome.GRANT else ""
    panel.quorum, panel.majority = settings["quorum"], settings["majority"]
    panel.chair_breaks_tie = settings["chair_breaks_tie"]
    panel.opened_by, panel.opened_at = actor.person, clock.now()
    panel.save()
    for person in people:
        seat_member(panel, person)
    _close_tasks_that_asked_for_a_panel(panel)
    return {
        "session": panel.session,
        "outcome": outcome,
        "grade": grade,
        "quorum": panel.quorum,
        "seats": [person.pk for person in people],
    }


def _close_tasks_that_asked_for_a_panel(panel: Panel) -> None:
    close_tasks(kinds=[OPEN_TASK], obj=panel.report)
    for earlier in panel.case.panels.exclude(pk=panel.pk):
        close_tasks(kinds=["panel.reopen"], obj=earlier)
    for decision in panel.case.decisions.all():
        close_tasks(kinds=["decision.reopen"], obj=decision)


def refuse_unfit(case: Case, people: Iterable[Person]) -> None:
    """Raise with one line a person who is not a member of the committee or not independent."""
    today = clock.today()
    unfit = []
    for person in people:
        roles = person.role_assignments.filter(role__in=[Role.COMMITTEE, Role.CHAIR], since__lte=today)
        if not any(entry.until is None or entry.until >= today for entry in roles):
            unfit.append(Missing(_("%(person)s is not a member of the committee.") % {"person": person.name}))
        elif not (verdict := independence(person, case)):
            unfit.append(Missing(verdict.reason))
    if unfit:
        raise NotReady(_("These people cannot sit on this panel."), tuple(unfit))


def seat_member(panel: Panel, person: Person) -> Seat:
    """Give a person a seat; the first one who chairs the committee today takes the chair."""
    today = clock.today()
    chairs = person.role_assignments.filter(role=Role.CHAIR, since__lte=today)
    is_chair = any(entry.until is None or entry.until >= today for entry in chairs)
    is_free = not panel.seats.filter(capacity=Capacity.CHAIR).exists()
    capacity = Capacity.CHAIR if is_chair and is_free else Capacity.MEMBER
    grant_access(case=panel.case, person=person, ground=SEAT_ON_PANEL)
    return Seat.objects.create(panel=panel, person=person, capacity=capacity)


def add_member(panel: Panel, *, actor: User | None, member: Person) -> Facts:
    """Seat one more member, such as for one who withdrew."""
    refuse_unfit(panel.case, [member])
    if panel.seats.filter(person=member).exists():
        raise WrongState(_("%(person)s already has a seat on this panel.") % {"person": member.name})
    return {"seat": seat_member(panel, member).pk, "person": member.pk}


def recuse(panel: Panel, *, actor: User | None, reason: str) -> Facts:
    """A member withdraws before voting; the seat stays in the record and counts for nothing."""
    seat = _open_seat(panel, actor)
    seat.recused_at, seat.recusal_reason = clock.now(), reason
    seat.save(update_fields=["recused_at", "recusal_reason"])
    end_access(case=panel.case, person=seat.person, ground=SEAT_ON_PANEL)
    close_tasks(kinds=["panel.vote"], obj=panel, person=seat.person)
    return {"seat": seat.pk}


def vote(panel: Panel, *, actor: User | None, choice: str, reason: str) -> Facts:
    """Cast the one final ballot of a seat; the event says that it was cast and not how."""
    seat = _open_seat(panel, actor)
    Ballot.objects.create(seat=seat, choice=Choice(choice), reason=reason, cast_at=clock.now())
    close_tasks(kinds=["panel.vote"], obj=panel, person=seat.person)
    return {"seat": seat.pk}


def _open_seat(panel: Panel, actor: User | None) -> Seat:
    seat = seat_of(actor, panel)
    if seat is None or seat.recused_at is not None:
        raise WrongState(_("You have no open seat on this panel."))
    if hasattr(seat, "ballot"):
        raise WrongState(_("You have already voted; a vote is final."))
    return seat


def close_panel(panel: Panel, *, actor: User | None) -> Facts:
    """Count the ballots once, under the lock of the case; what a carried motion asks for is decided next."""
    tally = tally_of(panel)
    panel.closed_at, panel.carried = clock.now(), tally.is_carried
    panel.votes_for, panel.votes_against, panel.abstained = (
        tally.votes_for,
        tally.votes_against,
        tally.abstained,
    )
    panel.save(update_fields=["closed_at", "carried", "votes_for", "votes_against", "abstained"])
    for seat in panel.seats.filter(recused_at=None).select_related("person"):
        end_access(case=panel.case, person=seat.person, ground=SEAT_ON_PANEL)
    return {
        "carried": tally.is_carried,
        "for": tally.votes_for,
        "against": tally.votes_against,
        "abstained": tally.abstained,
        "seats": tally.seats,
        "quorum": panel.quorum,
        "ballots_sha256": ballots_fingerprint(panel),
    }


def decide(panel: Panel) -> Decision:
    """Take the decision that a carried motion asks for."""
    decision = Decision(
        case=panel.case,
        panel=panel,
        report=panel.report,
        outcome=panel.motion_outcome,
        grade=panel.motion_grade,
        reasons=panel.motion_reasons,
        taken_on=clock.today(),
    )
    taken: Decision = perform(table("decision").step("take"), decision, actor=None)
    return taken


def take_decision(decision: Decision, *, actor: User | None) -> Facts:
    decision.save()
    return {"panel": decision.panel_id, "outcome": decision.outcome, "grade": decision.grade}


def sign(decision: Decision, *, actor: User) -> Facts:
    """The head signs, or a delegate under a dated authorisation; a refusal makes its letter."""
    is_head = actor.has_role(Role.HEAD)
    decision.signed_by, decision.signed_at = actor.person, clock.now()
    decision.authorisation = None if is_head else authorisation_of(actor)
    decision.save(update_fields=["signed_by", "signed_at", "authorisation"])
    if decision.outcome == Outcome.REFUSE:
        promise_job(kind=LETTER_JOB, obj=decision, case=decision.case)
    facts: dict[str, Any] = {"outcome": decision.outcome, "grade": decision.grade}
    if decision.authorisation is not None:
        facts["authorisation"] = decision.authorisation.pk
    return facts


def return_decision(decision: Decision, *, actor: User | None, reason: str) -> Facts:
    """Back to the committee with a reason; the panel stays closed and a new one votes."""
    decision.return_reason = reason
    decision.save(update_fields=["return_reason"])
    return {"outcome": decision.outcome, "grade": decision.grade}


def file_letter(decision: Decision, *, actor: User | None, letter: StoredFile) -> Facts:
    if decision.letter_id is not None:
        raise WrongState(_("The letter of this decision is filed already."))
    decision.letter = letter
    decision.save(update_fields=["letter"])
    return {"file": str(letter.pk), "sha256": letter.sha256}
