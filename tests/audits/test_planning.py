"""Team, dates and mode: who may be appointed, and what a change of the plan asks for."""

import re
from datetime import timedelta
from hashlib import sha256

import pytest
from django.test import Client

from audits.models import Audit, TeamMember
from audits.queries import audit_of_case
from audits.states import AuditState
from audits.transitions import AUDIT
from certbody import clock, workflow
from certbody.accounts.models import Interest, User
from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.body.states import ScoringTableState
from certbody.cases.models import Part
from certbody.cases.queries import visible_to
from certbody.cases.services import record_part
from certbody.desk.models import Task
from certbody.outbox.models import Message
from certbody.trail.models import Event
from certbody.workflow import perform
from tests.road.audits import (
    Road,
    confirmed_audit,
    contracted_case,
    make_auditor,
    opened_audit,
    plan_dates,
    planned_audit,
    qualify,
    stage1_audit,
)
from tests.road.people import make_user
from tests.road.scoring_tables import confirm_table

pytestmark = pytest.mark.django_db


def _planned() -> Road:
    road = opened_audit()
    road.take("plan", road.planner, **plan_dates())
    return road


def _refusal(road: Road, user: User, role: str = "auditor") -> str:
    with pytest.raises(workflow.NotReady) as refused:
        road.take("appoint", road.planner, person=user.person, role=role)
    return str(refused.value.sentence)


def test_opening_pins_the_confirmed_scoring_table() -> None:
    road = opened_audit()
    table = ScoringTable.objects.get()
    road.case.refresh_from_db()
    assert (road.case.scheme_version, road.case.scheme_hash) == (table.version, table.content_hash)


def test_no_audit_is_opened_without_a_confirmed_table() -> None:
    client, planner = make_user(), make_user(Role.PLANNER)
    case = contracted_case(client)
    with pytest.raises(workflow.NotReady) as refused:
        perform(AUDIT.step("open"), Audit(case=case, contract=case.contracts.get()), actor=planner)
    assert "scoring table" in str(refused.value.missing[0].sentence)
    assert audit_of_case(case) is None


