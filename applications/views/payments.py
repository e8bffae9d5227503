"""The desk's pages of bank statements: upload, columns, lines and what they pay."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from applications.forms.bank import ColumnsForm, MatchForm, StatementForm
from applications.models import BankLine, BankStatement, Invoice
from applications.queries import bank
from applications.queries.matching import Proposal, propose
from applications.services.bank import take_over, upload_statement
from applications.services.bank_files import COLUMNS, read_lines
from applications.transitions.invoice import RECORD_PAYMENT
from certbody import workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.web.paging import page_of
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import staff_page, user_of, visible_or_404

LINES_A_PAGE = 100
STATEMENTS_A_PAGE = 10
LONGEST_KEY = 18  # digits that every database takes for a number
PREVIEW = 8


def _page_of_unmatched(request: HttpRequest) -> Page[BankLine]:
    lines = bank.unmatched(bank.lines_visible_to(user_of(request)))
    return page_of(request, lines, LINES_A_PAGE)


@staff_page(Role.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def payments(request: HttpRequest) -> HttpResponse:
    """Lines that no invoice has taken yet, the last statements, and the upload of another one."""
    if request.method != "POST":
        return _show(request, StatementForm(actor=user_of(request)))
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = StatementForm(request.POST, request.FILES, actor=user_of(request))
    if not form.is_valid():
        return _show(request, form, status=422)

    def upload() -> BankStatement:
        return upload_statement(
            actor=user_of(request), name=form.name, content=form.content, extension=form.extension
        )

    try:
        location = submission.once(upload, location=_page_of)
    except ValidationError as fault:
        form.add_error("file", fault)
        return _show(request, form, status=422)
    except workflow.Refused as refusal:
        return _show(request, form, refusal=refusal, status=status_of(refusal))
    return redirect(location)


def _page_of(statement: BankStatement) -> str:
    return reverse("applications:desk_statement", args=[statement.pk])


def _show(
    request: HttpRequest,
    form: StatementForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    page = _page_of_unmatched(request)
    rows = bank.proposals_for(page.object_list, user_of(request))
    context = {
        "form": form,
        "refusal": refusal,
        "page": page,
        "rows": rows,
        "safe": len(bank.safe_proposals(rows)),
        "statements": page_of(
            request,
            BankStatement.objects.select_related("uploaded_by").defer("rows"),
            STATEMENTS_A_PAGE,
            asked_by="statements",
        ),
    }
    return render(request, "applications/invoices/payments.html", context, status=status)


@staff_page(Role.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """One statement: its columns with a preview, afterwards its lines."""
    found = visible_or_404(BankStatement.objects.select_related("uploaded_by"), pk=pk)
    if request.method != "POST":
        return _show_statement(request, found, ColumnsForm(statement=found, header=_asked_header(request)))
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = ColumnsForm(request.POST, statement=found, header=_asked_header(request))
    if not form.is_valid():
        return _show_statement(request, found, form, status=422)

    def take() -> None:
        header = form.cleaned_data["header"]
        take_over(statement=found, actor=user_of(request), header=header, columns=form.columns())

    try:
        location = submission.once(take, location=reverse("applications:desk_payments"))
    except workflow.Refused as refusal:
        return _show_statement(request, found, form, refusal=refusal, status=status_of(refusal))
    messages.success(request, _("The lines of the statement are taken over."))
    return redirect(location)


def _asked_header(request: HttpRequest) -> int | None:
    text = request.POST.get("header") or request.GET.get("header", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def _show_statement(
    request: HttpRequest,
    found: BankStatement,
    form: ColumnsForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"statement": found, "form": form, "refusal": refusal}
    if found.imported_at is None:
        place = form.fields["header"].initial
        context |= {"head": found.rows[place], "preview": found.rows[place + 1 : place + 1 + PREVIEW]}
        context["reading"] = _reading(found, form, place)
    else:
        lines = bank.lines_visible_to(user_of(request)).filter(statement=found)
        context["page"] = page_of(request, lines, LINES_A_PAGE)
    return render(request, "applications/invoices/bank_statement.html", context, status=status)


def _reading(found: BankStatement, form: ColumnsForm, place: int) -> Any:
    """What the guessed columns would give; None where one that is needed is not known."""
    columns = {name: form.fields[name].initial for name in COLUMNS}
    if columns["on"] is None or columns["amount"] is None or form.is_bound:
        return None
    return read_lines(found.rows, place, columns)


@staff_page(Role.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def match(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which invoice a line pays."""
    user = user_of(request)
    line = visible_or_404(bank.lines_visible_to(user).prefetch_related("payments"), pk=pk)
    invoices = bank.payable_by(user)
    proposal = propose(line, bank.left_of(line), invoices)
    readable = [invoice.pk for invoice in invoices]
    if request.method != "POST":
        return _show_match(
            request, line, MatchForm(line=line, proposal=proposal, readable=readable), proposal
        )
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = MatchForm(request.POST, line=line, proposal=proposal, readable=readable)
    if not form.is_valid():
        return _show_match(request, line, form, proposal, status=422)

    def enter() -> None:
        data = form.cleaned_data
        _enter(user, line, data["invoice"], data["amount"], data["note"])

    try:
        location = submission.once(enter, location=reverse("applications:desk_payments"))
    except workflow.Refused as refusal:
        return _show_match(request, line, form, proposal, refusal=refusal, status=status_of(refusal))
    messages.success(request, _("The payment is entered."))
    return redirect(location)


