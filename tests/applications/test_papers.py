"""Documents on paper: the head of each language, marks on what no longer holds, credit notes and quotes."""

from decimal import Decimal

import pytest
from django.urls import reverse

from applications.jobs import print_contract
from applications.queries.marks import mark_of_file
from applications.transitions import ACCEPT_OFFER, AMEND, OFFER, VOID
from certbody import clock
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import setting
from certbody.files.storage import read
from certbody.outbox.models import Job
from certbody.pdf.read import pages_of
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import accepted_application, accepted_contract, drafted_contract, printed
from tests.road.enquiries import quoted_enquiry
from tests.road.invoices import sent_invoice, take
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(db):
    return make_user(Role.FINANCE)


@pytest.fixture
def credited(client_user, finance):
    """An invoice that was credited in full."""
    invoice = sent_invoice(accepted_contract(client_user), finance)
    amounts = {line.pk: line.amount for line in invoice.lines.all()}
    return take("credit", invoice, finance, amounts=amounts, reason="抬头有误")


def test_a_void_contract_says_so_on_every_page_and_in_its_name_and_the_stored_bytes_stay(
    client_user, reviewer, officer
):
    contract = perform(
        OFFER, drafted_contract(accepted_application(client_user, reviewer), officer), actor=officer
    )
    print_contract(Job.objects.get(kind="contract.pdf", object_id=str(contract.pk)))
    contract.refresh_from_db()
    address, original = contract.pdf.get_absolute_url(), read(contract.pdf)
    before = signed_in(client_user).get(address)
    assert before.content == original, "an offer that stands carries no mark"
    english = [page for page in pages_of(original) if "Certification contract" in page]
    assert english, "the English part has a head of its own"
    assert [page for page in english if setting("body_name") in page.split("\n")[0]] == []

    perform(VOID, contract, actor=officer, reason="客户放弃")
    answer = signed_in(client_user).get(f"{address}?original")
    marked = pages_of(answer.content)
    assert [page for page in marked if "作废" not in page or "VOID" not in page] == []
    assert len(marked) == len(pages_of(original))
    assert "VOID.pdf" in answer.headers["Content-Disposition"]
    assert read(contract.pdf) == original
    assert contract.pdf.sha256 == contract.pdf_sha256
    assert signed_in(officer).get(f"{address}?original").content == original, "the body can compare the hash"
    assert f"{address}?original" in signed_in(officer).get(f"/desk/contracts/{contract.number}/").text


def test_a_contract_that_another_one_replaced_names_it(client_user, reviewer, officer):
    first = accepted_contract(client_user, reviewer, officer)
    assert mark_of_file(file=first.pdf) is None
    perform(AMEND, first, actor=officer, wish="client", reason="增加场所")
    later = printed(perform(OFFER, first.amendments.get(), actor=officer))
    assert mark_of_file(file=first.pdf) is None, "until it is accepted the first one holds"
    perform(ACCEPT_OFFER, later, actor=client_user, sha256=later.pdf_sha256)
    mark = mark_of_file(file=first.pdf)
    assert mark is not None
    assert (mark.english, mark.instead) == ("SUPERSEDED", later.number)


def test_an_invoice_that_was_credited_in_full_names_its_credit_note(credited, finance):
    mark = mark_of_file(file=credited.pdf)
    assert mark is not None
    assert (mark.english, mark.instead) == ("CREDITED", credited.credit_notes.get().number)
    assert "?original" in signed_in(finance).get(f"/desk/invoices/{credited.pk}/").text


def test_an_invoice_that_was_credited_in_part_still_holds(client_user, finance):
    invoice = sent_invoice(accepted_contract(client_user), finance)
    line = invoice.lines.first()
    take("credit", invoice, finance, amounts={line.pk: Decimal(10)}, reason="折扣")
    assert mark_of_file(file=invoice.pdf) is None


def test_a_document_that_cannot_be_marked_is_not_given_out_as_if_it_held(credited, client_user):
    """The stand-in is no PDF: nothing can be laid over it."""
    assert signed_in(client_user).get(credited.pdf.get_absolute_url()).status_code == 503


def test_a_credit_note_is_a_document_for_the_client_and_for_readers_of_money(
    credited, client_user, stranger, finance, auditor, client
):
    note = credited.credit_notes.get()
    address = reverse("applications:credit_note", args=[note.number])
    answer = signed_in(client_user).get(address)
    assert answer.headers["Content-Type"] == "application/pdf"
    chinese, english = pages_of(answer.content)
    assert "冲销单" in chinese
    assert "Credit note" in english
    for text in (note.number, credited.number, f"{note.total:,.2f}", "抬头有误"):
        assert text in chinese, text
        assert text in english, text
    assert signed_in(finance).get(address).content == answer.content, "equal facts, equal bytes"
    assert signed_in(stranger).get(address).status_code == 404
    assert signed_in(auditor).get(address).status_code == 404
    assert signed_in(finance).post(address).status_code == 405
    assert client.get(address).status_code == 302
    assert address in signed_in(finance).get(f"/desk/invoices/{credited.pk}/").text


def test_an_indicative_quote_is_a_document_of_the_market_department(client_user, officer, auditor):
    enquiry = quoted_enquiry(officer)
    quote = enquiry.quotes.get()
    address = reverse("applications:enquiry_quote_pdf", args=[enquiry.reference, quote.position])
    answer = signed_in(officer).get(address)
    chinese, english = pages_of(answer.content)
    for page in (chinese, english):
        assert str(quote) in page
        assert f"{quote.total:,.2f}" in page
        assert f"{clock.today():%Y-%m-%d}" in page
    assert "非要约" in chinese
    assert "binds neither side" in english
    assert signed_in(officer).post(address).status_code == 405
    assert signed_in(auditor).get(address).status_code == 403
    assert signed_in(client_user).get(address).status_code == 404
    assert address in signed_in(officer).get(address.removesuffix("pdf/")).text
