"""From the closing meeting to the released report: the score is frozen, findings are closed, the file is reviewed."""

import uuid
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from audits import scoring
from audits.models import Audit, Finding, Report, ScoreOperation
from audits.states import AuditState, FindingState, ReportState
from audits.transitions import FINDING, REPORT
from certbody import clock, workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Part
from certbody.cases.services import record_part
from certbody.desk.models import Task
from certbody.files.checks import CheckedFile
from certbody.outbox.models import Job, Message
from certbody.scheme.load import shipped
from certbody.scheme.marks import EmptyPopulation, Mark, Met, Sampled
from certbody.scheme.model import ClauseKind, Scheme
from certbody.trail.models import Event
from certbody.workflow import perform
from tests.road.audits import (
    Road,
    add_special,
    close_findings,
    judge_everything,
    keep_pdf,
    mark,
    mark_everything,
    open_sheet_audit,
    released_report,
    return_answer,
    return_report,
    scored_audit,
    signed_off_report,
    stage1_audit,
    verify_answer,
)
from tests.road.scoring_tables import SCHEME

pytestmark = pytest.mark.django_db

ANSWER = {"cause": "培训不足", "correction": "已更正", "corrective_action": "每季度培训"}


def _missing(step: workflow.Step, obj: Any, actor: User | None, **data: Any) -> list[str]:
    with pytest.raises(workflow.NotReady) as refused:
        perform(step, obj, actor=actor, **data)
    return [str(item.sentence) for item in refused.value.missing]


def _release(road: Road, **changes: Any) -> Report:
    data = {"version": 1, "recommendation": "grant", "grade": road.audit.grade, "text": "完整"} | changes
    released: Report = perform(REPORT.step("release"), road.report, actor=road.reviewer, **data)
    return released


def test_a_sheet_with_a_missing_clause_is_not_closed() -> None:
    road = open_sheet_audit()
    with pytest.raises(workflow.NotReady) as refused:
        road.take("close_sheet", road.lead, closing_meeting_on=clock.today())
    assert "5.1.1.1" in str(refused.value.missing[0].sentence)


def test_concerns_of_stage_1_are_disposed_of_before_the_sheet_is_closed() -> None:
    road = stage1_audit()
    judge_everything(road)
    road.take("note_concern", road.lead, text="核实备件库", clause="5.1.1.1")
    road.take("conclude_ready", road.lead)
    road.take("begin_stage2", road.lead)
    mark_everything(road)
    with pytest.raises(workflow.NotReady) as refused:
        road.take("close_sheet", road.lead, closing_meeting_on=clock.today())
    assert "1 concern of" in str(refused.value.missing[0].sentence)
    road.take("dispose_concern", road.auditor, concern=road.audit.concerns.get(), disposition="账物相符")
    road.take("close_sheet", road.lead, closing_meeting_on=clock.today())


def test_the_closing_meeting_stores_result_and_hash_of_the_operations() -> None:
    road = scored_audit({"5.1.1.1": Met(False)})
    event = Event.objects.get(name="audit.sheet_closed")
    assert event.data["operations_hash"] == road.audit.operations_hash == scoring.operations_hash(road.audit)
    assert road.audit.result == scoring.result_of(road.audit).as_dict()
    assert event.data["final_exact"] == road.audit.final_exact


@pytest.mark.parametrize(
    ("lost", "grade"),
    [(0, "star5"), (5, "star5"), (6, "star4"), (10, "star4"), (11, "star3"), (30, "qualified"), (31, "fail")],
)
def test_grades_follow_the_exact_score(lost: int, grade: str) -> None:
    road = scored_audit(losing(shipped(SCHEME), lost))
    assert (road.audit.grade, Fraction(road.audit.final_exact)) == (grade, Fraction(100 - lost))


def losing(scheme: Scheme, points: int) -> dict[str, Mark]:
    """Marks by which exactly this many points are lost, all of them on sampled clauses."""
    marks: dict[str, Mark] = {}
    left = Fraction(points)
    for clause in scheme.clauses:
        if clause.kind is ClauseKind.SAMPLED:
            share = min(left, clause.points) / clause.points
            marks[clause.id] = Sampled(share.denominator, share.numerator)
            left -= min(left, clause.points)
    assert left == 0
    return marks


