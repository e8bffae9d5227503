"""What the steps of an invoice do: making, sending, splitting, crediting, reminding."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.fees.amounts import ZERO, cents, line_amount, tax_in, total_of
from applications.models import CreditNote, CreditNoteLine, Instalment, Invoice, InvoiceLine
from applications.models.invoice import BUYER_FIELDS
from applications.queries.invoices import not_invoiced, title_of
from applications.states.invoices import KEYS_OF_KIND, ItemKey
from certbody import clock
from certbody.accounts.models import User
from certbody.body.numbers import number_from
from certbody.body.settings_catalogue import setting, settings_of
from certbody.cases.services import next_number
from certbody.desk.services import close_tasks
from certbody.files.models import StoredFile
from certbody.outbox.recipients import client_of
from certbody.outbox.services import promise_job, promise_message
from certbody.workflow import NotReady, WrongState

MAKE_TASK = "invoice.make"
CHASE_TASK = "invoice.chase"
PDF_JOB = "invoice.pdf"
REMINDER = "invoice.reminded"
MOST_INSTALMENTS = 6
INVOICE_NUMBER, CREDIT_NUMBER = "invoice", "credit_note"


def take_number(kind: str) -> str:
    """The next number of this year in the body's form; a rollback gives it back, so that the row has no gap."""
    year = clock.today().year
    values = settings_of([f"{kind}_number_template", "cb_code"])
    facts: dict[str, str | int] = {
        "cb_code": values["cb_code"],
        "yy": f"{year % 100:02}",
        "seq": next_number(f"{kind.replace('_', ' ')} {year}"),
    }
    return number_from(values[f"{kind}_number_template"], facts)


def draft(invoice: Invoice, *, actor: User) -> dict[str, Any]:
    """Make an invoice with the lines of its contract that its kind asks for and no other invoice has."""
    contract = invoice.contract
    invoice.case = contract.case
    invoice.organisation = contract.case.organisation
    invoice.tax_rate = setting("tax_rate_percent")
    _take_buyer(invoice)
    left = not_invoiced(contract)
    lines = []
    for line in contract.lines.filter(key__in=KEYS_OF_KIND[invoice.kind]):
        rest = left[line.key]
        if rest == line.amount:
            lines.append((line.key, line.quantity, line.unit_price))
        elif rest > 0:
            lines.append((line.key, Decimal(1), rest))
    if KEYS_OF_KIND[invoice.kind] and not lines:
        raise NotReady(_("Everything of this kind in the contract is on an invoice already."))
    invoice.save()
    _write_lines(invoice, lines)
    close_tasks(kinds=[MAKE_TASK], obj=contract)
    return {"contract": contract.number, "kind": invoice.kind, "total": str(invoice.total)}


def _take_buyer(invoice: Invoice) -> None:
    """The title as the client wants it now; sending takes it for good."""
    title = title_of(invoice.organisation)
    for name in BUYER_FIELDS:
        setattr(invoice, name, getattr(title, name))


def _write_lines(invoice: Invoice, lines: Sequence[tuple[str, Decimal, Decimal]]) -> None:
    invoice.lines.all().delete()
    rows = []
    for position, (key, quantity, unit_price) in enumerate(lines, 1):
        amount = line_amount(quantity, unit_price)
        rows.append(
            InvoiceLine(
                invoice=invoice,
                position=position,
                key=key,
                quantity=quantity,
                unit_price=unit_price,
                amount=amount,
                tax=tax_in(amount, invoice.tax_rate),
            )
        )
    InvoiceLine.objects.bulk_create(rows)
    invoice.total = total_of(row.amount for row in rows)
    invoice.tax = total_of(row.tax for row in rows)
    invoice.save(update_fields=["total", "tax"])


def revise(
    invoice: Invoice, *, actor: User, lines: Mapping[str, tuple[Decimal, Decimal]], note: str = ""
) -> dict[str, Any]:
    """Write the lines anew: item → quantity and unit price. A plan of instalments that no longer fits is dropped."""
    ordered = [(key.value, *lines[key]) for key in ItemKey if key in lines]
    if not ordered:
        raise NotReady(_("An invoice needs at least one line."))
    before = invoice.total
    _write_lines(invoice, ordered)
    invoice.note = note
    invoice.save(update_fields=["note"])
    if invoice.total != before:
        invoice.instalments.all().delete()
    return {"total": str(invoice.total), "lines": [key for key, _quantity, _price in ordered]}


def plan(invoice: Invoice, *, actor: User, parts: Sequence[tuple[date, Decimal]]) -> dict[str, Any]:
    """Split an invoice; the parts must add up to its total, each on its own day. No parts: the whole is due at once."""
    if parts and total_of(amount for _day, amount in parts) != invoice.total:
        raise NotReady(
            _("The instalments must add up to CNY %(total)s.") % {"total": f"{invoice.total:,.2f}"}
        )
    if len(parts) > MOST_INSTALMENTS:
        raise NotReady(_("At most %(most)s instalments are possible.") % {"most": MOST_INSTALMENTS})
    if any(amount <= 0 or amount != cents(amount) for _day, amount in parts):
        raise NotReady(_("Each instalment needs an amount above zero, in whole cents."))
    if len({day for day, _amount in parts}) != len(parts):
        raise NotReady(_("Each instalment needs a day of its own."))
    invoice.instalments.all().delete()
    Instalment.objects.bulk_create(
        Instalment(invoice=invoice, due_on=day, amount=amount) for day, amount in parts
    )
    if invoice.sent_on is not None:
        if not parts:
            invoice.due_on = invoice.sent_on + timedelta(days=int(setting("invoice_due_days")))
        settle_due_day(invoice)
    return {"number": invoice.number, "parts": [[day.isoformat(), str(amount)] for day, amount in parts]}


