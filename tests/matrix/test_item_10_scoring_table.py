"""A machine that tries steps of the scoring table in any order by anybody (battery item 10).

What it expects is written here a second time, by hand, so that a fault in the table of steps cannot hide behind it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from certbody import workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body import transitions
from certbody.body.models import ScoringTable
from certbody.body.states import ScoringTableState
from certbody.trail.models import Event
from tests.road.people import make_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_database("its attempts are refused before anything is written"),
]

TABLES = 3
STEPS = {step.name: step for step in transitions.SCORING_TABLE.steps}
ROLES = {
    "head": (Role.HEAD,),
    "quality": (Role.QUALITY,),
    "both": (Role.HEAD, Role.QUALITY),
    "head and administrator": (Role.HEAD, Role.ADMINISTRATOR),
    "quality and administrator": (Role.QUALITY, Role.ADMINISTRATOR),
    "planner": (Role.PLANNER,),
    "client": (),
    "system": (),
}
_attempts = count()
_successes: list[str] = []


@dataclass
class Expected:
    """One scoring table as the procedure says it should be."""

    state: str = "draft"
    head: str = ""
    quality: str = ""
    events: int = field(default=1)

    def allows(self, step: str, who: str) -> bool:
        editor = who in {"head", "quality", "both"}
        draft = self.state == "draft"
        return {
            "edit_points": draft and editor,
            "import": draft and editor,
            "discard": draft and editor,
            "confirm_as_head": draft and who in {"head", "both"} and not self.head and self.quality != who,
            "confirm_as_quality": draft
            and who in {"quality", "both"}
            and not self.quality
            and self.head != who,
            "retire": self.state == "confirmed" and who in {"head", "both", "system"},
        }.get(step, False)

    def take(self, step: str, who: str) -> None:
        self.events += 1
        if step in {"edit_points", "import"}:
            self.head = self.quality = ""
        elif step == "confirm_as_head":
            self.head = who
        elif step == "confirm_as_quality":
            self.quality = who
        else:
            self.state = "retired"


class ScoringTables(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.people: dict[str, User | None] = {name: make_user(*roles) for name, roles in ROLES.items()}
        self.people["system"] = None
        self.tables = [
            workflow.perform(
                transitions.BEGIN, ScoringTable(scheme="gbt27922-2011"), actor=self.people["head"]
            )
            for _number in range(TABLES)
        ]
        self.expected = [Expected() for _table in self.tables]

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    @rule(
        name=st.sampled_from(["confirm_as_head", "confirm_as_quality", *sorted(STEPS)]),
        who=st.sampled_from(["head", "quality", *sorted(ROLES)]),
        which=st.integers(0, TABLES - 1),
    )
    def somebody_tries_a_step(self, name: str, who: str, which: int) -> None:
        next(_attempts)
        expected, table = self.expected[which], self.tables[which]
        may = expected.allows(name, who)
        data = {"edit_points": {"points": {}}, "import": {"content": table.content}}.get(name, {})
        try:
            workflow.perform(STEPS[name], table, actor=self.people[who], **data)
        except workflow.Refused:
            assert not may, f"{who} could not {name}: {expected}"
            return
        assert may, f"{who} could {name}: {expected}"
        _successes.append(name)
        expected.take(name, who)
        if expected.state == "draft" and expected.head and expected.quality:
            self.put_in_force(expected)

    def put_in_force(self, expected: Expected) -> None:
        for other in self.expected:
            if other.state == "confirmed":
                other.take("retire", "system")
        expected.state = "confirmed"
        expected.events += 1

    @invariant()
    def the_rows_are_as_the_procedure_says(self) -> None:
        rows = {
            row.pk: row for row in ScoringTable.objects.filter(pk__in=[table.pk for table in self.tables])
        }
        for table, expected in zip(self.tables, self.expected, strict=True):
            row = rows[table.pk]
            assert row.state == expected.state
            assert row.head_confirmed_by_id == self.person(expected.head)
            assert row.quality_confirmed_by_id == self.person(expected.quality)
        confirmed = [row for row in rows.values() if row.state == ScoringTableState.CONFIRMED]
        assert len(confirmed) <= 1
        assert all(row.head_confirmed_by_id != row.quality_confirmed_by_id for row in confirmed)
        assert Event.objects.count() == sum(expected.events for expected in self.expected)

    def person(self, who: str) -> int | None:
        user = self.people[who] if who else None
        return user.person_id if user else None


@pytest.fixture(autouse=True)
def _fresh_count() -> Iterator[None]:
    _successes.clear()
    yield
    _successes.clear()


def test_item_10_no_order_of_steps_takes_a_scoring_table_past_its_procedure() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        ScoringTables,
        settings=settings(
            max_examples=15,
            stateful_step_count=60,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=[Phase.generate],
        ),
    )
    assert next(_attempts) > 500
    assert set(_successes) == {
        "edit_points",
        "import",
        "discard",
        "confirm_as_head",
        "confirm_as_quality",
        "retire",
    }
