"""The score sheet: operations are the record, marks their projection, the engine makes the result."""

import uuid
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audits import scoring
from audits.models import Mark, MarkKind, OperationKind, ScoreOperation
from audits.states import AuditState
from certbody import workflow
from certbody.accounts.models import User
from certbody.body.queries import scheme_of
from certbody.cases.models import Part
from certbody.scheme.load import shipped
from certbody.scheme.marks import EmptyPopulation, Excluded, Met, Sampled
from certbody.scheme.model import ClauseKind
from certbody.scheme.score import progress
from certbody.workflow import WrongState
from tests.road.audits import (
    Road,
    add_special,
    make_auditor,
    mark,
    mark_everything,
    open_sheet_audit,
    planned_audit,
    ready_audit,
    scored_audit,
)
from tests.road.scoring_tables import SCHEME

pytestmark = pytest.mark.django_db

CLAUSES = shipped(SCHEME).clauses
FIXED = next(clause.id for clause in CLAUSES if clause.kind is ClauseKind.FIXED)
SAMPLED = next(clause.id for clause in CLAUSES if clause.kind is ClauseKind.SAMPLED)
EXCLUDABLE = "5.2.6.1"


def _record(road: Road, clause: str, value: Any, **options: Any) -> ScoreOperation:
    given_options = {"actor": road.lead, "submission": uuid.uuid4(), "seen": None} | options
    return scoring.record_mark(road.audit, clause=clause, mark=value, **given_options)


def test_a_submission_that_another_audit_has_is_refused_in_words() -> None:
    first, second, key = open_sheet_audit(), open_sheet_audit(), uuid.uuid4()
    _record(first, FIXED, Met(True), submission=key)
    with pytest.raises(workflow.WrongState, match="already been done"):
        _record(second, FIXED, Met(True), submission=key)


def test_the_database_s_word_on_impartiality_reaches_the_one_who_marks() -> None:
    road = open_sheet_audit()
    trigger = IntegrityError(
        "impartiality: who sits on the panel of a case cannot take part in its evaluation"
    )
    with (
        mock.patch.object(scoring, "record_part", side_effect=trigger),
        pytest.raises(workflow.NotAllowed, match="Impartiality"),
    ):
        _record(road, FIXED, Met(True))
    assert not ScoreOperation.objects.exists()


def test_a_mark_is_appended_and_the_older_operation_stays() -> None:
    road = open_sheet_audit()
    first = _record(road, FIXED, Met(True))
    second = _record(road, FIXED, Met(False), seen=first.pk, note="未设置服务部门")
    assert list(ScoreOperation.objects.values_list("sequence", "value")) == [
        (1, {"met": True}),
        (2, {"met": False}),
    ]
    row = Mark.objects.get()
    assert (row.is_met, row.operation, row.note) == (False, second, "未设置服务部门")


def test_the_same_submission_is_recorded_once() -> None:
    road = open_sheet_audit()
    key = uuid.uuid4()
    first = _record(road, FIXED, Met(True), submission=key)
    assert _record(road, FIXED, Met(True), submission=key) == first
    assert ScoreOperation.objects.count() == 1


def test_item_36_another_mark_under_a_submission_that_was_used_is_refused_not_lost() -> None:
    road, key = open_sheet_audit(), uuid.uuid4()
    first = _record(road, FIXED, Met(True), submission=key)
    for value, note in ((Met(False), "未见记录"), (Met(True), "另一说明")):
        with pytest.raises(WrongState, match="sent before"):
            _record(road, FIXED, value, submission=key, seen=first.pk, note=note)
    assert road.audit.operations.filter(clause=FIXED).count() == 1


def test_item_34_a_second_tablet_is_told_of_the_mark_that_it_did_not_see() -> None:
    road = open_sheet_audit()
    _record(road, FIXED, Met(True), actor=road.auditor)
    with pytest.raises(scoring.StaleMark) as refused:
        _record(road, FIXED, Met(False), seen=None)
    assert refused.value.newest.person == road.auditor.person
    assert Mark.objects.get().is_met is True


