"""`verify_trail` names what was changed past the product."""

import pytest
from django.db import connection

from audits import scoring
from audits.models import Audit, Finding, Mark, Report, ScoreOperation
from certbody import triggers
from certbody.body.preparation import as_owner
from certbody.files.models import Audience
from certbody.files.storage import store
from certbody.scheme.marks import Met
from certbody.trail import verify
from tests.road.audits import close_findings, mark_everything, open_sheet_audit, released_report, scored_audit

pytestmark = pytest.mark.django_db


def _faults() -> list[str]:
    return [line for line in verify.faults() if line.startswith("audits_")]


def test_an_untouched_audit_has_no_fault() -> None:
    scored_audit({"5.1.1.1": Met(False)}, specials=1, bonus=True)
    assert _faults() == []


def test_a_changed_mark_is_named_by_row_and_clause() -> None:
    road = scored_audit()
    row = Mark.objects.get(audit=road.audit, clause="5.1.1.1")
    Mark.objects.filter(pk=row.pk).update(is_met=False)
    assert (
        _faults()[0]
        == f"audits_mark {row.pk}: audit {road.audit.pk} clause 5.1.1.1 does not follow from its operations"
    )


def test_a_missing_mark_is_named() -> None:
    road = open_sheet_audit()
    mark_everything(road)
    Mark.objects.filter(clause="5.1.1.1").delete()
    assert _faults() == [f"audits_mark: audit {road.audit.pk} clause 5.1.1.1 is missing"]
    scoring.rebuild(road.audit)
    assert _faults() == []


def test_a_changed_grade_is_named() -> None:
    road = scored_audit({"5.1.1.1": Met(False), "5.1.2.2": Met(False)})
    Audit.objects.filter(pk=road.audit.pk).update(grade="star5")
    assert _faults() == [
        f"audits_audit {road.audit.pk}: grade or result does not follow from the marks",
        f"audits_audit {road.audit.pk}: grade, result or operations are not those of the closing meeting",
    ]


@pytest.mark.django_db(transaction=True)
def test_operations_marks_result_and_hash_rewritten_to_fit_each_other_contradict_the_trail() -> None:
    road = scored_audit({"5.1.1.1": Met(False), "5.1.2.2": Met(False)})
    with as_owner():
        triggers.drop_all(connection)
        road.audit.operations.filter(clause="5.1.1.1").update(value={"met": True})
        triggers.create_all(connection)
    scoring.rebuild(road.audit)
    result = scoring.result_of(road.audit)
    Audit.objects.filter(pk=road.audit.pk).update(
        result=result.as_dict(),
        grade=str(result.grade),
        final_exact=result.as_dict()["final_exact"],
        operations_hash=scoring.operations_hash(road.audit),
    )
    assert _faults() == [
        f"audits_audit {road.audit.pk}: grade, result or operations are not those of the closing meeting"
    ]


def test_a_special_deduction_without_its_finding_is_named() -> None:
    road = scored_audit(specials=2)
    first, second = road.findings
    first.delete()
    Finding.objects.filter(pk=second.pk).update(text="别的")
    special = ScoreOperation.objects.filter(kind="special").earliest("pk").pk
    assert {
        f"audits_finding: audit {road.audit.pk} special deduction {special} has no finding",
        f"audits_finding {second.pk}: audit {road.audit.pk} has no such special deduction in force",
    } <= set(_faults())


def test_another_name_under_a_verification_is_named() -> None:
    road = scored_audit(specials=1)
    close_findings(road)
    finding = road.findings[0]
    Finding.objects.filter(pk=finding.pk).update(verified_by=road.auditor.person)
    assert _faults() == [f"audits_finding {finding.pk}: the trail does not hold its verification"]


@pytest.mark.parametrize(
    ("column", "told"), [("signed_off_by", "was signed off"), ("released_by", "was released")]
)
def test_another_name_under_the_report_is_named(column: str, told: str) -> None:
    road = released_report()
    Report.objects.filter(audit=road.audit).update(**{column: road.auditor.person})
    report = Report.objects.get(audit=road.audit)
    assert _faults() == [f"audits_report {report.pk}: version 1 is not what the trail says {told}"]


def test_another_recommendation_than_the_released_one_is_named() -> None:
    road = released_report()
    Report.objects.filter(audit=road.audit).update(recommended_grade="star4")
    assert ["was released" in line for line in _faults()] == [True]


def test_another_pdf_than_the_one_of_the_version_is_named() -> None:
    road = released_report()
    other = store(
        content=b"%PDF-1.7 other",
        name="other.pdf",
        kind="audit-report",
        case=road.case,
        audience=Audience.PANEL,
    )
    report = Report.objects.get(audit=road.audit)
    Report.objects.filter(pk=report.pk).update(pdf=other)
    assert _faults() == [f"audits_report {report.pk}: its PDF is not the one of version 1"]


@pytest.mark.django_db(transaction=True)
def test_a_changed_operation_is_named() -> None:
    """What somebody with the owner's rights can do: take the triggers away and change a row."""
    road = scored_audit()
    with as_owner():
        triggers.drop_all(connection)
        road.audit.operations.filter(sequence=1).update(note="changed")
        triggers.create_all(connection)
    assert any("operations were changed" in line for line in _faults())
