"""What contracts bring in: promised, invoiced and paid, without those whose money the reader may not know."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch

from applications.fees.amounts import total_of
from applications.models import Contract, Invoice
from applications.queries.invoices import contracts_to_invoice
from applications.states.invoices import SENT_STATES
from certbody.accounts.models import User


@dataclass(frozen=True)
class Revenue:
    """What a contract promises and what has come of it; `invoiced` less credit notes."""

    contract: Contract
    invoiced: Decimal
    paid: Decimal

    @property
    def open(self) -> Decimal:
        return self.invoiced - self.paid


@dataclass(frozen=True)
class RevenueSums:
    person_days: Decimal
    contracted: Decimal
    invoiced: Decimal
    paid: Decimal


def revenue_for(user: User) -> list[Revenue]:
    """A line for each contract in force, the newest number first; drafts of invoices bring nothing in yet."""
    sent = Invoice.objects.filter(state__in=SENT_STATES)
    contracts = contracts_to_invoice(user).prefetch_related(Prefetch("invoices", sent)).order_by("-number")
    return [_revenue_of(contract) for contract in contracts]


def _revenue_of(contract: Contract) -> Revenue:
    invoices = contract.invoices.all()
    return Revenue(
        contract=contract,
        invoiced=total_of(row.total - row.credited for row in invoices),
        paid=total_of(row.paid for row in invoices),
    )


def sums_of(rows: Sequence[Revenue]) -> RevenueSums:
    return RevenueSums(
        person_days=total_of(row.contract.person_days for row in rows),
        contracted=total_of(row.contract.total for row in rows),
        invoiced=total_of(row.invoiced for row in rows),
        paid=total_of(row.paid for row in rows),
    )
