"""Stage 1: documents, exclusions, the conclusion, and the gate before stage 2 (docs/decisions/0017)."""

import re
from typing import Any

import pytest
from django.db.models import QuerySet

from applications.models import ApplicationDocument, ProposedExclusion
from applications.states import ApplicationState, ContractState
from applications.transitions import APPLICATION
from audits.models import Audit, Mark, MarkKind
from audits.stage1_state import document_lines, gate
from audits.states import AuditState
from audits.transitions import AUDIT
from audits.transitions.guards import unfit_members
from certbody import clock, workflow
from certbody.accounts.models import Interest
from certbody.accounts.roles import Role
from certbody.body.models import BodySetting
from certbody.cases.models import Part
from certbody.desk.models import Task
from certbody.files.checks import CheckedFile
from certbody.outbox.models import Message
from certbody.trail.models import Event
from tests.audits.pages import signed_in
from tests.road.audits import (
    Road,
    confirm_plan,
    contracted_case,
    insert_contract,
    judge_everything,
    make_auditor,
    open_sheet_audit,
    plan_dates,
    planned_audit,
    ready_audit,
    stage1_audit,
)
from tests.road.people import make_person, make_user
from tests.road.scoring_tables import confirm_table

pytestmark = pytest.mark.django_db

EXCLUDABLE = "5.2.6.1"
EXCLUSION = {EXCLUDABLE: "本行业不回收"}


def _missing(road: Road, name: str, **data: Any) -> list[str]:
    with pytest.raises(workflow.NotReady) as refused:
        road.take(name, road.lead, **data)
    return [str(item.sentence) for item in refused.value.missing]


def test_ready_needs_every_document_judged() -> None:
    road = stage1_audit()
    assert _missing(road, "conclude_ready") == ["Some documents are not judged yet."]
    judge_everything(road)
    road.take("conclude_ready", road.lead)
    assert road.audit.stage1_conclusion == "ready"


def test_only_the_next_document_lies_open_for_its_judgement_and_no_verdict_is_chosen() -> None:
    road = stage1_audit()
    page = signed_in(road.lead).get(f"/desk/audits/{road.audit.pk}/stage1/").content.decode()
    assert page.count("<details open>") == 1
    assert not re.search(r'name="verdict"[^>]*checked', page)
    judge_everything(road)
    page = signed_in(road.lead).get(f"/desk/audits/{road.audit.pk}/stage1/").content.decode()
    assert "<details open>" not in page
    assert "Judge again" in page


def test_ready_is_refused_while_a_document_is_not_adequate() -> None:
    road = stage1_audit()
    judge_everything(road)
    line = document_lines(road.audit)[0]
    road.take(
        "judge_document",
        road.auditor,
        kind=line.kind.key,
        document=line.document,
        verdict="inadequate",
        note="过期",
    )
    assert _missing(road, "conclude_ready") == ["A document is found not adequate."]


def test_a_document_that_replaces_a_judged_one_must_be_judged_itself() -> None:
    road = stage1_audit()
    judge_everything(road)
    old = ApplicationDocument.objects.filter(application=road.case.application).first()
    assert old is not None
    new = ApplicationDocument.objects.create(application=old.application, kind=old.kind, file=old.file)
    old.replaced_by = new
    old.save()
    assert _missing(road, "conclude_ready") == ["Some documents are not judged yet."]


def test_a_required_document_that_is_missing_is_a_line_of_its_own() -> None:
    road = stage1_audit()
    gone = ApplicationDocument.objects.filter(application=road.case.application).first()
    assert gone is not None
    gone.removed_at = clock.now()
    gone.save()
    lines = [line for line in document_lines(road.audit) if line.document is None]
    assert [line.kind.key for line in lines] == [gone.kind]


def test_not_ready_tells_the_client_and_can_be_resumed() -> None:
    road = stage1_audit()
    road.take("conclude_not_ready", road.lead, note="手册缺失")
    assert road.audit.state == AuditState.NOT_READY
    assert Message.objects.filter(kind="audit.stage1_not_ready", recipient=road.client.email).exists()
    road.take("resume_stage1", road.lead)
    assert (road.audit.state, road.audit.stage1_conclusion) == (AuditState.STAGE1, "")


