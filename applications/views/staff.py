from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications import queries
from applications.lists import APPLICATIONS, CONTRACTS
from applications.models import Contract
from applications.paths import contract_page
from applications.transitions import DRAFT
from applications.views.common import application_or_404, contract_context
from applications.views.review import show_review
from certbody import workflow
from certbody.web.lists.views import show_list
from certbody.web.steps import status_of
from certbody.web.views import staff_page, user_of, visible_or_404


@staff_page()
@require_safe
def application_list(request: HttpRequest) -> HttpResponse:
    return show_list(request, APPLICATIONS)


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
    may_read_report = user_of(request).has_role(*queries.ADJUSTMENT_READERS)
    return show_list(request, CONTRACTS, may_read_report=may_read_report)


@staff_page()
@require_safe
def contract(request: HttpRequest, number: str) -> HttpResponse:
    found = visible_or_404(queries.contracts_visible_to(user_of(request)), number=number)
    return render(request, "applications/desk/contract.html", contract_context(found, user_of(request)))
