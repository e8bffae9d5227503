"""An amendment that lowers the fees: finance is told, the credit note is proposed, and revenue counts it once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from applications.forms.invoice import CreditForm
from applications.models import Contract
from applications.queries import revenue as revenue_queries
from applications.queries.invoices import contracts_to_invoice, without_invoice
from applications.queries.lowered import over_invoiced
from applications.queries.revenue import in_force_on, revenue_of
from applications.transitions import ACCEPT_OFFER, AMEND, OFFER
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.services import change_setting
from certbody.desk.models import Task
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import accepted_contract, printed
from tests.road.invoices import pay, sent_invoice, take
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(db: None) -> User:
    return make_user(Role.FINANCE)


def amended_to(contract: Contract, annual: str) -> Contract:
    """The contract that took the place of this one after the annual fee had changed."""
    change_setting(
        key="fee_annual",
        value=Decimal(annual),
        source="收费表",
        actor=make_user(Role.HEAD),
        valid_from=clock.today(),
    )
    officer = make_user(Role.CONTRACTS)
    perform(AMEND, contract, actor=officer, wish="body", reason="收费调整")
    later = printed(perform(OFFER, contract.amendments.get(), actor=officer))
    taken: Contract = perform(ACCEPT_OFFER, later, actor=contract.accepted_by, sha256=later.pdf_sha256)
    return taken


def waiting() -> list[str]:
    kinds = Task.objects.filter(role=Role.FINANCE, closed_at=None, kind="invoice.credit_amended")
    return list(kinds.values_list("object_id", flat=True))


def annual_of(contract: Contract) -> Decimal:
    amount: Decimal = contract.lines.get(key="annual").amount
    return amount


def test_finance_is_told_of_what_was_invoiced_beyond_the_amended_contract_until_it_is_credited(finance):
    contract = accepted_contract()
    invoice = sent_invoice(contract, finance)
    later = amended_to(contract, "600")
    over = annual_of(contract) - Decimal(600)
    assert over_invoiced(later) == {"annual": over}
    assert waiting() == [str(later.pk)]
    line = invoice.lines.get(key="annual")
    form = CreditForm(obj=invoice, actor=finance)
    assert {name: field.initial for name, field in form.fields.items() if name.startswith("line_")} == {
        f"line_{row.pk}": over if row == line else None for row in invoice.lines.all()
    }
    take("credit", invoice, finance, amounts={line.pk: over - 1}, reason="合同变更")
    assert waiting() == [str(later.pk)]
    take("credit", invoice, finance, amounts={line.pk: Decimal(1)}, reason="合同变更")
    assert waiting() == []
    assert over_invoiced(later) == {}


def test_an_amendment_waits_for_an_invoice_only_where_something_is_not_charged_yet(finance):
    contract = accepted_contract()
    assert list(without_invoice(contracts_to_invoice(finance))) == [contract]
    sent_invoice(contract, finance)
    lowered = amended_to(contract, "600")
    assert list(without_invoice(contracts_to_invoice(finance))) == []
    raised = amended_to(lowered, str(annual_of(contract) + 1))
    assert list(without_invoice(contracts_to_invoice(finance))) == [raised]


def test_the_page_of_the_contract_says_by_how_much_and_leads_to_the_invoice(finance):
    contract = accepted_contract()
    invoice = sent_invoice(contract, finance)
    later = amended_to(contract, "600")
    page = signed_in(finance).get(reverse("applications:invoice_new", args=[later.number]))
    over = annual_of(contract) - Decimal(600)
    assert page.context["over"] == [("Annual fee, with mark", over)]
    assert f"{over:,.2f}" in page.text
    assert f"-{over:,.2f}" not in page.text
    assert reverse("applications:desk_invoice", args=[invoice.pk]) in page.text


def test_an_amendment_that_raises_the_fees_asks_for_no_credit_note(finance):
    contract = accepted_contract()
    invoice = sent_invoice(contract, finance)
    later = amended_to(contract, "9000")
    assert over_invoiced(later) == {}
    assert waiting() == []
    form = CreditForm(obj=invoice, actor=finance)
    assert all(field.initial for name, field in form.fields.items() if name.startswith("line_"))


def test_a_further_amendment_that_raises_them_again_needs_no_credit_note_any_more(finance):
    contract = accepted_contract()
    sent_invoice(contract, finance)
    before = annual_of(contract)
    later = amended_to(contract, "600")
    assert waiting() == [str(later.pk)]
    amended_to(later, str(before))
    assert waiting() == []


def test_revenue_counts_a_replaced_contract_until_the_day_before_and_its_invoices_for_ever():
    today = clock.today()
    with clock.at(today - timedelta(days=10)):
        contract, finance = accepted_contract(), make_user(Role.FINANCE)
        pay(sent_invoice(contract, finance), finance, "1000")
    invoiced = contract.total
    later = amended_to(contract, "600")
    rows = Contract.objects.all()
    for days, in_force in ((11, []), (10, [contract]), (1, [contract]), (0, [later])):
        assert list(in_force_on(rows, today - timedelta(days=days))) == in_force, days
    assert [(row.invoiced, row.paid) for row in revenue_of([later], today)] == [(invoiced, Decimal(1000))]
    before = revenue_of([contract], today - timedelta(days=11))
    assert [(row.invoiced, row.paid) for row in before] == [(Decimal(0), Decimal(0))]


def test_the_page_of_revenue_looks_at_a_day_and_a_period_and_holds_so_many_contracts(finance, monkeypatch):
    contracts = [accepted_contract() for _number in range(2)]
    browser, address = signed_in(finance), reverse("applications:desk_revenue")
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    assert len(browser.get(address).context["table"].data) == 2
    assert len(browser.get(address, {"on": yesterday}).context["table"].data) == 0
    assert len(browser.get(address, {"since": clock.today().isoformat()}).context["table"].data) == 2
    for name in ("on", "since"):
        assert browser.get(address, {name: "0001-01-01"}).context["form"].errors.keys() == {name}
    ahead = browser.get(address, {"on": "2999-01-01"})
    assert "This day lies ahead." in ahead.text
    assert len(ahead.context["table"].data) == 2
    monkeypatch.setattr("applications.views.invoices.MOST_CONTRACTS", 1)
    page = browser.get(address)
    assert [row.record.contract.number for row in page.context["table"].rows] == [contracts[1].number]
    assert page.context["sums"].contracted == contracts[1].total
    assert "There are more contracts than this page holds" in page.text
    assert revenue_queries.MOST_CONTRACTS == 2000
