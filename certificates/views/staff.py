"""The desk's pages of this floor: panels, decisions, certificates."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits.queries import released_report
from certbody import clock, workflow
from certbody.accounts import step_up
from certbody.accounts.roles import Role
from certbody.cases.queries import visible_to as cases_visible_to
from certbody.web.exports import export_of
from certbody.web.forms import StepForm
from certbody.web.paging import paged
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import staff_page, user_of, visible_or_404
from certificates.forms import OpenPanelForm, VoteForm
from certificates.models import Certificate, Decision, Panel, ProofLetter
from certificates.navigation import CERTIFICATE_READERS, COMMITTEE
from certificates.permissions import reads_decisions, seat_of
from certificates.queries.certificates import current_edition, in_state, searched, visible_to
from certificates.queries.committee import (
    cases_awaiting_a_panel,
    certificate_by,
    decision_of,
    decisions_visible_to,
    has_withdrawn,
    panels_visible_to,
    signed_grants_without_certificate,
    tally_of,
    void_numbers_of,
)
from certificates.queries.dossier import dossier_of, previous_vote, seat_lines
from certificates.states import STATES_OF_A_LIST, CertificateState, DecisionState, Outcome, PanelState
from certificates.tables import CertificateTable, DecisionTable, PanelTable, state_of
from certificates.transitions import OPEN, RESERVE, VOTE, certificate_page, panel_page
from certificates.transitions.letters import ASK_FOR_PROOF


@staff_page(*COMMITTEE)
@require_safe
def panels(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    context = {
        "table": paged(request, PanelTable(panels_visible_to(user))),
        "awaiting": list(cases_awaiting_a_panel(user)[:50]),
        "may_open": user.has_role(Role.SECRETARY),
    }
    return render(request, "certificates/desk/panels.html", context)


@staff_page(Role.SECRETARY)
@require_http_methods(["GET", "HEAD", "POST"])
def panel_open(request: HttpRequest, reference: str) -> HttpResponse:
    """The secretary's page on which a panel is opened: motion, reasons, members."""
    user = user_of(request)
    case = visible_or_404(cases_visible_to(user).select_related("organisation"), reference=reference)
    report = released_report(case)
    if report is None:
        return render(
            request, "certificates/desk/panel_open.html", {"case": case, "report": None}, status=409
        )
    panel = Panel(case=case, report=report)
    if request.method == "POST":
        submission = Submission(request)
        if answer := submission.answer():
            return redirect(answer)
        form = OpenPanelForm(request.POST, obj=panel, actor=user)
        refusal = None
        if form.is_valid():
            try:
                return redirect(_take(submission, OPEN, panel, form))
            except workflow.Refused as refused:
                refusal = refused
        status = status_of(refusal) if refusal else 422
        return _show_open(request, panel, form, refusal, status)
    form = OpenPanelForm(obj=panel, actor=user)
    try:
        workflow.check(OPEN, panel, user)
    except workflow.Refused as refused:
        return _show_open(request, panel, form, refused, status_of(refused))
    return _show_open(request, panel, form, None, 200)


def _show_open(
    request: HttpRequest, panel: Panel, form: OpenPanelForm, refusal: workflow.Refused | None, status: int
) -> HttpResponse:
    context = {
        "case": panel.case,
        "report": panel.report,
        "form": form,
        "refusal": refusal,
        "dossier": dossier_of(panel.report),
        "previous_vote": previous_vote(panel.case),
    }
    return render(request, "certificates/desk/panel_open.html", context, status=status)


def _take(submission: Submission, step: workflow.Step, obj: Any, form: StepForm) -> str:
    """Take a step that makes an object, once per submission; returns where its page is."""
    user = submission.user
    return submission.once(
        lambda: workflow.perform(step, obj, actor=user, **form.step_data()),
        location=lambda made: workflow.table_of(made).page(made, user),
        new=obj,
    )


@staff_page(*COMMITTEE)
@require_safe
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The committee's dossier; the ballot stands at its foot while the reader may vote."""
    user = user_of(request)
    if has_withdrawn(user, pk):
        return redirect("panels")  # whoever withdrew does not read the file any more
    found = visible_or_404(panels_visible_to(user).select_related("report__audit", "opened_by"), pk=pk)
    seat = seat_of(user, found)
    may_vote = (
        found.state == PanelState.OPEN
        and seat is not None
        and not hasattr(seat, "ballot")
        and bool(VOTE.allowed(user, found))
    )
    context = {
        "panel": found,
        "case": found.case,
        "dossier": dossier_of(found.report),
        "seats": seat_lines(found, user),
        "seat": seat,
        "tally": tally_of(found) if found.state == PanelState.CLOSED else None,
        "is_open": found.state == PanelState.OPEN,
        "voted": sum(hasattr(entry, "ballot") for entry in found.seats.select_related("ballot")),
        "ballot_form": VoteForm(obj=found, actor=user) if may_vote else None,
        "vote_url": workflow.step_url(VOTE, found),
        "page_url": panel_page(found, user),
        "decision": decision_of(found),
    }
    return render(request, "certificates/desk/panel.html", context)


