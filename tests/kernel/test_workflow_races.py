"""Six threads push thirty cases through the same step: thirty transitions, not one more."""

import random
import time
from functools import partial

import pytest
from django.db import OperationalError

from certbody import workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.body.states import ScoringTableState
from certbody.trail.models import Event
from certbody.trail.verify import chain
from tests.kernel.bench import make_table, step
from tests.kernel.threads import at_once
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

THREADS, CASES = 6, 30


def push_all(tables: list[int], actor: User) -> int:
    order = random.sample(tables, len(tables))
    moved = 0
    for pk in order:
        try:
            workflow.perform(step(), ScoringTable.objects.get(pk=pk), actor=actor)
        except workflow.WrongState:
            continue
        moved += 1
    return moved


def push_all_naively(tables: list[int]) -> int:
    """Read, check, save: what the engine does without lock and conditional update."""
    moved = 0
    for pk in tables:
        table = ScoringTable.objects.get(pk=pk)
        if table.state == ScoringTableState.DRAFT:
            time.sleep(0.002)
            table.remark = "retired"
            table.state = ScoringTableState.RETIRED  # negative control
            for _attempt in range(50):
                try:
                    table.save()
                    break
                except OperationalError:
                    time.sleep(0.01)
            moved += 1
    return moved


def test_each_of_thirty_cases_moves_exactly_once() -> None:
    actor = make_user(Role.QUALITY)
    tables = [make_table().pk for _number in range(CASES)]
    results = at_once([partial(push_all, tables, actor) for _thread in range(THREADS)])

    assert [result for result in results if isinstance(result, Exception)] == []
    assert sum(result for result in results if isinstance(result, int)) == CASES
    assert ScoringTable.objects.filter(pk__in=tables, state=ScoringTableState.RETIRED).count() == CASES
    assert Event.objects.filter(name="bench.retired").count() == CASES
    assert list(chain()) == []


def test_without_the_engine_the_race_does_its_damage() -> None:
    """Negative control: if this shows no damage, the test above proves nothing."""
    tables = [make_table().pk for _number in range(CASES)]
    results = at_once([partial(push_all_naively, tables) for _thread in range(THREADS)])
    assert sum(result for result in results if isinstance(result, int)) > CASES
