"""Steps taken through their pages: done, wrong method, stranger, too little permission, already done."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import Client
from PIL import Image

from applications.models import Application, ProposedExclusion
from audits.models import Audit, Concern, Finding, FindingAnswer, TeamMember
from audits.stage1_state import document_lines
from audits.transitions import FINDING, REPORT
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.workflow import perform
from tests.audits.pages import desk, signed_in, step, submission
from tests.road.audits import (
    Road,
    confirmed_audit,
    contracted_case,
    judge_everything,
    mark_everything,
    open_sheet_audit,
    opened_audit,
    plan_dates,
    planned_audit,
    ready_audit,
    scored_audit,
    signed_off_report,
    stage1_audit,
)
from tests.road.people import make_user
from tests.road.scoring_tables import confirm_table

pytestmark = pytest.mark.django_db


def _picture() -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (8, 8), "white").save(content, "PNG")
    return SimpleUploadedFile("evidence.png", content.getvalue(), content_type="image/png")


def _proposed() -> Road:
    road = planned_audit()
    road.take("propose", road.planner)
    return road


def _changed_plan() -> Road:
    road = stage1_audit()
    road.take("plan", road.planner, **plan_dates())
    road.take("propose", road.planner)
    return road


def _plan_seen(road: Road) -> dict[str, Any]:
    return {"version": road.audit.plan_version}


def _answer_seen() -> dict[str, Any]:
    return {"answer": FindingAnswer.objects.latest("pk").pk}


def _judged() -> Road:
    road = stage1_audit()
    judge_everything(road)
    return road


def _marked() -> Road:
    road = open_sheet_audit()
    mark_everything(road)
    return road


def _concerned() -> Road:
    road = _judged()
    road.take("note_concern", road.lead, text="核实备件库")
    road.take("conclude_ready", road.lead)
    road.take("begin_stage2", road.lead)
    return road


def _answered() -> Road:
    road = scored_audit(specials=1)
    answer = {"cause": "a", "correction": "b", "corrective_action": "c"}
    perform(FINDING.step("answer"), road.findings[0], actor=road.client, **answer)
    return road


def _written() -> Road:
    road = scored_audit()
    perform(REPORT.step("write"), road.report, actor=road.lead, summary="运行有效")
    return road


def _first_document(road: Road) -> dict[str, Any]:
    line = document_lines(road.audit)[0]
    return {"kind": line.kind.key, "document": line.document.pk, "verdict": "adequate"}


@dataclass(frozen=True)
class Way:
    """A step through its page: who takes it from where with what, and who of the road may not."""

    name: str
    build: Callable[[], Road]
    taker: str
    refused: str
    data: Callable[[Road], dict[str, Any]] = lambda _road: {}
    subject: str = "audit"
    again: int = 409  # what the same data are answered a second time

    def obj(self, road: Road) -> Any:
        if self.subject == "finding":
            return Finding.objects.get(audit=road.audit)
        return road.report if self.subject == "report" else road.audit


WAYS = (
    Way("plan", opened_audit, "planner", "reviewer", lambda _road: plan_dates(), again=302),
    Way(
        "dismiss",
        planned_audit,
        "planner",
        "lead",
        lambda road: {"member": TeamMember.objects.get(audit=road.audit, role="auditor").pk},
        again=422,
    ),
    Way("propose", planned_audit, "planner", "lead"),
    Way("remind", _proposed, "planner", "lead"),
    Way("confirm", _proposed, "client", "planner", _plan_seen),
    Way("confirm_change", _changed_plan, "client", "planner", _plan_seen),
    Way("object", _proposed, "client", "planner", lambda road: {**_plan_seen(road), "reason": "曾任职"}),
    Way("replan", confirmed_audit, "planner", "lead", lambda _road: {"reason": "改期"}),
    Way(
        "report_plan",
        confirmed_audit,
        "planner",
        "lead",
        lambda _road: {"reported_on": clock.today().isoformat(), "reference": "R-9"},
        again=302,
    ),
    Way("begin_stage1", confirmed_audit, "lead", "auditor"),
    Way("judge_document", stage1_audit, "auditor", "planner", _first_document, again=302),
    Way(
        "settle_exclusion",
        lambda: stage1_audit(exclusions={"5.2.6.1": "不回收"}),
        "lead",
        "auditor",
        lambda _road: {"proposal": ProposedExclusion.objects.get().pk, "verdict": "accept"},
        again=302,
    ),
    Way("note_concern", stage1_audit, "auditor", "planner", lambda _road: {"text": "核实备件库"}, again=302),
    Way("conclude_ready", _judged, "lead", "auditor"),
    Way("conclude_not_ready", stage1_audit, "lead", "auditor", lambda _road: {"note": "缺手册"}),
    Way(
        "report_change",
        stage1_audit,
        "lead",
        "auditor",
        lambda road: {
            "headcount": "95",
            "service_management_headcount": "12",
            "scope": road.audit.case.application.scope,
            "scope_en": road.audit.case.application.scope_en,
            "reason": "新增门店",
        },
        again=422,
    ),
    Way("begin_stage2", ready_audit, "lead", "auditor"),
    Way(
        "dispose_concern",
        _concerned,
        "auditor",
        "planner",
        lambda _road: {"concern": Concern.objects.get().pk, "disposition": "相符"},
        again=422,
    ),
    Way(
        "close_sheet",
        _marked,
        "lead",
        "auditor",
        lambda _road: {"closing_meeting_on": clock.today().isoformat()},
    ),
    Way(
        "answer",
        lambda: scored_audit(specials=1),
        "client",
        "lead",
        lambda _road: {"cause": "a", "correction": "b", "corrective_action": "c", "files": _picture()},
        subject="finding",
    ),
    Way(
        "verify",
        _answered,
        "auditor",
        "planner",
        lambda _road: {**_answer_seen(), "note": "已核实"},
        subject="finding",
    ),
    Way(
        "return",
        _answered,
        "auditor",
        "planner",
        lambda _road: {**_answer_seen(), "reason": "缺记录"},
        subject="finding",
    ),
    Way("sign_off", _written, "lead", "reviewer", subject="report"),
    Way(
        "release",
        signed_off_report,
        "reviewer",
        "lead",
        lambda _road: {"version": "1", "recommendation": "grant", "grade": "star5", "text": "完整"},
        subject="report",
    ),
    Way(
        "return",
        signed_off_report,
        "reviewer",
        "lead",
        lambda _road: {"version": "1", "reason": "补充"},
        subject="report",
    ),
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.subject}.{way.name}")
def test_a_step_through_its_page(way: Way, other_client: User, other_auditor: User) -> None:
    road = way.build()
    obj = way.obj(road)
    address = step(obj, way.name)
    data = submission(**way.data(road))
    before = obj.state
    assert signed_in(getattr(road, way.taker)).put(address).status_code == 405
    for stranger in (other_client, other_auditor):
        assert signed_in(stranger).post(address, data).status_code == 404
    refused = signed_in(getattr(road, way.refused)).post(address, submission(**way.data(road)))
    assert refused.status_code == 403, refused.content.decode()[:2000]
    obj.refresh_from_db()
    assert obj.state == before
    browser = signed_in(getattr(road, way.taker))
    assert browser.get(address).status_code == 200
    if "files" in data:
        data["files"].seek(0)
    done = browser.post(address, data)
    assert done.status_code == 302, done.content.decode()
    assert browser.get(done.url).status_code == 200
    again = browser.post(address, submission(**way.data(road)))
    assert again.status_code == way.again


def test_a_step_sent_twice_is_taken_once() -> None:
    road = confirmed_audit()
    version, browser = road.audit.plan_version, signed_in(road.planner)
    data = submission(reason="改期")
    first, second = (
        browser.post(step(road.audit, "replan"), data),
        browser.post(step(road.audit, "replan"), data),
    )
    assert (first.status_code, second.status_code) == (302, 302)
    assert road.reload().plan_version == version + 1


def test_an_unqualified_person_is_refused_with_the_reason_at_the_field(other_auditor: User) -> None:
    road = opened_audit()
    road.take("plan", road.planner, **plan_dates())
    data = submission(role="lead", person=str(other_auditor.person.pk))
    answer = signed_in(road.planner).post(step(road.audit, "appoint"), data)
    assert answer.status_code == 422
    assert "has no qualification as lead auditor" in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"stage2_to": "2001-01-01"}, "before the first"), ({"stage1_on": "2099-01-01"}, "before stage 1")],
)
def test_a_plan_with_days_in_the_wrong_order_is_refused(changes: dict[str, str], message: str) -> None:
    road = opened_audit()
    answer = signed_in(road.planner).post(step(road.audit, "plan"), submission(**plan_dates() | changes))
    assert answer.status_code == 422
    assert message in answer.content.decode()


def test_the_client_supplies_a_document_that_stage_1_misses() -> None:
    road = stage1_audit()
    road.take("conclude_not_ready", road.lead, note="缺手册")
    line = document_lines(road.audit)[0]
    data = submission(kind=line.kind.key, replaces=str(line.document.pk), upload=_picture())
    assert signed_in(road.client).post(step(road.audit, "supply_document"), data).status_code == 302
    assert [one.verdict for one in document_lines(road.audit) if one.kind == line.kind] == [None]


class TestOpening:
    """The page on which a planner opens the audit of a case."""

    @staticmethod
    def _ready(planner: User) -> tuple[Client, str]:
        confirm_table()
        return signed_in(planner), f"/desk/audits/open/{contracted_case(make_user()).reference}/"

    @pytest.fixture
    def planner(self, db: None) -> User:
        return make_user(Role.PLANNER)

    def test_it_opens_the_audit(self, planner: User) -> None:
        browser, address = self._ready(planner)
        assert browser.get(address).status_code == 200
        answer = browser.post(address, submission())
        assert answer.url == desk(Audit.objects.get())

    def test_it_refuses_other_methods(self, planner: User) -> None:
        browser, address = self._ready(planner)
        assert browser.put(address).status_code == 405

    def test_strangers_find_nothing(self, planner: User, other_client: User) -> None:
        _browser, address = self._ready(planner)
        assert signed_in(other_client).post(address, submission()).status_code == 404

    def test_other_staff_are_refused(self, planner: User, quality: User) -> None:
        _browser, address = self._ready(planner)
        assert signed_in(quality).post(address, submission()).status_code == 403

    def test_a_second_time_it_leads_to_the_audit(self, planner: User) -> None:
        browser, address = self._ready(planner)
        browser.post(address, submission())
        assert browser.post(address, submission()).url == desk(Audit.objects.get())
        assert Audit.objects.count() == 1

    def test_without_a_confirmed_table_it_says_what_is_missing(self, planner: User) -> None:
        address = f"/desk/audits/open/{contracted_case(make_user()).reference}/"
        answer = signed_in(planner).post(address, submission())
        assert answer.status_code == 409
        assert "No confirmed scoring table exists" in answer.content.decode()

    def test_it_names_the_contract_that_awaits_its_amendment(self, planner: User) -> None:
        case = contracted_case(make_user())
        Application.objects.filter(case=case).update(revision=F("revision") + 1)
        page = signed_in(planner).get(f"/desk/audits/open/{case.reference}/")
        assert page.status_code == 409
        assert "is in force, but the application has changed" in page.content.decode()


class TestWritingTheReport:
    DATA = {"summary": "运行有效", "strengths": "", "improvements": ""}

    def test_the_lead_saves_the_texts(self) -> None:
        road = scored_audit()
        answer = signed_in(road.lead).post(desk(road.audit, "report/"), submission(**self.DATA))
        assert answer.status_code == 302
        assert road.report is not None
        road.report.refresh_from_db()
        assert road.report.summary == "运行有效"

    def test_an_auditor_of_the_team_is_refused(self) -> None:
        road = scored_audit()
        answer = signed_in(road.auditor).post(desk(road.audit, "report/"), submission(**self.DATA))
        assert answer.status_code == 403

    def test_strangers_find_nothing(self, other_auditor: User) -> None:
        road = scored_audit()
        assert (
            signed_in(other_auditor).post(desk(road.audit, "report/"), submission(**self.DATA)).status_code
            == 404
        )

    def test_other_methods_are_refused(self) -> None:
        road = scored_audit()
        assert signed_in(road.lead).put(desk(road.audit, "report/")).status_code == 405

    def test_a_signed_off_report_cannot_be_written(self) -> None:
        road = signed_off_report()
        answer = signed_in(road.lead).post(desk(road.audit, "report/"), submission(**self.DATA))
        assert answer.status_code == 409

    def test_a_missing_summary_keeps_what_was_typed(self) -> None:
        road = scored_audit()
        data = submission(summary="", strengths="回访及时")
        answer = signed_in(road.lead).post(desk(road.audit, "report/"), data)
        assert answer.status_code == 422
        assert "回访及时" in answer.content.decode()
