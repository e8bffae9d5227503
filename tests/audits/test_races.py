"""Two people at the same time; each race has a control that shows the damage without the protection."""

import threading
import uuid
from collections.abc import Callable

import pytest
from django.db import IntegrityError
from django.db.models import Max

from audits import scoring
from audits.models import Mark, ScoreOperation
from certbody import clock, workflow
from certbody.scheme.load import shipped
from certbody.scheme.marks import Met
from tests.kernel.threads import at_once
from tests.road.audits import Road, mark_everything, open_sheet_audit
from tests.road.scoring_tables import SCHEME

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

FIXED = [clause.id for clause in shipped(SCHEME).clauses if clause.kind == "fixed"]


def _recorder(
    road: Road, clause: str, *, by_lead: bool, submission: uuid.UUID | None = None
) -> Callable[[], ScoreOperation]:
    def record() -> ScoreOperation:
        return scoring.record_mark(
            road.audit,
            actor=road.lead if by_lead else road.auditor,
            clause=clause,
            mark=Met(by_lead),
            submission=submission or uuid.uuid4(),
            seen=None,
        )

    return record


def test_item_34_of_two_marks_of_one_clause_one_wins_and_the_other_is_told() -> None:
    road = open_sheet_audit()
    results = at_once([_recorder(road, FIXED[0], by_lead=True), _recorder(road, FIXED[0], by_lead=False)])
    won = [result for result in results if isinstance(result, ScoreOperation)]
    told = [result for result in results if isinstance(result, scoring.StaleMark)]
    assert (len(won), len(told)) == (1, 1)
    assert told[0].newest == won[0]
    assert Mark.objects.get().operation == won[0]


def test_item_34_two_tablets_on_different_clauses_lose_nothing() -> None:
    road = open_sheet_audit()
    writers = [_recorder(road, clause, by_lead=index % 2 == 0) for index, clause in enumerate(FIXED[:8])]
    results = at_once(writers)
    assert all(isinstance(result, ScoreOperation) for result in results), results
    assert sorted(ScoreOperation.objects.values_list("sequence", flat=True)) == list(range(1, 9))
    assert set(Mark.objects.values_list("clause", flat=True)) == set(FIXED[:8])


def test_item_36_a_mark_sent_twice_at_once_is_recorded_once() -> None:
    road, key = open_sheet_audit(), uuid.uuid4()
    results = at_once([_recorder(road, FIXED[0], by_lead=True, submission=key)] * 2)
    assert all(isinstance(result, ScoreOperation) for result in results), results
    assert ScoreOperation.objects.count() == 1


def test_item_37_a_mark_and_the_closing_meeting_at_once_leave_a_result_that_follows_from_the_marks() -> None:
    road = open_sheet_audit()
    mark_everything(road)
    seen = Mark.objects.get(clause=FIXED[0]).operation_id

    def change() -> ScoreOperation:
        return scoring.record_mark(
            road.audit,
            actor=road.auditor,
            clause=FIXED[0],
            mark=Met(False),
            submission=uuid.uuid4(),
            seen=seen,
        )

    def close() -> object:
        step = workflow.table("audit").step("close_sheet")
        return workflow.perform(step, road.audit, actor=road.lead, closing_meeting_on=clock.today())

    changed, closed = at_once([change, close])
    assert not isinstance(closed, Exception), closed
    assert isinstance(changed, ScoreOperation | workflow.WrongState), changed
    audit = road.reload()
    assert audit.result == scoring.result_of(audit).as_dict()
    assert audit.operations_hash == scoring.operations_hash(audit)


def test_without_the_lock_one_of_two_marks_is_lost() -> None:
    """The control: both read the last number before either writes, and one mark is never recorded."""
    road = open_sheet_audit()
    both_have_read = threading.Barrier(2, timeout=30)

    def record_without_lock() -> ScoreOperation:
        newest = ScoreOperation.objects.filter(audit=road.audit).aggregate(last=Max("sequence"))["last"]
        both_have_read.wait()
        return ScoreOperation.objects.create(
            audit=road.audit,
            sequence=(newest or 0) + 1,
            kind="mark",
            clause=FIXED[0],
            value={"met": True},
            person=road.lead.person,
            submission=uuid.uuid4(),
        )

    results = at_once([record_without_lock] * 2)
    assert sum(isinstance(result, IntegrityError) for result in results) == 1
    assert ScoreOperation.objects.count() == 1