def test_every_proposed_exclusion_must_be_settled() -> None:
    road = stage1_audit(exclusions=EXCLUSION)
    for line in document_lines(road.audit):
        road.take("judge_document", road.lead, kind=line.kind.key, document=line.document, verdict="adequate")
    assert _missing(road, "conclude_ready") == ["A proposed exclusion is not settled yet."]
    proposal = ProposedExclusion.objects.get()
    road.take("settle_exclusion", road.lead, proposal=proposal, is_accepted=False, note="有回收业务")
    road.take("conclude_ready", road.lead)


def test_a_changed_reason_asks_for_a_new_settlement() -> None:
    road = stage1_audit(exclusions=EXCLUSION)
    judge_everything(road)
    ProposedExclusion.objects.update(reason="另有原因")
    assert _missing(road, "conclude_ready") == ["A proposed exclusion is not settled yet."]


def test_a_clause_that_may_not_be_excluded_is_not_accepted() -> None:
    road = stage1_audit(exclusions={"5.1.1.1": "没有"})
    with pytest.raises(workflow.NotReady, match="may not be excluded"):
        road.take("settle_exclusion", road.lead, proposal=ProposedExclusion.objects.get(), is_accepted=True)


def test_exclusions_stop_at_the_floor_of_applicable_points() -> None:
    road = stage1_audit(exclusions=EXCLUSION)
    BodySetting.objects.create(key="applicable_points_floor", value=100, source="test", set_by=make_person())
    with pytest.raises(workflow.NotReady, match="floor"):
        road.take("settle_exclusion", road.lead, proposal=ProposedExclusion.objects.get(), is_accepted=True)


def test_accepted_exclusions_are_the_first_marks_of_the_sheet() -> None:
    open_sheet_audit(exclusions=EXCLUSION)
    assert [(mark.clause, mark.kind) for mark in Mark.objects.all()] == [(EXCLUDABLE, MarkKind.EXCLUDED)]


def test_the_auditor_who_judges_counts_as_having_evaluated() -> None:
    road = stage1_audit()
    line = document_lines(road.audit)[0]
    road.take("judge_document", road.auditor, kind=line.kind.key, document=line.document, verdict="adequate")
    assert road.case.involvements.filter(person=road.auditor.person, part=Part.STAGE_1).exists()


def test_the_gate_is_open_when_everything_is_done() -> None:
    road = ready_audit(exclusions=EXCLUSION)
    assert all(condition.is_met for condition in gate(road.audit, unfit_members(road.audit)))
    road.take("begin_stage2", road.lead)
    parts = set(road.case.involvements.filter(part=Part.STAGE_2).values_list("person", flat=True))
    assert parts == {road.lead.person_id, road.auditor.person_id}


def test_the_gate_stands_without_a_conclusion() -> None:
    road = stage1_audit()
    judge_everything(road)
    assert _missing(road, "begin_stage2") == ["Stage 1 is not concluded as ready."]


def test_ready_is_concluded_once() -> None:
    road = ready_audit()
    assert _missing(road, "conclude_ready") == ["Stage 1 is concluded as ready already."]
    assert Event.objects.filter(name="audit.stage1_ready").count() == 1


def _supply(road: Road) -> None:
    """The client replaces the first document."""
    line = document_lines(road.audit)[0]
    assert line.document is not None
    upload = CheckedFile("new.pdf", b"%PDF-1.7 new", "pdf")
    kind, replaces = line.kind.key, line.document.pk
    road.take("supply_document", road.client, kind=kind, upload=upload, replaces=replaces)


def test_a_document_supplied_after_ready_asks_for_a_new_conclusion() -> None:
    road = ready_audit()
    _supply(road)
    assert road.audit.stage1_conclusion == ""
    open_kinds = set(Task.objects.filter(closed_at=None).values_list("kind", flat=True))
    assert {"audit.stage1", "audit.supplied"} <= open_kinds
    assert "audit.stage2" not in open_kinds
    assert _missing(road, "begin_stage2") == [
        "Stage 1 is not concluded as ready.",
        "Some documents are not judged yet.",
    ]
    judge_everything(road)
    road.take("conclude_ready", road.lead)
    road.take("begin_stage2", road.lead)


