"""In every state, every step that does not belong there is refused to the people who otherwise take it (item 10).

The cases walk their roads by steps; after each step the object that moved is tried with every step of its aggregate
that its state does not allow, by everybody whom the rule of that step allows, and with every step that its state does
allow by people whom the rule does not allow, in turn.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from audits.states import FindingState, ReportState
from certbody import workflow
from certbody.accounts.models import User
from certbody.trail.models import Event
from certificates.states import CertificateState, DecisionState, EditionState
from tests.matrix.cast import Cast
from tests.matrix.steps import ROWS, who
from tests.matrix.whole_road import SIDE_ROADS, issued_certificate
from tests.road.applications import begun_application
from tests.road.people import make_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_database("its attempts are refused before anything is written"),
]

ATTEMPTS = 5000
WRONG_PEOPLE = 5

# states for which no step exists yet
NOT_REACHED = {
    ("finding", FindingState.DISPUTED),
    ("report", ReportState.REOPENED),
    ("decision", DecisionState.PROPOSED),
    ("certificate", CertificateState.CANCELLED),
    ("certificate", CertificateState.SUPERSEDED),
    ("edition", EditionState.SUPERSEDED),
}


class SecurityLog(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.refusals: list[tuple[str, str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        line: Any = record.msg
        if "step" in line:  # a step may write other lines of its own
            self.refusals.append((line["step"], line["object_id"], line["code"]))


@dataclass
class Intruder:
    """Tries what does not belong after each step that somebody rightfully took."""

    cast: Cast
    log: SecurityLog
    depth: int = 0
    moved: dict[tuple[str, int], Any] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    tried: Counter[str] = field(default_factory=Counter)
    illegal: list[str] = field(default_factory=list)
    turn: Iterator[int] = field(default_factory=count)

    def after(self) -> None:
        for obj in list(self.moved.values()):
            self.try_everything_on(type(obj)._default_manager.get(pk=obj.pk))
        self.moved.clear()

    def try_everything_on(self, obj: Any) -> None:
        table = workflow.table_of(obj)
        self.seen.add((table.aggregate, obj.state))
        people = self.cast.around(obj)
        events, rows = Event.objects.count(), self.row_of(obj)
        for step in table.steps:
            rightful = {
                name: people[name] for name in who(ROWS[table.aggregate][step.name]) if name in people
            }
            if obj.state not in step.sources:
                for user in rightful.values():
                    if step.allowed(user, obj):
                        self.attempt(step, obj, user, workflow.WrongState)
            else:
                others = sorted(set(people) - set(rightful))
                for _time in range(WRONG_PEOPLE):
                    user = people[others[next(self.turn) % len(others)]]
                    self.attempt(step, obj, user, workflow.NotAllowed)
        if Event.objects.count() != events or self.row_of(obj) != rows:
            self.illegal.append(f"{table.aggregate} in {obj.state}: a refused step left something behind")

    def row_of(self, obj: Any) -> dict[str, Any]:
        return dict(type(obj)._default_manager.filter(pk=obj.pk).values().get())

    def attempt(
        self, step: workflow.Step, obj: Any, user: User | None, expected: type[workflow.Refused]
    ) -> None:
        before = len(self.log.refusals)
        self.tried[step.event] += 1
        attempted = f"{step.event} in {obj.state}"
        try:
            workflow.perform(step, obj, actor=user)
        except expected:
            if self.log.refusals[before:] != [(step.event, str(obj.pk), expected.code)]:
                self.illegal.append(f"{attempted}: no line in the security log")
        except (workflow.Refused, TypeError) as fault:
            self.illegal.append(f"{attempted}: {fault!r}")
        else:
            self.illegal.append(f"{attempted}: taken")


@contextmanager
def intruder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Intruder]:
    log, security = SecurityLog(), logging.getLogger("security")
    security.addHandler(log)
    found = Intruder(Cast(), log)
    take = workflow._perform

    def take_and_let_others_try(step: workflow.Step, obj: Any, actor: User | None, data: Any) -> Any:
        found.depth += 1
        try:
            taken = take(step, obj, actor, data)
        finally:
            found.depth -= 1
        found.moved[workflow.table_of(taken).aggregate, taken.pk] = taken
        if found.depth == 0:
            found.depth = 1
            found.after()
            found.depth = 0
        return taken

    with monkeypatch.context() as patch:
        patch.setattr(workflow, "_perform", take_and_let_others_try)
        try:
            yield found
        finally:
            security.removeHandler(log)


def test_item_10_no_state_admits_a_step_that_does_not_belong_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with intruder(monkeypatch) as found:
        issued_certificate()
        for side_road in SIDE_ROADS:
            side_road()

    assert found.illegal == []
    states = {(table.aggregate, state) for table in workflow.tables() for state in table.states.values}
    assert found.seen == states - NOT_REACHED
    never_tried = {step.event for table in workflow.tables() for step in table.steps} - set(found.tried)
    assert never_tried == set()
    assert found.tried.total() >= ATTEMPTS


def test_item_10_an_intruder_who_succeeds_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: without the checks of the engine the attempts above are taken, and reported."""
    monkeypatch.setattr(workflow, "check", lambda *_anything: None)
    monkeypatch.setattr(workflow, "_move", lambda *_anything: None)
    with intruder(monkeypatch) as found:
        begun_application(make_user())
    assert any("taken" in line for line in found.illegal)
    assert any("left something behind" in line for line in found.illegal)
