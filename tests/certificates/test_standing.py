"""Suspending, restoring, withdrawing, and the public word for every day."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from applications.queries.completeness import blocked_sentence
from certbody import clock
from certbody.accounts.models import Authorisation, InterestKind, User
from certbody.accounts.roles import Role
from certbody.cases.models import Part
from certbody.cases.services import record_part
from certbody.outbox import sweeper
from certbody.trail.models import Event
from certbody.workflow import NotAllowed, NotReady, WrongState, perform, step_url
from certificates import facts
from certificates.models import Certificate, StatusChange
from certificates.queries.register import by_number
from certificates.transitions import RESTORE, SUSPEND, WITHDRAW
from tests.road.certificates import issued_certificate
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def head() -> object:
    return make_user(Role.HEAD)


def suspend(certificate: Certificate) -> Certificate:
    return perform(SUSPEND, certificate, actor=head(), ground="requirements", reason="顾客投诉未处理")


def restore(certificate: Certificate) -> Certificate:
    return perform(RESTORE, certificate, actor=head(), ground="remedied", reason="已整改并验证")


def withdraw(certificate: Certificate) -> Certificate:
    return perform(WITHDRAW, certificate, actor=head(), ground="fraud", reason="提供虚假材料")


def word(certificate: Certificate, on: date | None = None) -> str:
    entry = by_number(certificate.number, on)
    assert entry is not None
    return str(entry.standing.status)


def test_the_public_word_follows_each_change_at_once() -> None:
    certificate = issued_certificate()
    assert word(certificate) == "valid"
    suspend(certificate)
    assert word(certificate) == "suspended"
    restore(certificate)
    assert word(certificate) == "valid"
    withdraw(certificate)
    assert word(certificate) == "withdrawn"


def test_the_client_reads_what_stands_in_the_way_of_another_application() -> None:
    certificate = issued_certificate()
    client = Client()
    client.force_login(User.objects.get(person__memberships__organisation=certificate.organisation))
    sentence = f"certificate {certificate.number} stands"
    assert sentence in client.get("/portal/").content.decode()
    suspend(certificate)
    assert sentence in client.get("/portal/").content.decode()
    withdraw(certificate)
    assert facts.standing_certificate(case=certificate.case) == ""
    assert sentence not in client.get("/portal/").content.decode()


def test_no_visit_is_due_any_more_once_a_certificate_has_ended() -> None:
    certificate = issued_certificate()
    visits = "data-cycle"
    page, interface = f"/register/{certificate.number}/", f"/api/v1/certificates/{certificate.number}"
    assert visits in Client().get(page).content.decode()
    suspend(certificate)
    assert visits in Client().get(page).content.decode()
    withdraw(certificate)
    assert visits not in Client().get(page).content.decode()
    answer = Client().get(interface).json()
    assert (answer["next_surveillance_due"], answer["recertification_due"]) == (None, None)


def test_the_holder_is_told_of_each_change_and_the_reason_stays_out_of_the_mail() -> None:
    certificate = issued_certificate()
    sweeper.sweep()
    mail.outbox.clear()
    suspend(certificate)
    restore(certificate)
    withdraw(certificate)
    sweeper.sweep()
    assert len(mail.outbox) == 3
    assert all(certificate.number in message.subject for message in mail.outbox)
    assert not any("顾客投诉" in message.body for message in mail.outbox)


def test_a_past_day_is_answered_as_it_was() -> None:
    with clock.at(date(2026, 3, 1)):
        certificate = issued_certificate()
    with clock.at(date(2026, 6, 1)):
        suspend(certificate)
    with clock.at(date(2026, 8, 1)):
        restore(certificate)
    with clock.at(date(2027, 1, 1)):
        withdraw(certificate)
    days = {
        date(2026, 2, 28): "not_issued",
        date(2026, 3, 1): "valid",
        date(2026, 5, 31): "valid",
        date(2026, 6, 1): "suspended",
        date(2026, 7, 31): "suspended",
        date(2026, 8, 1): "valid",
        date(2026, 12, 31): "valid",
        date(2027, 1, 1): "withdrawn",
        date(2035, 1, 1): "withdrawn",
    }
    assert {day: word(certificate, day) for day in days} == days


def test_the_last_valid_day_is_valid_and_the_next_is_expired() -> None:
    with clock.at(date(2026, 3, 1)):
        certificate = issued_certificate()
    for day, expected in ((date(2029, 2, 28), "valid"), (date(2029, 3, 1), "expired")):
        with clock.at(day):
            assert word(certificate) == expected
    with clock.at(date(2029, 2, 28)):
        suspend(certificate)
    with clock.at(date(2029, 3, 1)):
        assert word(certificate) == "expired"
        with pytest.raises(NotReady):
            restore(certificate)


def test_a_recertified_organisation_is_valid_under_the_old_number_until_the_new_one_takes_effect() -> None:
    from certbody.cases.models import CaseKind
    from tests.road.certificates import released_case, signed_decision

    with clock.at(date(2024, 1, 15)):
        first = issued_certificate()
    with clock.at(date(2026, 12, 1)):
        second = issued_certificate(
            signed_decision(
                released_case(organisation=first.organisation, kind=CaseKind.RECERTIFICATION, cycle=2)
            )
        )
        assert (word(first), word(second)) == ("valid", "upcoming")
        suspend(first)
        assert (word(first), word(second)) == ("suspended", "upcoming")
    with clock.at(date(2027, 1, 15)):
        assert (word(first), word(second)) == ("expired", "valid")


def test_a_certificate_suspended_before_it_takes_effect_does_not_become_valid_by_itself() -> None:
    from certbody.cases.models import CaseKind
    from tests.road.certificates import released_case, signed_decision

    with clock.at(date(2024, 1, 15)):
        first = issued_certificate()
    with clock.at(date(2026, 12, 1)):
        second = issued_certificate(
            signed_decision(
                released_case(organisation=first.organisation, kind=CaseKind.RECERTIFICATION, cycle=2)
            )
        )
        suspend(second)
        assert word(second) == "suspended"
    with clock.at(date(2027, 6, 1)):
        assert word(second) == "suspended"


def test_the_last_of_several_changes_on_one_day_counts() -> None:
    certificate = issued_certificate()
    suspend(certificate)
    restore(certificate)
    suspend(certificate)
    assert word(certificate, clock.today()) == "suspended"


@pytest.mark.parametrize("change", [suspend, withdraw])
def test_only_an_independent_head_changes_the_status(change: object) -> None:
    certificate = issued_certificate()
    step = {suspend: SUSPEND, withdraw: WITHDRAW}[change]  # type: ignore[index]
    with pytest.raises(NotAllowed):
        perform(step, certificate, actor=make_user(Role.CERTIFICATES), ground="fraud", reason="x")
    interested = make_user(Role.HEAD)
    interested.person.interests.create(
        organisation=certificate.organisation, kind=InterestKind.GROUP, since=clock.today()
    )
    with pytest.raises(NotAllowed):
        perform(step, certificate, actor=interested, ground="fraud", reason="x")


def authorised(kind: str = Authorisation.Kind.SUSPEND, *, since: int = 0, until: int = 0) -> User:
    """A person of the body without any office of the decision, authorised for some days from today."""
    user = make_user(Role.COMMITTEE)
    today = clock.today()
    user.person.authorisations.create(
        kind=kind,
        since=today + timedelta(days=since),
        until=today + timedelta(days=until),
        reference="A-2026-2",
    )
    return user


def test_one_authorised_person_suspends_and_restores_and_the_trail_names_the_authorisation() -> None:
    certificate, person = issued_certificate(), authorised()
    perform(SUSPEND, certificate, actor=person, ground="requirements", reason="投诉未处理")
    perform(RESTORE, certificate, actor=person, ground="remedied", reason="已整改")
    granted = person.person.authorisations.get().pk
    for name in ("certificate.suspended", "certificate.restored"):
        assert Event.objects.get(name=name).data["authorisation"] == granted


def test_the_authorised_person_finds_the_certificate_and_its_button() -> None:
    certificate = issued_certificate()
    browser = Client()
    browser.force_login(authorised())
    answer = browser.get(reverse("certificate", args=[certificate.pk]))
    assert step_url(SUSPEND, certificate) in answer.content.decode()
    assert browser.get(step_url(SUSPEND, certificate)).status_code == 200


@pytest.mark.parametrize(
    ("kind", "since", "until"),
    [
        (Authorisation.Kind.SUSPEND, -9, -1),
        (Authorisation.Kind.SUSPEND, 1, 9),
        (Authorisation.Kind.SIGN, 0, 9),
    ],
)
def test_another_or_no_longer_valid_authorisation_does_not_suspend(kind: str, since: int, until: int) -> None:
    certificate = issued_certificate()
    with pytest.raises(NotAllowed):
        perform(
            SUSPEND,
            certificate,
            actor=authorised(kind, since=since, until=until),
            ground="requirements",
            reason="x",
        )


def test_an_authorisation_to_suspend_does_not_withdraw() -> None:
    with pytest.raises(NotAllowed):
        perform(WITHDRAW, issued_certificate(), actor=authorised(), ground="fraud", reason="x")


def test_an_authorised_auditor_of_the_case_does_not_suspend() -> None:
    certificate, person = issued_certificate(), authorised()
    record_part(case=certificate.case, person=person.person, part=Part.STAGE_2)
    with pytest.raises(NotAllowed):
        perform(SUSPEND, certificate, actor=person, ground="requirements", reason="x")


def test_what_was_done_is_not_done_twice_and_a_withdrawal_is_final() -> None:
    certificate = issued_certificate()
    with pytest.raises(WrongState):
        restore(certificate)
    suspend(certificate)
    with pytest.raises(WrongState):
        suspend(certificate)
    withdraw(certificate)
    for step in (suspend, restore, withdraw):
        with pytest.raises(WrongState):
            step(certificate)


def test_the_history_is_written_once() -> None:
    change = suspend(issued_certificate()).status_changes.last()
    assert change is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        StatusChange.objects.filter(pk=change.pk).update(effective_on=date(2020, 1, 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        StatusChange.objects.filter(pk=change.pk).delete()


def test_a_withdrawn_organisation_waits_before_it_applies_again() -> None:
    certificate = issued_certificate()
    assert facts.blocked_until(organisation=certificate.organisation) is None
    withdraw(certificate)
    blocked = facts.blocked_until(organisation=certificate.organisation)
    assert blocked is not None
    assert blocked > clock.today() + timedelta(days=360)
    with clock.at(blocked - timedelta(days=1)):
        assert blocked.isoformat() in blocked_sentence(certificate.organisation)
    with clock.at(blocked):
        assert blocked_sentence(certificate.organisation) == ""


def test_the_stages_of_a_case_reach_the_certificate() -> None:
    certificate = issued_certificate()
    assert [stage.state for stage in facts.stages(cases=[certificate.case])[certificate.case_id]] == [
        "done",
        "done",
    ]
