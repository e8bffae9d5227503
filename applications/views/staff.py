from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications import queries, review_queries
from applications.models import Contract
from applications.paths import contract_page
from applications.states import ApplicationState, ContractState
from applications.tables import ApplicationTable, ContractTable
from applications.transitions import DRAFT
from applications.views.common import application_or_404
from applications.views.review import show_review
from certbody import workflow
from certbody.web.exports import export_of
from certbody.web.paging import paged
from certbody.web.steps import status_of
from certbody.web.views import staff_page, user_of, visible_or_404


@staff_page()
@require_safe
def application_list(request: HttpRequest) -> HttpResponse:
    rows = queries.visible_to(user_of(request))
    state = request.GET.get("state", "")
    if state in ApplicationState.values:
        rows = rows.filter(state=state)
    whose = review_queries.choice_of(request.GET.get("reviewer", ""))
    rows = review_queries.narrowed(rows, user_of(request), whose)
    table = ApplicationTable(review_queries.with_reviewer(rows))
    if file := export_of(request, table, "applications"):
        return file
    paged(request, table)
    context = {"table": table, "state": state, "states": ApplicationState.choices, "whose": whose}
    return render(request, "applications/desk/applications.html", context)


@staff_page()
@require_POST
def make_quote(request: HttpRequest, reference: str) -> HttpResponse:
    """Make the quote of an accepted application."""
    found = application_or_404(request, reference)
    draft = Contract(case=found.case, application=found)
    try:
        made = workflow.perform(DRAFT, draft, actor=user_of(request))
    except workflow.Refused as refusal:
        return show_review(request, found, refusal=refusal, status=status_of(refusal))
    return redirect(contract_page(made, staff=True))


@staff_page()
@require_safe
def contract_list(request: HttpRequest) -> HttpResponse:
    rows = queries.contracts_visible_to(user_of(request))
    state = request.GET.get("state", "")
    if state in ContractState.values:
        rows = rows.filter(state=state)
    table = ContractTable(rows)
    if file := export_of(request, table, "contracts"):
        return file
    paged(request, table)
    context = {"table": table, "state": state, "states": ContractState.choices}
    return render(request, "applications/desk/contracts.html", context)


@staff_page()
@require_safe
def contract(request: HttpRequest, number: str) -> HttpResponse:
    found = visible_or_404(queries.contracts_visible_to(user_of(request)), number=number)
    context = {
        "contract": found,
        "case": found.case,
        "lines": list(found.lines.select_related("contract")),
    }
    return render(request, "applications/desk/contract.html", context)
