"""Team, dates and mode of an audit; every change makes a new version that client and regulator must learn of."""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits import queries
from audits.models import Audit, Conclusion, TeamMember, TeamRole
from audits.stage1_state import stage1_link
from audits.states import AuditState
from certbody import clock, facts
from certbody.accounts.models import Person, User
from certbody.accounts.roles import Role
from certbody.body.queries import confirmed_scheme
from certbody.body.settings_catalogue import setting
from certbody.cases.models import Part
from certbody.cases.services import end_access, grant_access, record_part
from certbody.desk.services import Audience, close_tasks, open_task
from certbody.permissions import without_interest
from certbody.workflow import NotReady, WrongState

Sentence = str | Promise
TEAM_ACCESS = "team"
OPEN_TASK = "audit.open"
CONCLUDE_TASK = "audit.stage1"
_LEAD_TASKS = (CONCLUDE_TASK, "audit.begin_stage1", "audit.stage2", "audit.supplied")
_DECIDING = (Part.TECHNICAL_REVIEW, Part.VOTE, Part.SIGNATURE)
OFFICES: dict[str, Role] = {
    TeamRole.LEAD: Role.AUDITOR,
    TeamRole.AUDITOR: Role.AUDITOR,
    TeamRole.EXPERT: Role.EXPERT,
}


def open_audit(audit: Audit, *, actor: User) -> dict[str, Any]:
    """Open the audit and pin the confirmed scoring table of this day to the case."""
    confirmed = confirmed_scheme(audit.case.scheme)
    if confirmed is None:
        raise NotReady(_("No confirmed scoring table exists."))
    scheme, _table = confirmed
    case = audit.case
    case.scheme_version, case.scheme_hash = scheme.version, scheme.hash
    case.save(update_fields=["scheme_version", "scheme_hash"])
    audit.stage1_mode = setting("stage1_mode_default")
    audit.save(force_insert=True)
    close_tasks(kinds=[OPEN_TASK], obj=audit.contract)
    return {
        "contract": audit.contract.number,
        "scheme": scheme.id,
        "scheme_version": scheme.version,
        "scheme_hash": scheme.hash,
    }


def _new_version(audit: Audit) -> int:
    audit.plan_version += 1
    return audit.plan_version


def plan(
    audit: Audit,
    *,
    actor: User,
    mode: str,
    stage1_mode: str,
    stage1_on: date,
    stage2_from: date,
    stage2_to: date,
    plan_note: str = "",
) -> dict[str, Any]:
    """Set dates and mode; the client confirms what changed."""
    audit.mode, audit.stage1_mode, audit.plan_note = mode, stage1_mode, plan_note
    audit.stage1_on, audit.stage2_from, audit.stage2_to = stage1_on, stage2_from, stage2_to
    version = _new_version(audit)
    audit.save()
    return {
        "version": version,
        "mode": mode,
        "stage1_mode": stage1_mode,
        "stage1_on": stage1_on,
        "stage2_from": stage2_from,
        "stage2_to": stage2_to,
    }


def obstacles(audit: Audit, person: Person, role: str) -> Iterator[Sentence]:
    """Yield why a person cannot take a place in the team, one sentence a reason."""
    names = {"person": person.name, "role": TeamRole(role).label}
    team = {member.person_id: member for member in queries.team_of(audit)}
    if person.pk in team:
        yield _("%(person)s is on the team already.") % names
    if role == TeamRole.LEAD and any(member.role == TeamRole.LEAD for member in team.values()):
        yield _("The audit has a lead auditor already; dismiss that one first.")
    yield from unfitness(audit, person, role)


def unfitness(audit: Audit, person: Person, role: str) -> Iterator[Sentence]:
    """Yield why a person may not audit this client on the planned days, appointed or not."""
    names = {"person": person.name, "role": TeamRole(role).label}
    today = clock.today()
    offices = person.role_assignments.filter(role=OFFICES[role], since__lte=today)
    if not any(office.until is None or office.until >= today for office in offices):
        yield _("%(person)s does not hold the role “%(office)s” with the body today.") % {
            **names,
            "office": OFFICES[role].label,
        }
    days = queries.days_of(audit)
    if queries.qualification_for(person, role, days) is None:
        yield _(
            "%(person)s has no qualification as %(role)s that is valid on every day from %(first)s to %(last)s."
        ) % {**names, "first": min(days).isoformat(), "last": max(days).isoformat()}
    interest = without_interest(person, audit.case)
    if not interest:
        yield interest.reason
    decides = audit.case.involvements.filter(person=person, part__in=_DECIDING).exists()
    if decides or any(facts.ask("sits_on_panel", case=audit.case, person=person)):
        yield _("%(person)s takes part in the decision on this case and cannot evaluate it.") % names


