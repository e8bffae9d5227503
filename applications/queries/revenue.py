"""What contracts promise and what has come of it, as of a day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from applications.fees.amounts import ZERO, total_of
from applications.models import Contract, CreditNote, Invoice, Payment
from applications.states import ContractState
from applications.states.invoices import SENT_STATES
from certbody import clock

MOST_CONTRACTS = 2000  # of one page; finance looks at a period


@dataclass(frozen=True)
class Revenue:
    """What a contract promises and what has come of it; `invoiced` less credit notes.

    Invoices of the contracts that it took the place of are its own: what they charged, it does not charge again.
    """

    contract: Contract
    invoiced: Decimal
    paid: Decimal

    @property
    def open(self) -> Decimal:
        return self.invoiced - self.paid


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.BODY_ZONE)


def in_force_on(contracts: QuerySet[Contract], day: date) -> QuerySet[Contract]:
    """The contracts that were in force at the end of a day; one that was replaced counts until the day before that."""
    end = _start_of(day + timedelta(days=1))
    later = Contract.objects.filter(
        application=OuterRef("application"), accepted_at__gt=OuterRef("accepted_at")
    ).order_by("accepted_at")
    rows = contracts.filter(
        state__in=(ContractState.ACCEPTED, ContractState.SUPERSEDED), accepted_at__lt=end
    ).annotate(replaced_at=Subquery(later.values("accepted_at")[:1]))
    return rows.filter(Q(replaced_at=None) | Q(replaced_at__gte=end))


def accepted_since(contracts: QuerySet[Contract], day: date) -> QuerySet[Contract]:
    return contracts.filter(accepted_at__gte=_start_of(day))


def revenue_of(contracts: Sequence[Contract], day: date) -> list[Revenue]:
    """Each contract with what was invoiced, credited and paid in its application up to a day, inclusive."""
    applications = [contract.application_id for contract in contracts]
    of_them = Q(contract__application__in=applications, state__in=SENT_STATES, sent_on__lte=day)
    sent = Invoice.objects.filter(of_them).order_by().values_list("contract__application", "total")
    taken_back = CreditNote.objects.filter(
        invoice__contract__application__in=applications, made_on__lte=day
    ).order_by()
    payments = Payment.objects.filter(invoice__contract__application__in=applications, on__lte=day).order_by()
    key = F("invoice__contract__application")
    invoiced = _sums([*sent, *taken_back.values_list(key, "total")])
    paid = _sums(payments.values_list(key, "amount"))
    return [
        Revenue(contract, invoiced[contract.application_id], paid[contract.application_id])
        for contract in contracts
    ]


def _sums(rows: Iterable[tuple[int, Decimal]]) -> defaultdict[int, Decimal]:
    """Added up in Python: SQLite adds with floats."""
    found: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for key, amount in rows:
        found[key] += amount
    return found


@dataclass(frozen=True)
class RevenueSums:
    person_days: Decimal
    contracted: Decimal
    invoiced: Decimal
    paid: Decimal


def sums_of(rows: Sequence[Revenue]) -> RevenueSums:
    return RevenueSums(
        person_days=total_of(row.contract.person_days for row in rows),
        contracted=total_of(row.contract.total for row in rows),
        invoiced=total_of(row.invoiced for row in rows),
        paid=total_of(row.paid for row in rows),
    )
