"""What the web refuses about requests, money and memberships, the database refuses too, whatever door is taken."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from applications.models import (
    Application,
    ApplicationDocument,
    CreditNote,
    CreditNoteLine,
    Enquiry,
    IndicativeQuote,
    Invoice,
    Payment,
)
from applications.services import members
from applications.transitions import ATTACH, MAIL_QUOTE, REMOVE_SITE
from certbody import clock, triggers_of_money, triggers_of_requests
from certbody.accounts.models import Invitation, JoinRequest, Membership, User
from certbody.accounts.roles import Role
from certbody.files.models import StoredFile
from certbody.workflow import NotReady, perform, table
from tests.road.applications import (
    accepted_application,
    accepted_contract,
    begun_application,
    checked_picture,
    drafted_contract,
    submitted_application,
)
from tests.road.enquiries import logged_enquiry, quoted_enquiry
from tests.road.invoices import drafted_invoice, pay, sent_invoice, take
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(db: None) -> User:
    return make_user(Role.FINANCE)


@pytest.fixture
def invoice(finance: User) -> Invoice:
    return sent_invoice(accepted_contract(), finance)


@pytest.fixture
def foreign(finance: User) -> Invoice:
    """An invoice that was sent to another organisation."""
    return sent_invoice(accepted_contract(), finance)


def is_refused(row: models.Model, **change: Any) -> bool:
    """Whether a change past every service and `save` is refused, and the row stays as it was."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    stored = rows.values().get()
    try:
        with transaction.atomic():
            rows.update(**change)
    except DatabaseError:
        return rows.values().get() == stored
    return False


def cannot_be_made(row: models.Model) -> bool:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except DatabaseError:
        return True
    return False


def cannot_be_deleted(row: models.Model) -> bool:
    """Past Django, which would refuse because of rows that point here."""
    message = ""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.pk])
    except DatabaseError as fault:
        message = str(fault)
    return any(words in message for words in ("never deleted", "append-only", "permission denied"))


@pytest.mark.parametrize(
    ("aggregate", "moves"),
    [
        ("application", triggers_of_requests.MOVES_OF_APPLICATION),
        ("contract", triggers_of_money.MOVES_OF_CONTRACT),
        ("invoice", triggers_of_money.MOVES_OF_INVOICE),
        ("enquiry", triggers_of_requests.MOVES_OF_ENQUIRY),
        ("join_request", triggers_of_requests.MOVES_OF_JOIN_REQUEST),
    ],
)
def test_the_database_knows_exactly_the_moves_of_the_table_of_steps(aggregate, moves):
    of_steps = {
        (str(source), str(step.target))
        for step in table(aggregate).steps
        for source in step.sources
        if step.target is not None and step.target != source
    }
    assert {(source, target) for source, targets in moves.items() for target in targets} == of_steps


def test_a_submitted_application_is_no_draft_again(client_user):
    application = submitted_application(client_user)
    assert is_refused(application, state="draft")
    assert is_refused(application, revision=0)
    assert is_refused(application, submitted_at=None)
    assert cannot_be_deleted(application)


def test_an_ended_application_stays_ended(client_user):
    application = submitted_application(client_user)
    Application.objects.filter(pk=application.pk).update(state="declined")
    assert all(is_refused(application, state=state) for state in ("draft", "submitted", "accepted"))


def test_a_contract_that_was_accepted_is_never_offered_again():
    contract = accepted_contract()
    assert all(is_refused(contract, state=state) for state in ("draft", "offered", "void"))
    assert is_refused(contract, pdf_id=None)


def test_an_invoice_is_paid_by_payments_alone(invoice, finance):
    assert is_refused(invoice, state="paid")
    assert is_refused(invoice, paid=invoice.total)
    assert is_refused(invoice, state="paid", paid=invoice.total)
    assert is_refused(invoice, state="credited", credited=invoice.total)
    paid = pay(invoice, finance)
    assert paid.state == "paid"
    assert is_refused(paid, state="sent")
    assert is_refused(paid, paid=Decimal(0))


def test_an_invoice_begins_without_money(invoice):
    row = Invoice(
        case=invoice.case,
        contract=invoice.contract,
        organisation=invoice.organisation,
        kind="audit",
        tax_rate=6,
        total=10,
        state="paid",
        number="F-1",
        sent_on=clock.today(),
        due_on=clock.today(),
    )
    assert cannot_be_made(row)
    row.state, row.paid = "sent", Decimal(10)
    assert cannot_be_made(row)


def test_an_invoice_keeps_its_document_and_its_buyer(invoice, foreign):
    assert is_refused(invoice, pdf_id=foreign.pdf_id)
    assert is_refused(invoice, pdf_id=None)
    assert is_refused(invoice, address="别处")
    assert is_refused(invoice, wants="special")
    assert is_refused(invoice, note="另一说明")


