"""Item 38: two transactions wait for each other; PostgreSQL ends one, and that one begins again by itself."""

import contextlib
import threading
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from certbody import outages
from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.trail.models import Event
from certbody.trail.verify import chain
from certbody.transactions import MOST_TRIES, whole
from certbody.workflow import perform
from tests.kernel.bench import make_table, step
from tests.kernel.threads import at_once
from tests.road.people import make_user

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer and no deadlock"),
]


def crossing(first: int, second: int, meet: threading.Barrier) -> None:
    """Lock one row, wait until the other has locked the other, then ask for it."""
    rows = ScoringTable.objects.select_for_update(no_key=True)
    rows.get(pk=first)
    if not meet.broken:
        with contextlib.suppress(threading.BrokenBarrierError):
            meet.wait(5)
        meet.abort()  # whoever begins again meets nobody
    rows.get(pk=second)
    ScoringTable.objects.filter(pk__in=[first, second]).update(remark="done")


def both_ways() -> list[object]:
    one, two = make_table().pk, make_table().pk
    meet = threading.Barrier(2)
    ways = [partial(crossing, one, two, meet), partial(crossing, two, one, meet)]
    return [partial(whole, way) for way in ways]


def test_item_38_a_deadlock_is_broken_and_nobody_hears_of_it() -> None:
    results = at_once(both_ways())  # type: ignore[arg-type]
    assert results == [None, None]


def test_item_38_without_the_second_try_one_of_the_two_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the two really wait for each other."""
    monkeypatch.setattr("certbody.transactions.is_deadlock", lambda _fault: False)
    results = at_once(both_ways())  # type: ignore[arg-type]
    faults = [result for result in results if isinstance(result, OperationalError)]
    assert len(faults) == 1
    assert outages.is_deadlock(faults[0])


def deadlock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'provoked' USING ERRCODE = '40P01'; END $$")


def test_item_38_a_step_is_tried_three_times_and_leaves_one_event() -> None:
    user, table, tries = make_user(Role.QUALITY), make_table(), []

    def fail_twice(row: ScoringTable, **_data: object) -> None:
        tries.append(row.pk)
        if len(tries) < MOST_TRIES:
            deadlock()

    perform(step(effect=fail_twice), table, actor=user)
    assert len(tries) == MOST_TRIES
    assert Event.objects.filter(name="bench.retired").count() == 1
    assert list(chain()) == []


def test_item_38_the_fourth_try_is_left_to_the_user_and_an_inner_transaction_to_the_outer_one() -> None:
    user, tries = make_user(Role.QUALITY), []

    def always(row: ScoringTable, **_data: object) -> None:
        tries.append(row.pk)
        deadlock()

    with pytest.raises(OperationalError):
        perform(step(effect=always), make_table(), actor=user)
    assert len(tries) == MOST_TRIES
    tries.clear()
    with pytest.raises(OperationalError), transaction.atomic():
        perform(step(effect=always), make_table(), actor=user)
    assert len(tries) == 1