def test_a_document_supplied_after_not_ready_leaves_the_conclusion_for_the_client_to_read() -> None:
    road = stage1_audit()
    road.take("conclude_not_ready", road.lead, note="手册缺失")
    _supply(road)
    assert (road.audit.state, road.audit.stage1_conclusion) == (AuditState.NOT_READY, "not_ready")


def test_a_document_found_not_adequate_after_ready_closes_the_gate() -> None:
    road = ready_audit()
    line = document_lines(road.audit)[0]
    data = {"kind": line.kind.key, "document": line.document, "verdict": "inadequate", "note": "过期"}
    road.take("judge_document", road.auditor, **data)
    assert _missing(road, "begin_stage2") == ["A document is found not adequate."]


def test_item_12_the_whole_team_counts_as_having_evaluated_once_stage_1_begins() -> None:
    road = planned_audit()
    expert = make_auditor("expert")
    road.take("appoint", road.planner, person=expert.person, role="expert")
    confirm_plan(road)
    assert not road.case.involvements.filter(part__in=[Part.STAGE_1, Part.EXPERTISE]).exists()
    road.take("begin_stage1", road.lead)
    parts = set(road.case.involvements.values_list("person", "part"))
    assert {
        (road.lead.person_id, Part.STAGE_1),
        (road.auditor.person_id, Part.STAGE_1),
        (expert.person_id, Part.EXPERTISE),
    } <= parts


@pytest.mark.parametrize("is_ready", [True, False])
@pytest.mark.parametrize(("role", "part"), [("auditor", Part.STAGE_1), ("expert", Part.EXPERTISE)])
def test_item_12_whoever_is_appointed_during_stage_1_counts_as_having_evaluated(
    role: str, part: str, is_ready: bool
) -> None:
    road = stage1_audit()
    if not is_ready:
        road.take("conclude_not_ready", road.lead, note="手册缺失")
    later = make_auditor(role)
    road.take("appoint", road.planner, person=later.person, role=role)
    assert road.case.involvements.filter(person=later.person, part=part).exists()


def test_a_lead_who_follows_another_during_stage_1_is_asked_to_conclude_it() -> None:
    road = stage1_audit()
    assert list(_waiting(road)) == [road.lead.person_id]
    road.take("dismiss", road.planner, member=road.audit.team.get(person=road.lead.person))
    assert list(_waiting(road)) == []
    later = make_auditor("lead")
    road.take("appoint", road.planner, person=later.person, role="lead")
    assert list(_waiting(road)) == [later.person_id]


def test_a_lead_who_follows_another_after_the_conclusion_is_asked_to_begin_stage_2() -> None:
    road = ready_audit()
    assert list(_waiting(road, "audit.stage2")) == [road.lead.person_id]
    road.take("dismiss", road.planner, member=road.audit.team.get(person=road.lead.person))
    road.lead = make_auditor("lead")
    road.take("appoint", road.planner, person=road.lead.person, role="lead")
    assert list(_waiting(road)) == []
    assert list(_waiting(road, "audit.stage2")) == [road.lead.person_id]


def test_a_document_supplied_while_nobody_leads_ends_the_conclusion_and_the_next_lead_is_asked() -> None:
    road = ready_audit()
    road.take("dismiss", road.planner, member=road.audit.team.get(person=road.lead.person))
    _supply(road)
    assert (road.audit.stage1_conclusion, list(_waiting(road))) == ("", [])
    later = make_auditor("lead")
    road.take("appoint", road.planner, person=later.person, role="lead")
    assert list(_waiting(road)) == [later.person_id]


def _waiting(road: Road, kind: str = "audit.stage1") -> QuerySet[Task, int | None]:
    waiting = Task.objects.filter(kind=kind, object_id=str(road.audit.pk), closed_at=None)
    return waiting.values_list("person", flat=True)


