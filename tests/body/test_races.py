"""Two hands at one scheme: retiring the table in force while a second confirmation is about to retire it."""

import threading
import time

import pytest
from django.db import transaction

from certbody import workflow
from certbody.body import transitions
from certbody.body.models import ScoringTable
from certbody.body.states import ScoringTableState
from certbody.trail.services import append
from tests.body.test_scoring_tables import begin, confirmed
from tests.kernel.threads import at_once
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def test_a_second_confirmation_and_a_hand_on_the_older_table_do_not_wait_for_each_other() -> None:
    head, quality = make_user("head"), make_user("quality")
    older = confirmed(head, quality)
    draft = begin(head)
    workflow.perform(transitions.CONFIRM_AS_HEAD, draft, actor=head)
    held = threading.Event()

    def touch_the_older() -> str:
        with transaction.atomic():
            ScoringTable.objects.select_for_update(no_key=True).get(pk=older.pk)
            held.set()
            time.sleep(0.5)
            append(name="scoring_table.looked_at", obj=older, case=None, user=head)
        return "looked"

    def confirm() -> str:
        held.wait(10)
        workflow.perform(transitions.CONFIRM_AS_QUALITY, draft, actor=quality)
        return "confirmed"

    assert at_once([touch_the_older, confirm]) == ["looked", "confirmed"]
    states = dict(ScoringTable.objects.values_list("pk", "state"))
    assert states == {older.pk: ScoringTableState.RETIRED, draft.pk: ScoringTableState.CONFIRMED}
