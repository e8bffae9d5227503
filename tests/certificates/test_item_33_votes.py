"""Item 33: one ballot a member, and a result that is the count of the ballots, whoever is faster."""

import time
from functools import partial

import pytest
from django.db import connection

from certbody.accounts.models import User
from certbody.trail.verify import chain
from certbody.workflow import Refused, perform
from certificates import checks
from certificates.models import Ballot, Decision, Panel
from certificates.transitions import CLOSE, VOTE
from tests.certificates.tampering import scratch_table
from tests.kernel.threads import at_once
from tests.road.certificates import committee, opened_panel, released_case, secretary, users_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

ROUNDS = 4


def vote(panel: int, member: User, choice: str) -> str:
    perform(VOTE, Panel.objects.get(pk=panel), actor=member, choice=choice, reason="已阅。")
    return "voted"


def close(panel: int, actor: User) -> str:
    perform(CLOSE, Panel.objects.get(pk=panel), actor=actor)
    return "closed"


def test_item_33_a_member_who_votes_eight_times_at_once_has_one_ballot() -> None:
    panel = opened_panel(released_case())
    member = users_of(panel)[0]
    choices = ["for", "against"] * 4
    results = at_once([partial(vote, panel.pk, member, choice) for choice in choices])
    assert results.count("voted") == 1
    assert all(isinstance(result, Refused) for result in results if result != "voted")
    assert Ballot.objects.count() == 1
    assert list(chain()) == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_item_33_votes_that_race_with_the_closing_are_counted_or_refused(_round: int) -> None:
    panel = opened_panel(released_case(), committee(7))
    actor = secretary()
    members = users_of(panel)
    for member in members[:3]:
        vote(panel.pk, member, "for")
    racing = [partial(vote, panel.pk, member, "against") for member in members[3:]]
    results = at_once([*racing, partial(close, panel.pk, actor)])
    assert results[-1] == "closed"
    panel.refresh_from_db()
    in_time = results.count("voted")
    assert (panel.votes_for, panel.votes_against) == (3, in_time)
    assert Ballot.objects.filter(seat__panel=panel).count() == 3 + in_time
    assert panel.carried is (in_time <= 3)  # the chair, who is for it, breaks the tie
    assert Decision.objects.filter(panel=panel).count() == int(in_time <= 3)
    assert list(checks.votes()) == []
    assert list(chain()) == []


def test_item_33_two_closings_at_once_take_one_decision() -> None:
    panel = opened_panel(released_case())
    for member in users_of(panel):
        vote(panel.pk, member, "for")
    results = at_once([partial(close, panel.pk, actor) for actor in (secretary(), secretary())])
    assert results.count("closed") == 1
    assert Decision.objects.count() == 1


def naive_vote(seat: int) -> None:
    """Look, then insert, into a table that no index protects."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM naive_ballot WHERE seat = %s", [seat])
        if cursor.fetchone()[0] == 0:
            time.sleep(0.02)
            cursor.execute("INSERT INTO naive_ballot (seat, choice) VALUES (%s, 'for')", [seat])


def test_item_33_without_lock_and_index_one_member_has_several_ballots() -> None:
    """Negative control: if this shows no damage, the tests above prove nothing."""
    with scratch_table("naive_ballot", "seat integer, choice text"):
        at_once([partial(naive_vote, 1) for _number in range(8)])
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM naive_ballot")
            assert cursor.fetchone()[0] > 1
        connection.close()
