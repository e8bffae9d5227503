"""Every step against every state and every kind of person; the tables themselves are the list."""

import pytest

from audits.models import Audit, Finding, Report
from audits.states import AuditState, FindingState, ReportState
from audits.transitions import AUDIT, FINDING, REPORT
from certbody import workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.workflow import Step, Table
from tests.road.audits import Road, scored_audit
from tests.road.people import make_user

pytestmark = pytest.mark.django_db

TABLES = (AUDIT, FINDING, REPORT)
# by which of the people on the road each step is taken; None is the system itself
TAKEN_BY = {
    "planner": {
        "audit.opened", "audit.planned", "audit.appointed", "audit.dismissed", "audit.proposed", "audit.replanned",
        "audit.client_reminded", "audit.plan_kept", "audit.plan_reported",
    },
    "client": {
        "audit.confirmed", "audit.change_confirmed", "audit.objected", "audit.document_supplied", "finding.answered",
    },
    "lead": {
        "audit.stage1_begun", "audit.document_judged", "audit.exclusion_settled", "audit.concern_noted",
        "audit.stage1_ready", "audit.stage1_not_ready", "audit.stage1_resumed", "audit.change_reported",
        "audit.stage2_begun", "audit.concern_disposed", "audit.sheet_closed", "audit.sheet_reopened",
        "finding.raised", "finding.verified", "finding.returned", "report.begun", "report.written",
        "report.signed_off",
    },
    "auditor": {
        "audit.document_judged", "audit.concern_noted", "audit.concern_disposed", "finding.verified",
        "finding.returned",
    },
    "reviewer": {"report.released", "report.returned"},
    "system": {"audit.closed", "report.pdf_made"},
}  # fmt: skip


@pytest.fixture
def road() -> Road:
    return scored_audit(specials=1)


def _object(road: Road, table: Table, state: str | None) -> Audit | Finding | Report:
    obj = {"audit": road.audit, "finding": road.findings[0], "report": road.report}[table.aggregate]
    if state is not None:
        obj.state = state
    return obj


def _outcome(step: Step, obj: Audit | Finding | Report, actor: User | None) -> str:
    """How the engine would answer now: ready, guard, state or permission."""
    try:
        workflow.check(step, obj, actor)
    except workflow.Refused as refusal:
        return refusal.code
    return "ready"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.aggregate)
def test_only_the_named_people_take_each_step(table: Table, road: Road) -> None:
    people = {
        "planner": road.planner,
        "client": road.client,
        "lead": road.lead,
        "auditor": road.auditor,
        "reviewer": road.reviewer,
        "system": None,
        "other client": make_user(),
        "administrator": make_user(Role.ADMINISTRATOR),
        "head": make_user(Role.HEAD),
        "inspector": make_user(Role.INSPECTOR),
    }
    for step in table.steps:
        obj = _object(road, table, step.sources[0] if step.sources else None)
        may = {name for name, actor in people.items() if _outcome(step, obj, actor) != "permission"}
        assert may == {name for name in people if step.event in TAKEN_BY.get(name, set())}, step.event


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.aggregate)
def test_each_step_is_refused_in_every_other_state(table: Table, road: Road) -> None:
    states = {"audit": AuditState, "finding": FindingState, "report": ReportState}[table.aggregate]
    for step in table.steps:
        taker = next(name for name, events in TAKEN_BY.items() if step.event in events)
        actor = None if taker == "system" else getattr(road, taker)
        for state in states:
            outcome = _outcome(step, _object(road, table, state), actor)
            assert (outcome == "state") == (state not in step.sources), (step.event, state, outcome)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.aggregate)
def test_every_step_says_what_it_does(table: Table) -> None:
    for step in table.steps:
        assert step.event.startswith(f"{table.aggregate}.")
        assert str(step.label)
        assert str(step.recorded) or step.has_own_page