def test_a_table_that_is_retired_while_an_audit_is_opened_opens_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row is not locked by the opening: the effect looks once more than the check before it."""
    table = confirm_table()
    client, planner = make_user(), make_user(Role.PLANNER)
    case = contracted_case(client)

    def retire(_audit: Audit, _actor: User | None) -> list[workflow.Missing]:
        ScoringTable.objects.filter(pk=table.pk).update(state=ScoringTableState.RETIRED)
        return []

    monkeypatch.setitem(workflow._guards, "audit.opened", [retire])
    with pytest.raises(workflow.NotReady, match="No confirmed scoring table exists"):
        perform(AUDIT.step("open"), Audit(case=case, contract=case.contracts.get()), actor=planner)
    case.refresh_from_db()
    assert (audit_of_case(case), case.scheme_hash) == (None, "")


def test_a_case_has_one_audit() -> None:
    road = opened_audit()
    with pytest.raises(workflow.WrongState):
        perform(AUDIT.step("open"), Audit(case=road.case, contract=road.contract), actor=road.planner)
    assert Audit.objects.filter(case=road.case).count() == 1


def test_a_qualification_must_be_valid_on_every_planned_day() -> None:
    road = _planned()
    ends_on_the_first_day = make_auditor("auditor", until=0)
    begins_on_the_last_day = make_auditor("auditor", since=1)
    assert "valid on every day" in _refusal(road, ends_on_the_first_day)
    assert "valid on every day" in _refusal(road, begins_on_the_last_day)
    fits_exactly = make_auditor("auditor", since=0, until=1)
    road.take("appoint", road.planner, person=fits_exactly.person, role="auditor")


def test_a_lead_needs_the_qualification_of_a_lead() -> None:
    road = _planned()
    assert "lead auditor" in _refusal(road, road.auditor, "lead")
    road.take("appoint", road.planner, person=road.lead.person, role="auditor")


def test_a_person_with_an_interest_in_the_client_cannot_be_appointed() -> None:
    road = _planned()
    today = clock.today()
    Interest.objects.create(
        person=road.auditor.person,
        organisation=road.case.organisation,
        kind="trained",
        since=today - timedelta(days=900),
        until=today - timedelta(days=700),
    )
    assert "declared an interest" in _refusal(road, road.auditor)
    with clock.at(today + timedelta(days=40)):
        qualify(road.auditor, "auditor", since=0)
        road.take("appoint", road.planner, person=road.auditor.person, role="auditor")


def test_somebody_who_decides_on_the_case_cannot_evaluate_it() -> None:
    road = _planned()
    record_part(case=road.case, person=road.auditor.person, part=Part.VOTE)
    assert "takes part in the decision" in _refusal(road, road.auditor)


def test_an_audit_has_one_lead_and_nobody_twice() -> None:
    road = planned_audit()
    second = make_auditor("lead")
    assert "lead auditor already" in _refusal(road, second, "lead")
    assert "on the team already" in _refusal(road, road.auditor, "auditor")


def test_somebody_without_the_role_at_the_body_is_not_appointed() -> None:
    road = _planned()
    former = make_user(Role.FINANCE)
    qualify(former, "auditor")
    assert "does not hold the role" in _refusal(road, former)


def test_an_appointment_opens_the_case_and_a_dismissal_closes_it() -> None:
    road = planned_audit()
    assert road.case in visible_to(road.auditor)
    member = TeamMember.objects.get(audit=road.audit, person=road.auditor.person)
    road.take("dismiss", road.planner, member=member)
    assert road.case not in visible_to(road.auditor)
    assert TeamMember.objects.filter(audit=road.audit, ended_at=None).count() == 1


def test_nobody_is_dismissed_from_an_empty_team() -> None:
    road = opened_audit()
    offers = {offer.step.name: offer for offer in workflow.offers(road.audit, road.planner)}
    assert [str(item.sentence) for item in offers["dismiss"].missing] == ["Nobody is appointed yet."]
    assert offers["plan"].is_ready


def test_a_plan_is_not_proposed_without_lead_dates_and_mode() -> None:
    road = opened_audit()
    with pytest.raises(workflow.NotReady) as refused:
        road.take("propose", road.planner)
    sentences = [str(item.sentence) for item in refused.value.missing]
    assert sentences == ["No lead auditor is appointed.", "Dates and mode are not set."]


def test_later_dates_make_a_member_s_qualification_matter_again() -> None:
    road = _planned()
    soon_ending = make_auditor("lead", until=3)
    road.take("appoint", road.planner, person=soon_ending.person, role="lead")
    today = clock.today()
    dates = plan_dates() | {
        "stage2_from": today + timedelta(days=10),
        "stage2_to": today + timedelta(days=11),
    }
    road.take("plan", road.planner, **dates)
    with pytest.raises(workflow.NotReady, match="still missing"):
        road.take("propose", road.planner)


def test_the_client_is_asked_by_mail_and_task() -> None:
    road = planned_audit()
    road.take("propose", road.planner)
    assert Message.objects.filter(kind="audit.proposed", recipient=road.client.email).count() == 1
    assert (
        Task.objects.filter(kind="audit.confirm", organisation=road.case.organisation, closed_at=None).count()
        == 1
    )
    road.take("confirm", road.client, version=road.audit.plan_version)
    assert not Task.objects.filter(kind="audit.confirm", closed_at=None).exists()
    assert road.audit.state == AuditState.CONFIRMED
    assert road.audit.confirmed_by == road.client


def test_a_plan_that_changed_after_the_proposal_cannot_be_confirmed() -> None:
    road = planned_audit()
    road.take("propose", road.planner)
    road.take("plan", road.planner, **plan_dates())
    with pytest.raises(workflow.NotReady):
        road.take("confirm", road.client, version=road.audit.plan_version)


def _missing_for_reminder(road: Road) -> list[str]:
    return [
        str(item.sentence) for item in workflow.missing_for(AUDIT.step("remind"), road.audit, road.planner)
    ]


def test_a_client_who_does_not_answer_is_reminded_once_a_day() -> None:
    road = planned_audit()
    assert _missing_for_reminder(road) == ["The client has no plan that waits for an answer."]
    plan = plan_dates() | {"stage1_on": clock.today() + timedelta(days=5)}
    road.take("plan", road.planner, **plan)
    road.take("propose", road.planner)
    road.take("remind", road.planner)
    assert Message.objects.filter(kind="audit.reminded", recipient=road.client.email).count() == 1
    assert "tomorrow" in _missing_for_reminder(road)[0]
    with clock.at(clock.today() + timedelta(days=1)):
        road.take("remind", road.planner)
    assert Message.objects.filter(kind="audit.reminded").count() == 2


def test_no_plan_with_a_day_that_is_over_reaches_the_client(client: Client) -> None:
    road = planned_audit()
    client.force_login(road.planner)
    address = f"/steps/audit/{road.audit.pk}/plan/"
    today = road.audit.stage1_on
    days = {"stage2_from": today.isoformat(), "stage2_to": today.isoformat()}
    sent = {"stage1_mode": "desk", "mode": "FS01", "plan_note": ""} | days
    with clock.at(today + timedelta(days=1)):
        tomorrow = (today + timedelta(days=1)).isoformat()
        yesterday = (today - timedelta(days=1)).isoformat()
        refused = client.post(address, sent | {"stage1_on": yesterday, "stage2_to": tomorrow})
        assert refused.status_code == 422
        at_fault = re.findall(r'id="error_1_id_(\w+)"', refused.text)
        assert at_fault == ["stage1_on"], "the days that were planned before may stay"
        with pytest.raises(workflow.NotReady) as not_ready:
            road.take("propose", road.planner)
        assert "A planned day has passed" in str(not_ready.value.missing[0].sentence)
        new = dict.fromkeys(("stage1_on", "stage2_from", "stage2_to"), tomorrow)
        assert client.post(address, sent | new).status_code == 302
        road.take("propose", road.planner)


def test_a_missed_day_is_said_and_leads_to_new_dates(client: Client) -> None:
    road = planned_audit()
    road.take("propose", road.planner)
    client.force_login(road.planner)
    page = f"/desk/audits/{road.audit.pk}/"
    main = re.compile(r'class="btn btn-primary" href="/steps/audit/\d+/(\w+)/"')
    assert road.audit.day_missed is None
    on_time = client.get(page).text
    assert "It is the client's turn" in on_time
    assert main.findall(on_time) == ["remind"]
    with clock.at(road.audit.stage1_on + timedelta(days=1)):
        late = client.get(page).text
        assert road.audit.day_missed == road.audit.stage1_on
        assert "A planned day has passed" in _missing_for_reminder(road)[0]
        assert "The client has not answered, and the planned day" in late
        assert main.findall(late) == ["plan"]
        assert "The client has not answered" in client.get(f"/desk/cases/{road.case.reference}/").text
        road.take("plan", road.planner, **plan_dates())
        assert main.findall(client.get(page).text) == ["propose"]
        road.take("propose", road.planner)
        road.take("confirm", road.client, version=road.audit.plan_version)
    with clock.at(road.audit.stage1_on + timedelta(days=1)):
        assert road.audit.day_missed is None, "whoever has answered is late with nothing"


def test_an_objection_goes_back_to_the_planner() -> None:
    road = planned_audit()
    road.take("propose", road.planner)
    road.take("object", road.client, version=road.audit.plan_version, reason="审查员曾为我司提供咨询")
    assert road.audit.state == AuditState.PLANNED
    assert not road.audit.is_plan_proposed
    assert Task.objects.filter(kind="audit.objection", role=Role.PLANNER, closed_at=None).count() == 1
    with pytest.raises(workflow.NotReady):
        road.take("confirm", road.client, version=road.audit.plan_version)


def test_a_changed_plan_must_be_confirmed_and_reported_again() -> None:
    road = confirmed_audit()
    assert road.audit.is_plan_reported
    road.take("replan", road.planner, reason="日期变更")
    assert road.audit.state == AuditState.PLANNED
    assert not road.audit.is_plan_reported
    assert not road.audit.is_plan_confirmed


def test_during_stage_1_a_changed_plan_is_confirmed_without_leaving_it() -> None:
    road = stage1_audit()
    road.take("plan", road.planner, **plan_dates())
    road.take("propose", road.planner)
    road.take("confirm_change", road.client, version=road.audit.plan_version)
    assert road.audit.state == AuditState.STAGE1
    assert road.audit.is_plan_confirmed
    assert not road.audit.is_plan_reported


def test_the_plan_report_to_the_regulator_keeps_day_and_reference() -> None:
    road = planned_audit()
    road.take("propose", road.planner)
    road.take("confirm", road.client, version=road.audit.plan_version)
    road.take("report_plan", road.planner, reported_on=clock.today(), reference="R0123-7")
    assert (road.audit.regulator_reported_on, road.audit.regulator_reference) == (clock.today(), "R0123-7")
    assert road.audit.is_plan_reported
    facts = Event.objects.get(name="audit.plan_reported").data
    assert facts["reference_sha256"] == sha256(b"R0123-7").hexdigest()
    assert "R0123-7" not in facts.values()
