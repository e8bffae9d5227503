"""Reserving, drawing and issuing: number, manifest, dates, what follows, and what happens when it fails."""

from datetime import date, timedelta
from unittest import mock

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from applications.models import Contract
from certbody import clock
from certbody.accounts.models import InterestKind
from certbody.accounts.roles import Role
from certbody.body.numbers import number_from
from certbody.cases.models import CaseKind
from certbody.desk.models import Task
from certbody.outbox import sweeper
from certbody.outbox.models import Job
from certbody.pdf.render import RenderFailed
from certbody.trail.models import Event
from certbody.workflow import NotAllowed, NotReady, perform
from certificates import tasks
from certificates.dates import cycle_from
from certificates.models import Certificate, Edition, IssuedDocument
from certificates.services import issuing
from certificates.services.manifest import build, fingerprint
from certificates.transitions import ISSUE, SUSPEND
from tests.certificates.tampering import past_the_triggers
from tests.road.certificates import (
    issued_certificate,
    quick_drawing,
    released_case,
    reserved_certificate,
    signed_decision,
    taken_decision,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db

FACTS = {"cb_code": "EX", "yy": "26", "yyyy": 2026, "seq": 7, "cycle": 1}


@pytest.mark.parametrize(
    ("template", "number"),
    [
        ("{cb_code}{yy}SC{seq:05}R{cycle}", "EX26SC00007R1"),
        ("{cb_code}-{yyyy}-{seq}", "EX-2026-7"),
        ("ab{seq:03}x", "AB007X"),
    ],
)
def test_the_form_of_the_number_is_the_body_s_setting(template: str, number: str) -> None:
    assert number_from(template, FACTS) == number


@pytest.mark.parametrize(
    "template", ["{seq.__class__}", "{organisation}{seq}", "{seq} {yy}", "证书{seq}", "{seq!r}", "%s{seq:5}"]
)
def test_a_form_that_is_no_number_or_asks_for_something_else_is_refused(template: str) -> None:
    with pytest.raises(NotReady):
        number_from(template, FACTS)


def test_a_reservation_stores_the_manifest_and_its_hash_before_anything_is_drawn() -> None:
    certificate = reserved_certificate()
    edition = certificate.editions.get()
    assert (certificate.state, edition.state) == ("reserved", "reserved")
    assert edition.manifest["number"] == certificate.number
    assert edition.manifest_sha256 == fingerprint(edition.manifest)
    assert edition.manifest["client_name_zh"] == certificate.organisation.name
    assert edition.manifest["grade"], edition.manifest["stars"] == ("star4", 4)
    assert Job.objects.filter(kind="certificate.issue", object_id=str(certificate.pk)).count() == 1
    assert not Task.objects.filter(kind="certificate.reserve", closed_at=None).exists()
    assert Event.objects.get(name="certificate.reserved").data["manifest_sha256"] == edition.manifest_sha256


def test_no_manifest_is_built_of_a_decision_that_nobody_signed() -> None:
    decision = taken_decision(released_case())
    organisation = decision.case.organisation
    wanted = Certificate(
        case=decision.case, decision=decision, organisation=organisation, grade=decision.grade, number="X-1"
    )
    with pytest.raises(NotReady, match="The decision is not signed"):
        build(wanted, edition=1, next_surveillance_due=clock.today())


def test_numbers_run_without_a_gap_and_begin_anew_each_year() -> None:
    with clock.at(date(2026, 12, 31)):
        first = reserved_certificate().number
        decision = signed_decision()
        with (
            pytest.raises(NotReady),
            mock.patch("certificates.services.manifest.scheme_of", side_effect=NotReady("x")),
        ):
            reserved_certificate(decision)
        second = reserved_certificate(decision).number
    with clock.at(date(2027, 1, 1)):
        third = reserved_certificate().number
    assert (first, second, third) == ("EX26SC00001R1", "EX26SC00002R1", "EX27SC00001R1")


def test_issuing_follows_rule_r_and_plans_the_cycle() -> None:
    with clock.at(date(2028, 2, 29)):
        certificate = issued_certificate()
    assert (certificate.issued_on, certificate.valid_from, certificate.first_issued_on) == (
        date(2028, 2, 29),
    ) * 3
    assert certificate.expires_on == date(2031, 2, 28)
    visits = {visit.kind: (visit.opens_on, visit.due_on) for visit in certificate.cycle_dates.all()}
    assert visits["surveillance"] == (date(2028, 11, 28), date(2029, 2, 28))
    assert visits["recertification"] == (date(2030, 11, 28), date(2031, 2, 28))
    assert certificate.editions.get().manifest["next_surveillance_due"] == "2029-02-28"


def test_the_day_of_issue_is_the_day_in_shanghai() -> None:
    from datetime import UTC, datetime

    with clock.at(datetime(2026, 12, 31, 16, 30, tzinfo=UTC)):
        assert issued_certificate().issued_on == date(2027, 1, 1)


def test_the_issued_certificate_has_both_documents_and_tells_the_client_once() -> None:
    certificate = issued_certificate()
    edition = certificate.editions.get()
    assert edition.state == "current"
    assert {document.language for document in edition.documents.all()} == {"zh-hans", "en"}
    sweeper.sweep()
    (letter,) = [message for message in mail.outbox if certificate.number in message.subject]
    assert f"/portal/certificates/{certificate.pk}/" in letter.body
    assert f"/c/{certificate.number}" in letter.body
    issued = Event.objects.get(name="certificate.issued")
    assert issued.data["documents"] == {
        document.language: document.sha256 for document in edition.documents.all()
    }


def test_only_the_certificate_officer_reserves() -> None:
    with pytest.raises(NotAllowed):
        reserved_certificate(officer=make_user(Role.HEAD))


def test_nothing_is_issued_on_a_decision_that_is_not_signed_or_refuses() -> None:
    with pytest.raises(NotReady):
        reserved_certificate(taken_decision(released_case()))
    with pytest.raises(NotReady):
        reserved_certificate(signed_decision(released_case(grade="fail"), outcome="refuse"))
    assert not Certificate.objects.exists()


def test_the_contract_and_the_independence_of_the_voters_are_checked_again() -> None:
    decision = signed_decision()
    Contract.objects.filter(case=decision.case).update(state="superseded")
    with pytest.raises(NotReady):
        reserved_certificate(decision)
    other = signed_decision()
    voter = other.panel.seats.all()[0].person
    voter.interests.create(
        organisation=other.case.organisation, kind=InterestKind.TRAINED, since=clock.today()
    )
    with pytest.raises(NotReady):
        reserved_certificate(other)


@pytest.mark.django_db(transaction=True)
def test_a_ballot_changed_past_the_product_stops_the_issue() -> None:
    decision = signed_decision()
    with past_the_triggers():
        for seat in decision.panel.seats.all()[:2]:
            type(seat.ballot).objects.filter(pk=seat.ballot.pk).update(choice="against")
    with pytest.raises(NotReady) as refusal:
        reserved_certificate(decision)
    assert "ballots" in str(refusal.value.missing[0].sentence)


def test_nobody_completes_the_issue_by_hand() -> None:
    certificate = reserved_certificate()
    with pytest.raises(NotAllowed):
        perform(ISSUE, certificate, actor=make_user(*Role.values))
    with pytest.raises(NotReady):
        perform(ISSUE, certificate, actor=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(state="valid")


def test_one_failure_is_tried_again_and_three_void_the_number_with_the_reason() -> None:
    decision = signed_decision()
    certificate = reserved_certificate(decision)
    with mock.patch.object(tasks, "render_certificate", side_effect=RenderFailed("glyph", "𠮷")):
        for minutes in (0, 2, 5):
            with clock.at(clock.now() + timedelta(minutes=minutes)):
                sweeper.sweep()
    certificate.refresh_from_db()
    assert (certificate.state, certificate.attempts) == ("void", 3)
    assert "𠮷" in certificate.void_reason
    assert certificate.editions.get().state == "void"
    assert Task.objects.filter(kind="certificate.voided", role=Role.CERTIFICATES, closed_at=None).count() == 1
    again = reserved_certificate(decision)
    assert again.number != certificate.number
    assert not Task.objects.filter(kind="certificate.voided", closed_at=None).exists()
    with quick_drawing():
        sweeper.sweep()
    again.refresh_from_db()
    assert again.state == "valid"


def test_a_failure_after_the_first_language_continues_with_the_second() -> None:
    certificate = reserved_certificate()
    calls = []

    def fails_in_english_once(manifest: dict[str, object], language: str) -> bytes:
        calls.append(language)
        if calls.count("en") == 1 and language == "en":
            raise RenderFailed("timeout")
        return f"%PDF-1.7 {language}".encode()

    with (
        mock.patch.object(tasks, "render_certificate", fails_in_english_once),
        mock.patch.object(tasks, "lint_certificate", return_value=[]),
    ):
        sweeper.sweep()
        assert IssuedDocument.objects.filter(edition__certificate=certificate).count() == 1
        with clock.at(clock.now() + timedelta(minutes=2)):
            sweeper.sweep()
    certificate.refresh_from_db()
    assert (certificate.state, certificate.attempts) == ("valid", 1)
    assert calls == ["zh-hans", "en", "en"]


def test_a_drawing_that_does_not_say_what_the_manifest_says_is_never_issued() -> None:
    certificate = reserved_certificate()
    with (
        quick_drawing(),
        mock.patch.object(tasks, "lint_certificate", return_value=["number is not printed"]),
    ):
        sweeper.sweep()
    certificate.refresh_from_db()
    assert certificate.state == "reserved"
    assert not IssuedDocument.objects.exists()


def test_a_manifest_cannot_be_changed_and_a_changed_one_is_not_drawn() -> None:
    edition = reserved_certificate().editions.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(manifest=edition.manifest | {"grade": "star5"})
    edition.manifest["grade"] = "star5"
    with pytest.raises(tasks.LintFailed):
        tasks.keep_document(edition, "en")


def test_number_and_dates_never_change_and_no_certificate_is_deleted() -> None:
    certificate = issued_certificate()
    for change in ({"number": "X"}, {"expires_on": date(2099, 1, 1)}, {"issued_on": date(2020, 1, 1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Certificate.objects.filter(pk=certificate.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM certificates_certificate WHERE id = %s", [certificate.pk])


def test_an_initial_certificate_is_not_issued_beside_one_that_still_runs() -> None:
    first = issued_certificate()
    with pytest.raises(NotReady) as refusal:
        reserved_certificate(signed_decision(released_case(organisation=first.organisation)))
    assert first.number in str(refusal.value.missing[0].sentence)


def test_item_37_the_issue_asks_again_under_the_lock_whether_the_older_certificate_still_stands() -> None:
    """As if the older one was suspended between the check of the guards and the issue itself."""
    with clock.at(date(2024, 1, 15)):
        first = issued_certificate()
    with clock.at(date(2026, 12, 1)):
        second = reserved_certificate(
            signed_decision(
                released_case(organisation=first.organisation, kind=CaseKind.RECERTIFICATION, cycle=2)
            )
        )
        perform(SUSPEND, first, actor=make_user(Role.HEAD), ground="surveillance", reason="未按期监督")
        with pytest.raises(NotReady) as refusal, transaction.atomic():
            issuing.issue(second, actor=None)
    assert first.number in str(refusal.value.missing[0].sentence)
    first.refresh_from_db()
    assert first.continued_by is None


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL locks rows")
def test_item_37_the_issue_locks_the_older_certificate() -> None:
    with clock.at(date(2024, 1, 15)):
        first = issued_certificate()
    with clock.at(date(2026, 12, 1)):
        second = reserved_certificate(
            signed_decision(
                released_case(organisation=first.organisation, kind=CaseKind.RECERTIFICATION, cycle=2)
            )
        )
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            issuing.issue(second, actor=None)
    older = [entry["sql"] for entry in queries if "FOR NO KEY UPDATE" in entry["sql"]]
    assert any("certificates_certificate" in sql and "continued_by_id" in sql for sql in older)


def test_an_initial_certificate_after_the_expiry_takes_over() -> None:
    with clock.at(date(2022, 5, 1)):
        first = issued_certificate()
    second = issued_certificate(signed_decision(released_case(organisation=first.organisation)))
    first.refresh_from_db()
    assert first.continued_by == second
    assert second.first_issued_on == second.issued_on


def test_a_recertification_decided_in_time_begins_the_day_after_the_old_last_day() -> None:
    with clock.at(date(2024, 1, 15)):
        first = issued_certificate()
    with clock.at(date(2026, 12, 1)):
        second = issued_certificate(
            signed_decision(
                released_case(organisation=first.organisation, kind=CaseKind.RECERTIFICATION, cycle=2)
            )
        )
    first.refresh_from_db()
    assert first.expires_on == date(2027, 1, 14)
    assert (second.issued_on, second.valid_from, second.expires_on) == (
        date(2026, 12, 1),
        date(2027, 1, 15),
        date(2030, 1, 14),
    )
    assert second.first_issued_on == first.first_issued_on
    assert (first.state, first.continued_by) == ("valid", second)
    assert second.number.endswith("R2")


def test_a_suspended_certificate_is_not_recertified() -> None:
    with clock.at(date(2024, 1, 15)):
        first = issued_certificate()
    with clock.at(date(2026, 12, 1)):
        perform(SUSPEND, first, actor=make_user(Role.HEAD), ground="surveillance", reason="未按期监督")
        with pytest.raises(NotReady):
            reserved_certificate(
                signed_decision(
                    released_case(organisation=first.organisation, kind=CaseKind.RECERTIFICATION, cycle=2)
                )
            )


@pytest.mark.parametrize("year", range(2024, 2033))
def test_the_cycle_of_every_day_of_a_year_is_in_order(year: int) -> None:
    day, before = date(year, 1, 1), None
    while day.year == year:
        cycle = cycle_from(day)
        assert cycle.validity.first == day <= cycle.first_surveillance.first <= cycle.first_surveillance.last
        assert cycle.first_surveillance.last < cycle.recertification.first < cycle.recertification.last
        assert cycle.recertification.last == cycle.validity.last
        assert before is None or before <= cycle.validity.last
        before = cycle.validity.last
        day += timedelta(days=1)
