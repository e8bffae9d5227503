"""What waits for the contracts department and for finance, for their home pages."""

from datetime import timedelta

from django.db.models import QuerySet

from applications.models import BankLine, Contract, Invoice
from applications.queries import contracts_visible_to
from applications.queries.bank import lines_visible_to, unmatched
from applications.queries.invoices import (
    contracts_to_invoice,
    invoices_visible_to,
    overdue,
    without_invoice,
)
from applications.states import ContractState
from applications.states.invoices import InvoiceState
from certbody import clock
from certbody.accounts.models import User

SOON = 14  # days before its last day in which an offer is worth a telephone call


def offers_about_to_end(user: User) -> QuerySet[Contract]:
    """Offers whose last day is near or over and that nobody has signed, the first last day first."""
    last = clock.today() + timedelta(days=SOON)
    rows = contracts_visible_to(user).filter(state=ContractState.OFFERED, signed_scan=None)
    return rows.filter(valid_until__lte=last).order_by("valid_until", "pk")


def scans_to_check(user: User) -> QuerySet[Contract]:
    """Contracts that a client signed on paper and of whose scan nobody has said yet whether it holds."""
    rows = contracts_visible_to(user).filter(state=ContractState.OFFERED, signed_scan__isnull=False)
    return rows.order_by("offered_at", "pk")


def quotes_in_work(user: User) -> QuerySet[Contract]:
    return contracts_visible_to(user).filter(state=ContractState.DRAFT)


def overdue_invoices(user: User) -> QuerySet[Invoice]:
    """The longest overdue first."""
    return overdue(invoices_visible_to(user)).order_by("due_on", "pk")


def drafts_of_invoices(user: User) -> QuerySet[Invoice]:
    return invoices_visible_to(user).filter(state=InvoiceState.DRAFT)


def contracts_without_invoice(user: User) -> QuerySet[Contract]:
    return without_invoice(contracts_to_invoice(user))


def unmatched_lines(user: User) -> QuerySet[BankLine]:
    """Lines of bank statements that no invoice has taken, for whoever matches them."""
    return unmatched(lines_visible_to(user))
