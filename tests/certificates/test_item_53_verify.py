"""Item 53: what is stored is derived again and read back from the paper, and every difference is named."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from certbody import clock
from certbody.accounts.roles import Role
from certbody.cases.models import Involvement
from certbody.files.models import Audience
from certbody.files.storage import store
from certbody.trail import verify
from certbody.trail.models import Event
from certbody.workflow import perform
from certificates import checks
from certificates.models import (
    Ballot,
    Certificate,
    Decision,
    Edition,
    IssuedDocument,
    Panel,
    RegisterTerm,
    Seat,
    StatusChange,
)
from certificates.services.manifest import fingerprint
from certificates.transitions import RESTORE, SUSPEND, WITHDRAW
from tests.certificates.tampering import past_the_triggers
from tests.road.certificates import issued_certificate, released_case, reserved_certificate, signed_decision
from tests.road.people import make_user

ALL = (checks.votes, checks.decisions, checks.impartiality, checks.certificates, checks.documents)


def faults() -> list[str]:
    return [line for check in ALL for line in check()]


@pytest.mark.django_db
@pytest.mark.parametrize("grade", ["star5", "star4", "star3", "qualified"])
def test_item_53_a_certificate_of_each_grade_is_read_back_without_a_difference(grade: str) -> None:
    certificate = issued_certificate(signed_decision(released_case(grade=grade)), draw=True)
    assert certificate.grade == grade
    assert faults() == []


@pytest.mark.django_db
def test_item_53_a_lower_grade_than_the_computed_one_is_no_fault() -> None:
    certificate = issued_certificate(signed_decision(released_case(grade="star5"), grade="qualified"))
    assert certificate.grade == "qualified"
    assert [line for line in faults() if "issueddocument" not in line] == []


def change_manifest_with_its_hash(one: Certificate) -> None:
    changed = one.editions.get().manifest | {"scope_zh": "另一个范围"}
    one.editions.update(manifest=changed, manifest_sha256=fingerprint(changed))


def replace_document_with_its_hash(one: Certificate) -> None:
    """A forged paper whose row, file and bytes agree; only the trail knows the one that was issued."""
    forged = store(
        content=b"%PDF-1.7 forged",
        name="forged.pdf",
        kind="certificate",
        case=one.case,
        audience=Audience.CLIENT,
    )
    IssuedDocument.objects.filter(edition__certificate=one, language="en").update(
        file=forged, sha256=forged.sha256
    )


TAMPERINGS: dict[str, tuple[Callable[[Certificate], object], str]] = {
    "grade": (
        lambda one: Certificate.objects.filter(pk=one.pk).update(grade="star5"),
        "certificates_certificate",
    ),
    "expiry": (
        lambda one: Certificate.objects.filter(pk=one.pk).update(
            expires_on=one.expires_on + timedelta(days=1)
        ),
        "certificates_certificate",
    ),
    "state": (
        lambda one: Certificate.objects.filter(pk=one.pk).update(state="suspended"),
        "certificates_certificate",
    ),
    "search": (
        lambda one: Certificate.objects.filter(pk=one.pk).update(searchable="另一家公司"),
        "certificates_certificate",
    ),
    "a term": (
        lambda one: RegisterTerm.objects.filter(certificate=one).first().delete(),
        "certificates_certificate",
    ),  # type: ignore[union-attr]
    "history": (
        lambda one: StatusChange.objects.filter(certificate=one).delete(),
        "certificates_certificate",
    ),
    "a vote": (
        lambda one: Ballot.objects.filter(seat__panel=one.decision.panel).update(choice="against"),
        "certificates_panel",
    ),
    "a lost vote": (
        lambda one: Ballot.objects.filter(seat__panel=one.decision.panel).delete(),
        "certificates_panel",
    ),
    "the count": (
        lambda one: Panel.objects.filter(pk=one.decision.panel_id).update(votes_for=9),
        "certificates_panel",
    ),
    "the decision": (
        lambda one: Decision.objects.filter(pk=one.decision_id).update(grade="star5"),
        "certificates_decision",
    ),
    "the signatory": (
        lambda one: Decision.objects.filter(pk=one.decision_id).update(
            signed_by=one.case.involvements.get(part="stage1").person
        ),
        "certificates_decision",
    ),
    "a seat": (
        lambda one: Seat.objects.filter(pk=one.decision.panel.seats.all()[0].pk).update(
            person=one.case.involvements.get(part="stage1").person
        ),
        "certificates_seat",
    ),
    "an involvement": (
        lambda one: Involvement.objects.filter(case=one.case, part="vote").delete(),
        "certificates_ballot",
    ),
    "the manifest": (
        lambda one: Edition.objects.filter(certificate=one).update(
            manifest=one.editions.get().manifest | {"stars": 5}
        ),
        "certificates_edition",
    ),
    "a lost document": (
        lambda one: IssuedDocument.objects.filter(edition__certificate=one, language="en").delete(),
        "certificates_edition",
    ),
    "a document's hash": (
        lambda one: IssuedDocument.objects.filter(edition__certificate=one, language="en").update(
            sha256="0" * 64
        ),
        "certificates_issueddocument",
    ),
    "the reason of a vote": (
        lambda one: Ballot.objects.filter(seat__panel=one.decision.panel).update(reason="另一个理由"),
        "certificates_panel",
    ),
    "the moment of a vote": (
        lambda one: Ballot.objects.filter(seat__panel=one.decision.panel).update(cast_at=clock.now()),
        "certificates_panel",
    ),
    "the manifest with its hash": (change_manifest_with_its_hash, "certificates_edition"),
    "a document with its file": (
        replace_document_with_its_hash,
        "certificates_issueddocument",
    ),
    "a document that no event filed": (
        lambda one: Event.objects.filter(case=one.case, name="edition.document_filed").update(data={}),
        "certificates_issueddocument",
    ),
    "the documents of the issue": (
        lambda one: Event.objects.filter(case=one.case, name="certificate.issued").update(
            data=Event.objects.get(name="certificate.issued").data | {"documents": {}}
        ),
        "certificates_certificate",
    ),
    "the ground of a change": (
        lambda one: StatusChange.objects.filter(certificate=one).update(ground="remedied"),
        "certificates_certificate",
    ),
    "the day of a change": (
        lambda one: StatusChange.objects.filter(certificate=one).update(
            effective_on=one.issued_on + timedelta(days=1)
        ),
        "certificates_certificate",
    ),
    "a change that no step made": (
        lambda one: StatusChange.objects.create(
            certificate=one, status="valid", ground="remedied", effective_on=one.issued_on
        ),
        "certificates_certificate",
    ),
    "a date of the cycle": (
        lambda one: one.cycle_dates.filter(kind="surveillance").update(due_on=one.expires_on),
        "certificates_certificate",
    ),
    "a lost date of the cycle": (
        lambda one: one.cycle_dates.filter(kind="recertification").delete(),
        "certificates_certificate",
    ),
    "the closing in the trail": (
        lambda one: Event.objects.filter(case=one.case, name="panel.closed").update(data={}),
        "certificates_panel",
    ),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", TAMPERINGS)
def test_item_53_what_was_changed_past_the_product_is_named_with_its_row(what: str) -> None:
    certificate = issued_certificate()
    clean = set(faults())  # the stand-ins are no real documents, nothing else is wrong
    assert all("cannot be read back" in line for line in clean)
    tamper, table = TAMPERINGS[what]
    with past_the_triggers():
        tamper(certificate)
    found = [line for line in faults() if line.startswith(table) and line not in clean]
    assert found, what
    if table == "certificates_certificate":
        assert all(certificate.number in line for line in found)


@pytest.mark.django_db
def test_item_53_suspending_restoring_and_withdrawing_leave_no_difference() -> None:
    certificate = issued_certificate()
    head = make_user(Role.HEAD)
    for step, ground in ((SUSPEND, "requirements"), (RESTORE, "remedied"), (WITHDRAW, "fraud")):
        perform(step, certificate, actor=head, ground=ground, reason="按规则处理")
    assert list(checks.certificates()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["deleted", "ground"])
def test_item_53_a_suspension_that_was_removed_or_changed_is_named(what: str) -> None:
    certificate = issued_certificate()
    head = make_user(Role.HEAD)
    perform(SUSPEND, certificate, actor=head, ground="requirements", reason="投诉未处理")
    perform(RESTORE, certificate, actor=head, ground="remedied", reason="已整改")
    change = certificate.status_changes.get(status="suspended")
    with past_the_triggers():
        rows = StatusChange.objects.filter(pk=change.pk)
        rows.delete() if what == "deleted" else rows.update(ground="request")
    (line,) = checks.certificates()
    assert f"certificates_statuschange {change.pk}" in line
    assert certificate.number in line


@pytest.mark.django_db
def test_item_53_the_command_runs_these_checks() -> None:
    issued_certificate()
    lines = list(verify.faults())
    assert any(
        line.startswith("certificates_issueddocument") for line in lines
    )  # the stand-in is no real document
    with pytest.raises((CommandError, SystemExit)):
        call_command("verify_trail", stdout=StringIO(), stderr=StringIO())


@pytest.mark.django_db
def test_item_53_a_number_that_is_still_being_made_is_no_fault() -> None:
    reserved_certificate()
    assert faults() == []
