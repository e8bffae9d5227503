"""Invoices of a contract in force, by their steps; their document is a stand-in."""

from decimal import Decimal
from typing import Any

from applications.models import Contract, Invoice
from applications.transitions.invoice import DRAFT, INVOICE, RECORD_PDF, SEND
from certbody.accounts.models import User
from certbody.clock import today
from certbody.files.models import Audience
from certbody.files.storage import store
from certbody.workflow import perform


def take(name: str, invoice: Invoice, actor: User | None, **data: Any) -> Invoice:
    moved: Invoice = perform(INVOICE.step(name), invoice, actor=actor, **data)
    moved.refresh_from_db()
    return moved


def drafted_invoice(contract: Contract, finance: User, kind: str = "contract") -> Invoice:
    wish = Invoice(contract=contract, case=contract.case, organisation=contract.case.organisation, kind=kind)
    made: Invoice = perform(DRAFT, wish, actor=finance)
    return made


def sent_invoice(contract: Contract, finance: User, kind: str = "contract") -> Invoice:
    invoice: Invoice = perform(SEND, drafted_invoice(contract, finance, kind), actor=finance)
    file = store(
        content=b"%PDF-1.7 stand-in",
        name=f"{invoice.number}.pdf",
        kind="invoice",
        case=invoice.case,
        audience=Audience.CLIENT,
    )
    printed: Invoice = perform(RECORD_PDF, invoice, actor=None, file=file)
    return printed


def pay(invoice: Invoice, finance: User, amount: Decimal | str | None = None, **more: Any) -> Invoice:
    facts = {"on": today(), "payer": invoice.organisation.name, **more}
    due = invoice.open_amount if amount is None else Decimal(amount)
    return take("record_payment", invoice, finance, amount=due, **facts)