def _enter(user: User, line: BankLine, invoice: Invoice, amount: Any, note: str = "") -> None:
    workflow.perform(
        RECORD_PAYMENT,
        invoice,
        actor=user,
        amount=amount,
        on=line.on,
        payer=line.payer,
        note=note,
        bank_line=line.pk,
    )


def _show_match(
    request: HttpRequest,
    line: BankLine,
    form: MatchForm,
    proposal: Proposal | None,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "line": line,
        "left": bank.left_of(line),
        "payments": list(line.payments.select_related("invoice")),
        "form": form,
        "proposal": proposal,
        "refusal": refusal,
    }
    return render(request, "applications/invoices/match.html", context, status=status)


@staff_page(Role.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """All safe proposals of a page of lines: what will be entered, and what will not and why."""
    if request.method != "POST":
        return _show_confirm(request)
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    asked = set(request.POST.getlist("pair"))
    wanted = [proposal for proposal in _safe_of(asked, user_of(request)) if pair_of(proposal) in asked]
    counts = {"done": 0, "refused": 0}

    def enter_all() -> None:
        counts.update(done=0, refused=0)  # begun again where the database broke a deadlock
        for proposal in wanted:
            try:
                _enter(user_of(request), proposal.line, proposal.invoice, proposal.amount)
            except workflow.Refused:
                counts["refused"] += 1
            else:
                counts["done"] += 1

    try:
        location = submission.once(enter_all, location=reverse("applications:desk_payments"))
    except workflow.Refused as refusal:
        return _show_confirm(request, refusal=refusal, status=status_of(refusal))
    done, left = counts["done"], len(asked) - counts["done"]
    sentence = ngettext("%(count)d payment is entered.", "%(count)d payments are entered.", done)
    messages.success(request, sentence % {"count": done})
    if left:
        sentence = ngettext(
            "%(count)d line had changed meanwhile and was left.",
            "%(count)d lines had changed meanwhile and were left.",
            left,
        )
        messages.warning(request, sentence % {"count": left})
    return redirect(location)


def pair_of(proposal: Proposal) -> str:
    """Names what the reader saw: line, invoice and amount; another one is not entered by that press."""
    return f"{proposal.line.pk}-{proposal.invoice.pk}-{proposal.amount}"


def _safe_of(pairs: set[str], user: User) -> list[Proposal]:
    """The safe proposals of the lines that these pairs name, wherever in the list the lines stand by now."""
    named = {pair.partition("-")[0] for pair in pairs}
    keys = [key for key in named if key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY]
    lines = bank.unmatched(bank.lines_visible_to(user)).filter(pk__in=keys)
    return bank.safe_proposals(bank.proposals_for(lines, user))


def _show_confirm(
    request: HttpRequest, *, refusal: workflow.Refused | None = None, status: int = 200
) -> HttpResponse:
    rows = bank.proposals_for(_page_of_unmatched(request).object_list, user_of(request))
    safe = bank.safe_proposals(rows)
    known = {proposal.line.pk for proposal in safe}
    context = {
        "safe": [(proposal, pair_of(proposal)) for proposal in safe],
        "others": [row for row in rows if row.proposal and row.line.pk not in known],
        "refusal": refusal,
        "submission": StatementForm(actor=user_of(request))["submission"],
    }
    return render(request, "applications/invoices/confirm.html", context, status=status)
