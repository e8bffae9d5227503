"""What this floor adds to the floors below: follow-ups, facts, jobs, checks, panels, menu entries and forms."""

import uuid
from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Contract
from audits import availability, forms, jobs, panels, scoring, verification
from audits.models import Audit, Conclusion, Finding, Report
from audits.queries import audit_of_case, lead_of
from audits.services.closing import new_finding
from audits.services.planning import OPEN_TASK, open_conclusion
from audits.services.reports import PDF_JOB
from audits.services.stage1 import clear_conclusion
from audits.stage1_state import accepted_exclusions
from audits.stages import stages_of
from audits.states import FINISHED, AuditState
from audits.transitions import AUDIT, FINDING, REPORT
from audits.transitions.planning import DAYS_TASK, STAGE2_TASK
from certbody import facts, workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Case
from certbody.desk.services import Audience, close_tasks, open_for, open_task, register_kind
from certbody.outbox.services import handles
from certbody.scheme.marks import Excluded
from certbody.trail import verify
from certbody.trail.models import Event
from certbody.web import navigation
from certbody.web.panels import register as register_panel
from certbody.workflow import Missing

# names the submission of the marks that stage 2 takes over from stage 1, so that they are recorded once
_TAKEN_OVER = uuid.UUID("5b1a7f0e-3d3c-5a44-9c0e-27922d20c0de")


def _reason_of_change(case: Case) -> str:
    """What the lead auditor wrote when headcount, sites or scope differed from the application."""
    audit = audit_of_case(case)
    return audit.change_reason if audit else ""


def _contract_accepted(contract: Contract, _actor: User | None, _event: Event) -> None:
    """The planner opens the audit; one that is open already goes on under the changed contract."""
    audit = audit_of_case(contract.case)
    if audit is None:
        path = reverse("audits:open", args=[contract.case.reference])
        to = Audience(role=Role.PLANNER)
        if contract.amends is not None:
            close_tasks(kinds=[OPEN_TASK], obj=contract.amends)
        open_task(kind=OPEN_TASK, obj=contract, case=contract.case, to=to, path=path)
        return
    before, audit.contract = audit.contract, contract
    audit.save(update_fields=["contract"])
    if before.person_days != contract.person_days and audit.state not in FINISHED:
        open_for(DAYS_TASK, audit, audit.case)


def _audit_is_not_scored(application: Application, _actor: User | None) -> Iterator[Missing]:
    """A score stands for the facts that were audited: what changes after it is a change of the certificate."""
    if Audit.objects.filter(case=application.case_id, state__in=FINISHED).exists():
        yield Missing(
            _(
                "The audit of this case is scored already: what has changed since is applied for as a change of the "
                "certificate, once there is one."
            )
        )


def _ground_of_stage1_has_gone(application: Application, _actor: User | None, _event: Event) -> None:
    """What stage 1 concluded rested on the facts that the client now changes (domain.md 6.5)."""
    audit = audit_of_case(application.case)
    if audit is None or audit.stage1_conclusion != Conclusion.READY or audit.state != AuditState.STAGE1:
        return
    clear_conclusion(audit)
    close_tasks(kinds=[STAGE2_TASK.kind], obj=audit)
    lead = lead_of(audit)
    if lead is not None:
        open_conclusion(audit, lead)


def _exclusions_taken_over(audit: Audit, actor: User, _event: Event) -> None:
    """The exclusions accepted at stage 1 are the first marks of the sheet."""
    for row in accepted_exclusions(audit):
        scoring.record_mark(
            audit,
            actor=actor,
            clause=row.clause,
            mark=Excluded(row.reason),
            submission=uuid.uuid5(_TAKEN_OVER, f"{audit.pk} {row.clause}"),
            seen=None,
        )


def _sheet_closed(audit: Audit, actor: User, _event: Event) -> None:
    """Each special deduction becomes a finding of its own, and the report is begun."""
    for special in scoring.open_sheet(audit).specials:
        if not Finding.objects.filter(deduction=special).exists():
            workflow.perform(FINDING.step("raise"), new_finding(audit, special), actor=actor)
    if not Report.objects.filter(audit=audit).exists():
        workflow.perform(REPORT.step("draft"), Report(audit=audit, case=audit.case), actor=actor)


def _report_released(report: Report, _actor: User | None, _event: Event) -> None:
    workflow.perform(AUDIT.step("close"), report.audit, actor=None)


def _sees_audits(user: User) -> bool:
    return user.has_role(
        Role.PLANNER,
        Role.AUDITOR,
        Role.EXPERT,
        Role.TECHNICAL_REVIEWER,
        Role.QUALITY,
        Role.HEAD,
        Role.INSPECTOR,
    )


def _keeps_people(user: User) -> bool:
    return user.has_role(Role.PLANNER, Role.QUALITY)


def _menu() -> None:
    navigation.register(
        "desk",
        navigation.Entry(
            label=_("Audits"), url_name="audits:list", icon="clipboard-check", order=40, allowed=_sees_audits
        ),
    )
    navigation.register(
        "desk",
        navigation.Entry(
            label=_("People"), url_name="audits:people", icon="users", order=80, allowed=_keeps_people
        ),
    )


def register() -> None:
    """Called once the models are loaded."""
    register_kind(OPEN_TASK, _("Open the audit"))
    for event in ("application.change_told", "application.change_taken_up"):
        workflow.add_guard(event, _audit_is_not_scored)
    workflow.follow("application.change_taken_up", _ground_of_stage1_has_gone)
    workflow.follow("contract.accepted", _contract_accepted)
    workflow.follow("contract.accepted_on_paper", _contract_accepted)
    workflow.follow("audit.stage2_begun", _exclusions_taken_over)
    workflow.follow("audit.sheet_closed", _sheet_closed)
    workflow.follow("report.released", _report_released)
    handles(PDF_JOB, jobs.make_report_pdf)
    facts.answer("stages", stages_of)
    facts.answer("reason_of_reopening", _reason_of_change)
    facts.answer("capacity", panels.capacity_note)
    facts.answer("free_people", availability.free_people)
    facts.answer("first_free_week", availability.first_free_week)
    verify.register(verification.scores, order=30)
    verify.register(verification.reports, order=31)
    register_panel("desk_case", panels.desk_case, order=30)
    register_panel("portal_case", panels.portal_case, order=30)
    register_panel("desk_home", panels.my_audits, order=30)
    _menu()
    forms.register()
