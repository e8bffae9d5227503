"""Item 53: what is stored is derived again and read back from the paper, and every difference is named."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from certbody.cases.models import Involvement
from certbody.trail import verify
from certbody.trail.models import Event
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
from tests.certificates.tampering import past_the_triggers
from tests.road.certificates import issued_certificate, released_case, reserved_certificate, signed_decision

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
    "the closing in the trail": (
        lambda one: Event.objects.filter(case=one.case, name="panel.closed").update(data={}),
        "certificates_panel",
    ),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", TAMPERINGS)
def test_item_53_what_was_changed_past_the_product_is_named_with_its_row(what: str) -> None:
    certificate = issued_certificate()
    clean = {line for line in faults() if "issueddocument" not in line}
    assert clean == set()
    tamper, table = TAMPERINGS[what]
    with past_the_triggers():
        tamper(certificate)
    found = [line for line in faults() if line.startswith(table)]
    assert found, what
    if table == "certificates_certificate":
        assert all(certificate.number in line for line in found)


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
