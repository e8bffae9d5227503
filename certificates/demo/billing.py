"""Invoices of the demo: one in every state, some late, and a bank statement with lines to match."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from applications.fees.amounts import in_equal_parts
from applications.models import Contract, Invoice
from applications.services.bank import take_over, upload_statement
from applications.services.invoice_titles import change_title
from applications.states import ContractState
from certbody import clock
from certbody.outbox.sweeper import sweep
from certificates.demo.applying import take
from certificates.demo.people import account

STATEMENT = "示例银行-客户回单.csv"
HEADINGS = ("交易日期", "对方户名", "贷方发生额", "摘要", "交易流水号")


class Billing:
    """Finance at work on the contracts of the demo, each invoice on its days."""

    def __init__(self) -> None:
        self.finance = account("finance")
        self.today = clock.today()

    def step(self, name: str, invoice: Invoice, day: date, **data: Any) -> Invoice:
        with clock.at(day):
            moved: Invoice = take(f"invoice.{name}", invoice, actor=self.finance, **data)
        moved.refresh_from_db()
        return moved

    def draft(self, contract: Contract, day: date, kind: str = "contract") -> Invoice:
        wish = Invoice(
            contract=contract, case=contract.case, organisation=contract.case.organisation, kind=kind
        )
        return self.step("draft", wish, day)

    def sent(self, contract: Contract, day: date, kind: str = "contract") -> Invoice:
        invoice = self.step("send", self.draft(contract, day, kind), day)
        with clock.at(day):
            sweep()
        invoice.refresh_from_db()
        return invoice

    def paid(self, contract: Contract, day: date) -> Invoice:
        invoice = self.sent(contract, day)
        later = min(day + timedelta(days=9), self.today)
        self.electronic(invoice, day)
        return self.pay(invoice, later, invoice.total)

    def electronic(self, invoice: Invoice, day: date) -> None:
        number = f"2611{invoice.pk:016}"
        self.step("record_electronic", invoice, day, number=number, on=day)

    def pay(self, invoice: Invoice, day: date, amount: Decimal) -> Invoice:
        return self.step(
            "record_payment",
            invoice,
            day,
            amount=amount,
            on=day,
            payer=invoice.organisation.name,
            reference=f"PZ{invoice.pk:06}",
        )

    def credited(self, contract: Contract, day: date) -> None:
        invoice = self.sent(contract, day)
        amounts = {line.pk: line.amount for line in invoice.lines.all()}
        self.step("credit", invoice, day, amounts=amounts, reason="发票抬头有误，冲销后重新开具。")

    def in_instalments(self, contract: Contract, day: date) -> Invoice:
        draft = self.draft(contract, day)
        first, second = in_equal_parts(draft.total, 2)
        parts = [(day + timedelta(days=15), first), (self.today + timedelta(days=20), second)]
        self.step("plan", draft, day, parts=parts)
        invoice = self.step("send", draft, day)
        return self.pay(invoice, day + timedelta(days=10), first)


def make_invoices() -> None:
    """Bill the contracts that were accepted, the newest in ways that leave something to do."""
    billing = Billing()
    today = billing.today
    accepted = Contract.objects.filter(state=ContractState.ACCEPTED).select_related("case__organisation")
    contracts = list(accepted.order_by("accepted_at", "pk"))
    *settled, credited, partial, overdue, fresh, draft, _untouched = contracts
    for contract in settled:
        billing.paid(contract, _day_after(contract, 1))
    billing.credited(credited, _day_after(credited, 2))
    billing.in_instalments(partial, _day_after(partial, 1))
    late = billing.sent(overdue, _day_after(overdue, 1), "application")
    billing.step("remind", late, today - timedelta(days=2))
    waiting = billing.sent(fresh, today - timedelta(days=5))
    billing.draft(draft, today)
    _special_title(fresh)
    _upload_statement(billing, waiting, late)


def _day_after(contract: Contract, days: int) -> date:
    accepted_at = contract.accepted_at
    if accepted_at is None:
        raise LookupError(f"contract {contract.number} is not accepted")
    on = accepted_at.astimezone(clock.BODY_ZONE).date()
    return min(on + timedelta(days=days), clock.today())


def _special_title(contract: Contract) -> None:
    organisation = contract.case.organisation
    member = organisation.memberships.select_related("person").order_by("pk")[0]
    change_title(
        organisation=organisation,
        actor=member.person.users.get(),
        values={
            "wants": "special",
            "title": organisation.name,
            "taxpayer_number": organisation.credit_code,
            "address": organisation.registered_address,
            "phone": organisation.contact_phone,
            "bank": "示例银行深圳分行",
            "account": "6222 0000 1234 5678",
        },
    )


def _upload_statement(billing: Billing, waiting: Invoice, late: Invoice) -> None:
    """Three lines: one is safe, one is paid by somebody else, one names nothing."""
    day = billing.today - timedelta(days=1)
    lines = (
        (day, waiting.organisation.name, waiting.total, f"认证费 {waiting.number}", "TX0001"),
        (day, "华信企业管理咨询有限公司", late.total, f"代付 {late.number}", "TX0002"),
        (day, "张三", Decimal("500.00"), "往来款", "TX0003"),
    )
    rows = [",".join(HEADINGS)]
    rows += [
        f"{on.isoformat()},{payer},{amount},{purpose},{mark}" for on, payer, amount, purpose, mark in lines
    ]
    content = "\r\n".join(rows).encode("gb18030")
    statement = upload_statement(actor=billing.finance, name=STATEMENT, content=content, extension="csv")
    columns = {"on": 0, "amount": 2, "payer": 1, "purpose": 3, "reference": 4}
    take_over(statement=statement, actor=billing.finance, header=0, columns=columns)