@staff_page()
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if not reads_decisions(user):
        raise PermissionDenied
    context = {
        "table": paged(request, DecisionTable(decisions_visible_to(user))),
        "to_issue": list(signed_grants_without_certificate()[:50])
        if user.has_role(Role.CERTIFICATES)
        else [],
    }
    return render(request, "certificates/desk/decisions.html", context)


@staff_page()
@require_safe
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    found = visible_or_404(decisions_visible_to(user).select_related("report__audit", "authorisation"), pk=pk)
    return _show_decision(request, found)


def _show_decision(
    request: HttpRequest, found: Decision, refusal: workflow.Refused | None = None, status: int = 200
) -> HttpResponse:
    user = user_of(request)
    certificate = certificate_by(found)
    may_issue = (
        found.state == DecisionState.SIGNED
        and found.outcome == Outcome.GRANT
        and certificate is None
        and bool(RESERVE.allowed(user, found))
    )
    wanted = Certificate(case=found.case, decision=found)
    context = {
        "decision": found,
        "case": found.case,
        "dossier": dossier_of(found.report),
        "seats": seat_lines(found.panel, user),
        "certificate": certificate,
        "certificate_url": certificate_page(certificate, user) if certificate else "",
        "voided": list(void_numbers_of(found)),
        "issue_form": StepForm(obj=wanted, actor=user) if may_issue else None,
        "issue_missing": workflow.missing_for(RESERVE, wanted, user) if may_issue else (),
        "refusal": refusal,
    }
    return render(request, "certificates/desk/decision.html", context, status=status)


@staff_page(Role.CERTIFICATES)
@require_POST
def decision_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Reserve the number and let the certificate be made; the certificate's page shows how far it is."""
    user = user_of(request)
    found = visible_or_404(decisions_visible_to(user), pk=pk)
    step_up.require_fresh_proof(request, "certificate.reserved")
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    wanted = Certificate(case=found.case, decision=found)
    form = StepForm(request.POST, obj=wanted, actor=user)
    if not form.is_valid():
        return _show_decision(request, found, status=422)
    try:
        return redirect(_take(submission, RESERVE, wanted, form))
    except workflow.Refused as refusal:
        return _show_decision(request, found, refusal, status_of(refusal))


@staff_page(*CERTIFICATE_READERS)
@require_safe
def certificates(request: HttpRequest) -> HttpResponse:
    """Every certificate, searched like the register and filtered by what it is today."""
    user = user_of(request)
    query, state = request.GET.get("q", "").strip()[:60], request.GET.get("state", "")
    rows = visible_to(user)
    if state in STATES_OF_A_LIST:
        rows = in_state(rows, state)
    if query:
        rows = searched(rows, query)
    table = CertificateTable(rows)
    if file := export_of(request, table, "certificates"):
        return file
    context = {
        "table": paged(request, table),
        "q": query,
        "state": state,
        "states": STATES_OF_A_LIST.items(),
    }
    return render(request, "certificates/desk/certificates.html", context)


@staff_page()
@require_safe
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """One certificate: progress while it is made, then editions, documents, dates and history."""
    user = user_of(request)
    found = visible_or_404(visible_to(user), pk=pk)
    edition = current_edition(found)
    is_standing = found.stands_on(clock.today())
    context = {
        "certificate": found,
        "case": found.case,
        "state": state_of(found),
        "is_standing": is_standing,
        "is_being_made": found.state == CertificateState.RESERVED,
        "facts": edition.facts if edition else {},
        "editions": list(found.editions.prefetch_related("documents__file").order_by("-number")),
        "changes": list(found.status_changes.select_related("person").order_by("-id")),
        "cycle_dates": list(found.cycle_dates.all()) if is_standing else [],
        "letters": list(found.letters.select_related("file", "certificate")),
        "may_ask": is_standing and bool(ASK_FOR_PROOF.allowed(user, ProofLetter(certificate=found))),
        "ask_url": reverse("certificate_letter", args=[found.pk]),
    }
    return render(request, "certificates/desk/certificate.html", context)
