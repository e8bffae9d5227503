"""Checks of `verify_trail`: marks follow from operations, results from marks."""

from collections.abc import Iterator

from audits import scoring
from audits.models import Audit, ScoreOperation
from audits.states import AuditState
from certbody.scheme.faults import SheetFaults

_COLUMNS = ("kind", "is_met", "sampled", "failed", "note", "operation_id")
_FROZEN = frozenset({AuditState.SCORED, AuditState.CLOSED})


def scores() -> Iterator[str]:
    """Name every mark, operation and result that does not follow from the recorded operations."""
    for audit in Audit.objects.select_related("case__application").order_by("pk").iterator(chunk_size=200):
        yield from _marks(audit)
        if audit.state in _FROZEN:
            yield from _result(audit)


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
