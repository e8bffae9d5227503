"""The engine: one door, everything or nothing."""

import pytest
from django.db import IntegrityError

from certbody import facts, workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.body.states import ScoringTableState
from certbody.cases.models import Part
from certbody.cases.services import open_case
from certbody.desk.models import Task
from certbody.desk.services import Audience, TaskFor
from certbody.outbox.models import Message
from certbody.trail import verify
from certbody.trail.models import Event
from tests.kernel.bench import fail_halfway, make_table, note, step
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db

TASK = TaskFor(
    kind="bench.look",
    label="Look",
    to=lambda _table: [Audience(role=Role.HEAD)],
    path=lambda _table: "/look/",
    days=3,
)
NOTICE = workflow.Notice("bench", lambda _table: [("somebody@example.org", "en")])


def counts() -> tuple[int, int, int]:
    return Event.objects.count(), Task.objects.count(), Message.objects.count()


def test_a_step_moves_the_state_and_leaves_event_task_and_promise() -> None:
    user = make_user(Role.QUALITY)
    table = workflow.perform(step(opens=(TASK,), notify=(NOTICE,)), make_table(), actor=user, remark="old")

    table.refresh_from_db()
    assert (table.state, table.remark) == (ScoringTableState.RETIRED, "old")
    event = Event.objects.get(name="bench.retired")
    assert (event.source, event.target, event.data) == ("draft", "retired", {"remark": "old"})
    assert (event.actor_user, event.actor_person) == (user, user.person)
    assert Task.objects.get().role == Role.HEAD
    assert Message.objects.get().recipient == "somebody@example.org"


def test_an_effect_that_raises_leaves_nothing_behind() -> None:
    table = make_table()
    before = counts()
    with pytest.raises(RuntimeError):
        workflow.perform(step(effect=fail_halfway, opens=(TASK,)), table, actor=make_user(Role.QUALITY))

    table.refresh_from_db()
    assert (table.state, table.remark) == (ScoringTableState.DRAFT, "")
    assert counts() == before


def test_a_follow_up_that_raises_takes_the_step_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_anything: object) -> None:
        raise RuntimeError("the follow-up broke")

    monkeypatch.setitem(workflow._follow_ups, "bench.retired", [break_down])
    table = make_table()
    with pytest.raises(RuntimeError):
        workflow.perform(step(), table, actor=make_user(Role.QUALITY))

    table.refresh_from_db()
    assert table.state == ScoringTableState.DRAFT
    assert not Event.objects.filter(name="bench.retired").exists()


def test_somebody_without_the_role_is_refused_with_the_name_of_the_role() -> None:
    table = make_table()
    with pytest.raises(workflow.NotAllowed, match="quality manager"):
        workflow.perform(step(), table, actor=make_user(Role.REVIEWER))
    table.refresh_from_db()
    assert table.state == ScoringTableState.DRAFT


def test_a_role_that_ended_opens_no_door() -> None:
    user = make_user(Role.QUALITY)
    user.person.role_assignments.update(since="2020-01-01", until="2020-12-31")
    with pytest.raises(workflow.NotAllowed):
        workflow.perform(step(), make_table(), actor=user)


def test_the_wrong_state_is_refused_with_the_state_in_words() -> None:
    user = make_user(Role.QUALITY)
    table = workflow.perform(step(), make_table(), actor=user)
    with pytest.raises(workflow.WrongState, match="retired"):
        workflow.perform(step(), table, actor=user)
    assert Event.objects.filter(name="bench.retired").count() == 1


def test_a_stale_object_is_judged_by_its_row_not_by_its_copy() -> None:
    user = make_user(Role.QUALITY)
    table = make_table()
    stale = ScoringTable.objects.get(pk=table.pk)
    workflow.perform(step(), table, actor=user)
    with pytest.raises(workflow.WrongState):
        workflow.perform(step(), stale, actor=user)


def test_a_row_that_is_not_there_is_a_refusal_in_words() -> None:
    table = make_table()
    table.pk += 1
    before = counts()
    with pytest.raises(workflow.WrongState, match="no longer there"):
        workflow.perform(step(), table, actor=make_user(Role.QUALITY))
    assert counts() == before


def test_a_state_that_moved_under_the_effect_takes_the_step_back() -> None:
    """The last look is the UPDATE itself: it moves the row from the states of the step, or nothing happens."""

    def retire_meanwhile(table: ScoringTable, *, actor: User | None) -> workflow.Facts:
        ScoringTable.objects.filter(pk=table.pk).update(state=ScoringTableState.RETIRED)
        return note(table, actor=actor)

    table = make_table()
    before = counts()
    with pytest.raises(workflow.WrongState, match="Somebody was faster"):
        workflow.perform(step(effect=retire_meanwhile), table, actor=make_user(Role.QUALITY))
    table.refresh_from_db()
    assert (table.state, table.remark) == (ScoringTableState.DRAFT, "")
    assert counts() == before


