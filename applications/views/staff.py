from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from applications import queries
from applications.changes import comparison_of
from applications.completeness import contents_of, gaps_in
from applications.forms.review import ReviewItemForm
from applications.guards import capacity_notes
from applications.held import outlook_of
from applications.models import Application, Contract
from applications.paths import contract_page
from applications.plausibility import warnings_of
from applications.review_items import KEYS, item_of, items_of
from applications.sections import desk_url
from applications.states import ApplicationState, ContractState
from applications.tables import ApplicationTable, ContractTable
from applications.transitions import DRAFT, REVIEW_ITEM
from applications.views.common import application_or_404, take
from applications.views.facts import answers_of
from certbody import workflow
from certbody.accounts.models import User
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
    table = ApplicationTable(rows)
    if file := export_of(request, table, "applications"):
        return file
    paged(request, table)
    context = {"table": table, "state": state, "states": ApplicationState.choices}
    return render(request, "applications/desk/applications.html", context)


@staff_page()
@require_safe
def application(request: HttpRequest, reference: str) -> HttpResponse:
    return _show(request, application_or_404(request, reference))


@staff_page()
@require_POST
def review_item(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """Record one item of the application review."""
    found = application_or_404(request, reference)
    if key not in KEYS:
        raise Http404
    verdict = REVIEW_ITEM.allowed(user_of(request), found)
    if not verdict:
        refusal = workflow.NotAllowed(verdict.reason)
        return _show(request, found, refusal=refusal, status=status_of(refusal))
    form = ReviewItemForm(request.POST, request.FILES, actor=user_of(request), item=item_of(key))
    if not form.is_valid():
        return _show(request, found, bound=form, status=422)
    if failed := take(REVIEW_ITEM, found, request, form=form, **form.step_data()):
        return _show(request, found, bound=form, refusal=failed, status=status_of(failed))
    return redirect(f"{desk_url(found)}#item-{key}")


@staff_page()
@require_POST
def make_quote(request: HttpRequest, reference: str) -> HttpResponse:
    """Make the quote of an accepted application."""
    found = application_or_404(request, reference)
    draft = Contract(case=found.case, application=found)
    try:
        made = workflow.perform(DRAFT, draft, actor=user_of(request))
    except workflow.Refused as refusal:
        return _show(request, found, refusal=refusal, status=status_of(refusal))
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


def _show(
    request: HttpRequest,
    found: Application,
    *,
    bound: ReviewItemForm | None = None,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    user = user_of(request)
    contents = contents_of(found)
    quote = Contract(case=found.case, application=found)
    may_quote = found.state == ApplicationState.ACCEPTED and DRAFT.allowed(user, quote)
    context = {
        "application": found,
        "case": found.case,
        "answers": answers_of(contents, get_language() or "en"),
        "comparison": comparison_of(contents),
        "outlook": outlook_of(found),
        "missing": [gap.sentence for gap in gaps_in(contents)] if found.is_writable else [],
        "warnings": warnings_of(found, contents.sites),
        "items": _items(found, user, bound),
        "capacity": capacity_notes(found),
        "questions": list(found.questions.select_related("asked_by")),
        "contracts": list(queries.contracts_visible_to(user).filter(application=found)),
        "reopening": queries.reopening_of(found),
        "may_quote": bool(may_quote) and not workflow.missing_for(DRAFT, quote, user),
        "refusal": refusal,
    }
    return render(request, "applications/desk/application.html", context, status=status)


def _items(found: Application, user: User, bound: ReviewItemForm | None) -> list[dict[str, Any]]:
    """Every item with what was recorded for this submission and, for a reviewer at work, its form."""
    recorded = {
        row.key: row
        for row in found.review_items.filter(revision=found.revision).select_related("person", "file")
    }
    can_record = found.state == ApplicationState.SUBMITTED and bool(REVIEW_ITEM.allowed(user, found))
    rows = []
    for item in items_of(found):
        form = None
        if can_record:
            is_bound = bound is not None and bound.item.key == item.key
            form = bound if is_bound else ReviewItemForm(actor=user, item=item, found=recorded.get(item.key))
        rows.append({"item": item, "found": recorded.get(item.key), "form": form})
    following = next((row for row in rows if not row["found"]), None)
    return [row | {"is_next": row is following} for row in rows]
