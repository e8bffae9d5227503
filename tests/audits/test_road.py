"""The whole way of an audit, from the planner to the released report."""

import pytest

from audits.models import Report
from audits.queries import released_report as released_report_of
from audits.states import AuditState, FindingState, ReportState
from certbody.cases.models import Part
from certbody.scheme.marks import Met
from certbody.trail import verify
from tests.road.audits import released_report, scored_audit, signed_off_report

pytestmark = pytest.mark.django_db


def test_an_audit_goes_its_whole_way_by_its_steps() -> None:
    road = released_report(specials=1)
    assert road.audit.state == AuditState.CLOSED
    report = Report.objects.get(audit=road.audit)
    assert report.state == ReportState.RELEASED
    assert released_report_of(road.case) == report
    assert road.audit.grade == "star5"
    assert [finding.state for finding in road.audit.findings.all()] == [FindingState.VERIFIED]
    rows_before_the_audit = "applications_"  # inserted by the test road, not made by steps
    assert [line for line in verify.faults() if not line.startswith(rows_before_the_audit)] == []


def test_everybody_who_evaluated_is_recorded() -> None:
    road = released_report(specials=1)
    parts = set(road.case.involvements.values_list("person", "part"))
    lead, auditor = road.lead.person_id, road.auditor.person_id
    assert {
        (lead, Part.STAGE_1),
        (lead, Part.STAGE_2),
        (lead, Part.VERIFICATION),
        (auditor, Part.STAGE_2),
    } <= parts
    assert (road.reviewer.person_id, Part.TECHNICAL_REVIEW) in parts


def test_the_report_is_drawn_as_a_pdf_with_its_result() -> None:
    road = signed_off_report(draw=True)
    assert road.report is not None
    assert road.report.has_current_pdf
    assert road.report.pdf.size > 10_000


def test_a_failed_evaluation_is_scored_and_opens_no_finding_without_a_special() -> None:
    road = scored_audit({"5.1.1.1": Met(False)})
    assert road.findings == []