def test_marks_of_different_clauses_do_not_disturb_each_other() -> None:
    road = open_sheet_audit()
    _record(road, FIXED, Met(True), actor=road.auditor)
    _record(road, SAMPLED, Sampled(10, 3))
    assert Mark.objects.count() == 2


def test_an_expert_never_scores() -> None:
    road = planned_audit()
    expert = make_auditor("expert")
    road.take("appoint", road.planner, person=expert.person, role="expert")
    type(road.audit).objects.filter(pk=road.audit.pk).update(state=AuditState.STAGE2)
    with pytest.raises(workflow.NotAllowed):
        _record(road, FIXED, Met(True), actor=expert)


@pytest.mark.parametrize("person", ["client", "planner", "reviewer"])
def test_nobody_outside_the_team_scores(person: str, other_auditor: User) -> None:
    road = open_sheet_audit()
    for user in (getattr(road, person), other_auditor):
        with pytest.raises(workflow.NotAllowed):
            _record(road, FIXED, Met(True), actor=user)
    assert not ScoreOperation.objects.exists()


def test_nothing_is_marked_before_or_after_stage_2() -> None:
    for road in (ready_audit(), scored_audit()):
        count = ScoreOperation.objects.filter(audit=road.audit).count()
        with pytest.raises(workflow.WrongState):
            _record(road, FIXED, Met(True))
        assert ScoreOperation.objects.filter(audit=road.audit).count() == count


@pytest.mark.parametrize(
    ("clause", "value"),
    [
        (FIXED, Sampled(3, 1)),
        (FIXED, EmptyPopulation(True, "没有")),
        (SAMPLED, Met(True)),
        (SAMPLED, Sampled(3, 4)),
        (SAMPLED, Sampled(0, 0)),
        (SAMPLED, Sampled(3, -1)),
        (SAMPLED, EmptyPopulation(True, " ")),
        (EXCLUDABLE, Excluded("没有经过第一阶段")),
        ("9.9.9.9", Met(True)),
    ],
)
def test_a_mark_that_does_not_fit_its_clause_is_refused(clause: str, value: Any) -> None:
    road = open_sheet_audit()
    with pytest.raises(workflow.NotReady):
        _record(road, clause, value)
    assert not ScoreOperation.objects.exists()


def test_a_sampled_clause_loses_the_share_of_its_samples() -> None:
    road = open_sheet_audit()
    _record(road, SAMPLED, Sampled(3, 1))
    points = scheme_of(road.case).clause(SAMPLED).points
    section = SAMPLED.split(".")[0] + "." + SAMPLED.split(".")[1]
    shown = scoring.progress_of(scheme_of(road.case), scoring.open_sheet(road.audit))[section]
    assert shown.obtained == points * 2 / 3
    assert shown.answered == 1


def test_whoever_scores_counts_as_having_evaluated() -> None:
    road = open_sheet_audit()
    _record(road, FIXED, Met(True), actor=road.auditor)
    assert road.case.involvements.filter(person=road.auditor.person, part=Part.STAGE_2).count() == 1


def test_specials_and_bonus_follow_from_the_operations() -> None:
    road = open_sheet_audit()
    add_special(road, note="一")
    add_special(road, note="二")
    special = ScoreOperation.objects.filter(kind=OperationKind.SPECIAL).first()
    assert special is not None
    submission = uuid.uuid4()
    scoring.withdraw_special(road.audit, actor=road.lead, special=special, note="重复", submission=submission)
    scoring.record_bonus(road.audit, actor=road.lead, note="领先", submission=uuid.uuid4())
    with pytest.raises(workflow.WrongState):
        scoring.record_bonus(road.audit, actor=road.lead, note="再次", submission=uuid.uuid4())
    sheet = scoring.open_sheet(road.audit)
    assert [one.note for one in sheet.specials] == ["二"]
    assert sheet.bonus is not None
    with pytest.raises(workflow.WrongState):
        scoring.withdraw_special(
            road.audit, actor=road.lead, special=special, note="", submission=uuid.uuid4()
        )


