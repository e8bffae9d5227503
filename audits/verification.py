"""Checks of `verify_trail`: marks follow from operations, results from marks, and both are what the trail recorded."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import models

from audits import scoring
from audits.models import Audit, Finding, Report, ScoreOperation
from audits.states import AuditState, FindingState, ReportState
from certbody.scheme.faults import SheetFaults
from certbody.trail.models import Event

_COLUMNS = ("kind", "is_met", "sampled", "failed", "note", "operation_id")
_FROZEN = frozenset({AuditState.SCORED, AuditState.CLOSED})


def scores() -> Iterator[str]:
    """Name every mark, operation and result that does not follow from the recorded operations."""
    for audit in Audit.objects.select_related("case__application").order_by("pk").iterator(chunk_size=200):
        yield from _marks(audit)
        if audit.state in _FROZEN:
            yield from _result(audit)
            yield from _closing(audit)
            yield from _findings(audit)


def reports() -> Iterator[str]:
    """Name every report whose signature, PDF or release is not what the trail recorded of its version."""
    found = Report.objects.select_related("audit", "pdf").order_by("pk")
    for report in found.iterator(chunk_size=200):
        if report.state != ReportState.DRAFT:
            yield from _signature(report)
        if report.has_current_pdf:
            yield from _pdf(report)
        if report.state == ReportState.RELEASED:
            yield from _release(report)


def _marks(audit: Audit) -> Iterator[str]:
    expected = scoring.projection(audit)
    found = {mark.clause: mark for mark in audit.marks.all()}
    for clause in sorted(set(expected) | set(found)):
        mark = found.get(clause)
        if mark is None:
            yield f"audits_mark: audit {audit.pk} clause {clause} is missing"
        elif clause not in expected:
            yield f"audits_mark {mark.pk}: audit {audit.pk} clause {clause} has no operation"
        elif {name: getattr(mark, name) for name in _COLUMNS} != expected[clause]:
            yield f"audits_mark {mark.pk}: audit {audit.pk} clause {clause} does not follow from its operations"


def _result(audit: Audit) -> Iterator[str]:
    if scoring.operations_hash(audit) != audit.operations_hash:
        last = ScoreOperation.objects.filter(audit=audit).order_by("-sequence").first()
        yield f"audits_scoreoperation {last.pk if last else 0}: audit {audit.pk} operations were changed"
    try:
        result = scoring.result_of(audit).as_dict()
    except SheetFaults as fault:
        yield f"audits_audit {audit.pk}: the sheet cannot be scored: {fault.lines[0]}"
        return
    if (result, result["grade"], result["final_exact"]) != (audit.result, audit.grade, audit.final_exact):
        yield f"audits_audit {audit.pk}: grade or result does not follow from the marks"


def _last(name: str, obj: models.Model) -> Event | None:
    events = Event.objects.filter(name=name, object_type=obj._meta.label_lower, object_id=str(obj.pk))
    return events.order_by("-sequence").first()


def _agrees(event: Event | None, facts: Mapping[str, Any], person: int | None = None) -> bool:
    """Whether the event exists, holds these facts and, when one is named, was this person's act."""
    return (
        event is not None
        and all(event.data.get(name) == value for name, value in facts.items())
        and (person is None or event.actor_person_id == person)
    )


def _closing(audit: Audit) -> Iterator[str]:
    """Whoever rewrites operations, marks and result so that they fit each other still contradicts the trail."""
    facts = {
        "operations_hash": audit.operations_hash,
        "grade": audit.grade,
        "final_exact": audit.final_exact,
        "special_deductions": (audit.result or {}).get("special_deductions"),
    }
    if not _agrees(_last("audit.sheet_closed", audit), facts):
        yield f"audits_audit {audit.pk}: grade, result or operations are not those of the closing meeting"


def _findings(audit: Audit) -> Iterator[str]:
    specials = {one.pk: one for one in scoring.open_sheet(audit).specials}
    found = list(Finding.objects.filter(audit=audit).order_by("pk"))
    for missing in sorted(set(specials) - {one.deduction_id for one in found}):
        yield f"audits_finding: audit {audit.pk} special deduction {missing} has no finding"
    for finding in found:
        special = specials.get(finding.deduction_id)
        columns = (finding.ground, finding.text, finding.clause)
        if special is None or columns != (special.value["ground"], special.note, special.clause):
            yield f"audits_finding {finding.pk}: audit {audit.pk} has no such special deduction in force"
        if finding.state == FindingState.VERIFIED and not _agrees(
            _last("finding.verified", finding), {"number": finding.number}, finding.verified_by_id or 0
        ):
            yield f"audits_finding {finding.pk}: the trail does not hold its verification"


def _signature(report: Report) -> Iterator[str]:
    facts = {"version": report.version, "operations_hash": report.audit.operations_hash}
    if not _agrees(_last("report.signed_off", report), facts, report.signed_off_by_id or 0):
        yield f"audits_report {report.pk}: version {report.version} is not what the trail says was signed off"


def _pdf(report: Report) -> Iterator[str]:
    facts = {"version": report.pdf_version, "sha256": report.pdf.sha256 if report.pdf else ""}
    if not _agrees(_last("report.pdf_made", report), facts):
        yield f"audits_report {report.pk}: its PDF is not the one of version {report.pdf_version}"


def _release(report: Report) -> Iterator[str]:
    facts = {
        "version": report.version,
        "recommendation": report.recommendation,
        "recommended_grade": report.recommended_grade,
        "computed_grade": report.audit.grade,
        "final_exact": report.audit.final_exact,
    }
    if not _agrees(_last("report.released", report), facts, report.released_by_id or 0):
        yield f"audits_report {report.pk}: version {report.version} is not what the trail says was released"