def test_a_draft_of_an_invoice_goes_to_no_other_case_or_organisation(finance, foreign):
    draft = drafted_invoice(accepted_contract(), finance)
    assert is_refused(draft, contract_id=foreign.contract_id)
    assert is_refused(draft, organisation_id=foreign.organisation_id)
    assert is_refused(draft, case_id=foreign.case_id)
    assert is_refused(draft.case, organisation_id=foreign.organisation_id)


def test_no_invoice_is_made_across_two_organisations(invoice, foreign):
    facts = {"kind": "audit", "tax_rate": 6}
    for case, contract, organisation in (
        (foreign.case, invoice.contract, invoice.organisation),
        (invoice.case, foreign.contract, invoice.organisation),
        (invoice.case, invoice.contract, foreign.organisation),
    ):
        assert cannot_be_made(Invoice(case=case, contract=contract, organisation=organisation, **facts))


def test_a_contract_belongs_to_the_case_of_its_application(officer):
    contract = drafted_contract(accepted_application(), officer)
    other = accepted_contract()
    assert is_refused(contract, case_id=other.case_id)
    assert is_refused(contract, amends_id=other.pk)


def test_a_payment_is_taken_back_at_its_own_invoice_and_at_most_once(invoice, foreign, finance):
    pay(invoice, finance, "100")
    payment = invoice.payments.get()
    back = {
        "kind": "refund",
        "counters": payment,
        "on": clock.today(),
        "payer": "x",
        "note": "x",
        "recorded_by": finance.person,
    }
    assert cannot_be_made(Payment(invoice=foreign, amount=Decimal(-100), **back))
    assert cannot_be_made(Payment(invoice=invoice, amount=Decimal("-100.01"), **back))
    Payment.objects.create(invoice=invoice, amount=Decimal("-60.00"), **back)
    assert cannot_be_made(Payment(invoice=invoice, amount=Decimal("-40.01"), **back))


def test_nobody_pays_or_credits_an_invoice_that_was_not_sent(finance):
    draft = drafted_invoice(accepted_contract(), finance)
    person = finance.person
    assert cannot_be_made(Payment(invoice=draft, amount=1, on=clock.today(), payer="x", recorded_by=person))
    assert cannot_be_made(
        CreditNote(
            invoice=draft, number="G-1", reason="x", total=-1, tax=0, made_on=clock.today(), made_by=person
        )
    )


def test_a_credit_note_takes_back_lines_of_its_own_invoice_and_no_more_than_they_are(
    invoice, foreign, finance
):
    line = invoice.lines.first()
    take("credit", invoice, finance, amounts={line.pk: Decimal(1)}, reason="错误")
    note = invoice.credit_notes.get()
    assert cannot_be_made(
        CreditNoteLine(credit_note=note, line=foreign.lines.first(), amount=Decimal(-1), tax=0)
    )
    other = invoice.lines.last()
    assert cannot_be_made(CreditNoteLine(credit_note=note, line=other, amount=-other.amount - 1, tax=0))
    more = {"reason": "x", "tax": 0, "made_on": clock.today(), "made_by": finance.person}
    assert cannot_be_made(CreditNote(invoice=invoice, number="G-9", total=-invoice.total, **more))


@pytest.fixture
def document(client_user: User) -> ApplicationDocument:
    draft = begun_application(client_user)
    perform(ATTACH, draft, actor=client_user, kind="permits", upload=checked_picture())
    return draft.documents.get()


def test_every_version_of_a_document_stays(document, client_user):
    draft = document.application
    perform(ATTACH, draft, actor=client_user, kind="permits", upload=checked_picture(), replaces=document.pk)
    document.refresh_from_db()
    newer = document.replaced_by
    assert cannot_be_deleted(document)
    assert cannot_be_deleted(newer)
    assert is_refused(document, replaced_by_id=None)
    assert is_refused(newer, file_id=StoredFile.objects.exclude(pk=newer.file_id).first().pk)
    assert is_refused(newer, kind="licence")
    assert StoredFile.objects.filter(pk=document.file_id).exists()


def test_a_document_that_was_taken_out_stays_out(document):
    ApplicationDocument.objects.filter(pk=document.pk).update(removed_at=clock.now())
    assert is_refused(document, removed_at=None)


def test_a_document_proves_a_site_of_its_own_application(document, stranger, client_user):
    foreign = begun_application(stranger)
    site = foreign.sites.get()
    assert is_refused(document, site_id=site.pk)
    assert is_refused(document, application_id=foreign.pk)
    assert is_refused(site, application_id=document.application_id)
    assert cannot_be_made(
        ApplicationDocument(application=document.application, kind="permits", file=document.file, site=site)
    )
    perform(ATTACH, foreign, actor=stranger, kind="permits", upload=checked_picture())
    assert is_refused(document, replaced_by_id=foreign.documents.get().pk)


