"""The desk's pages of invoices, and what projects bring in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications.fees.amounts import ZERO
from applications.forms.invoice import NewInvoiceForm
from applications.forms.revenue import RevenueForm
from applications.lists import INVOICES
from applications.models import Contract, Invoice
from applications.permissions.invoices import MONEY_READERS
from applications.queries import invoices as queries
from applications.queries.lowered import over_invoiced
from applications.queries.revenue import MOST_CONTRACTS, accepted_since, in_force_on, revenue_of, sums_of
from applications.states.invoices import InvoiceKind, InvoiceState, ItemKey
from applications.tables.invoices import RevenueTable
from applications.transitions.invoice import DRAFT, page_of
from applications.views.common import invoice_context
from certbody import clock, workflow
from certbody.accounts.models import User
from certbody.web.exports import export_of
from certbody.web.lists.views import show_list
from certbody.web.paging import paged
from certbody.web.steps import refusal_of, status_of
from certbody.web.submissions import Submission
from certbody.web.views import staff_page, user_of, visible_or_404

MOST_TO_INVOICE = 10  # contracts that the list of invoices names


@staff_page(*MONEY_READERS)
@require_safe
def invoice_list(request: HttpRequest) -> HttpResponse:
    return show_list(request, INVOICES, to_invoice=_to_invoice(user_of(request)))


def _to_invoice(user: User) -> list[Contract]:
    """The newest contracts in force that no invoice asks for yet; finance begins here."""
    if not DRAFT.allowed(user, Invoice()):
        return []
    return list(queries.without_invoice(queries.contracts_to_invoice(user))[:MOST_TO_INVOICE])


@staff_page(*MONEY_READERS)
@require_safe
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    found = visible_or_404(queries.invoices_visible_to(user_of(request)), pk=pk)
    context = invoice_context(found) | {
        "payments": list(found.payments.select_related("recorded_by", "counters")),
        "title_now": queries.title_of(found.organisation) if found.state == InvoiceState.DRAFT else found,
    }
    return render(request, "applications/invoices/detail.html", context)


@staff_page(*MONEY_READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, number: str) -> HttpResponse:
    """Make the invoice of a contract."""
    user = user_of(request)
    contract = visible_or_404(queries.contracts_to_invoice(user), number=number)
    wish = Invoice(contract=contract, case=contract.case, organisation=contract.case.organisation)
    refusal = refusal_of(DRAFT, wish, user)
    if refusal is not None:
        return _show_new(request, contract, NewInvoiceForm(), refusal=refusal, status=status_of(refusal))
    if request.method != "POST":
        return _show_new(request, contract, NewInvoiceForm(initial={"kind": InvoiceKind.CONTRACT}))
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = NewInvoiceForm(request.POST)
    if not form.is_valid():
        return _show_new(request, contract, form, status=422)

    def make() -> Invoice:
        wish.kind = form.cleaned_data["kind"]
        made: Invoice = workflow.perform(DRAFT, wish, actor=user)
        return made

    try:
        location = submission.once(make, location=lambda made: page_of(made, user), new=wish)
    except workflow.Refused as failed:
        return _show_new(request, contract, form, refusal=failed, status=status_of(failed))
    return redirect(location)


def _show_new(
    request: HttpRequest,
    contract: Contract,
    form: NewInvoiceForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    left = queries.not_invoiced(contract)
    rows = [(line, max(left[line.key], ZERO)) for line in contract.lines.all() if line.key in left]
    of_the_client = queries.invoices_visible_to(user_of(request)).filter(
        contract__application=contract.application_id
    )
    context = {
        "contract": contract,
        "case": contract.case,
        "form": form,
        "rows": rows,
        "over": [(ItemKey(key).label, amount) for key, amount in over_invoiced(contract).items()],
        "invoices": list(of_the_client),
        "refusal": refusal,
        "may_make": refusal is None or refusal.code != "permission",
    }
    return render(request, "applications/invoices/new.html", context, status=status)


@staff_page(*MONEY_READERS)
@require_safe
def revenue(request: HttpRequest) -> HttpResponse:
    """What each contract in force on a day promises, what was invoiced and paid by then, for how many person-days."""
    form = RevenueForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    day = asked.get("on") or clock.today()
    contracts = in_force_on(queries.contracts_of_readable_money(user_of(request)), day)
    if since := asked.get("since"):
        contracts = accepted_since(contracts, since)
    found = list(contracts.order_by("-number")[: MOST_CONTRACTS + 1])
    rows = revenue_of(found[:MOST_CONTRACTS], day)
    table = RevenueTable(rows)
    if file := export_of(request, table, "revenue"):
        return file
    paged(request, table)
    context = {
        "table": table,
        "form": form if form.errors else RevenueForm(initial={"on": day, "since": since}),
        "on": day,
        "most": MOST_CONTRACTS if len(found) > MOST_CONTRACTS else None,
        "sums": sums_of(rows),
    }
    return render(request, "applications/invoices/revenue.html", context)