def test_five_special_deductions_fail_whatever_the_score() -> None:
    assert scored_audit(specials=5).audit.grade == "fail"


def test_each_special_becomes_a_finding_with_its_own_number_and_day() -> None:
    road = scored_audit(specials=2)
    assert [finding.number for finding in road.findings] == [
        f"{road.case.reference}-F1",
        f"{road.case.reference}-F2",
    ]
    assert {finding.due_on for finding in road.findings} == {clock.today() + timedelta(days=30)}
    assert Message.objects.filter(kind="finding.raised", recipient=road.client.email).count() == 2
    assert Task.objects.filter(kind="finding.answer", closed_at=None).count() == 2


def test_an_answer_is_returned_answered_again_and_verified_without_restoring_a_point() -> None:
    road = scored_audit(specials=1)
    finding, before = road.findings[0], road.audit.final_exact
    evidence = CheckedFile("evidence.pdf", b"%PDF-1.7 evidence", "pdf")
    perform(FINDING.step("answer"), finding, actor=road.client, files=[evidence], **ANSWER)
    return_answer(finding, road.auditor)
    perform(FINDING.step("answer"), finding, actor=road.client, **ANSWER)
    verify_answer(finding, road.auditor)
    finding.refresh_from_db()
    assert (finding.state, finding.answers.count()) == (FindingState.VERIFIED, 2)
    assert [file.audience for file in finding.answers.first().files.all()] == ["client"]
    assert road.reload().final_exact == before
    assert road.case.involvements.filter(person=road.auditor.person, part=Part.VERIFICATION).exists()


def test_the_report_needs_a_summary() -> None:
    road = scored_audit()
    assert _missing(REPORT.step("sign_off"), road.report, road.lead) == ["The summary is not written yet."]


def test_the_report_is_signed_off_after_the_findings_and_released_with_its_pdf() -> None:
    road = scored_audit(specials=1)
    assert road.report is not None
    perform(REPORT.step("write"), road.report, actor=road.lead, summary="运行有效")
    assert _missing(REPORT.step("sign_off"), road.report, road.lead) == ["A finding is not verified yet."]
    close_findings(road)
    perform(REPORT.step("sign_off"), road.report, actor=road.lead)
    wish = {"version": 1, "recommendation": "grant", "grade": "star5", "text": "x"}
    sentence = "The PDF of the report is still being made."
    assert _missing(REPORT.step("release"), road.report, road.reviewer, **wish) == [sentence]
    keep_pdf(road.report)
    _release(road)
    assert road.reload().state == AuditState.CLOSED


def test_a_finding_that_is_open_again_holds_the_release() -> None:
    road = signed_off_report(specials=1)
    Finding.objects.update(state=FindingState.REOPENED)
    wish = {"version": 1, "recommendation": "grant", "grade": "star5", "text": "x"}
    assert _missing(REPORT.step("release"), road.report, road.reviewer, **wish) == [
        "A finding is not verified yet."
    ]


def test_the_report_is_not_released_when_a_mark_was_changed_past_the_product() -> None:
    road = signed_off_report()
    road.audit.marks.filter(clause="5.1.1.1").update(is_met=False)
    assert (
        "does not follow"
        in _missing(
            REPORT.step("release"),
            road.report,
            road.reviewer,
            version=1,
            recommendation="grant",
            grade="star5",
            text="x",
        )[0]
    )


@pytest.mark.parametrize("part", [Part.STAGE_1, Part.STAGE_2, Part.EXPERTISE, Part.VERIFICATION, Part.SALES])
def test_item_12_whoever_took_part_cannot_release_or_return(part: str) -> None:
    road = signed_off_report()
    record_part(case=road.case, person=road.reviewer.person, part=part)
    for name, data in (
        ("release", {"version": 1, "recommendation": "grant", "grade": "star5", "text": "x"}),
        ("return", {"version": 1, "reason": "x"}),
    ):
        with pytest.raises(workflow.NotAllowed, match="took part"):
            perform(REPORT.step(name), road.report, actor=road.reviewer, **data)