def test_a_site_that_goes_leaves_its_documents(document, client_user):
    """The one change of a document's site that is left: its site is taken out of the draft."""
    branch = document.application.sites.create(name="分店", address="深圳")
    ApplicationDocument.objects.filter(pk=document.pk).update(site=branch)
    perform(REMOVE_SITE, document.application, actor=client_user, site=branch.pk)
    document.refresh_from_db()
    assert document.site_id is None
    assert document.removed_at is not None


def test_a_quote_stays_as_it_was_worked_out_and_mailed(officer):
    enquiry = quoted_enquiry(officer)
    quote = enquiry.quotes.get()
    assert is_refused(quote, total=1)
    assert is_refused(quote, request={})
    perform(MAIL_QUOTE, enquiry, actor=officer)
    line = quote.lines.first()
    assert is_refused(quote, mailed_at=None)
    assert is_refused(quote, valid_until=clock.today())
    assert is_refused(line, amount=1)
    assert cannot_be_deleted(quote)
    assert cannot_be_deleted_line(line)
    line.pk, line.position = None, 99
    assert cannot_be_made(line)
    assert IndicativeQuote.objects.get(pk=quote.pk).lines.count() == quote.lines.count()


def cannot_be_deleted_line(line: models.Model) -> bool:
    rows = type(line)._default_manager.filter(pk=line.pk)
    try:
        with transaction.atomic():
            rows.delete()
    except DatabaseError:
        return rows.exists()
    return False


def test_an_enquiry_becomes_an_application_of_the_same_organisation(officer, client_user, stranger):
    application = begun_application(client_user)
    code = application.case.organisation.credit_code
    other = logged_enquiry(officer, credit_code=make_organisation().credit_code)
    assert is_refused(other, application_id=application.pk, state="applied")
    with pytest.raises(NotReady, match="another credit code"):
        perform(table("enquiry").step("link"), other, actor=officer, application=application)
    own = logged_enquiry(officer, credit_code=code)
    perform(table("enquiry").step("link"), own, actor=officer, application=application)
    assert Enquiry.objects.get(pk=own.pk).application_id == application.pk
    assert is_refused(own, application_id=begun_application(stranger).pk)
    assert is_refused(own, state="logged", application_id=None)


def test_the_last_owner_of_an_organisation_stays(client_user):
    organisation = make_organisation(client_user)
    last = organisation.memberships.get()
    assert is_refused(last, ended_at=clock.now())
    assert is_refused(last, role="member")
    assert is_refused(last, organisation_id=make_organisation().pk)
    assert cannot_be_deleted(last)
    Membership.objects.create(organisation=organisation, person=make_user().person, role="owner")
    Membership.objects.filter(pk=last.pk).update(ended_at=clock.now())
    assert is_refused(last, ended_at=None)


def test_two_owners_do_not_go_in_one_stroke(client_user):
    organisation = make_organisation(client_user)
    Membership.objects.create(organisation=organisation, person=make_user().person, role="owner")
    with pytest.raises(DatabaseError), transaction.atomic():
        organisation.memberships.update(ended_at=clock.now())
    assert organisation.memberships.filter(ended_at=None, role="owner").count() == 2


@pytest.mark.parametrize("end", ["used_at", "revoked_at"])
def test_an_invitation_that_is_over_lets_nobody_in_again(client_user, end):
    organisation = make_organisation(client_user)
    invitation = members.invite(
        organisation=organisation, email="new@clients.example", role="member", actor=client_user
    )
    assert is_refused(invitation, email="other@clients.example")
    assert is_refused(invitation, role="owner")
    Invitation.objects.filter(pk=invitation.pk).update(**{end: clock.now()})
    assert is_refused(invitation, **{end: None})
    assert is_refused(invitation, token_hash="0" * 64)
    assert cannot_be_deleted(invitation)


def test_an_answered_request_to_join_is_never_open_again(client_user, stranger):
    row = JoinRequest.objects.create(
        organisation=make_organisation(client_user),
        person=stranger.person,
        state="declined",
        answered_at=clock.now(),
    )
    assert is_refused(row, state="accepted")
    assert is_refused(row, state="open")
    assert is_refused(row, person_id=client_user.person_id)
    assert cannot_be_deleted(row)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the application's role owns no trigger there")
def test_without_its_triggers_an_invoice_would_be_paid_by_a_word(invoice):
    """The control: nothing but the catalogue refuses it."""
    with connection.cursor() as cursor:
        for trigger in triggers_of_money.MONEY:
            for name, _sql in trigger.sqlite():
                if trigger.table == "applications_invoice":
                    cursor.execute(f"DROP TRIGGER {name}")
    assert not is_refused(invoice, state="paid")