@pytest.mark.parametrize(("name", "person"), [("decline", "reviewer"), ("withdraw", "client")])
def test_an_application_in_review_again_is_not_ended_under_a_running_audit(name: str, person: str) -> None:
    road = ready_audit()
    road.take("report_change", road.lead, changes={"headcount": 95}, sites_changed=False, reason="新增门店")
    actor = make_user(Role.REVIEWER) if person == "reviewer" else road.client
    application = road.case.application
    with pytest.raises(workflow.NotReady) as refused:
        workflow.perform(APPLICATION.step(name), application, actor=actor, reason="x")
    (reason,) = (str(missing.sentence) for missing in refused.value.missing)
    assert "is in force" in reason
    closed = {
        "state": AuditState.CLOSED,
        "grade": "star5",
        "final_exact": "100/1",
        "operations_hash": "0" * 64,
    }
    Audit.objects.filter(pk=road.audit.pk).update(**closed)
    with pytest.raises(workflow.NotReady) as refused:
        workflow.perform(APPLICATION.step(name), application, actor=actor, reason="x")
    (reason,) = (str(missing.sentence) for missing in refused.value.missing)
    assert "is in force" in reason


def test_the_gate_closes_again_when_the_plan_changes() -> None:
    road = ready_audit()
    road.take("plan", road.planner, **plan_dates())
    assert _missing(road, "begin_stage2") == [
        "The client has not confirmed team and plan as they stand now.",
        "The plan as it stands now is not recorded as reported to the regulator.",
    ]
    road.take("propose", road.planner)
    road.take("confirm_change", road.client, version=road.audit.plan_version)
    assert _missing(road, "begin_stage2") == [
        "The plan as it stands now is not recorded as reported to the regulator."
    ]
    road.take("report_plan", road.planner, reported_on=clock.today(), reference="R-2")
    road.take("begin_stage2", road.lead)


def test_the_gate_closes_when_a_member_declares_an_interest() -> None:
    road = ready_audit()
    Interest.objects.create(
        person=road.auditor.person, organisation=road.case.organisation, kind="employed", since=clock.today()
    )
    assert "declared an interest" in _missing(road, "begin_stage2")[0]


def test_a_changed_headcount_reopens_the_review_and_the_contract_no_longer_carries_stage_2() -> None:
    road = ready_audit()
    road.take("report_change", road.lead, changes={"headcount": 95}, sites_changed=False, reason="新增门店")
    application = road.audit.case.application
    assert (application.state, application.headcount) == (ApplicationState.SUBMITTED, 95)
    road.contract.refresh_from_db()
    assert road.contract.state == ContractState.ACCEPTED
    assert _missing(road, "begin_stage2") == [
        "Stage 1 is not concluded as ready.",
        "The application is in review again, or its changed contract is not accepted yet.",
    ]


def test_the_audit_goes_on_under_the_changed_contract() -> None:
    road = ready_audit()
    road.take("report_change", road.lead, changes={"headcount": 95}, sites_changed=False, reason="新增门店")
    application = road.audit.case.application
    type(application).objects.filter(pk=application.pk).update(state=ApplicationState.ACCEPTED)
    contract = insert_contract(road.case, road.client)
    for follow_up in workflow._follow_ups["contract.accepted"]:
        follow_up(contract, road.client, None)  # type: ignore[arg-type]  # the event is not looked at
    road.reload()
    assert road.audit.contract == contract
    road.take("conclude_ready", road.lead)
    road.take("begin_stage2", road.lead)


def test_an_accepted_contract_gives_the_planner_a_task_that_opening_closes() -> None:
    confirm_table()
    client, planner = make_user(), make_user(Role.PLANNER)
    case = contracted_case(client)
    contract = case.contracts.get()
    for follow_up in workflow._follow_ups["contract.accepted"]:
        follow_up(contract, client, None)  # type: ignore[arg-type]  # the event is not looked at
    task = Task.objects.get(kind="audit.open")
    assert (task.role, task.closed_at) == (Role.PLANNER, None)
    workflow.perform(AUDIT.step("open"), Audit(case=case, contract=contract), actor=planner)
    task.refresh_from_db()
    assert task.closed_at is not None
