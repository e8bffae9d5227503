"""The client's pages of invoices: list, one invoice, account statement, invoice title."""

import uuid
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications.forms.invoice import TitleForm
from applications.models import InvoiceTitle
from applications.queries import invoices as queries
from applications.services.invoice_titles import change_title
from applications.states.statement_words import entry_label
from applications.views.common import invoice_context
from certbody import clock, workflow
from certbody.body.settings_catalogue import settings_of
from certbody.security_log import note
from certbody.transactions import whole
from certbody.web.exports import as_xlsx
from certbody.web.paging import page_of
from certbody.web.steps import status_of
from certbody.web.views import client_page, user_of, visible_or_404

ACCOUNT_OF_THE_BODY = ("body_bank", "body_bank_account")


@client_page
@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    """Everything that was sent to the client's organisations."""
    user = user_of(request)
    rows = queries.invoices_visible_to(user)
    context = {
        "page": page_of(request, rows.order_by("-sent_on", "-id")),
        "totals": queries.totals_of(rows),
        "organisations": list(user.organisations.order_by("pk")),
    }
    return render(request, "applications/invoices/portal_list.html", context)


@client_page
@require_safe
def invoice(request: HttpRequest, number: str) -> HttpResponse:
    found = visible_or_404(queries.invoices_visible_to(user_of(request)), number=number)
    context = invoice_context(found) | {
        "payments": list(found.payments.all()),
        "title_now": found,
        "pay_to": settings_of(ACCOUNT_OF_THE_BODY) if found.open_amount else None,
    }
    return render(request, "applications/invoices/portal_detail.html", context)


@client_page
@require_safe
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """The account of an organisation over a period: page, and as a file the same lines."""
    organisation = visible_or_404(user_of(request).organisations, pk=pk)
    today = clock.today()
    first = _day(request.GET.get("from", "")) or today.replace(month=1, day=1)
    last = _day(request.GET.get("to", "")) or today
    is_turned = last < first
    if is_turned:
        first, last = last, first
    found = queries.statement_of(organisation, first, last)
    if request.GET.get("export") == "xlsx":
        return _as_file(request, found, organisation.pk)
    rows = [(entry, entry_label(entry.kind), balance) for entry, balance in found.with_balances()]
    context = {"organisation": organisation, "statement": found, "rows": rows}
    return render(request, "applications/invoices/statement.html", context)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _as_file(request: HttpRequest, found: queries.Statement, organisation: int) -> HttpResponse:
    rows = [[_("Day"), _("What"), _("Number"), _("Owed (CNY)"), _("Settled (CNY)"), _("Balance (CNY)")]]
    cells: list[list[object]] = [
        *rows,
        [found.first, _("Opening balance"), "", None, None, found.opening],
        *(
            [entry.on, str(entry_label(entry.kind)), entry.number, entry.owed, entry.settled, balance]
            for entry, balance in found.with_balances()
        ),
        [found.last, _("Closing balance"), "", None, None, found.closing],
    ]
    response = as_xlsx(cells)  # type: ignore[arg-type]  # days, texts and amounts, as the export takes them
    name = f"account-{found.first.isoformat()}-{found.last.isoformat()}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    note(
        "list exported",
        user=user_of(request),
        result="ok",
        list="account",
        organisation=organisation,
        rows=len(cells) - 1,
    )
    return response


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def title(request: HttpRequest, pk: int) -> HttpResponse:
    """The invoice title of one of the client's organisations."""
    user = user_of(request)
    organisation = visible_or_404(user.organisations, pk=pk)
    stored = queries.title_of(organisation)
    if request.method != "POST":
        return _show_title(request, stored, TitleForm(edited_object=stored))
    form = TitleForm(request.POST, edited_object=stored)
    if not form.is_valid():
        return _show_title(request, stored, form, status=422)

    def save() -> None:
        workflow.locked(organisation)  # the first title has no row yet that could be locked
        form.refuse_if_changed(queries.title_of(organisation))
        change_title(organisation=organisation, actor=user, values=form.values())

    try:
        whole(save)
    except workflow.Refused as refusal:
        return _show_title(request, stored, form, refusal=refusal, status=status_of(refusal))
    messages.success(request, _("Saved. Invoices that were sent already keep their title."))
    return redirect(reverse("applications:portal_invoices"))


def _show_title(
    request: HttpRequest,
    stored: InvoiceTitle,
    form: TitleForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "organisation": stored.organisation,
        "form": form,
        "refusal": refusal,
        "submission": uuid.uuid4(),
    }
    return render(request, "applications/invoices/title.html", context, status=status)
