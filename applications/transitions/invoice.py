"""The steps of an invoice, from the draft to its payment or its credit note."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.guards import invoices as guards
from applications.models import Invoice
from applications.paths.invoices import invoice_page, make_page
from applications.permissions import invoices as permissions
from applications.queries import invoices as queries
from applications.services import invoices, payments
from applications.states.invoices import InvoiceState as S
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Part
from certbody.desk.services import Audience, TaskFor
from certbody.outbox.recipients import client_of
from certbody.workflow import Notice, Step, Table, register


def _finance(_obj: Any) -> Iterator[Audience]:
    yield Audience(role=Role.FINANCE)


def _client(invoice: Invoice) -> Iterator[Audience]:
    yield Audience(organisation=invoice.organisation)


def _figures(invoice: Invoice, *, actor: User | None) -> dict[str, Any]:
    return {"number": invoice.number, "total": str(invoice.total), "open": str(invoice.open_amount)}


def _desk_page(invoice: Invoice) -> str:
    return invoice_page(invoice, staff=True)


def _client_page(invoice: Invoice) -> str:
    return invoice_page(invoice, staff=False)


def page_of(invoice: Invoice, user: Any) -> str:
    """The reader's page; nobody in particular means the client, who knows an invoice by its number."""
    is_staff = user is not None and user.is_staff_member
    return invoice_page(invoice, staff=is_staff or not invoice.number)


TO_MAKE = TaskFor(kind=invoices.MAKE_TASK, label=_("Make the invoice"), to=_finance, path=make_page, days=7)
TO_CREDIT = TaskFor(
    kind="invoice.credit_amended",
    label=_("More was invoiced than the amended contract has: make a credit note"),
    to=_finance,
    path=make_page,
    days=7,
)
TO_SEND = TaskFor(
    kind="invoice.send", label=_("Check the invoice and send it"), to=_finance, path=_desk_page, days=3
)
TO_ISSUE_ELECTRONIC = TaskFor(
    kind="invoice.electronic",
    label=_("Issue the electronic invoice and record its number"),
    to=_finance,
    path=_desk_page,
    days=7,
)
TO_CHASE = TaskFor(
    kind=invoices.CHASE_TASK, label=_("An invoice is overdue"), to=_finance, path=_desk_page, days=0
)

# without a day: that of the earliest open part moves with every payment, and the pages of invoices show it
TO_PAY = TaskFor(kind="invoice.pay", label=_("Pay the invoice"), to=_client, path=_client_page)

