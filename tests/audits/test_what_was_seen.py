"""Whoever answers, answers about what the page showed: an older plan, version or answer is refused under the lock."""

from typing import Any
from unittest import mock

import pytest

from audits import jobs
from audits.models import FindingAnswer
from audits.services.reports import PDF_JOB
from audits.states import AuditState, FindingState, ReportState
from audits.transitions import FINDING, REPORT
from certbody import workflow
from certbody.outbox.models import Job
from certbody.workflow import perform
from tests.audits.pages import signed_in, step, submission
from tests.road.audits import (
    Road,
    close_findings,
    plan_dates,
    planned_audit,
    return_answer,
    return_report,
    scored_audit,
    signed_off_report,
    stage1_audit,
)

pytestmark = pytest.mark.django_db

ANSWER = {"cause": "培训不足", "correction": "已更正", "corrective_action": "每季度培训"}


def _propose_again(road: Road) -> int:
    """The planner sends a changed plan; return the version that the client saw before."""
    seen = road.audit.plan_version
    road.take("plan", road.planner, **plan_dates())
    road.take("propose", road.planner)
    return seen


@pytest.mark.parametrize(("name", "data"), [("confirm", {}), ("object", {"reason": "曾任职"})])
def test_the_client_answers_only_about_the_plan_that_the_page_showed(name: str, data: dict[str, str]) -> None:
    road = planned_audit()
    road.take("propose", road.planner)
    seen = _propose_again(road)
    with pytest.raises(workflow.WrongState, match="changed after you opened this page"):
        road.take(name, road.client, version=seen, **data)
    assert (road.reload().state, road.audit.is_plan_confirmed) == (AuditState.PLANNED, False)
    road.take(name, road.client, version=road.audit.plan_version, **data)


def test_a_changed_plan_of_a_running_audit_is_confirmed_only_as_it_was_shown() -> None:
    road = stage1_audit()
    _propose_again(road)
    seen = _propose_again(road)
    with pytest.raises(workflow.WrongState, match="changed after you opened this page"):
        road.take("confirm_change", road.client, version=seen)
    assert not road.reload().is_plan_confirmed


def test_the_page_of_the_confirmation_shows_the_plan_and_carries_its_version() -> None:
    road = planned_audit()
    road.take("propose", road.planner)
    browser, address = signed_in(road.client), step(road.audit, "confirm")
    page = browser.get(address).content.decode()
    assert f'name="version" value="{road.audit.plan_version}"' in page
    assert road.lead.person.name in page
    seen = _propose_again(road)
    assert browser.post(address, submission(version=seen)).status_code == 409
    assert browser.post(address, submission()).status_code == 422
    assert browser.post(address, submission(version=road.audit.plan_version)).status_code == 302


@pytest.mark.parametrize(("name", "data"), [("verify", {"note": "已核实"}), ("return", {"reason": "缺记录"})])
def test_an_answer_that_came_later_is_not_judged_by_the_earlier_page(name: str, data: dict[str, str]) -> None:
    road = scored_audit(specials=1)
    finding = road.findings[0]
    perform(FINDING.step("answer"), finding, actor=road.client, **ANSWER)
    seen = FindingAnswer.objects.get().pk
    return_answer(finding, road.auditor)
    perform(FINDING.step("answer"), finding, actor=road.client, **ANSWER)
    with pytest.raises(workflow.WrongState, match="answered again"):
        perform(FINDING.step(name), finding, actor=road.lead, answer=seen, **data)
    finding.refresh_from_db()
    assert finding.state == FindingState.ANSWERED


def test_the_page_of_the_verification_shows_the_answer_that_it_names() -> None:
    road = scored_audit(specials=1)
    perform(FINDING.step("answer"), road.findings[0], actor=road.client, **ANSWER)
    page = signed_in(road.lead).get(step(road.findings[0], "verify")).content.decode()
    assert f'name="answer" value="{FindingAnswer.objects.get().pk}"' in page
    assert ANSWER["corrective_action"] in page


def _second_version() -> Road:
    road = signed_off_report()
    return_report(road)
    perform(REPORT.step("sign_off"), road.report, actor=road.lead)
    assert road.report is not None
    road.report.refresh_from_db()
    return road


@pytest.mark.parametrize(
    ("name", "data"),
    [("release", {"recommendation": "grant", "grade": "star5", "text": "x"}), ("return", {"reason": "x"})],
)
def test_the_reviewer_decides_only_on_the_version_that_the_page_named(
    name: str, data: dict[str, Any]
) -> None:
    road = _second_version()
    perform(REPORT.step("store_pdf"), road.report, actor=None, version=2, content=b"%PDF-1.7 two")
    with pytest.raises(workflow.WrongState, match="another version"):
        perform(REPORT.step(name), road.report, actor=road.reviewer, version=1, **data)
    assert road.report is not None
    road.report.refresh_from_db()
    assert (road.report.state, road.report.version) == (ReportState.SIGNED_OFF, 2)


def test_the_pages_of_release_and_return_name_the_version() -> None:
    road = signed_off_report()
    for name in ("release", "return"):
        page = signed_in(road.reviewer).get(step(road.report, name)).content.decode()
        assert 'name="version" value="1"' in page
        assert "version 1 of the report" in page


def test_the_drawing_of_an_older_version_is_not_kept_as_the_newer_one() -> None:
    """The report is returned and signed off again while the PDF of version 1 is being drawn."""
    road = scored_audit()
    close_findings(road)
    perform(REPORT.step("write"), road.report, actor=road.lead, summary="第一版")
    perform(REPORT.step("sign_off"), road.report, actor=road.lead)
    assert road.report is not None
    first = Job.objects.get(kind=PDF_JOB)

    def drawn_slowly(*_args: Any, **_options: Any) -> bytes:
        return_report(road)
        perform(REPORT.step("write"), road.report, actor=road.lead, summary="第二版")
        perform(REPORT.step("sign_off"), road.report, actor=road.lead)
        return b"%PDF-1.7 one"

    with mock.patch.object(jobs, "render_pdf", drawn_slowly):
        jobs.make_report_pdf(first)
    road.report.refresh_from_db()
    assert (road.report.version, road.report.pdf) == (2, None)
    second = Job.objects.filter(kind=PDF_JOB).exclude(pk=first.pk).get()
    with mock.patch.object(jobs, "render_pdf", return_value=b"%PDF-1.7 two"):
        jobs.make_report_pdf(second)
    road.report.refresh_from_db()
    assert road.report.has_current_pdf


def test_a_drawing_that_is_still_wanted_is_tried_again() -> None:
    """A refusal that has another cause than a newer version must not end the job without a PDF."""
    road = scored_audit()
    perform(REPORT.step("write"), road.report, actor=road.lead, summary="运行有效")
    perform(REPORT.step("sign_off"), road.report, actor=road.lead)
    busy = workflow.WrongState("busy")
    with (
        mock.patch.object(jobs, "render_pdf", return_value=b"%PDF-1.7"),
        mock.patch.object(jobs, "perform", side_effect=busy),
        pytest.raises(workflow.WrongState),
    ):
        jobs.make_report_pdf(Job.objects.get(kind=PDF_JOB))
