"""The panel: who may sit, vote, withdraw and close, and what follows."""

import hashlib
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from certbody import clock, workflow
from certbody.accounts.models import InterestKind, User
from certbody.accounts.roles import Role
from certbody.body.models import BodySetting
from certbody.cases.models import Part
from certbody.cases.queries import visible_to as cases_visible_to
from certbody.cases.services import record_part
from certbody.desk.models import Task
from certbody.outbox import sweeper
from certbody.trail.chain import canonical
from certbody.trail.models import Event
from certbody.workflow import NotAllowed, NotReady, Step, WrongState, perform
from certificates.models import Ballot, Decision, Panel, Seat
from certificates.queries.committee import ballots_fingerprint
from certificates.queries.dossier import seat_lines
from certificates.transitions import (
    ADD_MEMBER,
    CERTIFICATE,
    CLOSE,
    DECISION,
    EDITION,
    OPEN,
    PANEL,
    RECUSE,
    TAKE,
    VOTE,
)
from tests.road.certificates import (
    closed_panel,
    committee,
    opened_panel,
    released_case,
    secretary,
    taken_decision,
    users_of,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def vote(panel: Panel, member: User, choice: str = "for") -> Panel:
    return perform(VOTE, panel, actor=member, choice=choice, reason="已阅。")


def test_whoever_evaluated_the_case_does_not_read_the_ballots_after_the_closing() -> None:
    released = released_case()
    panel = closed_panel(opened_panel(released))
    reader, evaluator = make_user(Role.QUALITY), make_user(Role.QUALITY)
    record_part(case=released.case, person=evaluator.person, part=Part.STAGE_2)
    assert all(line.ballot is not None for line in seat_lines(panel, reader))
    lines = seat_lines(panel, evaluator)
    assert [line.has_voted for line in lines] == [True] * 3
    assert all(line.ballot is None for line in lines)


@pytest.mark.parametrize("page", ["panel", "decision"])
def test_no_page_shows_a_ballot_to_whoever_evaluated_the_case(page: str) -> None:
    released = released_case()
    decision = taken_decision(released)
    reader, evaluator = make_user(Role.QUALITY), make_user(Role.QUALITY)
    record_part(case=released.case, person=evaluator.person, part=Part.EXPERTISE)
    address = reverse(page, args=[decision.panel_id if page == "panel" else decision.pk])
    shown = []
    for user in (reader, evaluator):
        browser = Client()
        browser.force_login(user)
        shown.append("已阅读全部材料" in browser.get(address).content.decode())
    assert shown == [True, False]


def test_the_closing_records_the_fingerprint_of_the_ballots() -> None:
    panel = closed_panel(opened_panel(released_case()), ("for", "against", "for"))
    rows = [
        [ballot.seat_id, ballot.choice, ballot.reason, ballot.cast_at]
        for ballot in Ballot.objects.order_by("seat_id")
    ]
    expected = hashlib.sha256(canonical(rows).encode()).hexdigest()
    assert Event.objects.get(name="panel.closed").data["ballots_sha256"] == expected
    assert ballots_fingerprint(panel) == expected


@pytest.mark.parametrize(
    "step",
    [step for table in (PANEL, DECISION, CERTIFICATE, EDITION) for step in table.steps],
    ids=lambda step: step.event,
)
def test_the_printed_table_says_for_whom_each_step_is(step: Step) -> None:
    words = step.allowed.words
    assert all(part.strip() for piece in words.split(",") for part in piece.split(" or ")), words


def test_the_members_get_a_mail_a_task_and_sight_of_the_case() -> None:
    released = released_case()
    members = committee()
    panel = opened_panel(released, members)
    sweeper.sweep()
    assert {address for message in mail.outbox for address in message.to} == {
        member.email for member in members
    }
    assert all(f"/desk/panels/{panel.pk}/" in message.body for message in mail.outbox)
    for member in members:
        assert Task.objects.filter(kind="panel.vote", person=member.person, closed_at=None).count() == 1
        assert cases_visible_to(member).filter(pk=released.case.pk).exists()


def test_the_first_chair_takes_the_chair() -> None:
    panel = opened_panel(released_case(), committee(4))
    assert [seat.capacity for seat in panel.seats.all()] == ["chair", "member", "member", "member"]


def test_the_settings_of_the_opening_day_hold_for_the_vote() -> None:
    panel = opened_panel(released_case())
    BodySetting.objects.create(key="quorum", value=7, source="test", set_by=make_user().person)
    for member in users_of(panel):
        vote(panel, member)
    assert perform(CLOSE, panel, actor=secretary()).carried


def test_two_members_are_too_few() -> None:
    with pytest.raises(NotReady):
        opened_panel(released_case(), committee(2))


def test_somebody_who_is_not_on_the_committee_cannot_take_a_seat() -> None:
    with pytest.raises(NotReady) as refusal:
        opened_panel(released_case(), [*committee(3), make_user(Role.HEAD)])
    assert "not a member" in str(refusal.value.missing[0].sentence)


@pytest.mark.parametrize("part", ["lead", "auditor", "sales"])
def test_a_member_who_audited_or_sold_the_case_cannot_take_a_seat(part: str) -> None:
    released = released_case()
    person = getattr(released, part).person
    person.role_assignments.create(role=Role.COMMITTEE, since=clock.today())
    with pytest.raises(NotReady):
        opened_panel(released, [*committee(3), getattr(released, part)])
    assert not Seat.objects.exists()


def test_the_technical_reviewer_may_take_a_seat() -> None:
    released = released_case()
    released.reviewer.person.role_assignments.create(role=Role.COMMITTEE, since=clock.today())
    assert opened_panel(released, [*committee(2), released.reviewer]).seats.count() == 3


def test_an_interest_that_ended_less_than_two_years_ago_bars_and_an_older_one_does_not() -> None:
    released = released_case()
    recent, old = committee(2, with_chair=False)
    for member, years in ((recent, 1), (old, 3)):
        member.person.interests.create(
            organisation=released.organisation,
            kind=InterestKind.CONSULTED,
            since=clock.today() - timedelta(days=2000),
            until=clock.today() - timedelta(days=366 * years),
        )
    with pytest.raises(NotReady):
        opened_panel(released, [*committee(3), recent])
    assert opened_panel(released, [*committee(3), old]).seats.count() == 4


def test_only_the_secretary_opens_a_panel() -> None:
    with pytest.raises(NotAllowed):
        opened_panel(released_case(), actor=make_user(Role.HEAD))


def test_a_motion_may_lower_the_computed_grade_and_never_raise_it() -> None:
    assert opened_panel(released_case(grade="star4"), grade="star3").motion_grade == "star3"
    with pytest.raises(NotReady):
        opened_panel(released_case(grade="star4"), grade="star5")


def test_a_failed_evaluation_reaches_the_committee_as_a_refusal_only() -> None:
    with pytest.raises(NotReady):
        opened_panel(released_case(grade="fail"), grade="qualified")
    assert opened_panel(released_case(grade="fail"), outcome="refuse").motion_outcome == "refuse"


def test_no_panel_opens_on_a_report_that_is_not_released_or_marks_that_were_changed() -> None:
    released = released_case()
    type(released.report).objects.filter(pk=released.report.pk).update(state="signed_off")
    with pytest.raises(NotReady):
        opened_panel(released)
    other = released_case()
    mark = other.report.audit.marks.filter(kind="met", is_met=True).first()
    assert mark is not None
    type(mark).objects.filter(audit=other.report.audit, kind="met").update(is_met=False)
    with pytest.raises(NotReady) as refusal:
        opened_panel(other)
    assert "marks" in str(refusal.value.missing[0].sentence)


def test_a_vote_is_final_and_its_event_does_not_say_how() -> None:
    panel = opened_panel(released_case())
    member = users_of(panel)[0]
    vote(panel, member, "against")
    with pytest.raises(NotReady):
        vote(panel, member, "for")
    assert Ballot.objects.get().choice == "against"
    assert Event.objects.get(name="panel.voted").data == {"seat": panel.seats.get(person=member.person).pk}
    assert panel.case.involvements.filter(person=member.person, part=Part.VOTE).exists()
    assert not Task.objects.filter(kind="panel.vote", person=member.person, closed_at=None).exists()


def test_who_has_no_seat_cannot_vote_and_a_second_account_does_not_help() -> None:
    panel = opened_panel(released_case())
    member = users_of(panel)[0]
    second = User.objects.create_user(
        "second@example.org", "a-long-password", person=member.person, is_demo=True
    )
    vote(panel, member)
    with pytest.raises(NotReady):
        vote(panel, second)
    with pytest.raises(NotAllowed):
        vote(panel, make_user(Role.COMMITTEE))


def test_a_member_who_gains_an_interest_after_the_opening_cannot_vote() -> None:
    released = released_case()
    panel = opened_panel(released)
    member = users_of(panel)[0]
    member.person.interests.create(
        organisation=released.organisation, kind=InterestKind.GROUP, since=clock.today()
    )
    with pytest.raises(NotAllowed):
        vote(panel, member)


def test_a_member_withdraws_before_voting_loses_sight_and_is_replaced() -> None:
    released = released_case()
    panel = opened_panel(released)
    leaver, *others = users_of(panel)
    perform(RECUSE, panel, actor=leaver, reason="亲属在该公司任职")
    assert not cases_visible_to(leaver).filter(pk=released.case.pk).exists()
    with pytest.raises(NotAllowed):
        vote(panel, leaver)
    for member in others:
        vote(panel, member)
    with pytest.raises(NotReady):
        perform(CLOSE, panel, actor=secretary())
    newcomer = make_user(Role.COMMITTEE)
    perform(ADD_MEMBER, panel, actor=secretary(), member=newcomer.person)
    vote(panel, newcomer)
    assert perform(CLOSE, panel, actor=secretary()).carried


def test_a_member_who_voted_cannot_withdraw_any_more() -> None:
    panel = opened_panel(released_case())
    member = users_of(panel)[0]
    vote(panel, member)
    with pytest.raises(NotReady):
        perform(RECUSE, panel, actor=member, reason="想改主意")


def test_the_ballot_itself_refuses_whoever_has_no_open_seat(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second barrier: permissions and conditions are looked at before, here as if they had let everybody pass."""
    panel = opened_panel(released_case(), committee(4))
    withdrawn = users_of(panel)[0]
    perform(RECUSE, panel, actor=withdrawn, reason="曾任顾问")
    monkeypatch.setattr(workflow, "check", lambda *_step: None)
    for person in (make_user(Role.COMMITTEE), withdrawn):
        with pytest.raises(WrongState, match="You have no open seat"):
            vote(panel, person)
    assert not Ballot.objects.exists()


def test_a_seat_is_not_given_twice() -> None:
    panel = opened_panel(released_case())
    with pytest.raises(WrongState):
        perform(ADD_MEMBER, panel, actor=secretary(), member=users_of(panel)[0].person)


def test_the_vote_closes_only_with_the_quorum_and_only_by_the_secretary() -> None:
    panel = opened_panel(released_case(), committee(4))
    for member in users_of(panel)[:2]:
        vote(panel, member)
    with pytest.raises(NotReady):
        perform(CLOSE, panel, actor=secretary())
    vote(panel, users_of(panel)[2])
    with pytest.raises(NotAllowed):
        perform(CLOSE, panel, actor=users_of(panel)[0])
    closed = perform(CLOSE, panel, actor=secretary())
    with pytest.raises(WrongState):
        vote(closed, users_of(panel)[3])
    with pytest.raises(WrongState):
        perform(CLOSE, closed, actor=secretary())


def test_a_carried_motion_becomes_a_decision_that_waits_for_the_head() -> None:
    decision = taken_decision(released_case())
    assert (decision.outcome, decision.grade, decision.state) == ("grant", "star4", "taken")
    assert Task.objects.filter(kind="decision.sign", role=Role.HEAD, closed_at=None).count() == 1
    assert not Task.objects.filter(kind__in=["panel.vote", "panel.close"], closed_at=None).exists()


def test_a_motion_that_is_not_carried_asks_the_secretary_for_another_panel() -> None:
    released = released_case()
    panel = closed_panel(opened_panel(released), ("against", "against", "for"))
    assert panel.carried is False
    assert not Decision.objects.exists()
    task = Task.objects.get(kind="panel.reopen", closed_at=None)
    assert task.path == f"/desk/cases/{released.case.reference}/panel/"
    second = closed_panel(opened_panel(released, grade="star3"))
    assert (second.session, second.carried) == (2, True)
    assert not Task.objects.filter(kind="panel.reopen", closed_at=None).exists()


def test_nobody_takes_a_decision_past_the_panel() -> None:
    released = released_case()
    panel = closed_panel(opened_panel(released), ("against", "against", "against"))
    wanted = Decision(
        case=released.case, panel=panel, report=released.report, outcome="grant", grade="star4", reasons="x"
    )
    with pytest.raises(NotAllowed):
        perform(TAKE, wanted, actor=make_user(Role.HEAD, Role.SECRETARY))
    with pytest.raises(NotReady):
        perform(TAKE, wanted, actor=None)


def test_a_released_report_opens_the_secretary_s_task() -> None:
    from certificates.handovers import ask_for_a_panel

    released = released_case()
    event = Event.objects.order_by("sequence").last()
    ask_for_a_panel(released.report, released.reviewer, event)  # type: ignore[arg-type]
    assert Task.objects.filter(kind="panel.open", role=Role.SECRETARY, closed_at=None).count() == 1
    opened_panel(released)
    assert not Task.objects.filter(kind="panel.open", closed_at=None).exists()


def test_whoever_sits_on_the_panel_cannot_enter_the_evaluation_afterwards() -> None:
    from django.db import IntegrityError, transaction

    panel = opened_panel(released_case())
    member = users_of(panel)[0].person
    with pytest.raises(IntegrityError), transaction.atomic():
        record_part(case=panel.case, person=member, part=Part.VERIFICATION)


def test_a_panel_opens_only_once_a_session() -> None:
    released = released_case()
    opened_panel(released)
    with pytest.raises(NotReady):
        perform(
            OPEN,
            Panel(case=released.case, report=released.report),
            actor=secretary(),
            outcome="grant",
            grade="star4",
            reasons="再开一次",
            members=[member.person for member in committee()],
        )
