"""What is missing before a step, in sentences with links."""

from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from applications.queries import current_contract
from audits import queries, scoring, stage1_state
from audits.models import Audit, Conclusion, Report
from audits.services import planning
from audits.states import AuditState, ReportState
from certbody.accounts.models import User
from certbody.body.queries import confirmed_scheme, scheme_of
from certbody.scheme.faults import SheetFaults
from certbody.workflow import Missing, Sentence


def _unmet(conditions: Iterable[stage1_state.Condition]) -> Iterator[Missing]:
    for condition in conditions:
        if not condition.is_met:
            yield Missing(condition.missing, condition.link)


def can_open(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    contract = current_contract(audit.case)
    if contract is None or contract.pk != audit.contract_id:
        yield Missing(_("The contract is not accepted by the client, or the application is in review again."))
    if confirmed_scheme(audit.case.scheme) is None:
        yield Missing(
            _("No confirmed scoring table exists: the head and the quality manager must confirm one first.")
        )


def unfit_members(audit: Audit) -> Iterator[Sentence]:
    for member in queries.team_of(audit):
        yield from planning.unfitness(audit, member.person, member.role)


def dates_are_set(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    if not (audit.stage1_on and audit.stage2_from and audit.stage2_to and audit.mode and audit.stage1_mode):
        yield Missing(_("Dates and mode are not set."), reverse("audits:detail", args=[audit.pk]))


def somebody_is_appointed(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    if not queries.team_of(audit).exists():
        yield Missing(_("Nobody is appointed yet."))


def plan_is_complete(audit: Audit, actor: User | None) -> Iterator[Missing]:
    page = reverse("audits:detail", args=[audit.pk])
    if queries.lead_of(audit) is None:
        yield Missing(_("No lead auditor is appointed."), page)
    yield from dates_are_set(audit, actor)
    for sentence in unfit_members(audit):
        yield Missing(sentence, page)


def plan_page(audit: Audit) -> str:
    """Where the planner sets dates and mode."""
    return reverse("step", args=["audit", audit.pk, "plan"])


def can_propose(audit: Audit, actor: User | None) -> Iterator[Missing]:
    yield from plan_is_complete(audit, actor)
    if audit.day_over:
        yield Missing(_("A planned day has passed: set new dates first."), plan_page(audit))
    if audit.is_plan_proposed:
        yield Missing(_("The client has this plan already."))
    elif audit.is_plan_confirmed:
        yield Missing(_("The client has confirmed this plan already."))


def can_remind(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    if not audit.is_plan_unanswered:
        yield Missing(_("The client has no plan that waits for an answer."))
    elif audit.day_missed:
        yield Missing(
            _("A planned day has passed: set new dates first, then send the plan to the client again."),
            plan_page(audit),
        )
    elif queries.was_reminded_today(audit):
        yield Missing(_("The client was reminded today; the next reminder can go out tomorrow."))


def can_confirm(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    if not audit.is_plan_proposed:
        yield Missing(_("The plan is being changed; you will get the new one to confirm."))
    elif audit.is_plan_confirmed:
        yield Missing(_("You have confirmed this plan already."))


def can_object(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    if not audit.is_plan_proposed or audit.is_plan_confirmed:
        yield Missing(_("There is no plan that waits for your answer."))


def can_report_plan(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    if not audit.is_plan_confirmed:
        yield Missing(_("The client has not confirmed team and plan as they stand now."))


def days_have_changed(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    if queries.changed_days(audit) is None:
        yield Missing(_("The person-days have not changed since the plan was looked at."))


def can_begin_stage1(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    page = reverse("audits:detail", args=[audit.pk])
    contract = current_contract(audit.case)
    if contract is None or contract.pk != audit.contract_id:
        yield Missing(
            _("The application is in review again, or its changed contract is not accepted yet."), page
        )
    for sentence in unfit_members(audit):
        yield Missing(sentence, page)


def can_conclude_ready(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    if audit.stage1_conclusion == Conclusion.READY:
        yield Missing(_("Stage 1 is concluded as ready already."))
    yield from _unmet(stage1_state.readiness(audit))


def stage2_gate(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    yield from _unmet(stage1_state.gate(audit, unfit_members(audit)))


def can_close_sheet(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    sheet = reverse("audits:sheet", args=[audit.pk])
    if current_contract(audit.case) is None:
        yield Missing(
            _("The application is in review again, or its changed contract is not accepted yet."), sheet
        )
    marked = set(audit.marks.values_list("clause", flat=True))
    missing = [clause.id for clause in scheme_of(audit.case).clauses if clause.id not in marked]
    if missing:
        yield Missing(
            ngettext(
                "%(count)s clause is not marked yet: %(clause)s.",
                "%(count)s clauses are not marked yet, the first is %(clause)s.",
                len(missing),
            )
            % {"count": len(missing), "clause": missing[0]},
            sheet,
        )
    open_concerns = audit.concerns.filter(disposed_by=None).count()
    if open_concerns:
        yield Missing(
            ngettext(
                "%(count)s concern of stage 1 is not disposed of yet.",
                "%(count)s concerns of stage 1 are not disposed of yet.",
                open_concerns,
            )
            % {"count": open_concerns},
            f"{sheet}#concerns",
        )


def can_reopen_sheet(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    report = Report.objects.filter(audit=audit).first()
    if report is None or report.state != ReportState.DRAFT or report.returned_by_id is None:
        yield Missing(
            _("The sheet is frozen. Only a report that the technical reviewer returned opens it again.")
        )


def report_is_released(audit: Audit, _actor: User | None) -> Iterator[Missing]:
    if not Report.objects.filter(audit=audit, state=ReportState.RELEASED).exists():
        yield Missing(_("The report is not released yet."))


def _findings_are_closed(report: Report) -> Iterator[Missing]:
    if queries.open_findings(report.audit).exists():
        yield Missing(_("A finding is not verified yet."), reverse("audits:findings", args=[report.audit_id]))


def can_sign_off(report: Report, _actor: User | None) -> Iterator[Missing]:
    """The report tells how each finding was closed, so that comes first."""
    yield from _findings_are_closed(report)
    if not report.summary.strip():
        yield Missing(_("The summary is not written yet."), reverse("audits:report", args=[report.audit_id]))
    if report.audit.state != AuditState.SCORED:
        yield Missing(_("The score sheet is open."), reverse("audits:sheet", args=[report.audit_id]))


def has_no_current_pdf(report: Report, _actor: User | None) -> Iterator[Missing]:
    if report.has_current_pdf:
        yield Missing(_("The PDF of this version exists already."))


def can_release(report: Report, _actor: User | None) -> Iterator[Missing]:
    """Closed findings, a PDF of this version, and a result that the server computes again to the same fraction."""
    yield from _findings_are_closed(report)
    if not report.has_current_pdf:
        yield Missing(_("The PDF of the report is still being made."))
    if not is_result_reproduced(report.audit):
        yield Missing(_("The result does not follow from the recorded marks; inform the quality manager."))


def is_result_reproduced(audit: Audit) -> bool:
    """Whether marks and operations still give exactly the stored result."""
    try:
        result = scoring.result_of(audit)
    except SheetFaults:
        return False
    return result.as_dict() == audit.result and scoring.operations_hash(audit) == audit.operations_hash
