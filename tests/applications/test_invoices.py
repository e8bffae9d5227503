"""Invoices by their steps: numbers, lines, payments, credit notes, refunds, instalments, reminders."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from applications.checks.invoices import invoices as faults_of_invoices
from applications.fees.amounts import cents
from applications.jobs.invoices import look_after_overdue, print_invoice
from applications.models import Contract, Invoice, InvoiceLine, Payment
from applications.queries.invoices import not_invoiced, statement_of
from applications.states.invoices import InvoiceState
from applications.transitions import ACCEPT_OFFER, AMEND, OFFER
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body import services as body
from certbody.desk.models import Task
from certbody.files.storage import read
from certbody.outbox.models import Job, Message
from certbody.pdf.read import text_of
from certbody.workflow import NotAllowed, NotReady, WrongState, perform
from tests.road.applications import accepted_contract, printed
from tests.road.invoices import drafted_invoice, pay, sent_invoice, take
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(db: None) -> User:
    return make_user(Role.FINANCE, name="财务")


@pytest.fixture
def contract(db: None) -> Contract:
    return accepted_contract()


def tasks_of_finance() -> list[str]:
    return sorted(Task.objects.filter(role=Role.FINANCE, closed_at=None).values_list("kind", flat=True))


def test_an_accepted_contract_asks_finance_for_its_invoice_until_one_is_made(contract, finance):
    assert tasks_of_finance() == ["invoice.make"]
    draft = drafted_invoice(contract, finance)
    assert tasks_of_finance() == ["invoice.send"]
    take("discard", draft, finance, reason="Wrong contract.")
    assert tasks_of_finance() == ["invoice.make"]


def test_a_draft_takes_the_lines_of_the_contract_and_the_title_of_the_client(contract, finance):
    draft = drafted_invoice(contract, finance)
    assert draft.total == contract.total
    assert [line.key for line in draft.lines.all()] == [line.key for line in contract.lines.all()]
    organisation = contract.case.organisation
    assert (draft.title, draft.taxpayer_number) == (organisation.name, organisation.credit_code)
    assert draft.tax == sum(line.tax for line in draft.lines.all())
    assert (draft.number, draft.sent_on) == ("", None)


def test_what_is_on_one_invoice_is_not_on_another(contract, finance):
    drafted_invoice(contract, finance, "application")
    rest = drafted_invoice(contract, finance, "contract")
    assert {line.key for line in rest.lines.all()} == {"person_days", "annual"}
    assert set(not_invoiced(contract).values()) == {Decimal(0)}
    with pytest.raises(NotReady, match="on an invoice already"):
        drafted_invoice(contract, finance, "annual")


def test_more_than_the_contract_has_is_not_sent(contract, finance):
    draft = drafted_invoice(contract, finance, "annual")
    line = draft.lines.get()
    take("revise", draft, finance, lines={"annual": (Decimal(2), line.unit_price)})
    with pytest.raises(NotReady) as refusal:
        take("send", draft, finance)
    assert "more than the contract has" in str(refusal.value.missing[0].sentence)


def amended(contract: Contract) -> Contract:
    """The contract that takes the place of this one, accepted."""
    officer, client = make_user(Role.CONTRACTS), contract.accepted_by
    perform(AMEND, contract, actor=officer, wish="client", reason="增加门店")
    later = printed(perform(OFFER, contract.amendments.get(), actor=officer))
    taken: Contract = perform(ACCEPT_OFFER, later, actor=client, sha256=later.pdf_sha256)
    return taken


def test_an_amendment_charges_nothing_a_second_time(contract, finance):
    pay(sent_invoice(contract, finance), finance)
    later = amended(contract)
    assert set(not_invoiced(later).values()) == {Decimal(0)}
    assert tasks_of_finance() == ["invoice.electronic"]
    with pytest.raises(NotReady, match="on an invoice already"):
        drafted_invoice(later, finance)


def test_what_an_amendment_adds_is_left_to_invoice(contract, finance):
    application_fee = sent_invoice(contract, finance, "application")
    later = amended(contract)
    assert tasks_of_finance() == ["invoice.electronic", "invoice.make"]
    rest = drafted_invoice(later, finance)
    assert rest.total + application_fee.total == later.total


def test_the_draft_of_a_contract_that_was_replaced_is_not_sent(contract, finance):
    draft = drafted_invoice(contract, finance)
    later = amended(contract)
    with pytest.raises(NotReady) as refusal:
        take("send", draft, finance)
    assert "contract that the client has accepted" in str(refusal.value.missing[0].sentence)
    take("discard", draft, finance, reason="The contract was amended.")
    waiting = Task.objects.get(kind="invoice.make", closed_at=None)
    assert waiting.object_id == str(later.pk)
    assert drafted_invoice(later, finance).total == later.total


def test_credit_notes_in_parts_take_back_the_tax_of_the_invoice_and_no_cent_more(contract, finance):
    invoice = sent_invoice(contract, finance)
    for line in invoice.lines.all():
        part = cents(line.amount / 3)
        for amount in (part, part, line.amount - 2 * part):
            take("credit", invoice, finance, amounts={line.pk: amount}, reason="分次冲红")
    assert invoice.tax == -sum(note.tax for note in invoice.credit_notes.all())


def test_travel_at_cost_stands_beside_the_contract(contract, finance):
    draft = drafted_invoice(contract, finance, "annual")
    annual = draft.lines.get()
    lines = {"annual": (Decimal(1), annual.unit_price), "travel": (Decimal(1), Decimal("812.35"))}
    draft = take("revise", draft, finance, lines=lines)
    assert take("send", draft, finance).total == annual.amount + Decimal("812.35")


def test_numbers_are_taken_when_an_invoice_is_sent_and_have_no_gap(contract, finance):
    other = accepted_contract()
    first, second = drafted_invoice(contract, finance), drafted_invoice(other, finance)
    with pytest.raises(NotAllowed):
        take("send", first, make_user(Role.CONTRACTS))
    year = f"{clock.today().year % 100:02}"
    assert take("send", second, finance).number == f"ZD{year}00001"
    assert take("send", first, finance).number == f"ZD{year}00002"


def test_a_number_in_another_form_comes_from_the_settings(contract, finance):
    body.change_setting(
        key="invoice_number_template",
        value="{cb_code}-{yy}-{seq:03}",
        source="decision 7",
        actor=make_user(Role.HEAD),
    )
    sent = take("send", drafted_invoice(contract, finance), finance)
    assert sent.number == f"EX-{clock.today().year % 100:02}-001"


def test_sending_prints_the_document_and_tells_the_client(contract, finance):
    sent = take("send", drafted_invoice(contract, finance), finance)
    job = Job.objects.get(kind="invoice.pdf")
    print_invoice(job)
    assert print_invoice(job) == ""
    sent.refresh_from_db()
    text = text_of(read(sent.pdf))
    assert sent.number in text
    assert sent.title in text
    assert "Example District, Beijing" in " ".join(text.split()), (
        "the English part gives the address in English"
    )
    assert f"{sent.total:,.2f}" in text
    mail = Message.objects.get(kind="invoice.sent")
    assert mail.context["path"] == f"/portal/invoices/{sent.number}/"
    assert tasks_of_finance() == ["invoice.electronic"]


def test_a_payment_in_part_leaves_the_rest_open_and_the_last_one_settles(contract, finance):
    invoice = pay(sent_invoice(contract, finance), finance, "1000.00")
    assert (invoice.state, invoice.open_amount) == (InvoiceState.SENT, contract.total - 1000)
    invoice = pay(invoice, finance)
    assert (invoice.state, invoice.balance) == (InvoiceState.PAID, 0)
    assert Message.objects.filter(kind="invoice.paid").count() == 1
    assert not list(faults_of_invoices())


@pytest.mark.parametrize("amount", ["0", "-5", "0.001"])
def test_an_amount_that_is_none_is_not_entered(contract, finance, amount):
    invoice = sent_invoice(contract, finance)
    with pytest.raises(NotReady):
        pay(invoice, finance, amount)
    assert not invoice.payments.exists()


def test_more_than_is_open_is_not_entered(contract, finance):
    invoice = sent_invoice(contract, finance)
    with pytest.raises(NotReady, match="is open"):
        pay(invoice, finance, invoice.total + Decimal("0.01"))
    pay(invoice, finance)
    with pytest.raises(WrongState):
        pay(invoice, finance, "1")


def test_a_third_party_that_pays_needs_a_note(contract, finance):
    invoice = sent_invoice(contract, finance)
    with pytest.raises(NotReady, match="itself pays its fees"):
        pay(invoice, finance, "10", payer="某咨询公司")
    invoice = pay(invoice, finance, "10", payer="某咨询公司", note="已致电客户核实。")
    assert invoice.payments.get().is_third_party


def test_the_same_name_in_other_brackets_is_the_client(contract, finance):
    invoice = sent_invoice(contract, finance)
    payer = f" {invoice.organisation.name.replace('有限公司', '（有限公司）')} "
    assert not pay(invoice, finance, "10", payer=payer).payments.get().is_third_party


def test_a_wrong_payment_is_reversed_by_a_counter_entry_once(contract, finance):
    invoice = pay(sent_invoice(contract, finance), finance)
    wrong = invoice.payments.get()
    invoice = take("reverse_payment", invoice, finance, payment=wrong.pk, reason="Wrong client.")
    assert (invoice.state, invoice.open_amount) == (InvoiceState.SENT, invoice.total)
    assert [row.amount for row in invoice.payments.all()] == [wrong.amount, -wrong.amount]
    with pytest.raises(WrongState):
        take("reverse_payment", invoice, finance, payment=wrong.pk, reason="Again.")
    assert not list(faults_of_invoices())


def test_a_full_credit_note_cancels_and_frees_the_contract_for_another_invoice(contract, finance):
    invoice = sent_invoice(contract, finance)
    amounts = {line.pk: line.amount for line in invoice.lines.all()}
    invoice = take("credit", invoice, finance, amounts=amounts, reason="Wrong title.")
    note = invoice.credit_notes.get()
    assert (invoice.state, note.total, note.tax) == (InvoiceState.CREDITED, -invoice.total, -invoice.tax)
    assert note.number == f"CX{clock.today().year % 100:02}00001"
    assert all(row.amount < 0 for row in note.lines.all())
    assert drafted_invoice(contract, finance).total == contract.total
    assert not list(faults_of_invoices())


def test_a_credit_beyond_a_line_is_refused(contract, finance):
    invoice = sent_invoice(contract, finance)
    line = invoice.lines.first()
    take("credit", invoice, finance, amounts={line.pk: Decimal(100)}, reason="Discount.")
    with pytest.raises(NotReady, match="can be credited"):
        take("credit", invoice, finance, amounts={line.pk: line.amount}, reason="All of it.")
    with pytest.raises(NotReady, match="at least one line"):
        take("credit", invoice, finance, amounts={}, reason="Nothing.")


def test_a_refund_needs_a_credit_note_first(contract, finance):
    invoice = pay(sent_invoice(contract, finance), finance)
    payment, line = invoice.payments.get(), invoice.lines.first()
    refund = {
        "payment": payment.pk,
        "amount": Decimal(100),
        "on": clock.today(),
        "reference": "B-7",
        "reason": "Discount.",
    }
    with pytest.raises(NotReady):
        take("refund", invoice, finance, **refund)
    invoice = take("credit", invoice, finance, amounts={line.pk: Decimal(100)}, reason="Discount.")
    assert (invoice.state, invoice.to_refund) == (InvoiceState.PAID, 100)
    with pytest.raises(NotReady, match="can be refunded"):
        take("refund", invoice, finance, **{**refund, "amount": Decimal("100.01")})
    invoice = take("refund", invoice, finance, **refund)
    assert (invoice.state, invoice.balance) == (InvoiceState.PAID, 0)
    assert not list(faults_of_invoices())


def test_instalments_add_up_and_the_earliest_open_one_is_due(contract, finance):
    draft = drafted_invoice(contract, finance)
    soon, later = clock.today() + timedelta(days=10), clock.today() + timedelta(days=40)
    with pytest.raises(NotReady, match="must add up"):
        take("plan", draft, finance, parts=[(soon, Decimal(1000)), (later, Decimal(1000))])
    rest = draft.total - 1000
    take("plan", draft, finance, parts=[(later, rest), (soon, Decimal(1000))])
    invoice = take("send", draft, finance)
    assert invoice.due_on == soon
    invoice = pay(invoice, finance, "1000")
    assert invoice.due_on == later
    assert [part.amount for part in invoice.open_parts()] == [rest]
    assert not list(faults_of_invoices())


def test_instalments_of_one_day_or_of_nothing_are_refused(contract, finance):
    draft = drafted_invoice(contract, finance)
    day = clock.today()
    with pytest.raises(NotReady, match="day of its own"):
        take("plan", draft, finance, parts=[(day, Decimal(1000)), (day, draft.total - 1000)])
    with pytest.raises(NotReady, match="above zero"):
        take("plan", draft, finance, parts=[(day, Decimal(0)), (day + timedelta(1), draft.total)])


def test_overdue_invoices_are_chased_and_reminded_on_their_days_only(contract, finance):
    invoice = sent_invoice(contract, finance)
    assert look_after_overdue() == 0
    with clock.at(invoice.due_on + timedelta(days=1)):
        assert look_after_overdue() == 0
        assert "invoice.chase" in tasks_of_finance()
    with clock.at(invoice.due_on + timedelta(days=3)):
        assert look_after_overdue() == 1
        assert look_after_overdue() == 0
    with clock.at(invoice.due_on + timedelta(days=30)):
        assert look_after_overdue() == 1, "what a break of the machine kept back goes out once"
    mails = Message.objects.filter(kind="invoice.reminded").order_by("due_on")
    assert [(mail.due_on - invoice.due_on).days for mail in mails] == [3, 17]
    with clock.at(invoice.due_on + timedelta(days=30)):
        with pytest.raises(NotReady):
            take("remind", invoice, finance)
        pay(invoice, finance)
        assert "invoice.chase" not in tasks_of_finance()
        assert look_after_overdue() == 0


def test_finance_reminds_once_a_day(contract, finance):
    invoice = take("remind", sent_invoice(contract, finance), finance)
    with pytest.raises(NotReady) as refusal:
        take("remind", invoice, finance)
    assert "reminded today" in str(refusal.value.missing[0].sentence)
    assert Message.objects.filter(kind="invoice.reminded", due_on=clock.today()).count() == 1


def test_the_electronic_invoice_is_recorded_with_its_day(contract, finance):
    invoice = sent_invoice(contract, finance)
    number = "26" + "1" * 18
    invoice = take("record_electronic", invoice, finance, number=number, on=clock.today())
    assert (invoice.electronic_number, invoice.electronic_on) == (number, clock.today())
    assert "invoice.electronic" not in tasks_of_finance()
    assert Message.objects.filter(kind="invoice.electronic_recorded").exists()


def test_the_account_of_a_period_opens_with_what_lay_before_it(contract, finance):
    start = clock.today()
    invoice = pay(sent_invoice(contract, finance), finance, "1000")
    with clock.at(start + timedelta(days=5)):
        invoice = pay(invoice, finance, "500")
        line = invoice.lines.first()
        take("credit", invoice, finance, amounts={line.pk: Decimal(100)}, reason="Discount.")
    organisation = invoice.organisation
    whole = statement_of(organisation, start, start + timedelta(days=5))
    assert (whole.opening, whole.closing) == (0, contract.total - 1600)
    later = statement_of(organisation, start + timedelta(days=1), start + timedelta(days=5))
    assert later.opening == contract.total - 1000
    assert [entry.kind for entry in later.entries] == ["credit_note", "payment"]
    assert later.closing == whole.closing == invoice.total - 1600


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE applications_payment SET amount = 1",
        "DELETE FROM applications_payment",
        "UPDATE applications_invoice SET total = 1",
        "UPDATE applications_invoice SET number = 'ZD2699999'",
        "UPDATE applications_invoiceline SET amount = 1",
        "DELETE FROM applications_invoice",
        "UPDATE applications_invoice SET paid = total + 1",
        "UPDATE applications_invoice SET paid = paid + 1",
    ],
)
def test_the_database_keeps_what_was_sent_and_paid(contract, finance, statement):
    pay(sent_invoice(contract, finance), finance, "1000")
    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert any(
        word in str(refusal.value) for word in ("append-only", "never", "sum of payments", "permission")
    )
    assert Payment.objects.get().amount == 1000
    assert InvoiceLine.objects.filter(amount=1).count() == 0


def test_an_electronic_number_stands_with_one_invoice(contract, finance):
    first, second = sent_invoice(contract, finance), sent_invoice(accepted_contract(), finance)
    take("record_electronic", first, finance, number="12345678", on=clock.today())
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.filter(pk=second.pk).update(electronic_number="12345678", electronic_on=clock.today())
