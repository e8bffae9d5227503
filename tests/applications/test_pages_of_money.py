"""Nothing of invoices and payments is hidden: what does not stand on the first page stands on the next."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import BankLine, BankStatement, Invoice, Payment
from applications.states.invoices import InvoiceState
from applications.views.payments import LINES_A_PAGE, STATEMENTS_A_PAGE
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.web.paging import PER_PAGE
from tests.applications.conftest import signed_in
from tests.road.applications import accepted_contract
from tests.road.invoices import sent_invoice
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_PORTAL, QUERIES_OF_PAYMENTS, QUERIES_OF_A_STATEMENT = 10, 16, 13


@pytest.fixture
def finance() -> User:
    return make_user(Role.FINANCE)


@pytest.fixture
def invoice(finance: User) -> Invoice:
    return sent_invoice(accepted_contract(make_user()), finance)


def copies_of(invoice: Invoice, count: int) -> list[Invoice]:
    made = []
    for number in range(count):
        copy = Invoice.objects.get(pk=invoice.pk)
        copy.pk, copy.number = None, f"COPY{number:03}"
        made.append(copy)
    return Invoice.objects.bulk_create(made)


def lines_of(finance: User, count: int) -> list[BankLine]:
    """Lines of one day; the list begins with the one that was stored last."""
    statement = BankStatement.objects.create(
        name="a.csv",
        sha256="0" * 64,
        rows=[["日期", "金额"]],
        uploaded_by=finance.person,
        imported_at=clock.now(),
    )
    rows = [
        BankLine(
            statement=statement,
            row=row,
            on=clock.today(),
            amount=7,
            payer=f"某公司{row:03}。",
            fingerprint=str(row),
        )
        for row in range(count)
    ]
    return BankLine.objects.bulk_create(rows)


def asked_by(browser, address: str, **query: object) -> tuple[str, int]:
    browser.get(address, query)
    with CaptureQueriesContext(connection) as queries:
        text = browser.get(address, query).content.decode()
    return text, len(queries)


def test_a_client_turns_the_pages_of_all_invoices(invoice: Invoice) -> None:
    copies = copies_of(invoice, PER_PAGE)
    browser = signed_in(invoice.contract.application.submitted_by)
    address = reverse("applications:portal_invoices")
    first, number = asked_by(browser, address)
    second, of_the_second = asked_by(browser, address, page=2)
    shown = [one.number for one in copies if f">{one.number}<" in first]
    assert len(shown) == PER_PAGE
    assert (f">{invoice.number}<" in first, f">{invoice.number}<" in second) == (False, True)
    assert "Page 2 of 2" in second
    assert (number, of_the_second) == (QUERIES_OF_THE_PORTAL, QUERIES_OF_THE_PORTAL)


def test_every_line_that_waits_stands_on_a_page(finance: User) -> None:
    lines = lines_of(finance, LINES_A_PAGE + 1)
    browser, address = signed_in(finance), reverse("applications:desk_payments")
    first, number = asked_by(browser, address)
    second, _number = asked_by(browser, address, page=2)
    missing = [line.payer for line in lines if (line.payer in first) == (line.payer in second)]
    assert missing == []
    assert (lines[0].payer in second, number) == (True, QUERIES_OF_PAYMENTS)


def test_every_statement_stands_on_a_page(finance: User) -> None:
    for number in range(STATEMENTS_A_PAGE + 1):
        BankStatement.objects.create(
            name=f"bank{number:02}.csv", sha256=f"{number:064}", uploaded_by=finance.person
        )
    browser, address = signed_in(finance), reverse("applications:desk_payments")
    first = browser.get(address).content.decode()
    second = browser.get(address, {"statements": 2}).content.decode()
    assert ("bank00.csv" in first, "bank01.csv" in first) == (False, True)
    assert ("bank00.csv" in second, "bank01.csv" in second) == (True, False)
    assert 'href="?statements=2"' in first


def test_every_line_of_a_statement_stands_on_a_page(finance: User) -> None:
    lines = lines_of(finance, LINES_A_PAGE + 1)
    browser = signed_in(finance)
    address = reverse("applications:desk_statement", args=[lines[0].statement_id])
    first, number = asked_by(browser, address)
    second, _number = asked_by(browser, address, page=2)
    assert [line.payer for line in lines if (line.payer in first) == (line.payer in second)] == []
    assert number == QUERIES_OF_A_STATEMENT


def test_a_safe_proposal_of_the_second_page_is_offered_there_and_entered(
    invoice: Invoice, finance: User
) -> None:
    lines_of(finance, LINES_A_PAGE)
    paying = BankLine.objects.create(
        statement=BankStatement.objects.get(),
        row=LINES_A_PAGE,
        on=clock.today() - timedelta(days=1),
        amount=invoice.total,
        payer=invoice.organisation.name,
        purpose=invoice.number,
        fingerprint="paying",
    )
    browser, address = signed_in(finance), reverse("applications:desk_payments_confirm")
    page = browser.get(reverse("applications:desk_payments"), {"page": 2}).content.decode()
    pair = f"{paying.pk}-{invoice.pk}-{invoice.total}"
    assert f'href="{address}?page=2"' in page
    assert pair not in browser.get(address).content.decode()
    assert pair in browser.get(address, {"page": 2}).content.decode()
    assert browser.post(address, {"pair": pair}).status_code == 302
    assert Payment.objects.get().bank_line == paying
    assert Invoice.objects.get().state == InvoiceState.PAID


@pytest.mark.parametrize("pair", ["x-1-1", "-", "9" * 40 + "-1-1", "²-1-1"])
def test_a_forged_pair_enters_nothing(invoice: Invoice, finance: User, pair: str) -> None:
    answer = signed_in(finance).post(reverse("applications:desk_payments_confirm"), {"pair": pair})
    assert (answer.status_code, Payment.objects.count()) == (302, 0)
