"""What people may read of invoices and payments, and sums over them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from applications.fees.amounts import ZERO, due_until, total_of
from applications.models import (
    Contract,
    ContractLine,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    InvoiceTitle,
    Payment,
)
from applications.permissions.invoices import MONEY_READERS, cases_closed_to
from applications.queries.exact import amount_of, cents_of, sum_of_cents
from applications.states import ContractState
from applications.states.invoices import OF_THE_CONTRACT, SENT_STATES, InvoiceState, PaymentKind
from certbody import clock
from certbody.accounts.models import Organisation, User
from certbody.cases.models import Case


def reads_money(user: User) -> bool:
    return user.has_role(*MONEY_READERS)


def invoices_visible_to(user: User | AnonymousUser) -> QuerySet[Invoice]:
    """Clients read what was sent to their organisations; of the body only those whom the money firewall admits."""
    rows = Invoice.objects.select_related("case__organisation", "organisation", "contract", "pdf")
    if not isinstance(user, User) or not user.is_active:
        return rows.none()
    if not user.is_staff_member:
        return rows.filter(organisation__in=user.organisations.values("pk"), state__in=SENT_STATES)
    closed = cases_closed_to(user)
    return rows.none() if closed is None else rows.exclude(case__in=closed)


def contracts_of_readable_money(user: User) -> QuerySet[Contract]:
    """Contracts of cases whose money the user may read, whatever their state."""
    rows = Contract.objects.select_related("case__organisation")
    closed = cases_closed_to(user)
    return rows.none() if closed is None else rows.exclude(case__in=closed)


def contracts_to_invoice(user: User) -> QuerySet[Contract]:
    """Of these the contracts in force."""
    return contracts_of_readable_money(user).filter(state=ContractState.ACCEPTED)


def without_invoice(contracts: QuerySet[Contract]) -> QuerySet[Contract]:
    """Contracts for which no invoice was sent and none is being made, the newest acceptance first.

    An amendment is none of them where invoices of the contracts before it have charged everything (`not_invoiced`).
    """
    asked = [InvoiceState.DRAFT, *SENT_STATES]
    rows = contracts.exclude(invoices__state__in=asked)
    return rows.filter(Q(amends=None) | Exists(_lines_not_invoiced())).order_by("-accepted_at")


def _lines_not_invoiced() -> QuerySet[ContractLine]:
    """The lines of an outer contract of which something is on no invoice of its application yet."""
    charged = InvoiceLine.objects.filter(invoice__contract__application=OuterRef("contract__application"))
    charged = charged.exclude(invoice__state=InvoiceState.DISCARDED)
    taken_back = CreditNoteLine.objects.filter(
        line__invoice__contract__application=OuterRef("contract__application")
    )
    lines = ContractLine.objects.filter(contract=OuterRef("pk"), key__in=OF_THE_CONTRACT).annotate(
        charged=_cents_in(charged, "key"), taken_back=_cents_in(taken_back, "line__key")
    )
    return lines.annotate(left=cents_of("amount") - F("charged") - F("taken_back")).filter(left__gt=0)


def _cents_in(rows: QuerySet[Any], key: str) -> Coalesce:
    of_the_item = rows.filter(**{key: OuterRef("key")}).order_by().values(key)
    return Coalesce(Subquery(of_the_item.annotate(c=sum_of_cents(cents_of("amount"))).values("c")), Value(0))


def overdue(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return rows.filter(state=InvoiceState.SENT, due_on__lt=clock.today())


def title_of(organisation: Organisation) -> InvoiceTitle:
    """The title that the client entered, else the organisation's own name and code."""
    found = InvoiceTitle.objects.filter(organisation=organisation).first()
    return found or InvoiceTitle(
        organisation=organisation, title=organisation.name, taxpayer_number=organisation.credit_code
    )


def not_invoiced(contract: Contract) -> dict[str, Decimal]:
    """What of each line of a contract is on no invoice yet, or was credited again; below zero for too much.

    Invoices of the contracts that it took the place of count: an amendment charges nothing a second time.
    """
    left = {line.key: line.amount for line in contract.lines.all() if line.key in OF_THE_CONTRACT}
    invoices = Invoice.objects.filter(contract__application=contract.application_id)
    rows = InvoiceLine.objects.filter(invoice__in=invoices.exclude(state=InvoiceState.DISCARDED))
    for key, amount in rows.values_list("key", "amount"):
        if key in OF_THE_CONTRACT:
            left[key] = left.get(key, ZERO) - amount
    taken_back = CreditNoteLine.objects.filter(line__invoice__in=invoices)
    for key, amount in taken_back.values_list("line__key", "amount"):
        if key in OF_THE_CONTRACT:
            left[key] = left.get(key, ZERO) - amount
    return left


