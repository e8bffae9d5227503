"""The transfer from another certification body and its gate (docs/decisions/0017)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.catalogue.document_kinds import kind_label
from applications.catalogue.review_items import items_of
from applications.catalogue.sections import FIELDS, Section
from applications.models import Application, TransferredCertificate
from applications.queries.completeness import missing_in
from applications.queries.contents import contents_of
from applications.queries.documents import documents_to_renew
from applications.states import ApplicationKind
from applications.transitions import ACCEPT, BECOME_INITIAL, BEGIN, SAVE, SUBMIT
from certbody import clock, workflow
from certbody.cases.models import Case, CaseKind
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.files.sending import begin
from tests.road.applications import (
    SCHEME,
    application_values,
    attach_all,
    begun_application,
    complete,
    make_organisation,
    review_all,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def transfer(client_user):
    wish = Case(organisation=make_organisation(client_user), scheme=SCHEME)
    return perform(BEGIN, Application(case=wish, kind=ApplicationKind.TRANSFER), actor=client_user)


def certificate_of_another_body(**changes):
    today = clock.today()
    return {
        "issuer": "华信示范认证有限公司",
        "issuer_approval": "CNCA-R-2020-999",
        "number": "HX25SC00001R1",
        "grade": "star3",
        "issued_on": today - timedelta(days=400),
        "expires_on": today + timedelta(days=600),
        "declared_state": "valid",
        "last_audit_on": today - timedelta(days=50),
        "has_open_findings": False,
        "reason": "集团统一认证机构",
        **changes,
    }


def declare(transfer, client_user, **changes):
    values = certificate_of_another_body(**changes)
    return perform(SAVE, transfer, actor=client_user, section=Section.TRANSFER, values=values)


def gaps(application) -> str:
    return " ".join(str(gap.sentence) for gap in missing_in(application))


def url(application, name, *more):
    return reverse(f"applications:{name}", args=[application.case.reference, *more])


def complete_transfer(transfer, client_user):
    transfer = declare(transfer, client_user)
    attach_all(transfer, client_user, contents_of(transfer).documents_asked[:2])
    return complete(transfer, client_user)


def test_a_transfer_is_a_case_of_its_own_kind_and_begins_with_the_other_certificate(transfer):
    assert transfer.case.kind == CaseKind.TRANSFER
    assert "The certification body that issued the certificate is missing." in gaps(transfer)
    for document in ("Certificate issued by the other body", "Last audit report and surveillance reports"):
        assert f"Document missing: {document}" in gaps(transfer)


def test_a_valid_certificate_with_its_reports_passes_the_gate(transfer, client_user):
    complete_one = complete_transfer(transfer, client_user)
    assert missing_in(complete_one) == []
    assert perform(SUBMIT, complete_one, actor=client_user).state == "submitted"


@pytest.mark.parametrize("state", ["suspended", "withdrawn", "cancelled", "expired"])
def test_only_a_valid_certificate_is_transferred(transfer, client_user, state):
    declared = declare(complete_transfer(transfer, client_user), client_user, declared_state=state)
    assert "Only a certificate that is valid and not suspended can be transferred" in gaps(declared)
    with pytest.raises(workflow.NotReady):
        perform(SUBMIT, declared, actor=client_user)


def test_a_certificate_that_has_ended_is_not_transferred(transfer, client_user):
    yesterday = clock.today() - timedelta(days=1)
    declared = declare(transfer, client_user, expires_on=yesterday)
    assert f"ended on {yesterday}" in gaps(declared)
    assert "ended on" not in gaps(declare(declared, client_user, expires_on=clock.today()))


def test_open_findings_must_be_seen(transfer, client_user):
    declared = complete_transfer(transfer, client_user)
    assert "Open findings" not in gaps(declared)
    declared = declare(declared, client_user, has_open_findings=True)
    assert "Document missing: Open findings with the correction so far" in gaps(declared)


def test_a_last_audit_after_the_last_day_contradicts(transfer, client_user):
    today = clock.today()
    declared = declare(transfer, client_user, expires_on=today - timedelta(days=9), last_audit_on=today)
    assert "The last audit lies after the last valid day" in gaps(declared)


def test_the_papers_of_the_other_body_arrive_in_pieces_and_bear_their_names(transfer, client_user, reviewer):
    browser = signed_in(client_user)
    assert begin(browser, transfer, name="a.png", size=9, kind="transferred_certificate").status_code == 201
    submitted = perform(SUBMIT, complete_transfer(transfer, client_user), actor=client_user)
    review_all(submitted, reviewer)
    accepted = perform(ACCEPT, submitted, actor=reviewer)
    names = {row["name"] for row in documents_to_renew(accepted, "en")}
    assert {"Certificate issued by the other body", "Last audit report and surveillance reports"} <= names
    assert kind_label("transferred_certificate") == "Certificate issued by the other body"


def test_an_initial_application_takes_no_papers_of_another_body(client_user):
    draft, browser = begun_application(client_user), signed_in(client_user)
    assert begin(browser, draft, name="a.png", size=9, kind="transferred_certificate").status_code == 404


def test_days_that_cannot_be_are_named_at_their_field_and_the_rest_is_saved(transfer, client_user):
    ahead = (clock.today() + timedelta(days=2)).isoformat()
    answer = signed_in(client_user).post(
        url(transfer, "section", "transfer"), {"issuer": "华信认证", "issued_on": ahead, "number": "HX1"}
    )
    assert answer.status_code == 422
    assert "This day lies in the future." in answer.text
    row = TransferredCertificate.objects.get(application=transfer)
    assert (row.issuer, row.number, row.issued_on) == ("华信认证", "HX1", None)


def test_an_end_before_the_issue_is_neither_taken_nor_possible_in_the_database(transfer, client_user):
    answer = signed_in(client_user).post(
        url(transfer, "section", "transfer"), {"issued_on": "2025-03-01", "expires_on": "2025-03-01"}
    )
    assert "The certificate must end after the day of its issue." in answer.text
    with pytest.raises(IntegrityError), transaction.atomic():
        TransferredCertificate.objects.create(
            application=transfer, issued_on=clock.today(), expires_on=clock.today()
        )


def test_the_gate_is_judged_again_in_the_review(transfer, client_user, reviewer):
    of_transfer = {item.key for item in items_of(transfer)}
    initial = {item.key for item in items_of(Application(kind=ApplicationKind.INITIAL))}
    wanted = {"transfer_certificate", "transfer_reports", "transfer_findings"}
    assert of_transfer - initial == wanted
    submitted = perform(SUBMIT, complete_transfer(transfer, client_user), actor=client_user)
    review_all(submitted, reviewer)
    submitted.review_items.filter(key="transfer_certificate").delete()
    with pytest.raises(workflow.NotReady) as refused:
        perform(ACCEPT, submitted, actor=reviewer)
    assert [missing.link.partition("#")[2] for missing in refused.value.missing] == [
        "item-transfer_certificate"
    ]


class TestGoingOnAsAnInitialCertification:
    def test_nothing_typed_is_lost(self, transfer, client_user):
        transfer = declare(transfer, client_user, declared_state="suspended")
        values = {name: application_values()[name] for name in FIELDS[Section.SCOPE]}
        perform(SAVE, transfer, actor=client_user, section=Section.SCOPE, values=values)
        browser = signed_in(client_user)
        offer = f'action="{url(transfer, "become_initial")}"'
        assert offer in browser.get(url(transfer, "section", "transfer")).text
        assert offer in browser.get(url(transfer, "check")).text
        assert offer not in browser.get(url(transfer, "section", "scope")).text
        assert browser.post(url(transfer, "become_initial"))["Location"] == url(transfer, "overview")
        transfer = Application.objects.get(pk=transfer.pk)
        assert (transfer.kind, transfer.case.kind) == (ApplicationKind.INITIAL, CaseKind.INITIAL)
        assert {name: getattr(transfer, name) for name in values} == values
        assert transfer.transferred_certificate.number == "HX25SC00001R1"
        assert browser.get(url(transfer, "section", "transfer")).status_code == 404

    def test_it_is_a_post(self, transfer, client_user):
        assert signed_in(client_user).get(url(transfer, "become_initial")).status_code == 405

    def test_a_stranger_does_not_find_it(self, transfer, stranger):
        assert signed_in(stranger).post(url(transfer, "become_initial")).status_code == 404

    def test_staff_do_not_do_it(self, transfer, reviewer):
        signed_in(reviewer).post(url(transfer, "become_initial"))
        with pytest.raises(workflow.NotAllowed):
            perform(BECOME_INITIAL, transfer, actor=reviewer)
        assert Application.objects.get(pk=transfer.pk).kind == ApplicationKind.TRANSFER

    def test_a_second_time_is_refused(self, transfer, client_user):
        browser = signed_in(client_user)
        assert browser.post(url(transfer, "become_initial")).status_code == 302
        answer = browser.post(url(transfer, "become_initial"))
        assert answer.status_code == 409
        assert "This application is no transfer." in answer.text

    def test_another_kind_never_becomes_one(self, client_user):
        with pytest.raises(workflow.NotReady):
            perform(BECOME_INITIAL, begun_application(client_user), actor=client_user)
