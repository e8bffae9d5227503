"""Item 12: whoever evaluated does not decide, in no way and past no layer."""

import pytest
from django.db import IntegrityError, connection, transaction
from structlog.testing import capture_logs

from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Involvement, Part
from certbody.workflow import NotAllowed, NotReady, Refused, perform
from certificates.models import Ballot, Decision, Seat
from certificates.transitions import ADD_MEMBER, SIGN, VOTE
from tests.certificates.tampering import past_the_triggers
from tests.road.certificates import (
    committee,
    opened_panel,
    released_case,
    secretary,
    taken_decision,
    users_of,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def refused_by_the_database(statement: str, values: list[object]) -> str:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(refusal.value)


def test_item_12_an_auditor_with_every_role_gets_no_seat() -> None:
    released = released_case()
    for role in Role.values:
        released.auditor.person.role_assignments.get_or_create(role=role, defaults={"since": clock.today()})
    with pytest.raises(NotReady):
        opened_panel(released, [*committee(3), released.auditor])
    panel = opened_panel(released)
    with pytest.raises(NotReady):
        perform(ADD_MEMBER, panel, actor=secretary(), member=released.auditor.person)
    with pytest.raises(NotAllowed):
        perform(VOTE, panel, actor=released.auditor, choice="for", reason="不应成功")


def test_item_12_a_second_account_of_the_auditor_gets_no_seat_either() -> None:
    released = released_case()
    released.auditor.person.role_assignments.create(role=Role.COMMITTEE, since=clock.today())
    second = User.objects.create_user(
        "second@example.org", "a-long-password", person=released.auditor.person, is_demo=True
    )
    with pytest.raises(NotReady):
        opened_panel(released, [*committee(3), second])


def test_item_12_the_database_refuses_a_seat_of_an_evaluator() -> None:
    released = released_case()
    panel = opened_panel(released)
    fault = refused_by_the_database(
        "INSERT INTO certificates_seat (panel_id, person_id, capacity, recusal_reason) VALUES (%s, %s, 'member', '')",
        [panel.pk, released.lead.person_id],
    )
    assert "impartiality" in fault


@pytest.mark.django_db(transaction=True)
def test_item_12_the_database_refuses_a_ballot_of_an_evaluator_who_slipped_into_a_seat() -> None:
    released = released_case()
    panel = opened_panel(released)
    with past_the_triggers():
        seat = Seat.objects.create(panel=panel, person=released.lead.person)
    fault = refused_by_the_database(
        "INSERT INTO certificates_ballot (seat_id, choice, reason, cast_at) VALUES (%s, 'for', 'x', %s)",
        [seat.pk, clock.now()],
    )
    assert "impartiality" in fault
    with pytest.raises(Refused):
        perform(VOTE, panel, actor=released.lead, choice="for", reason="不应成功")
    assert not Ballot.objects.exists()


def test_item_12_the_database_refuses_the_signature_of_an_evaluator() -> None:
    released = released_case()
    decision = taken_decision(released)
    fault = refused_by_the_database(
        "UPDATE certificates_decision SET signed_by_id = %s, state = 'signed', signed_at = %s WHERE id = %s",
        [released.auditor.person_id, clock.now(), decision.pk],
    )
    assert "impartiality" in fault
    assert Decision.objects.get().state == "taken"


@pytest.mark.parametrize(
    "part", [Part.STAGE_1, Part.STAGE_2, Part.MYSTERY, Part.EXPERTISE, Part.VERIFICATION]
)
def test_item_12_the_database_keeps_members_and_signatories_out_of_the_evaluation(part: str) -> None:
    released = released_case()
    decision = taken_decision(released)
    head = make_user(Role.HEAD)
    perform(SIGN, decision, actor=head)
    for person in (decision.panel.seats.all()[0].person, head.person):
        with pytest.raises(IntegrityError, match="impartiality"), transaction.atomic():
            Involvement.objects.create(case=released.case, person=person, part=part)


def test_item_12_a_refusal_is_in_the_security_log() -> None:
    released = released_case()
    panel = opened_panel(released)
    with capture_logs() as logs, pytest.raises(NotAllowed):
        perform(VOTE, panel, actor=released.lead, choice="for", reason="不应成功")
    (entry,) = [line for line in logs if line["event"] == "step refused"]
    assert (entry["step"], entry["code"], entry["user"]) == ("panel.voted", "permission", released.lead.pk)


def test_item_12_the_control_shows_that_an_uninvolved_member_may_do_all_of_it() -> None:
    released = released_case()
    panel = opened_panel(released)
    newcomer = make_user(Role.COMMITTEE)
    perform(ADD_MEMBER, panel, actor=secretary(), member=newcomer.person)
    perform(VOTE, panel, actor=newcomer, choice="for", reason="可以")
    assert Ballot.objects.get().seat.person == newcomer.person
    assert len(users_of(panel)) == 4
