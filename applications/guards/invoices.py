"""What is still missing before a step of an invoice."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from applications.models import Invoice
from applications.queries.invoices import not_invoiced
from applications.states import ContractState
from applications.states.invoices import ItemKey, PaymentKind
from certbody import clock
from certbody.accounts.models import User
from certbody.workflow import Missing


def has_contract(invoice: Invoice, _actor: User | None) -> Iterator[Missing]:
    if invoice.contract.state != ContractState.ACCEPTED:
        yield Missing(_("Only a contract that the client has accepted is invoiced."))


def may_be_sent(invoice: Invoice, actor: User | None) -> Iterator[Missing]:
    yield from has_contract(invoice, actor)
    if invoice.total <= 0:
        yield Missing(_("The invoice needs a line with an amount."))
    for key, left in not_invoiced(invoice.contract).items():
        if left < 0 and invoice.lines.filter(key=key).exists():
            yield Missing(
                _("%(item)s: CNY %(over)s more than the contract has.")
                % {"item": ItemKey(key).label, "over": f"{-left:,.2f}"}
            )
    first = invoice.instalments.first()
    if first is not None and first.due_on < clock.today():
        yield Missing(_("The first instalment is due on a day that is over; please plan anew."))


def was_not_reminded_today(invoice: Invoice, _actor: User | None) -> Iterator[Missing]:
    if invoice.reminded_on == clock.today():
        yield Missing(_("The client was reminded today; the next reminder can go out tomorrow."))


def has_payment(invoice: Invoice, _actor: User | None) -> Iterator[Missing]:
    if not invoice.payments.filter(kind=PaymentKind.PAYMENT).exists():
        yield Missing(_("No payment has been entered."))


def has_something_to_refund(invoice: Invoice, _actor: User | None) -> Iterator[Missing]:
    if not invoice.to_refund:
        yield Missing(_("Nothing was paid beyond what is owed. Make a credit note first."))