def test_a_lead_who_is_also_technical_reviewer_does_not_release_the_own_report() -> None:
    road = signed_off_report()
    both = User.objects.create_user("both@example.org", "x", person=road.lead.person)
    road.lead.person.role_assignments.create(role=Role.TECHNICAL_REVIEWER)
    with pytest.raises(workflow.NotAllowed, match="took part"):
        perform(
            REPORT.step("release"),
            road.report,
            actor=both,
            version=1,
            recommendation="grant",
            grade="star5",
            text="x",
        )


def test_the_recommended_grade_is_at_most_the_computed_one() -> None:
    road = signed_off_report({"5.1.1.1": Met(False), "5.1.2.2": Met(False)})
    assert road.audit.grade == "star4"
    with pytest.raises(workflow.NotReady, match="higher than"):
        _release(road, grade="star5")
    assert _release(road, grade="star3").recommended_grade == "star3"


def test_a_failed_evaluation_can_only_be_refused() -> None:
    road = signed_off_report(specials=5)
    with pytest.raises(workflow.NotReady, match="only a refusal"):
        _release(road, grade="qualified")
    released = _release(road, recommendation="refuse", grade="")
    assert (released.recommendation, released.recommended_grade) == ("refuse", "")


def test_a_returned_report_is_a_draft_of_the_next_version() -> None:
    road = signed_off_report()
    returned = return_report(road)
    assert (returned.state, returned.version, returned.has_current_pdf) == (ReportState.DRAFT, 2, False)
    assert Message.objects.filter(kind="report.returned", recipient=road.lead.email).count() == 1
    perform(REPORT.step("sign_off"), returned, actor=road.lead)
    assert set(Job.objects.filter(kind="report.pdf").values_list("recipient", flat=True)) == {
        "version 1",
        "version 2",
    }


def test_the_sheet_opens_again_only_after_the_report_was_returned() -> None:
    road = signed_off_report({"5.1.1.1": Met(False)})
    with pytest.raises(workflow.NotReady):
        road.take("reopen_sheet", road.lead, reason="评分有误")
    return_report(road, "5.1.1.1 的证据支持符合")
    first = road.audit.final_exact
    road.take("reopen_sheet", road.lead, reason="按复核意见更正")
    mark(road, "5.1.1.1", Met(True))
    assert _missing(REPORT.step("sign_off"), road.report, road.lead) == ["The score sheet is open."]
    road.take("close_sheet", road.lead, closing_meeting_on=clock.today())
    assert Fraction(road.audit.final_exact) > Fraction(first)
    finals = [
        event.data["final_exact"] for event in Event.objects.filter(name="audit.sheet_closed").order_by("pk")
    ]
    assert finals == [first, road.audit.final_exact]
    assert Report.objects.filter(audit=road.audit).count() == 1


def test_a_special_that_the_client_knows_as_a_finding_is_not_withdrawn() -> None:
    road = signed_off_report(specials=1)
    return_report(road)
    road.take("reopen_sheet", road.lead, reason="更正")
    special = ScoreOperation.objects.get(kind="special")
    with pytest.raises(workflow.WrongState, match="told of this finding"):
        scoring.withdraw_special(
            road.audit, actor=road.lead, special=special, note="x", submission=uuid.uuid4()
        )
    add_special(road, note="新发现")
    road.take("close_sheet", road.lead, closing_meeting_on=clock.today())
    assert Finding.objects.filter(audit=road.audit).count() == 2


def test_releasing_closes_the_audit_and_tells_the_committee_s_floor() -> None:
    road = released_report()
    assert road.audit.state == AuditState.CLOSED
    assert not Task.objects.filter(kind="report.review", closed_at=None).exists()
    assert Audit.objects.get().grade == "star5"


def test_an_empty_population_is_judged_with_its_reason() -> None:
    clause = next(one for one in scoring.scheme_of(open_sheet_audit().case).clauses if one.kind == "sampled")
    road = scored_audit({clause.id: EmptyPopulation(True, "期内无投诉，已见程序与热线")})
    assert road.audit.result is not None
    assert road.audit.result["obtained"] == "100.000000"