def settle_due_day(invoice: Invoice) -> None:
    """Set the day of the earliest part that is open; reminders are counted anew for another day."""
    following = invoice.open_parts()
    if following and following[0].due_on != invoice.due_on:
        invoice.due_on, invoice.reminders = following[0].due_on, 0
    invoice.save(update_fields=["due_on", "reminders"])


def send(invoice: Invoice, *, actor: User) -> dict[str, Any]:
    """Take the number, the buyer's title and the day it is due; its document is made after the commit."""
    _take_buyer(invoice)
    invoice.number = take_number(INVOICE_NUMBER)
    invoice.sent_on = clock.today()
    first = invoice.instalments.first()
    days = int(setting("invoice_due_days"))
    invoice.due_on = first.due_on if first else invoice.sent_on + timedelta(days=days)
    invoice.save(update_fields=[*BUYER_FIELDS, "number", "sent_on", "due_on"])
    promise_job(kind=PDF_JOB, obj=invoice, case=invoice.case)
    return {"number": invoice.number, "total": str(invoice.total), "due_on": invoice.due_on}


def discard(invoice: Invoice, *, actor: User, reason: str) -> dict[str, Any]:
    invoice.discard_reason = reason
    invoice.save(update_fields=["discard_reason"])
    return {"contract": invoice.contract.number}


def record_pdf(invoice: Invoice, *, actor: User | None, file: StoredFile) -> dict[str, Any]:
    """Take the document into the invoice; there is one."""
    if invoice.pdf_id is not None:
        raise WrongState(_("This invoice has its document already."))
    invoice.pdf = file
    invoice.save(update_fields=["pdf"])
    return {
        "number": invoice.number,
        "total": str(invoice.total),
        "due_on": invoice.due_on,
        "sha256": file.sha256,
    }


def record_electronic(invoice: Invoice, *, actor: User, number: str, on: date) -> dict[str, Any]:
    """Record number and day of the electronic invoice that finance issued on the tax platform."""
    earlier = invoice.electronic_number
    invoice.electronic_number, invoice.electronic_on = number, on
    invoice.save(update_fields=["electronic_number", "electronic_on"])
    return {"number": invoice.number, "electronic_number": number, "on": on, "earlier": earlier}


def credit(invoice: Invoice, *, actor: User, amounts: Mapping[int, Decimal], reason: str) -> dict[str, Any]:
    """Make a credit note: line of the invoice → amount taken back, the tax included. Raises NotReady for too much."""
    lines = {line.pk: line for line in invoice.lines.prefetch_related("credits")}
    taken = {pk: amount for pk, amount in amounts.items() if amount}
    if not taken:
        raise NotReady(_("Please say for at least one line how much is credited."))
    for pk, amount in taken.items():
        left = lines[pk].amount + total_of(row.amount for row in lines[pk].credits.all())
        if amount < 0 or amount > left or amount != cents(amount):
            raise NotReady(
                _("%(item)s: at most CNY %(left)s can be credited.")
                % {"item": lines[pk].get_key_display(), "left": f"{left:,.2f}"}
            )
    taxes = {pk: _tax_back(lines[pk], amount) for pk, amount in taken.items()}
    note = CreditNote.objects.create(
        invoice=invoice,
        number=take_number(CREDIT_NUMBER),
        reason=reason,
        total=-total_of(taken.values()),
        tax=-total_of(taxes.values()),
        made_on=clock.today(),
        made_by=actor.person,
    )
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(credit_note=note, line=lines[pk], amount=-amount, tax=-taxes[pk])
        for pk, amount in taken.items()
    )
    invoice.credited -= note.total
    invoice.save(update_fields=["credited"])
    settle_due_day(invoice)
    return {
        "number": invoice.number,
        "credit_note": note.number,
        "amount": str(-note.total),
        "open": str(max(invoice.balance, ZERO)),
    }


def _tax_back(line: InvoiceLine, amount: Decimal) -> Decimal:
    """The tax in what is credited: never more than is left of the line's tax, and with the last credit all of it."""
    earlier = list(line.credits.all())
    tax_left = line.tax + total_of(row.tax for row in earlier)
    if amount == line.amount + total_of(row.amount for row in earlier):
        return tax_left
    return min(tax_in(amount, line.invoice.tax_rate), tax_left)


def remind(invoice: Invoice, *, actor: User | None, due_on: date | None = None) -> dict[str, Any]:
    """Promise the reminder: one row a client and day, so that no run repeats it. `due_on` is the day it had to go."""
    day = due_on or clock.today()
    facts = {
        "number": invoice.number,
        "open": f"{invoice.open_amount:,.2f}",
        "due_on": invoice.due_on.isoformat() if invoice.due_on else "",
        "path": f"/portal/invoices/{invoice.number}/",
    }
    for address, language in client_of(invoice):
        promise_message(
            kind=REMINDER,
            obj=invoice,
            case=invoice.case,
            recipient=address,
            language=language,
            due_on=day,
            context=facts,
        )
    invoice.reminders += 1
    invoice.reminded_on = clock.today()
    invoice.save(update_fields=["reminders", "reminded_on"])
    return {"number": invoice.number, "due_on": invoice.due_on, "reminder": invoice.reminders}
