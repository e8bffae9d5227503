from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications.queries import contract_in_force, current_contract
from audits import queries, scoring, stage1_state
from audits.forms.closing import WriteForm
from audits.forms.stage1 import ConcernForm, DisposeForm, JudgeForm, SettleForm
from audits.models import Audit
from audits.permissions import is_on_team
from audits.states import TONES, AuditState, FindingState
from audits.tables import AuditTable
from audits.transitions import AUDIT, REPORT
from audits.transitions.guards import unfit_members
from certbody import workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.queries import scheme_of
from certbody.cases import queries as cases
from certbody.web.edits import check_unchanged
from certbody.web.exports import export_of
from certbody.web.forms import StepForm
from certbody.web.paging import paged
from certbody.web.steps import refusal_of, status_of
from certbody.web.submissions import Submission
from certbody.web.views import staff_page, user_of, visible_or_404

PER_PAGE = 50
FROZEN = frozenset({AuditState.SCORED, AuditState.CLOSED})
SHEET_STATES = frozenset({AuditState.STAGE2, *FROZEN})


def page_context(audit: Audit) -> dict[str, Any]:
    """What the head of every page of an audit needs."""
    return {
        "audit": audit,
        "case": audit.case,
        "tone": TONES[audit.state],
        "has_stage1": audit.state not in {AuditState.PLANNED, AuditState.CONFIRMED},
        "has_sheet": audit.state in SHEET_STATES,
        "is_frozen": audit.state in FROZEN,
    }


@staff_page()
@require_safe
def audit_list(request: HttpRequest) -> HttpResponse:
    table = AuditTable(queries.visible_to(user_of(request)).order_by("-id"))
    if file := export_of(request, table, "audits"):
        return file
    return render(request, "audits/list.html", {"table": paged(request, table, PER_PAGE)})


@staff_page(Role.PLANNER)
@require_http_methods(["GET", "HEAD", "POST"])
def open_audit(request: HttpRequest, reference: str) -> HttpResponse:
    """The planner opens the audit of a case; a second arrival leads to the audit."""
    user = user_of(request)
    case = visible_or_404(
        cases.visible_to(user).select_related("organisation", "application"), reference=reference
    )
    if earlier := queries.audit_of_case(case):
        return redirect("audits:detail", earlier.pk)
    contract = current_contract(case)
    step, audit = AUDIT.step("open"), Audit(case=case, contract=contract)
    form = StepForm(request.POST or None, obj=audit, actor=user)
    refusal = None
    if contract is None:
        refusal = workflow.NotReady(workflow.missing_for(step, audit, user)[0].sentence)
    elif request.method == "POST" and form.is_valid():
        try:
            made = workflow.perform(step, audit, actor=user)
        except workflow.Refused as fault:
            refusal = fault
        else:
            return redirect("audits:detail", made.pk)
    elif missing := workflow.missing_for(step, audit, user):
        refusal = workflow.NotReady(missing[0].sentence)
    context = {"case": case, "contract": contract, "step": step, "form": form, "refusal": refusal}
    if contract is None:
        context["outgrown"] = contract_in_force(case).first()
    return render(request, "audits/open.html", context, status=status_of(refusal) if refusal else 200)


@staff_page()
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    audit = visible_or_404(
        queries.visible_to(user_of(request)).select_related("confirmed_by__person", "contract__amends"), pk=pk
    )
    context = page_context(audit)
    context["team"] = list(queries.team_of(audit))
    context["changed_days"] = queries.changed_days(audit)
    keep = AUDIT.step("keep_plan")
    may_keep = audit.state in keep.sources and keep.allowed(user_of(request), audit)
    context["keep_plan_url"] = workflow.step_url(keep, audit) if may_keep else ""
    if audit.state in {AuditState.CONFIRMED, AuditState.STAGE1, AuditState.NOT_READY}:
        context["gate"] = stage1_state.gate(audit, unfit_members(audit))
    return render(request, "audits/detail.html", context)