def appoint(audit: Audit, *, actor: User, person: Person, role: str) -> dict[str, Any]:
    """Give a qualified person without an interest a place in the team (ISO/IEC 17065, 4.2 and 6.1)."""
    reasons = list(obstacles(audit, person, role))
    qualification = queries.qualification_for(person, role, queries.days_of(audit))
    if reasons or qualification is None:
        raise NotReady(reasons[0])
    member = TeamMember.objects.create(
        audit=audit, person=person, role=role, qualification=qualification, appointed_at=clock.now()
    )
    grant_access(case=audit.case, person=person, ground=TEAM_ACCESS)
    if audit.state in {AuditState.STAGE1, AuditState.NOT_READY}:
        record_evaluator(member, Part.STAGE_1)
        if role == TeamRole.LEAD and audit.stage1_conclusion != Conclusion.READY:
            open_conclusion(audit, person)
    version = _new_version(audit)
    audit.save(update_fields=["plan_version"])
    return {
        "member": member.pk,
        "person": person.pk,
        "role": role,
        "qualification": qualification.pk,
        "version": version,
    }


def record_evaluator(member: TeamMember, part: Part) -> None:
    """A place in the team of a running audit is part in the evaluation, whatever he did (ISO/IEC 17065 7.5, 7.6)."""
    taken = Part.EXPERTISE if member.role == TeamRole.EXPERT else part
    record_part(case=member.audit.case, person=member.person, part=taken)


def open_conclusion(audit: Audit, lead: Person) -> None:
    """Stage 1 waits for the lead auditor to conclude it."""
    to = Audience(person=lead)
    open_task(kind=CONCLUDE_TASK, obj=audit, case=audit.case, to=to, path=stage1_link(audit))


def keep_plan(audit: Audit, *, actor: User) -> dict[str, Any]:
    """Leave the plan as it is although the amended contract has other person-days."""
    return {
        "version": audit.plan_version,
        "contract": audit.contract.number,
        "person_days": str(audit.contract.person_days),
    }


def dismiss(audit: Audit, *, actor: User, member: TeamMember) -> dict[str, Any]:
    """End a place in the team; what the person did stays recorded."""
    member.ended_at = clock.now()
    member.save(update_fields=["ended_at"])
    end_access(case=audit.case, person=member.person, ground=TEAM_ACCESS)
    close_tasks(kinds=_LEAD_TASKS, obj=audit, person=member.person)
    version = _new_version(audit)
    audit.save(update_fields=["plan_version"])
    return {"member": member.pk, "person": member.person_id, "role": member.role, "version": version}


def propose(audit: Audit, *, actor: User) -> dict[str, Any]:
    """Send team and plan to the client for confirmation."""
    audit.proposed_version, audit.proposed_at, audit.objection = audit.plan_version, clock.now(), ""
    audit.save(update_fields=["proposed_version", "proposed_at", "objection"])
    return {"version": audit.plan_version, **_dates(audit)}


def remind(audit: Audit, *, actor: User) -> dict[str, Any]:
    """Write to the client once more about the plan that waits for an answer."""
    return {"version": audit.plan_version, **_dates(audit)}


def _dates(audit: Audit) -> dict[str, Any]:
    return {"stage1_on": audit.stage1_on, "stage2_from": audit.stage2_from, "stage2_to": audit.stage2_to}


def _check_version(audit: Audit, version: int) -> None:
    if audit.plan_version != version:
        raise WrongState(
            _("Team or plan changed after you opened this page. Please look at the plan again, then answer.")
        )


def confirm(audit: Audit, *, actor: User, version: int) -> dict[str, Any]:
    """Record that the client agrees to team and plan of the version that the page showed."""
    _check_version(audit, version)
    audit.confirmed_version, audit.confirmed_by, audit.confirmed_at = audit.plan_version, actor, clock.now()
    audit.save(update_fields=["confirmed_version", "confirmed_by", "confirmed_at"])
    return {"version": audit.plan_version}


def object_to_plan(audit: Audit, *, actor: User, version: int, reason: str) -> dict[str, Any]:
    """Record the client's objection to the plan that the page showed; it must be proposed again."""
    _check_version(audit, version)
    audit.objection, audit.proposed_version = reason, None
    audit.save(update_fields=["objection", "proposed_version"])
    return {"version": version}


def replan(audit: Audit, *, actor: User, reason: str) -> dict[str, Any]:
    """Take a confirmed plan back into planning; it must be confirmed and reported again."""
    audit.plan_change_reason = reason
    version = _new_version(audit)
    audit.save(update_fields=["plan_change_reason", "plan_version"])
    return {"version": version}


def report_plan(audit: Audit, *, actor: User, reported_on: date, reference: str) -> dict[str, Any]:
    """Record that the plan as it stands now was reported to the regulator (docs/decisions/0017)."""
    audit.reported_version, audit.regulator_reported_on = audit.plan_version, reported_on
    audit.regulator_reference = reference
    audit.save(update_fields=["reported_version", "regulator_reported_on", "regulator_reference"])
    digest = hashlib.sha256(reference.encode()).hexdigest()
    return {"version": audit.plan_version, "reported_on": reported_on, "reference_sha256": digest}