def test_what_is_missing_is_named_with_its_link() -> None:
    table = make_table()
    ScoringTable.objects.update(remark="incomplete")
    with pytest.raises(workflow.NotReady) as refusal:
        workflow.perform(step(), table, actor=make_user(Role.QUALITY))
    assert [(str(item.sentence), item.link) for item in refusal.value.missing] == [
        ("The remark is incomplete.", "/somewhere/")
    ]


def test_an_upper_floor_can_add_a_condition_to_a_lower_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        workflow._guards, "bench.retired", [lambda _table, _user: [workflow.Missing("Not yet.")]]
    )
    with pytest.raises(workflow.NotReady) as refusal:
        workflow.perform(step(), make_table(), actor=make_user(Role.QUALITY))
    assert [str(item.sentence) for item in refusal.value.missing] == ["Not yet."]


def test_what_an_upper_floor_registers_twice_happens_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for registry in ("_guards", "_follow_ups"):
        monkeypatch.setattr(workflow, registry, {})
    monkeypatch.setattr(facts, "_answers", {})
    monkeypatch.setattr(verify, "_checks", [])
    asked: list[str] = []

    def guard(_table: ScoringTable, _user: User | None) -> list[workflow.Missing]:
        asked.append("guard")
        return []

    def follow_up(*_moved: object) -> None:
        asked.append("follow-up")

    for _time in range(2):
        workflow.add_guard("bench.retired", guard)
        workflow.follow("bench.retired", follow_up)
        facts.answer("bench.question", answer_of_the_bench)
        verify.register(check_of_the_bench)
    workflow.perform(step(), make_table(), actor=make_user(Role.QUALITY))
    assert asked == ["guard", "follow-up"]
    assert facts.ask("bench.question") == ["an answer"]
    assert list(verify.faults()) == ["a fault of the bench"]


def answer_of_the_bench() -> str:
    return "an answer"


def check_of_the_bench() -> list[str]:
    return ["a fault of the bench"]


def test_a_step_closes_the_tasks_it_answers() -> None:
    user = make_user(Role.QUALITY)
    table = workflow.perform(step(opens=(TASK,), target=None), make_table(), actor=user)
    assert Task.objects.filter(closed_at=None).count() == 1
    workflow.perform(step(closes=("bench.look",)), table, actor=user)
    assert Task.objects.filter(closed_at=None).count() == 0


def test_the_same_task_is_not_opened_twice() -> None:
    user = make_user(Role.QUALITY)
    table = make_table()
    for _time in range(2):
        workflow.perform(step(opens=(TASK,), target=None), table, actor=user)
    assert Task.objects.count() == 1


def test_a_part_that_the_database_refuses_is_an_impartiality_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_part: object) -> None:
        raise IntegrityError("impartiality: who sits on the panel cannot take part in the evaluation")

    case = open_case(organisation=make_organisation(), scheme="bench")
    monkeypatch.setattr(ScoringTable, "case", case, raising=False)
    monkeypatch.setattr(workflow, "record_part", refuse)
    table = make_table()
    with pytest.raises(workflow.NotAllowed, match="Impartiality"):
        workflow.perform(step(part=Part.VERIFICATION), table, actor=make_user(Role.QUALITY))
    table.refresh_from_db()
    assert table.state == ScoringTableState.DRAFT


def test_a_state_that_a_constraint_refuses_is_a_refusal_in_words() -> None:
    """A confirmed table names the two who confirmed it; the constraint speaks when the state moves."""
    user = make_user(Role.QUALITY)
    table = make_table()
    with pytest.raises(workflow.WrongState, match="somebody was faster"):
        workflow.perform(step(target=ScoringTableState.CONFIRMED), table, actor=user)
    table.refresh_from_db()
    assert table.state == ScoringTableState.DRAFT


def test_every_registered_step_names_states_of_its_own_aggregate() -> None:
    assert workflow.tables()
    for table in workflow.tables():
        for entry in table.steps:
            assert set(entry.sources) <= set(table.states.values), f"{table.aggregate}.{entry.name}"
            assert entry.target is None or entry.target in table.states.values, (
                f"{table.aggregate}.{entry.name}"
            )


def test_events_and_step_names_are_unique() -> None:
    events = [entry.event for table in workflow.tables() for entry in table.steps]
    assert len(events) == len(set(events))
    for table in workflow.tables():
        names = [entry.name for entry in table.steps]
        assert len(names) == len(set(names)), table.aggregate
