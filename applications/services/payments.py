"""What the steps of an invoice do with money that came in: entries, counter-entries, refunds."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.fees.amounts import ZERO, cents, total_of
from applications.models import BankLine, BankStatement, Invoice, Payment
from applications.queries.bank import left_of
from applications.queries.matching import is_same_name
from applications.services.invoices import settle_due_day
from applications.states.invoices import PaymentKind
from certbody import clock
from certbody.accounts.models import User
from certbody.workflow import NotReady, WrongState

AMOUNT_IS_POSITIVE = _("Please give an amount above zero, in whole cents.")


def record(
    invoice: Invoice,
    *,
    actor: User,
    amount: Decimal,
    on: date,
    payer: str,
    reference: str = "",
    note: str = "",
    bank_line: int | None = None,
) -> dict[str, Any]:
    """Enter money that came in, at most what is open.

    A payer that is not the client needs a note (docs/decisions/0017: fees are paid by the client itself, not by a
    third party). With `bank_line` at most what the line still holds; day, payer and reference are those of the line.
    """
    _check_amount(amount)
    _check_day(on)
    line = _locked_line(bank_line)
    if line is not None:
        if amount > left_of(line):
            raise WrongState(_("This line of the bank statement has been entered already."))
        on, payer, reference = line.on, line.payer, line.reference
    if amount > invoice.open_amount:
        raise NotReady(
            _("At most CNY %(open)s is open. Enter that much; the rest stays with the bank statement.")
            % {"open": f"{invoice.open_amount:,.2f}"}
        )
    is_third_party = not is_same_name(payer, invoice.organisation.name)
    if is_third_party and not note:
        raise NotReady(
            _(
                "The payer is not %(client)s. The client itself pays its fees: please note what was clarified, "
                "or leave the payment unmatched and return it."
            )
            % {"client": invoice.organisation.name}
        )
    payment = Payment.objects.create(
        invoice=invoice,
        amount=amount,
        on=on,
        payer=payer,
        reference=reference,
        note=note,
        is_third_party=is_third_party,
        bank_line=line,
        recorded_by=actor.person,
    )
    return _booked(invoice, payment)


def _locked_line(pk: int | None) -> BankLine | None:
    """The line, its statement locked: nobody may lock a row of an append-only table on PostgreSQL."""
    if pk is None:
        return None
    line = BankLine.objects.get(pk=pk)
    BankStatement.objects.select_for_update(no_key=True).get(pk=line.statement_id)
    return line


def _check_amount(amount: Decimal) -> None:
    if amount <= 0 or amount != cents(amount):
        raise NotReady(AMOUNT_IS_POSITIVE)


def _check_day(on: date) -> None:
    if on > clock.today():
        raise NotReady(_("Money cannot have come in on a day that lies ahead."))


def _booked(invoice: Invoice, payment: Payment) -> dict[str, Any]:
    """Carry an entry into the invoice's sum; returns the facts of the event, without the payer's name."""
    invoice.paid += payment.amount
    invoice.save(update_fields=["paid"])
    settle_due_day(invoice)
    return {
        "number": invoice.number,
        "payment": payment.pk,
        "amount": str(payment.amount),
        "on": payment.on,
        "open": str(max(invoice.balance, ZERO)),
        "third_party": payment.is_third_party,
    }


def _entry_of(invoice: Invoice, pk: int) -> Payment:
    found = invoice.payments.filter(pk=pk, kind=PaymentKind.PAYMENT).first()
    if found is None:
        raise WrongState(_("This payment is not one of this invoice."))
    return found


def kept_of(payment: Payment) -> Decimal:
    """What is left of a payment after its counter-entries."""
    return payment.amount + total_of(row.amount for row in payment.counter_entries.all())


def reverse(invoice: Invoice, *, actor: User, payment: int, reason: str) -> dict[str, Any]:
    """Take a wrong entry back by a counter-entry; the line of the bank statement is free again."""
    wrong = _entry_of(invoice, payment)
    if kept_of(wrong) != wrong.amount:
        raise WrongState(_("This payment was reversed or refunded already."))
    counter = Payment.objects.create(
        invoice=invoice,
        kind=PaymentKind.REVERSAL,
        counters=wrong,
        bank_line=wrong.bank_line,
        amount=-wrong.amount,
        on=wrong.on,
        payer=wrong.payer,
        reference=wrong.reference,
        is_third_party=wrong.is_third_party,
        note=reason,
        recorded_by=actor.person,
    )
    return _booked(invoice, counter) | {"counters": wrong.pk}


def refund(
    invoice: Invoice, *, actor: User, payment: int, amount: Decimal, on: date, reference: str, reason: str
) -> dict[str, Any]:
    """Record that money went back: at most what was paid beyond what is owed, so the invoice is credited first."""
    _check_amount(amount)
    _check_day(on)
    source = _entry_of(invoice, payment)
    most = min(invoice.to_refund, kept_of(source))
    if amount > most:
        raise NotReady(
            _("At most CNY %(most)s of this payment can be refunded; make a credit note first for more.")
            % {"most": f"{most:,.2f}"}
        )
    counter = Payment.objects.create(
        invoice=invoice,
        kind=PaymentKind.REFUND,
        counters=source,
        amount=-amount,
        on=on,
        payer=source.payer,
        reference=reference,
        is_third_party=source.is_third_party,
        note=reason,
        recorded_by=actor.person,
    )
    return _booked(invoice, counter) | {"counters": source.pk}
