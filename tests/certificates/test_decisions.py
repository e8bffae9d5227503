"""The head's signature, its return to the committee, and the letter about a refusal."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from certbody import clock
from certbody.accounts.models import Authorisation, InterestKind, User
from certbody.accounts.roles import Role
from certbody.cases.models import Part
from certbody.cases.services import record_part
from certbody.desk.models import Task
from certbody.files.models import Audience
from certbody.files.storage import read, store
from certbody.outbox import sweeper
from certbody.pdf.read import text_of
from certbody.trail.models import Event
from certbody.workflow import NotAllowed, NotReady, WrongState, perform
from certificates import facts
from certificates.models import Decision
from certificates.queries.committee import decisions_visible_to
from certificates.transitions import FILE_LETTER, RETURN, SIGN
from tests.road.certificates import closed_panel, opened_panel, released_case, signed_decision, taken_decision
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def delegate(*, since: int, until: int, role: str = Role.QUALITY) -> User:
    user = make_user(role)
    today = clock.today()
    Authorisation.objects.create(
        person=user.person,
        kind=Authorisation.Kind.SIGN,
        since=today + timedelta(days=since),
        until=today + timedelta(days=until),
        reference="A-2026-1",
    )
    return user


def test_the_head_s_signature_asks_the_certificate_officer_to_issue() -> None:
    head = make_user(Role.HEAD)
    decision = signed_decision(head=head)
    assert decision.signed_by == head.person
    assert decision.authorisation is None
    assert (
        Task.objects.filter(kind="certificate.reserve", role=Role.CERTIFICATES, closed_at=None).count() == 1
    )
    assert not Task.objects.filter(kind="decision.sign", closed_at=None).exists()
    assert decision.case.involvements.filter(person=head.person, part=Part.SIGNATURE).exists()


def test_a_delegate_signs_under_an_authorisation_that_is_in_force() -> None:
    decision = signed_decision(head=delegate(since=0, until=0))
    assert decision.authorisation is not None
    assert Event.objects.get(name="decision.signed").data["authorisation"] == decision.authorisation.pk


@pytest.mark.parametrize("period", [(-10, -1), (1, 10)])
def test_an_authorisation_that_is_over_or_not_begun_does_not_help(period: tuple[int, int]) -> None:
    with pytest.raises(NotAllowed):
        signed_decision(head=delegate(since=period[0], until=period[1]))


def test_a_head_with_an_interest_in_the_client_cannot_sign() -> None:
    released = released_case()
    head = make_user(Role.HEAD)
    head.person.interests.create(
        organisation=released.organisation, kind=InterestKind.GROUP, since=clock.today()
    )
    with pytest.raises(NotAllowed):
        signed_decision(released, head=head)


def test_a_head_who_audited_the_case_cannot_sign_even_past_the_product() -> None:
    released = released_case()
    decision = taken_decision(released)
    released.lead.person.role_assignments.create(role=Role.HEAD, since=clock.today())
    with pytest.raises(NotAllowed):
        perform(SIGN, decision, actor=released.lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(signed_by=released.lead.person)


def test_a_decision_is_not_signed_when_a_voter_has_lost_independence() -> None:
    released = released_case()
    decision = taken_decision(released)
    voter = decision.panel.seats.all()[1].person
    voter.interests.create(
        organisation=released.organisation, kind=InterestKind.EMPLOYED, since=clock.today()
    )
    with pytest.raises(NotReady) as refusal:
        perform(SIGN, decision, actor=make_user(Role.HEAD))
    assert voter.name in str(refusal.value.missing[0].sentence)


def test_a_returned_decision_stays_and_a_new_panel_votes() -> None:
    released = released_case()
    decision = taken_decision(released)
    returned = perform(RETURN, decision, actor=make_user(Role.HEAD), reason="理由不充分")
    assert returned.return_reason == "理由不充分"
    assert Task.objects.filter(kind="decision.reopen", role=Role.SECRETARY, closed_at=None).count() == 1
    with pytest.raises(WrongState):
        perform(SIGN, returned, actor=make_user(Role.HEAD))
    second = closed_panel(opened_panel(released))
    assert Decision.objects.exclude(pk=decision.pk).get().panel == second
    assert not Task.objects.filter(kind="decision.reopen", closed_at=None).exists()


def test_the_head_never_edits_the_grade() -> None:
    decision = taken_decision(released_case())
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(grade="star5")


def test_a_client_sees_a_decision_only_when_it_is_signed() -> None:
    released = released_case()
    decision = taken_decision(released)
    assert not decisions_visible_to(released.client).exists()
    perform(SIGN, decision, actor=make_user(Role.HEAD))
    assert decisions_visible_to(released.client).get() == decision


def test_a_signed_refusal_writes_its_letter_once_and_tells_the_client() -> None:
    released = released_case(grade="fail")
    decision = signed_decision(released, outcome="refuse")
    mail.outbox.clear()
    sweeper.sweep()
    sweeper.sweep()
    decision.refresh_from_db()
    assert decision.letter is not None
    text = "".join(text_of(read(decision.letter)).split())
    assert "".join(decision.reasons.split()) in text
    assert released.organisation.credit_code in text
    assert Event.objects.filter(name="decision.letter_filed").count() == 1
    (letter,) = [message for message in mail.outbox if message.to == [released.client.email]]
    assert f"/portal/cases/{released.case.reference}/" in letter.body
    assert not Task.objects.filter(kind="certificate.reserve").exists()


def test_a_letter_is_filed_once() -> None:
    decision = signed_decision(released_case(grade="fail"), outcome="refuse")
    letters = [
        store(
            content=f"%PDF-1.7 {number}".encode(),
            name=f"{number}.pdf",
            kind="decision-letter",
            case=decision.case,
            audience=Audience.CLIENT,
        )
        for number in range(2)
    ]
    perform(FILE_LETTER, decision, actor=None, letter=letters[0])
    with pytest.raises(WrongState):
        perform(FILE_LETTER, decision, actor=None, letter=letters[1])
    decision.refresh_from_db()
    assert decision.letter == letters[0]
    assert Event.objects.filter(name="decision.letter_filed").count() == 1


def test_a_refusal_counts_from_the_day_of_the_signature() -> None:
    with clock.at(datetime(2026, 3, 1, 9, tzinfo=clock.BODY_ZONE)):
        decision = taken_decision(released_case(grade="fail"), outcome="refuse")
    with clock.at(datetime(2026, 3, 20, 0, 30, tzinfo=clock.BODY_ZONE)):  # still the 19th in UTC
        perform(SIGN, decision, actor=make_user(Role.HEAD))
    assert facts.blocked_until(organisation=decision.case.organisation) == date(2027, 3, 20)


def test_a_delegate_is_told_that_a_decision_waits_and_finds_it() -> None:
    waiting, stale = delegate(since=0, until=9), delegate(since=-9, until=-1)
    decision = taken_decision(released_case())
    tasks = Task.objects.filter(kind="decision.sign", closed_at=None)
    assert {(task.role, task.person) for task in tasks} == {(Role.HEAD, None), ("", waiting.person)}
    assert not tasks.filter(person=stale.person).exists()
    perform(SIGN, decision, actor=waiting)
    assert not tasks.all().exists()


def test_a_delegate_who_is_not_independent_gets_no_task() -> None:
    released, person = released_case(), delegate(since=0, until=9)
    record_part(case=released.case, person=person.person, part=Part.STAGE_2)
    taken_decision(released)
    assert not Task.objects.filter(kind="decision.sign", person=person.person).exists()


def test_the_list_of_decisions_and_its_menu_entry_are_open_to_a_delegate_without_an_office() -> None:
    person = delegate(since=0, until=9, role=Role.COMMITTEE)
    decision = taken_decision(released_case())
    page = reverse("decision", args=[decision.pk])
    browser = Client()
    browser.force_login(person)
    answer = browser.get(reverse("decisions"))
    assert answer.status_code == 200
    assert page in answer.content.decode()
    assert browser.get(page).status_code == 200
    assert reverse("decisions") in browser.get("/desk/").content.decode()
    perform(SIGN, decision, actor=person)
    person.person.authorisations.update(since=date(2020, 1, 1), until=date(2020, 1, 2))
    assert browser.get(page).status_code == 200  # what one signed stays readable
    assert browser.get(reverse("decisions")).status_code == 403


def test_a_refused_organisation_is_blocked_for_the_time_of_the_setting() -> None:
    decision = signed_decision(released_case(grade="fail"), outcome="refuse")
    blocked = facts.blocked_until(organisation=decision.case.organisation)
    assert blocked is not None
    assert blocked > clock.today() + timedelta(days=360)
    assert facts.blocked_until(organisation=released_case().organisation) is None
