"""A walker who takes or tries any step in any order finds no illegal path (battery item 10).

Cases are met on every stretch of the road. The walker takes rightful steps and tries others, with everybody; a model
reads the tables of steps and `steps.toml`. CERTBODY_NIGHTLY=1 walks 5,000 steps.
"""

from collections import Counter
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from certbody import workflow
from certbody.cases.models import Case
from certbody.outbox import sweeper
from certbody.trail.models import Event
from certificates.states import CertificateState
from tests.environment import IS_NIGHTLY
from tests.matrix.cast import Cast
from tests.matrix.moves import AGGREGATES_OF_A_CASE, data_for, new_object, objects_of
from tests.matrix.steps import ROWS, who
from tests.road import audits, certificates
from tests.road.applications import accepted_application, offered_contract, submitted_application
from tests.road.people import make_user

pytestmark = pytest.mark.django_db

STARTS = {
    "submitted application": lambda: submitted_application(make_user()).case,
    "offered contract": lambda: (
        offered_contract(accepted_application(make_user()), make_user("contracts")).case
    ),
    "planned audit": lambda: audits.planned_audit().case,
    "stage 1": lambda: audits.stage1_audit(exclusions={"5.2.6.1": "不提供回收"}).case,
    "closed sheet": lambda: audits.scored_audit(specials=1).case,
    "signed-off report": lambda: audits.signed_off_report().case,
    "released report": lambda: certificates.released_case().case,
    "open panel": lambda: certificates.opened_panel(certificates.released_case()).case,
    "signed decision": lambda: certificates.signed_decision().case,
    "certificate": lambda: certificates.issued_certificate().case,
}
TABLES = [workflow.table(name) for name in AGGREGATES_OF_A_CASE]
STEPS = {f"{table.aggregate}.{step.name}": (table, step) for table in TABLES for step in table.steps}
WALKS, LENGTH = (50, 100) if IS_NIGHTLY else (3, 30)
# hypothesis likes to draw the same few of a list again; a number spreads over all of them
CHANCES = st.integers(0, 2**32 - 1)
taken_steps: set[str] = set()


class Walker(RuleBasedStateMachine):
    case: Case

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        self.cast = Cast()
        self.taken: Counter[str] = Counter()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    @initialize(chance=CHANCES)
    def meet_a_case(self, chance: int) -> None:
        self.case = STARTS[Random(chance).choice(sorted(STARTS))]()
        self.before = Event.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0

    @rule(chance=CHANCES)
    def take_a_rightful_step(self, chance: int) -> None:
        """Of the steps that this walk has taken least often, so that no walk goes round in a circle."""
        possible = [
            (key, name)
            for key, (table, step) in STEPS.items()
            for obj in self.newest(table, step)
            if not step.sources or obj.state in step.sources
            for name in sorted(who(ROWS[table.aggregate][step.name]) & set(self.cast.around(obj)))
        ]
        Random(chance).shuffle(possible)
        for key, name in sorted(possible, key=lambda way: self.taken[way[0]]):
            if self.attempt(*STEPS[key], name):
                self.taken[key] += 1
                return

    @rule(chance=CHANCES)
    def try_any_step(self, chance: int) -> None:
        chosen = Random(chance)
        table, step = STEPS[chosen.choice(sorted(STEPS))]
        for obj in self.newest(table, step):
            self.attempt(table, step, chosen.choice(sorted(self.cast.around(obj))))

    @rule()
    def let_the_promised_work_be_done(self) -> None:
        with certificates.quick_drawing():
            sweeper.sweep()

    def newest(self, table: workflow.Table, step: workflow.Step) -> list[Any]:
        if not step.sources:
            found = new_object(self.case, table.aggregate)
            return [found] if found is not None else []
        return objects_of(self.case, table)[-1:]

    def attempt(self, table: workflow.Table, step: workflow.Step, name: str) -> bool:
        """Whether the step was taken. The model says whether it may be; a guard may refuse, and nothing has changed."""
        obj = self.newest(table, step)[0]
        data = data_for(step, obj)
        if data is None:
            return False
        source = obj.state if step.sources else ""
        may_succeed = name in who(ROWS[table.aggregate][step.name]) and (
            not step.sources or source in step.sources
        )
        events = Event.objects.count()
        try:
            moved = workflow.perform(step, obj, actor=self.cast.around(obj)[name], **data)
        except workflow.Refused:
            assert Event.objects.count() == events
            assert not step.sources or type(obj)._default_manager.get(pk=obj.pk).state == source
            return False
        assert may_succeed, f"{name} took {step.event} in state {source!r}"
        moved.refresh_from_db()
        taken_steps.add(step.event)
        own = Event.objects.filter(name=step.event, object_id=str(moved.pk)).latest("sequence")
        assert own.source == source
        assert step.target is None or own.target == step.target
        return True

    @invariant()
    def every_history_is_a_path_of_its_table(self) -> None:
        for table in TABLES:
            steps = {step.event: step for step in table.steps}
            for obj in objects_of(self.case, table):
                label = table.model._meta.label_lower
                events = Event.objects.filter(object_type=label, object_id=str(obj.pk), name__in=steps)
                state = None
                for event in events.order_by("sequence"):
                    step = steps[event.name]
                    if event.sequence > self.before:
                        assert event.source in (step.sources or ("",)), event
                        assert event.target == (event.source if step.target is None else step.target), event
                    assert state is None or event.source == state, event
                    state = event.target
                assert state is None or obj.state == state

    @invariant()
    def an_issued_certificate_has_everything_behind_it(self) -> None:
        for certificate in self.case.certificates.filter(state=CertificateState.VALID):
            decision = certificate.decision
            assert (decision.state, decision.outcome, decision.grade) == (
                "signed",
                "grant",
                certificate.grade,
            )
            assert (decision.panel.state, decision.panel.carried) == ("closed", True)
            assert decision.report.state == "released"
            assert decision.report.audit.state == "closed"
            assert certificate.editions.get(state="current").documents.count() == 2


@pytest.mark.nightly
def test_item_10_no_walk_finds_an_illegal_path() -> None:
    taken_steps.clear()
    walk = settings(
        max_examples=WALKS,
        stateful_step_count=LENGTH,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    run_state_machine_as_test(Walker, settings=walk)
    assert len(taken_steps) >= (25 if IS_NIGHTLY else 4), sorted(taken_steps)


def test_item_10_a_walker_notices_an_engine_without_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: without `check` the same walks end at once."""
    monkeypatch.setattr(workflow, "check", lambda *_anything: None)
    walk = settings(
        max_examples=5,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    with pytest.raises(AssertionError, match="took"):
        run_state_machine_as_test(Walker, settings=walk)