@staff_page()
@require_safe
def stage1(request: HttpRequest, pk: int) -> HttpResponse:
    """Documents, exclusions and concerns, each with its own small form that posts to its step."""
    user = user_of(request)
    audit = visible_or_404(queries.visible_to(user).select_related("case__application"), pk=pk)
    is_running = audit.state == AuditState.STAGE1
    audits_it = is_running and AUDIT.step("judge_document").allowed(user, audit).allowed
    leads_it = is_running and AUDIT.step("settle_exclusion").allowed(user, audit).allowed
    context = page_context(audit)
    lines = stage1_state.document_lines(audit)
    context["documents"] = [(line, _judge_form(audit, user, line) if audits_it else None) for line in lines]
    context["next_line"] = next((line for line in lines if not line.verdict), None)
    context["exclusions"] = [
        (line, _settle_form(audit, user, line) if leads_it else None)
        for line in stage1_state.exclusion_lines(audit)
    ]
    context["concerns"] = audit.concerns.select_related("person", "disposed_by")
    context["concern_form"] = ConcernForm(obj=audit, actor=user, prefix=None) if audits_it else None
    context["steps"] = {name: workflow.step_url(AUDIT.step(name), audit) for name in _STAGE1_STEPS}
    return render(request, "audits/stage1.html", context)


_STAGE1_STEPS = ("judge_document", "settle_exclusion", "note_concern")


def _judge_form(audit: Audit, user: User, line: stage1_state.DocumentLine) -> JudgeForm:
    initial = {"kind": line.kind.key, "document": line.document.pk if line.document else None}
    stored = JudgeForm.values_of(line.verdict)
    return JudgeForm(obj=audit, actor=user, initial=initial, stored=stored, auto_id=f"document-{line.key}-%s")


def _settle_form(audit: Audit, user: User, line: stage1_state.ExclusionLine) -> SettleForm:
    initial = {"proposal": line.proposal.pk}
    stored = SettleForm.values_of(line.settlement)
    return SettleForm(
        obj=audit, actor=user, initial=initial, stored=stored, auto_id=f"exclusion-{line.proposal.pk}-%s"
    )


@staff_page()
@require_safe
def findings(request: HttpRequest, pk: int) -> HttpResponse:
    audit = visible_or_404(queries.visible_to(user_of(request)), pk=pk)
    scheme = scheme_of(audit.case)
    rows = [
        {
            "finding": one,
            "tone": TONES[one.state],
            "ground": scheme.ground(one.ground).name,
            "is_ours": one.state == FindingState.ANSWERED,
        }
        for one in queries.findings_of(audit)
    ]
    return render(request, "audits/findings.html", page_context(audit) | {"rows": rows})


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The report with its result; the lead auditor writes its texts here while it is a draft."""
    user = user_of(request)
    audit = visible_or_404(queries.visible_to(user), pk=pk)
    found = visible_or_404(
        queries.reports_visible_to(user).select_related("pdf", "signed_off_by", "released_by", "returned_by"),
        audit=audit,
    )
    step = REPORT.step("write")
    writes = found.state in step.sources and step.allowed(user, found).allowed
    form = WriteForm(request.POST or None, obj=found, actor=user) if writes else None
    refusal: workflow.Refused | None = None
    status = 200
    if request.method == "POST":
        submission = Submission(request)
        if answer := submission.answer():
            return redirect(answer)
        checked = form or WriteForm(request.POST, obj=found, actor=user)
        if not checked.is_valid():
            refusal = refusal_of(step, found, user)
        elif (refusal := _write(submission, found, checked, location=request.path)) is None:
            messages.success(request, _("The texts are saved."))
            return redirect(request.path)
        status = status_of(refusal) if refusal else 422
    context = page_context(audit) | {
        "report": found,
        "form": form,
        "refusal": refusal,
        "report_tone": TONES[found.state],
        "sheet": scoring.open_sheet(audit),
        "scheme": scheme_of(audit.case),
        "is_lead": is_on_team(user, audit, "lead"),
    }
    return render(request, "audits/report.html", context, status=status)


def _write(submission: Submission, found: Any, form: WriteForm, *, location: str) -> workflow.Refused | None:
    step, user = REPORT.step("write"), submission.user

    def take() -> None:
        check_unchanged(form, found, step=step, actor=user)
        workflow.perform(step, found, actor=user, **form.step_data())

    try:
        submission.once(take, location=location)
    except workflow.Refused as refusal:
        return refusal
    return None


def dispose_forms(audit: Audit, user: User) -> list[tuple[Any, DisposeForm | None]]:
    """The concerns of stage 1, each with its form while stage 2 runs and the reader audits."""
    step = AUDIT.step("dispose_concern")
    disposes = audit.state in step.sources and step.allowed(user, audit).allowed
    rows: list[tuple[Any, DisposeForm | None]] = []
    for concern in audit.concerns.select_related("person", "disposed_by"):
        form = None
        if disposes and concern.disposed_by_id is None:
            initial = {"concern": concern.pk}
            form = DisposeForm(obj=audit, actor=user, initial=initial, auto_id=f"concern-{concern.pk}-%s")
        rows.append((concern, form))
    return rows