def test_the_result_is_the_engine_s_result_of_the_marks() -> None:
    road = open_sheet_audit()
    mark_everything(road, {FIXED: Met(False), SAMPLED: Sampled(3, 1)})
    scheme = scheme_of(road.case)
    result = scoring.result_of(road.audit)
    lost = scheme.clause(FIXED).points + scheme.clause(SAMPLED).points / 3
    assert result.final == 100 - lost
    assert result.status == "confirmed"


def test_the_database_itself_refuses_operations_outside_stage_2() -> None:
    road = scored_audit()
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreOperation.objects.create(
            audit=road.audit,
            sequence=999,
            kind=OperationKind.MARK,
            clause=FIXED,
            value={"met": True},
            person=road.lead.person,
            submission=uuid.uuid4(),
        )


@pytest.mark.parametrize(
    "sql", ["UPDATE audits_scoreoperation SET note = 'x'", "DELETE FROM audits_scoreoperation"]
)
def test_the_database_refuses_to_change_an_operation(sql: str) -> None:
    road = open_sheet_audit()
    _record(road, FIXED, Met(True))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_rebuilding_gives_the_same_marks() -> None:
    road = open_sheet_audit(exclusions={EXCLUDABLE: "不回收"})
    mark_everything(road)
    mark(road, FIXED, Met(False))
    columns = ("clause", "kind", "is_met", "sampled", "failed", "note", "operation")
    before = list(Mark.objects.order_by("clause").values_list(*columns))
    Mark.objects.filter(clause=FIXED).update(is_met=True)
    assert scoring.rebuild(road.audit) == len(CLAUSES)
    assert list(Mark.objects.order_by("clause").values_list(*columns)) == before


marks = {
    ClauseKind.FIXED: st.builds(Met, st.booleans()),
    ClauseKind.SAMPLED: st.one_of(
        st.integers(1, 50).flatmap(lambda most: st.builds(Sampled, st.just(most), st.integers(0, most))),
        st.builds(EmptyPopulation, st.booleans(), st.just("期内无投诉")),
    ),
}
operations = st.lists(
    st.sampled_from(CLAUSES[:8]).flatmap(
        lambda clause: st.tuples(st.just(clause.id), marks[clause.kind], st.booleans())
    ),
    max_size=12,
)


class Projection(TestCase):
    """Whatever the auditors do in whatever order, the marks are the projection of the operations."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.road = open_sheet_audit()

    @given(operations)
    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    def test_marks_are_always_the_projection_of_the_operations(
        self, acts: list[tuple[str, Any, bool]]
    ) -> None:
        newest: dict[str, Any] = {}
        for clause, value, by_lead in acts:
            mark(self.road, clause, value, actor=self.road.lead if by_lead else self.road.auditor)
            newest[clause] = value
        sheet = scoring.open_sheet(self.road.audit)
        assert sheet.scheme_marks == newest
        columns = ("kind", "is_met", "sampled", "failed", "note", "operation_id")
        found = {
            row.clause: {name: getattr(row, name) for name in columns} for row in self.road.audit.marks.all()
        }
        assert found == scoring.projection(self.road.audit)
        scheme = scheme_of(self.road.case)
        assert scoring.progress_of(scheme, sheet) == progress(scheme, newest)
        sequence = list(self.road.audit.operations.order_by("sequence").values_list("sequence", flat=True))
        assert sequence == list(range(1, len(acts) + 1))


def test_kinds_of_rows_and_of_the_engine_are_the_same_marks() -> None:
    road = open_sheet_audit()
    for value, kind in ((Sampled(4, 1), MarkKind.SAMPLED), (EmptyPopulation(True, "无"), MarkKind.EMPTY)):
        mark(road, SAMPLED, value)
        row = Mark.objects.get(clause=SAMPLED)
        assert (row.kind, scoring.to_scheme_mark(row)) == (kind, value)