def is_unpaid(case: Case) -> bool:
    """Whether something of the case's invoices is open that no plan has put off to a later day.

    An invoice without instalments counts from the day it is sent.
    """
    for invoice in Invoice.objects.filter(case=case, state=InvoiceState.SENT).prefetch_related("instalments"):
        parts = invoice.open_parts()
        if not invoice.instalments.all() or due_until(parts, clock.today()):
            return True
    return False


@dataclass(frozen=True)
class Totals:
    """Sums over a list of invoices that were sent."""

    count: int
    total: Decimal
    credited: Decimal
    paid: Decimal
    open: Decimal


def totals_of(rows: QuerySet[Invoice]) -> Totals:
    """One query, exact on either database; what was paid beyond a credit note makes nothing else less open."""
    total, credited, paid = cents_of("total"), cents_of("credited"), cents_of("paid")
    sums = {
        "total": total,
        "credited": credited,
        "paid": paid,
        "open": Greatest(total - credited - paid, Value(0)),
    }
    found = (
        rows.filter(state__in=SENT_STATES)
        .order_by()
        .aggregate(
            count=Count("pk"), **{f"{name}_cents": sum_of_cents(cents) for name, cents in sums.items()}
        )
    )
    return Totals(count=found["count"], **{name: amount_of(found[f"{name}_cents"]) for name in sums})


@dataclass(frozen=True)
class Entry:
    """One line of an account statement: what the client owes grows by `owed` and falls by `settled`."""

    on: date
    kind: str
    number: str
    owed: Decimal = ZERO
    settled: Decimal = ZERO


@dataclass(frozen=True)
class Statement:
    """The account of an organisation over a period, both days included."""

    first: date
    last: date
    opening: Decimal
    entries: tuple[Entry, ...]

    @property
    def closing(self) -> Decimal:
        return self.opening + total_of(entry.owed - entry.settled for entry in self.entries)

    def with_balances(self) -> list[tuple[Entry, Decimal]]:
        """Each entry with the balance after it."""
        balance, found = self.opening, []
        for entry in self.entries:
            balance += entry.owed - entry.settled
            found.append((entry, balance))
        return found


def statement_of(organisation: Organisation, first: date, last: date) -> Statement:
    """Invoices, payments, refunds and credit notes of a period; what lies before it is the opening balance."""
    entries = sorted(_entries(organisation, last), key=lambda entry: entry.on)
    before = [entry for entry in entries if entry.on < first]
    opening = total_of(entry.owed - entry.settled for entry in before)
    return Statement(first, last, opening, tuple(entries[len(before) :]))


def _entries(organisation: Organisation, last: date) -> Iterable[Entry]:
    rows = Invoice.objects.filter(organisation=organisation, state__in=SENT_STATES)
    payments = Payment.objects.filter(on__lte=last)
    for invoice in rows.order_by("sent_on", "id").prefetch_related(
        Prefetch("payments", payments), "credit_notes"
    ):
        if invoice.sent_on is not None and invoice.sent_on <= last:
            yield Entry(invoice.sent_on, "invoice", invoice.number, owed=invoice.total)
        for note in invoice.credit_notes.all():
            if note.made_on <= last:
                yield Entry(note.made_on, "credit_note", note.number, settled=-note.total)
        for payment in invoice.payments.all():
            if payment.kind == PaymentKind.REFUND:
                yield Entry(payment.on, "refund", invoice.number, owed=-payment.amount)
            else:
                yield Entry(payment.on, str(payment.kind), invoice.number, settled=payment.amount)


def due_for_reminder(day: date) -> QuerySet[Invoice]:
    """Open invoices whose day is over and of which the client was not told today."""
    rows = Invoice.objects.filter(state=InvoiceState.SENT, due_on__lt=day)
    return rows.exclude(reminded_on=day).order_by(F("due_on"), "id")
