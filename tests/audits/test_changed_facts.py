"""A client changes headcount, sites or scope while its audit is planned or under way."""

from decimal import Decimal

import pytest
from django.urls import reverse

from applications.models import Application, Contract
from applications.transitions import (
    ACCEPT_OFFER,
    AMEND,
    OFFER,
    REVISE,
    TAKE_UP_CHANGE,
    TELL_CHANGE,
)
from audits.services.planning import OPEN_TASK
from audits.transitions import AUDIT
from certbody import workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.desk.models import Task
from certbody.workflow import NotReady, perform
from tests.audits.pages import signed_in
from tests.road.applications import accepted_contract, printed
from tests.road.audits import (
    Road,
    confirmed_audit,
    mark_everything,
    open_sheet_audit,
    ready_audit,
    scored_audit,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
SAID = {"about": ["headcount"], "description": "新增门店", "said_by": "李娜，电话"}


def taken_up(application: Application) -> None:
    perform(TAKE_UP_CHANGE, application, actor=make_user(Role.CONTRACTS), **SAID)


def amended(contract: Contract, client: User, *, days: str) -> Contract:
    """An amendment that the client has accepted, with so many person-days more."""
    officer = make_user(Role.CONTRACTS)
    perform(AMEND, contract, actor=officer, wish="client", reason="新增门店")
    draft = contract.amendments.get()
    if Decimal(days):
        perform(REVISE, draft, actor=officer, adjustment=Decimal(days), code="sites", reason="新增门店")
    offer = printed(perform(OFFER, draft, actor=officer))
    later: Contract = perform(ACCEPT_OFFER, offer, actor=client, sha256=offer.pdf_sha256)
    return later


def tasks(kind: str) -> int:
    return Task.objects.filter(kind=kind, closed_at=None).count()


def sentences(step: workflow.Step, obj: object, actor: User | None) -> str:
    with pytest.raises(NotReady) as refused:
        workflow.check(step, obj, actor)
    return " ".join(str(one.sentence) for one in refused.value.missing)


def test_the_conclusion_of_stage_1_falls_with_the_facts_it_rested_on() -> None:
    road = ready_audit()
    assert (road.audit.stage1_conclusion, tasks("audit.stage2"), tasks("audit.stage1")) == ("ready", 1, 0)
    taken_up(road.audit.case.application)
    road.reload()
    assert (road.audit.stage1_conclusion, tasks("audit.stage2"), tasks("audit.stage1")) == ("", 0, 1)
    refusal = sentences(AUDIT.step("begin_stage2"), road.audit, road.lead)
    assert "The application is in review again" in refusal


def test_the_sheet_closes_only_under_a_contract_that_fits() -> None:
    road = open_sheet_audit()
    mark_everything(road)
    workflow.check(AUDIT.step("close_sheet"), road.audit, road.lead)
    taken_up(road.audit.case.application)
    refusal = sentences(AUDIT.step("close_sheet"), road.reload(), road.lead)
    assert refusal == "The application is in review again, or its changed contract is not accepted yet."


def test_after_the_score_a_change_is_neither_told_nor_taken_up() -> None:
    road = scored_audit()
    application = road.audit.case.application
    told = sentences(TELL_CHANGE, application, road.client)
    assert told == sentences(TAKE_UP_CHANGE, application, make_user(Role.REVIEWER))
    assert "is scored already" in told


def test_an_amendment_with_other_person_days_is_a_task_of_the_planner() -> None:
    road = confirmed_audit()
    later = amended(road.contract, road.client, days="1")
    assert road.reload().contract == later
    task = Task.objects.get(kind="audit.days_changed", closed_at=None)
    assert (task.role, task.path) == (Role.PLANNER, reverse("audits:detail", args=[road.audit.pk]))
    page = signed_in(road.planner).get(task.path).content.decode()
    assert f"Contract {later.number} changed the person-days from 6 to 7." in page
    road.take("replan", road.planner, reason="人日增加")
    assert tasks("audit.days_changed") == 0
    assert "changed the person-days" not in signed_in(road.planner).get(task.path).content.decode()


def test_an_amendment_with_the_same_person_days_asks_the_planner_nothing() -> None:
    road = confirmed_audit()
    later = amended(road.contract, road.client, days="0")
    assert (road.reload().contract, tasks("audit.days_changed")) == (later, 0)


def test_an_amendment_before_the_audit_leaves_one_task_to_open_it() -> None:
    client = make_user()
    contract = accepted_contract(client)
    later = amended(contract, client, days="1")
    assert Task.objects.get(kind=OPEN_TASK, closed_at=None).object_id == str(later.pk)


@pytest.fixture
def road() -> Road:
    found = confirmed_audit()
    amended(found.contract, found.client, days="1")
    found.reload()
    return found


def test_the_planner_keeps_the_plan_on_the_desk(road: Road) -> None:
    address = f"/steps/audit/{road.audit.pk}/keep_plan/"
    browser = signed_in(road.planner)
    assert address in browser.get(reverse("audits:detail", args=[road.audit.pk])).content.decode()
    assert "from 6 to 7" in browser.get(address).content.decode()
    assert browser.put(address).status_code == 405
    assert signed_in(make_user()).post(address).status_code == 404
    assert signed_in(road.lead).post(address).status_code == 403
    assert signed_in(road.client).post(address).status_code == 403
    assert browser.post(address).status_code == 302
    assert browser.post(address).status_code == 409
    facts = road.audit.case.events.get(name="audit.plan_kept").data
    assert facts["person_days"] == "7.00"
