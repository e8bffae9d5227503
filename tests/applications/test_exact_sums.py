"""Sums of money that the database adds are exact to the cent, also where the database adds with floats."""

from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from applications.models import BankLine, BankStatement, Invoice
from applications.queries.bank import left_of, unmatched
from applications.queries.exact import amount_of, cents_of, sum_of_cents
from applications.queries.invoices import totals_of
from applications.states.invoices import InvoiceState
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from tests.emptying import without_triggers
from tests.road.applications import accepted_contract
from tests.road.invoices import pay, sent_invoice
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
MOST = Decimal("9999999999.99")  # what a column of an amount holds
MANY = 1_200  # so many of them are more than a float can tell to the cent


@pytest.fixture
def finance() -> User:
    return make_user(Role.FINANCE)


@pytest.fixture
def invoice(finance: User) -> Invoice:
    return sent_invoice(accepted_contract(make_user()), finance)


def copies_of(invoice: Invoice, *amounts: tuple[str | Decimal, str, str]) -> None:
    """Invoices like this one with other totals, credits and payments."""
    made = []
    for number, (total, credited, paid) in enumerate(amounts):
        copy = Invoice.objects.get(pk=invoice.pk)
        copy.pk, copy.number = None, f"COPY{number}"
        copy.total, copy.credited, copy.paid, copy.tax = Decimal(total), Decimal(credited), Decimal(paid), 0
        made.append(copy)
    with without_triggers("applications_invoice"):
        Invoice.objects.bulk_create(made)


@pytest.mark.django_db(transaction=True)
def test_the_sums_of_many_large_invoices_are_exact_and_one_query(invoice: Invoice) -> None:
    whole, cent = str(MOST), "0.01"
    copies_of(
        invoice, *[(MOST, "0", "0")] * MANY, (whole, whole, cent), (whole, "0.02", whole), (cent, "0", "0")
    )
    with CaptureQueriesContext(connection) as queries:
        found = totals_of(Invoice.objects.exclude(pk=invoice.pk))
    assert found.count == MANY + 3
    assert found.total == (MANY + 2) * MOST + Decimal("0.01")
    assert (found.credited, found.paid) == (MOST + Decimal("0.02"), MOST + Decimal("0.01"))
    assert found.open == MANY * MOST + Decimal("0.01")
    assert len(queries) == 1


def test_drafts_count_for_nothing_and_no_invoice_is_nought(invoice: Invoice) -> None:
    drafts = Invoice.objects.filter(state=InvoiceState.DRAFT)
    assert (totals_of(drafts).count, totals_of(drafts).open) == (0, Decimal(0))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the other database adds decimals exactly")
def test_added_as_they_are_stored_the_same_amounts_lose_cents(invoice: Invoice) -> None:
    """Negative control: if this sum were exact, the one in cents would prove nothing."""
    copies_of(invoice, *[(MOST, "0", "0")] * MANY)
    rows = Invoice.objects.exclude(pk=invoice.pk)
    exact = rows.aggregate(sum=sum_of_cents(cents_of("total")))["sum"]
    assert amount_of(exact) == MANY * MOST
    assert rows.aggregate(sum=Sum("total"))["sum"] != MANY * MOST


def test_a_line_waits_until_its_last_cent_is_entered(invoice: Invoice, finance: User) -> None:
    statement = BankStatement.objects.create(name="a.csv", sha256="0" * 64, uploaded_by=finance.person)
    line = BankLine.objects.create(
        statement=statement,
        row=1,
        on=clock.today(),
        amount=Decimal("0.60"),
        payer=invoice.organisation.name,
        fingerprint="1",
    )
    for part in ("0.10", "0.20", "0.29"):
        invoice = pay(invoice, finance, part, bank_line=line.pk)
    assert [left_of(one) for one in unmatched(BankLine.objects.all())] == [Decimal("0.01")]
    pay(invoice, finance, "0.01", bank_line=line.pk)
    assert list(unmatched(BankLine.objects.all())) == []
