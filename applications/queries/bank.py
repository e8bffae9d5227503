"""Lines of bank statements: who reads them, what of each is left, and which invoices they may pay."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from applications.fees.amounts import total_of
from applications.models import BankLine, Invoice
from applications.permissions.invoices import cases_closed_to
from applications.queries.exact import cents_of, sum_of_cents
from applications.queries.invoices import invoices_visible_to
from applications.queries.matching import Proposal, propose, safe_ones
from applications.states.invoices import InvoiceState
from certbody.accounts.models import Organisation, User


def lines_visible_to(user: User) -> QuerySet[BankLine]:
    """Lines of bank statements, without those of cases whose money is closed to the user."""
    closed = cases_closed_to(user)
    if closed is None:
        return BankLine.objects.none()
    names = Organisation.objects.filter(cases__in=closed).values("name")
    return BankLine.objects.exclude(payer__in=names).exclude(payments__invoice__case__in=closed)


def unmatched(lines: QuerySet[BankLine]) -> QuerySet[BankLine]:
    """Lines of which something is left, the newest first; `left_of` says how much."""
    rows = lines.annotate(taken=sum_of_cents(cents_of("payments__amount")))
    rows = rows.filter(taken__lt=cents_of("amount")).prefetch_related("payments")
    return rows.order_by("-on", "-id")  # a sum forgets the order of the model


def left_of(line: BankLine) -> Decimal:
    """How much of a line is not entered as a payment yet."""
    return line.amount - total_of(payment.amount for payment in line.payments.all())


def open_invoices() -> QuerySet[Invoice]:
    return Invoice.objects.filter(state=InvoiceState.SENT).select_related("organisation", "case")


def payable_by(user: User) -> list[Invoice]:
    """The open invoices that a line may pay, as far as the user reads them, with what the proposals need."""
    visible = invoices_visible_to(user).values("pk")
    return list(open_invoices().filter(pk__in=visible).prefetch_related("instalments"))


class Unmatched(NamedTuple):
    """A line of which something is left, and what it may pay."""

    line: BankLine
    left: Decimal
    proposal: Proposal | None


def proposals_for(lines: Iterable[BankLine], user: User) -> list[Unmatched]:
    """What each of these lines may pay, of the invoices that the user reads."""
    invoices = payable_by(user)
    found = ((line, left_of(line)) for line in lines)
    return [Unmatched(line, left, propose(line, left, invoices)) for line, left in found if left]


def safe_proposals(rows: Iterable[Unmatched]) -> list[Proposal]:
    return safe_ones(row.proposal for row in rows if row.proposal is not None)
