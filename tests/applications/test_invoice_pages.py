"""The pages of invoices: the desk's list, one invoice and its steps, revenue, and what the client sees."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from applications.models import Contract, Invoice, InvoiceTitle
from applications.states.invoices import InvoiceState
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import setting
from tests.applications.conftest import signed_in
from tests.road.applications import accepted_contract
from tests.road.invoices import drafted_invoice, pay, sent_invoice, take
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_LIST = 14
QUERIES_OF_REVENUE = 14
QUERIES_OF_PAYMENTS = 14


@pytest.fixture
def finance(db: None) -> User:
    return make_user(Role.FINANCE, name="财务")


@pytest.fixture
def client_user(db: None) -> User:
    return make_user()


@pytest.fixture
def contract(client_user: User) -> Contract:
    return accepted_contract(client_user)


def url(name: str, *parts: object) -> str:
    return reverse(f"applications:{name}", args=parts)


def text_of(browser, address: str, **query: str) -> str:
    return browser.get(address, query).content.decode()


def test_the_list_filters_and_adds_up_what_it_shows(contract, finance):
    paid = pay(sent_invoice(contract, finance), finance)
    late = sent_invoice(accepted_contract(), finance)
    Invoice.objects.filter(pk=late.pk).update(due_on=clock.today() - timedelta(days=1))
    browser, address = signed_in(finance), url("desk_invoices")
    everything = text_of(browser, address)
    assert f"{paid.total + late.total:,.2f}" in everything
    only_late = text_of(browser, address, overdue="1")
    assert late.number in only_late
    assert paid.number not in only_late
    assert f"{paid.total + late.total:,.2f}" not in only_late
    only_paid = text_of(browser, address, state="paid")
    assert (paid.number in only_paid, late.number in only_paid) == (True, False)
    of_one = text_of(browser, address, q=paid.organisation.credit_code)
    assert (paid.number in of_one, late.number in of_one) == (True, False)


def test_the_list_is_sorted_by_the_day_and_drafts_without_one_come_last(contract, finance):
    first, second = sent_invoice(contract, finance), sent_invoice(accepted_contract(), finance)
    Invoice.objects.filter(pk=first.pk).update(due_on=clock.today() + timedelta(days=90))
    draft = drafted_invoice(accepted_contract(), finance)
    rows = signed_in(finance).get(url("desk_invoices"), {"sort": "-due_on"}).context["table"].rows
    assert [row.record.pk for row in rows] == [first.pk, second.pk, draft.pk]


def test_clients_of_several_overdue_invoices_are_reminded_at_once_and_only_by_finance(contract, finance):
    late, not_sent = sent_invoice(contract, finance), drafted_invoice(accepted_contract(), finance)
    address = reverse("list_action", args=["invoices", "remind"])
    chosen = {"rows": [late.pk, not_sent.pk]}
    assert signed_in(make_user(Role.REVIEWER)).post(address, chosen).status_code == 404
    assert signed_in(make_user(Role.CONTRACTS)).post(address, chosen).status_code == 403
    done = signed_in(finance).post(address, chosen)
    assert done.context["done"] == 1
    reminded = Invoice.objects.filter(reminded_on=clock.today())
    assert list(reminded.values_list("pk", flat=True)) == [late.pk]


def test_the_list_is_exported_with_exact_amounts(contract, finance):
    invoice = sent_invoice(contract, finance)
    answer = signed_in(finance).get(url("desk_invoices"), {"export": "xlsx"})
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert rows[1][0] == invoice.number
    assert Decimal(str(rows[1][3])) == invoice.total


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("desk_invoices", QUERIES_OF_THE_LIST),
        ("desk_revenue", QUERIES_OF_REVENUE),
        ("desk_payments", QUERIES_OF_PAYMENTS),
    ],
)
def test_lists_ask_the_same_number_of_queries_for_one_and_for_three(contract, finance, name, number):
    browser, address, asked = signed_in(finance), url(name), []
    invoice = sent_invoice(contract, finance)
    for _more in range(2):
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        asked.append(len(queries))
        if len(asked) == 1:
            pay(invoice, finance, "10")
            for _number in range(2):
                sent_invoice(accepted_contract(), finance)
    assert asked == [number, number]


def test_finance_makes_an_invoice_in_the_browser_once_however_often_it_is_pressed(contract, finance):
    browser, address = signed_in(finance), url("invoice_new", contract.number)
    assert contract.number in text_of(browser, url("desk_invoices"))
    assert browser.post(address, {}).status_code == 422
    given = {"kind": "contract", "submission": "0b9f3f6e-2f4e-4a51-9d0e-6f9f1b7a1c12"}
    first, second = browser.post(address, given), browser.post(address, given)
    assert first["Location"] == second["Location"] == url("desk_invoice", Invoice.objects.get().pk)
    refused = browser.post(address, {"kind": "contract"})
    assert refused.status_code == 409
    assert "on an invoice already" in refused.content.decode()


def test_the_contract_officer_reads_invoices_and_makes_none(contract, finance):
    invoice = sent_invoice(contract, finance)
    browser = signed_in(make_user(Role.CONTRACTS))
    assert invoice.number in text_of(browser, url("desk_invoices"))
    assert browser.post(url("invoice_new", contract.number), {"kind": "annual"}).status_code == 403
    assert browser.get(url("desk_payments")).status_code == 403


def step(invoice: Invoice, name: str) -> str:
    return reverse("step", args=["invoice", invoice.pk, name])


def test_lines_are_changed_on_their_page_and_half_a_line_is_refused(contract, finance):
    draft = drafted_invoice(contract, finance, "annual")
    browser, address = signed_in(finance), step(draft, "revise")
    price = draft.lines.get().unit_price
    given = {"quantity_annual": "1", "price_annual": str(price), "quantity_travel": "1", "note": "差旅据实"}
    refused = browser.post(address, given)
    assert refused.status_code == 422
    assert "both a quantity and a unit price" in refused.content.decode()
    assert "差旅据实" in refused.content.decode()
    assert browser.post(address, given | {"price_travel": "812.35"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.total, draft.note) == (price + Decimal("812.35"), "差旅据实")


def test_instalments_that_do_not_add_up_say_by_how_much(contract, finance):
    draft = drafted_invoice(contract, finance)
    browser, address = signed_in(finance), step(draft, "plan")
    day = clock.today() + timedelta(days=9)
    refused = browser.post(address, {"due_1": day.isoformat(), "amount_1": "1.00"})
    assert refused.status_code == 422
    assert "add up to CNY 1.00" in refused.content.decode()
    assert browser.post(address, {"due_1": day.isoformat(), "amount_1": str(draft.total)}).status_code == 302
    assert draft.instalments.get().due_on == day


def test_payment_credit_note_refund_and_reversal_are_entered_on_their_pages(contract, finance):
    invoice = sent_invoice(contract, finance)
    browser, today = signed_in(finance), clock.today().isoformat()
    given = {"amount": str(invoice.total), "on": today, "payer": invoice.organisation.name}
    ahead = {"on": (clock.today() + timedelta(days=1)).isoformat()}
    assert browser.post(step(invoice, "record_payment"), given | ahead).status_code == 422
    assert browser.post(step(invoice, "record_payment"), given | {"amount": "9999999"}).status_code == 422
    assert browser.post(step(invoice, "record_payment"), given).status_code == 302
    assert browser.post(step(invoice, "record_payment"), given).status_code == 409
    line = invoice.lines.first()
    too_much = {f"line_{line.pk}": str(line.amount + 1), "reason": "折扣"}
    assert browser.post(step(invoice, "credit"), too_much).status_code == 422
    assert (
        browser.post(step(invoice, "credit"), {f"line_{line.pk}": "100", "reason": "折扣"}).status_code == 302
    )
    payment = invoice.payments.get()
    refund = {"payment": payment.pk, "amount": "100", "on": today, "reference": "B-1", "reason": "折扣"}
    assert browser.post(step(invoice, "refund"), refund | {"amount": "101"}).status_code == 422
    assert browser.post(step(invoice, "refund"), refund).status_code == 302
    refused = browser.post(step(invoice, "reverse_payment"), {"payment": payment.pk, "reason": "误登"})
    assert refused.status_code == 422, "a payment that was refunded in part is no longer offered"
    page = text_of(browser, url("desk_invoice", invoice.pk))
    assert "CX" in page
    assert "B-1" in page


def test_the_electronic_invoice_needs_a_number_of_the_tax_administration(contract, finance):
    invoice = sent_invoice(contract, finance)
    browser, today = signed_in(finance), clock.today().isoformat()
    address = step(invoice, "record_electronic")
    assert browser.post(address, {"number": "12", "on": today}).status_code == 422
    assert browser.post(address, {"number": "1" * 20, "on": today}).status_code == 302
    other = sent_invoice(accepted_contract(), finance)
    refused = browser.post(step(other, "record_electronic"), {"number": "1" * 20, "on": today})
    assert invoice.number in refused.content.decode()


def test_revenue_sets_invoices_and_payments_against_contract_and_person_days(contract, finance):
    pay(sent_invoice(contract, finance), finance, "1000")
    page = text_of(signed_in(make_user(Role.HEAD)), url("desk_revenue"))
    assert contract.number in page
    assert f"{contract.total - 1000:,.2f}" in page
    assert str(contract.person_days) in page


def test_the_client_reads_its_own_invoices_and_no_draft(contract, client_user, finance):
    draft = drafted_invoice(contract, finance, "annual")
    invoice = sent_invoice(contract, finance, "application")
    browser = signed_in(client_user)
    page = text_of(browser, url("portal_invoices"))
    assert invoice.number in page
    assert f"{draft.total:,.2f}" not in page
    shown = text_of(browser, url("portal_invoice", invoice.number))
    assert invoice.pdf.get_absolute_url() in shown
    assert str(setting("body_bank_account")) in shown
    assert browser.get(invoice.pdf.get_absolute_url()).status_code == 200
    stranger = make_user()
    make_organisation(stranger)
    assert signed_in(stranger).get(url("portal_invoice", invoice.number)).status_code == 404
    assert signed_in(stranger).get(invoice.pdf.get_absolute_url()).status_code == 404


def test_a_payer_s_name_and_the_note_of_finance_are_not_shown_to_the_client(contract, client_user, finance):
    invoice = pay(sent_invoice(contract, finance), finance, "10", payer="某咨询公司", note="内部说明")
    page = text_of(signed_in(client_user), url("portal_invoice", invoice.number))
    assert "某咨询公司" not in page
    assert "内部说明" not in page


def test_the_account_statement_is_a_page_and_the_same_as_a_file(contract, client_user, finance):
    invoice = pay(sent_invoice(contract, finance), finance, "1000")
    browser, address = signed_in(client_user), url("portal_account", invoice.organisation_id)
    assert f"{invoice.total - 1000:,.2f}" in text_of(browser, address)
    answer = browser.get(address, {"export": "xlsx", "from": "2020-01-01", "to": "nonsense"})
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert [row[1] for row in rows[1:]] == ["Opening balance", "Invoice", "payment", "Closing balance"]
    assert Decimal(str(rows[-1][5])) == invoice.total - 1000
    turned = text_of(browser, address, **{"from": "2099-01-01", "to": "2020-01-01"})
    assert invoice.number in turned


SPECIAL = {
    "wants": "special",
    "title": "深圳华丰电器有限公司",
    "taxpayer_number": "914403001922038216",
    "address": "深圳市南山区",
    "phone": "0755-12345678",
    "bank": "示例银行",
    "account": "6222 0000 1234",
}


def test_the_client_says_to_whom_invoices_are_made_out_and_sent_ones_keep_their_title(
    contract, client_user, finance
):
    sent = sent_invoice(contract, finance, "annual")
    browser, address = signed_in(client_user), url("portal_title", sent.organisation_id)
    refused = browser.post(address, SPECIAL | {"bank": ""})
    assert refused.status_code == 422
    assert "A special VAT invoice needs this." in refused.content.decode()
    assert browser.post(address, SPECIAL).status_code == 302
    assert InvoiceTitle.objects.get().account == "6222 0000 1234"
    later = sent_invoice(contract, finance, "application")
    sent.refresh_from_db()
    assert (sent.wants, later.wants, later.title) == ("ordinary", "special", SPECIAL["title"])


def test_two_people_who_change_the_title_do_not_overwrite_each_other(contract, client_user, finance):
    organisation = contract.case.organisation
    browser, address = signed_in(client_user), url("portal_title", organisation.pk)
    browser.post(address, SPECIAL)
    page = browser.get(address)
    seen = page.context["form"]["seen"].value()
    browser.post(address, SPECIAL | {"bank": "另一银行"})
    refused = browser.post(address, SPECIAL | {"bank": "第三银行", "seen": seen})
    assert refused.status_code == 409
    assert "另一银行" in refused.content.decode()
    assert InvoiceTitle.objects.get().bank == "另一银行"


def test_of_two_who_enter_the_first_title_at_once_the_second_is_told(contract, client_user):
    organisation = contract.case.organisation
    browser, address = signed_in(client_user), url("portal_title", organisation.pk)
    seen = browser.get(address).context["form"]["seen"].value()
    assert browser.post(address, SPECIAL | {"seen": seen}).status_code == 302
    refused = browser.post(address, SPECIAL | {"bank": "第三银行", "seen": seen})
    assert refused.status_code == 409
    assert SPECIAL["bank"] in refused.text
    assert InvoiceTitle.objects.get().bank == SPECIAL["bank"]


def test_a_discarded_draft_says_why_and_takes_no_number(contract, finance):
    draft = drafted_invoice(contract, finance)
    assert signed_in(finance).post(step(draft, "discard"), {"reason": "重复"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.number, draft.discard_reason) == (InvoiceState.DISCARDED, "", "重复")
    again = take("send", drafted_invoice(contract, finance), finance)
    assert again.number.endswith("00001")
