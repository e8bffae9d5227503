"""The money firewall: payment reaches nobody who evaluates or decides, and holds back only the hand-over of a copy."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection
from django.test import Client

from applications.models import Contract, Invoice
from certbody import clock
from certbody.accounts.models import RoleAssignment, User
from certbody.accounts.roles import Role
from certbody.body import services as body
from certbody.cases.services import grant_access, record_part
from certbody.files.models import StoredFile
from certbody.files.queries import visible_to as files_visible_to
from certbody.permissions import independence
from certbody.trail.timeline import entries_of
from certbody.web.panels import panels_for
from certificates.queries.certificates import withholding
from certificates.transitions import CERTIFICATE
from tests.applications.conftest import signed_in
from tests.matrix.cast import Cast
from tests.matrix.things import invoice_of
from tests.matrix.whole_road import issued_certificate
from tests.road import applications
from tests.road.applications import accepted_contract
from tests.road.invoices import pay, sent_invoice, take
from tests.road.people import make_user

pytestmark = pytest.mark.django_db

READERS = {Role.FINANCE, Role.CONTRACTS, Role.HEAD, Role.INSPECTOR}
PAYER, AMOUNT = "某代付公司", "7,531.24"
LINK = re.compile(r'href="(/[^"#]*)')
UNREACHED = ("/accounts/logout/", "/static/", "/i18n/")


def pages_of(browser: Client, *starts: str) -> dict[str, str]:
    """Everything that links lead to from here, as text."""
    waiting, found = list(starts), {}
    while waiting:
        address = waiting.pop()
        path = address.partition("?")[0]
        if path in found or path.startswith(UNREACHED):
            continue
        answer = browser.get(path)
        found[path] = answer.content.decode("utf-8", "replace") if not answer.streaming else ""
        if answer.get("Content-Type", "").startswith("text/html"):
            waiting += LINK.findall(found[path])
    return found


@pytest.mark.skipif(connection.vendor == "postgresql", reason="who sees what does not depend on the database")
def test_no_page_of_an_evaluator_or_decider_tells_of_money() -> None:
    certificate = issued_certificate()
    case, finance = certificate.case, make_user(Role.FINANCE)
    invoice = sent_invoice(case.contracts.get(), finance)
    invoice = pay(invoice, finance, AMOUNT.replace(",", ""), payer=PAYER, note="核实")
    take("plan", invoice, finance, parts=[])
    words = (PAYER, AMOUNT, invoice.number)
    cast = Cast().around(certificate)
    starts = (
        "/desk/",
        f"/desk/cases/{case.reference}/",
        f"/desk/search/?q={case.reference}",
        "/desk/invoices/",
    )
    barred = [*set(cast) - {"system", "client", "other_client", *(role.value for role in READERS)}]
    assert {
        "reviewer",
        "lead",
        "team_auditor",
        "technical_reviewer",
        "committee",
        "chair",
        "secretary",
        "seat",
    } <= set(barred)
    told = {
        (name, path)
        for name in ("reviewer", "lead", "technical_reviewer", "secretary", "seat", "chair", "quality")
        for path, text in pages_of(signed_in(cast[name]), *starts).items()
        if any(word in text for word in words)
    }
    assert told == set()
    seen = pages_of(
        signed_in(cast["finance"]), f"/desk/invoices/{invoice.pk}/", f"/desk/cases/{case.reference}/"
    )
    assert all(any(word in text for text in seen.values()) for word in words), "the crawl finds what is there"


def test_timeline_tasks_files_and_panels_of_a_case_leave_money_out(finance_and_invoice) -> None:
    finance, invoice = finance_and_invoice
    for role in Role:
        user = make_user(role)
        may_read = role in READERS
        told = [entry.text for entry in entries_of(invoice.case, user)]
        assert ("Invoice sent" in told) is may_read, role
        assert files_visible_to(user).filter(kind="invoice").exists() is (may_read), role
        titles = [str(panel.title) for panel in panels_for("desk_case", user, invoice.case)]
        assert ("Invoices" in titles) is may_read, role
        page = signed_in(user).get(f"/desk/cases/{invoice.case.reference}/").content.decode()
        assert ("Issue the electronic invoice" in page) is may_read, role
    client = User.objects.get(person__memberships__organisation=invoice.organisation_id)
    assert "We sent you an invoice" in [entry.text for entry in entries_of(invoice.case, client)]
    assert signed_in(finance).get(f"/desk/invoices/{invoice.pk}/").status_code == 200
    assert StoredFile.objects.filter(kind="invoice").count() == 1


@pytest.fixture
def finance_and_invoice(db: None) -> tuple[User, Invoice]:
    finance = make_user(Role.FINANCE)
    return finance, sent_invoice(accepted_contract(), finance)


@pytest.mark.parametrize("part", ["application_review", "stage2", "technical_review", "vote"])
def test_who_holds_finance_and_evaluates_or_decides_reads_no_money_of_that_case(part: str) -> None:
    handler, both = make_user(Role.FINANCE), make_user(Role.FINANCE)
    RoleAssignment.objects.create(person=both.person, role=Role.TECHNICAL_REVIEWER, since=clock.today())
    both = User.objects.get(pk=both.pk)
    invoice, other = sent_invoice(accepted_contract(), handler), sent_invoice(accepted_contract(), handler)
    browser = signed_in(both)
    assert browser.get(f"/desk/invoices/{invoice.pk}/").status_code == 200
    record_part(case=invoice.case, person=both.person, part=part)
    assert browser.get(f"/desk/invoices/{invoice.pk}/").status_code == 404
    assert invoice.number not in browser.get("/desk/invoices/").content.decode()
    assert browser.get(f"/steps/invoice/{invoice.pk}/record_payment/").status_code == 404
    assert not files_visible_to(both).filter(pk=invoice.pdf_id).exists()
    assert browser.get(f"/desk/invoices/{other.pk}/").status_code == 200


def test_an_appointment_closes_the_money_while_it_lasts(finance_and_invoice) -> None:
    _finance, invoice = finance_and_invoice
    both = make_user(Role.FINANCE)
    grant_access(case=invoice.case, person=both.person, ground="panel")
    assert signed_in(both).get(f"/desk/invoices/{invoice.pk}/").status_code == 404


def test_who_handled_the_money_of_a_case_decides_nothing_in_it(finance_and_invoice) -> None:
    finance, invoice = finance_and_invoice
    verdict = independence(finance.person, invoice.case)
    assert not verdict
    assert "invoices and payments" in str(verdict.reason)


def wait_for_payment() -> None:
    body.change_setting(
        key="handover_waits_for_payment", value=True, source="decision 7", actor=make_user(Role.HEAD)
    )


def test_an_unpaid_overdue_invoice_holds_back_nothing_but_the_copy_of_the_certificate() -> None:
    """The whole road with the setting on: review, audit, decision and issue go on, only the hand-over waits."""
    wait_for_payment()
    finance, contracted = make_user(Role.FINANCE), applications.accepted_contract

    RoleAssignment.objects.filter(person=finance.person).update(since=clock.today() - timedelta(days=90))

    def contracted_and_overdue(client: User) -> Contract:
        contract = contracted(client)
        with clock.at(clock.today() - timedelta(days=60)):
            sent_invoice(contract, finance)
        return contract

    with mock.patch.object(applications, "accepted_contract", contracted_and_overdue):
        certificate = issued_certificate()
    invoice = certificate.case.invoices.get()
    assert invoice.is_overdue
    assert certificate.state == "valid"
    client = User.objects.get(person__memberships__organisation=certificate.organisation_id)
    copy = StoredFile.objects.filter(case=certificate.case, kind="certificate").first()
    browser = signed_in(client)
    assert "open" in str(withholding(certificate))
    refused = browser.get(copy.get_absolute_url())
    assert refused.status_code == 409
    assert "as soon as it is paid" in refused.content.decode()
    assert (
        copy.get_absolute_url() not in browser.get(f"/portal/certificates/{certificate.pk}/").content.decode()
    )
    pay(invoice, finance)
    assert browser.get(copy.get_absolute_url()).status_code == 200


def test_without_the_setting_an_unpaid_invoice_holds_back_nothing() -> None:
    certificate = issued_certificate()
    invoice_of(certificate.case)
    assert withholding(certificate) == ""
    wait_for_payment()
    assert str(withholding(certificate)) != ""


def test_instalments_that_are_not_due_yet_hold_back_nothing(finance_and_invoice) -> None:
    finance, invoice = finance_and_invoice
    certificate = CERTIFICATE.model(case=invoice.case, state="valid")
    wait_for_payment()
    assert str(withholding(certificate)) != ""
    later = clock.today() + timedelta(days=30)
    take("plan", invoice, finance, parts=[(later, invoice.total)])
    assert withholding(certificate) == ""
    with clock.at(later):
        assert str(withholding(certificate)) != ""