DRAFT = Step(
    name="draft",
    event="invoice.drafted",
    sources=(),
    target=S.DRAFT,
    label=_("Make the invoice"),
    recorded=_("Invoice drafted"),
    allowed=permissions.by_finance,
    guard=guards.has_contract,
    effect=invoices.draft,
    part=Part.PAYMENT,
    opens=(TO_SEND,),
    has_own_page=True,
)
REVISE = Step(
    name="revise",
    event="invoice.revised",
    sources=(S.DRAFT,),
    target=None,
    label=_("Change the lines"),
    hint=_("Prices include the tax. A plan of instalments that no longer fits is dropped."),
    tone="secondary",
    recorded=_("Lines of the invoice changed"),
    allowed=permissions.by_finance,
    effect=invoices.revise,
    part=Part.PAYMENT,
)
PLAN = Step(
    name="plan",
    event="invoice.planned",
    sources=(S.DRAFT, S.SENT),
    target=None,
    label=_("Agree instalments"),
    hint=_("The instalments add up to the total. Leave all of them empty to take a plan back."),
    tone="secondary",
    recorded=_("Instalments of the invoice agreed"),
    allowed=permissions.by_finance,
    effect=invoices.plan,
    part=Part.PAYMENT,
)
SEND = Step(
    name="send",
    event="invoice.sent",
    sources=(S.DRAFT,),
    target=S.SENT,
    label=_("Send the invoice"),
    hint=_("It takes its number and is printed as a PDF; then the client is told."),
    recorded=_("Invoice sent"),
    allowed=permissions.by_finance,
    guard=guards.may_be_sent,
    effect=invoices.send,
    part=Part.PAYMENT,
    opens=(TO_ISSUE_ELECTRONIC, TO_PAY),
    closes=(TO_SEND.kind,),
)
DISCARD = Step(
    name="discard",
    event="invoice.discarded",
    sources=(S.DRAFT,),
    target=S.DISCARDED,
    label=_("Discard the draft"),
    tone="danger",
    recorded=_("Draft of an invoice discarded"),
    allowed=permissions.by_finance,
    effect=invoices.discard,
    part=Part.PAYMENT,
    closes=(TO_SEND.kind,),
)
RECORD_PDF = Step(
    name="record_pdf",
    event="invoice.printed",
    sources=(S.SENT, S.PAID, S.CREDITED),
    target=None,
    label=_("Print the invoice"),
    recorded=_("Invoice printed, the client was told"),
    told=_("We sent you an invoice"),
    allowed=permissions.by_system,
    surface="system",
    effect=invoices.record_pdf,
    notify=(Notice("invoice.sent", client_of),),
)
RECORD_PAYMENT = Step(
    name="record_payment",
    event="invoice.payment_recorded",
    sources=(S.SENT,),
    target=None,
    label=_("Enter a payment"),
    hint=_("Also in part; what is open stays open."),
    recorded=_("Payment entered"),
    told=_("Your payment has arrived"),
    allowed=permissions.by_finance,
    effect=payments.record,
    part=Part.PAYMENT,
)
RECORD_ELECTRONIC = Step(
    name="record_electronic",
    event="invoice.electronic_recorded",
    sources=(S.SENT, S.PAID),
    target=None,
    label=_("Record the electronic invoice"),
    hint=_("Number and day of the invoice that you issued on the tax platform."),
    tone="secondary",
    recorded=_("Electronic invoice recorded"),
    told=_("The electronic invoice was issued"),
    allowed=permissions.by_finance,
    effect=invoices.record_electronic,
    part=Part.PAYMENT,
    notify=(Notice("invoice.electronic_recorded", client_of),),
    closes=(TO_ISSUE_ELECTRONIC.kind,),
)
REMIND = Step(
    name="remind",
    event="invoice.reminded",
    sources=(S.SENT,),
    target=None,
    label=_("Remind the client to pay"),
    hint=_("At most once a day; the system reminds by itself as well."),
    tone="secondary",
    recorded=_("Client reminded of the invoice"),
    told=_("We reminded you of an invoice"),
    allowed=permissions.by_finance_or_system,
    guard=guards.was_not_reminded_today,
    effect=invoices.remind,
)
CREDIT = Step(
    name="credit",
    event="invoice.credit_noted",
    sources=(S.SENT, S.PAID),
    target=None,
    label=_("Make a credit note"),
    hint=_("Takes the invoice back, in full or in part; the credit note has a number of its own."),
    tone="danger",
    recorded=_("Credit note made"),
    told=_("We made a credit note for you"),
    allowed=permissions.by_finance,
    effect=invoices.credit,
    part=Part.PAYMENT,
    notify=(Notice("invoice.credit_noted", client_of),),
)
REVERSE = Step(
    name="reverse_payment",
    event="invoice.payment_reversed",
    sources=(S.SENT, S.PAID, S.CREDITED),
    target=None,
    label=_("Reverse a wrong payment"),
    hint=_("The entry stays on record, with a counter-entry and your reason."),
    tone="danger",
    recorded=_("Wrong payment reversed"),
    told=_("A payment that was entered by mistake was taken back"),
    allowed=permissions.by_finance,
    guard=guards.has_payment,
    effect=payments.reverse,
    part=Part.PAYMENT,
)
REFUND = Step(
    name="refund",
    event="invoice.refunded",
    sources=(S.SENT, S.PAID, S.CREDITED),
    target=None,
    label=_("Record a refund"),
    hint=_("Money that went back to the payer, with the reference of the bank."),
    tone="secondary",
    recorded=_("Refund recorded"),
    told=_("We refunded a payment"),
    allowed=permissions.by_finance,
    guard=guards.has_something_to_refund,
    effect=payments.refund,
    part=Part.PAYMENT,
)
SETTLE = Step(
    name="settle",
    event="invoice.paid",
    sources=(S.SENT,),
    target=S.PAID,
    label=_("Note the invoice as paid"),
    recorded=_("Invoice paid in full"),
    told=_("The invoice is paid"),
    allowed=permissions.by_system,
    surface="system",
    effect=_figures,
    notify=(Notice("invoice.paid", client_of),),
    closes=(TO_CHASE.kind, TO_PAY.kind),
)
REOPEN = Step(
    name="reopen",
    event="invoice.reopened",
    sources=(S.PAID,),
    target=S.SENT,
    label=_("Note the invoice as open again"),
    recorded=_("Invoice open again"),
    told=_("The invoice is open again"),
    allowed=permissions.by_system,
    surface="system",
    effect=_figures,
    opens=(TO_PAY,),
)
CANCEL = Step(
    name="cancel",
    event="invoice.credited",
    sources=(S.SENT, S.PAID),
    target=S.CREDITED,
    label=_("Note the invoice as credited in full"),
    recorded=_("Invoice credited in full"),
    told=_("The invoice is cancelled by a credit note"),
    allowed=permissions.by_system,
    surface="system",
    effect=_figures,
    closes=(TO_CHASE.kind, TO_ISSUE_ELECTRONIC.kind, TO_PAY.kind),
)

INVOICE = register(
    Table(
        aggregate="invoice",
        title=_("Invoice"),
        model=Invoice,
        states=S,
        steps=(
            DRAFT,
            REVISE,
            PLAN,
            SEND,
            DISCARD,
            RECORD_PDF,
            RECORD_PAYMENT,
            RECORD_ELECTRONIC,
            REMIND,
            CREDIT,
            REVERSE,
            REFUND,
            SETTLE,
            REOPEN,
            CANCEL,
        ),
        visible_to=queries.invoices_visible_to,
        page=page_of,
    )
)
