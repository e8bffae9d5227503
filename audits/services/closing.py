"""From the closing meeting to the findings: the score freezes, what was wrong is put right (docs/decisions/0017)."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from audits import queries, scoring
from audits.models import Audit, Finding, FindingAnswer, ScoreOperation
from audits.services.planning import record_evaluator
from certbody import clock
from certbody.accounts.models import User
from certbody.body.settings_catalogue import setting
from certbody.cases.models import Part
from certbody.files.checks import CheckedFile
from certbody.files.models import Audience
from certbody.files.storage import store
from certbody.scheme.faults import SheetFaults
from certbody.workflow import NotReady, WrongState


def begin_stage2(audit: Audit, *, actor: User) -> dict[str, Any]:
    """Begin stage 2; from now on everybody on the team counts as having taken part in the evaluation."""
    members = list(queries.team_of(audit))
    for member in members:
        record_evaluator(member, Part.STAGE_2)
    return {"version": audit.plan_version, "team": [member.person_id for member in members]}


def close_sheet(audit: Audit, *, actor: User, closing_meeting_on: date) -> dict[str, Any]:
    """Freeze the score at the closing meeting: result, grade and the hash of the operations are stored."""
    try:
        result = scoring.result_of(audit)
    except SheetFaults as fault:
        raise NotReady(_("The score sheet is not complete yet.")) from fault
    audit.closing_meeting_on = closing_meeting_on
    audit.result = result.as_dict()
    audit.grade, audit.final_exact = str(result.grade), audit.result["final_exact"]
    audit.operations_hash = scoring.operations_hash(audit)
    audit.save(update_fields=["closing_meeting_on", "result", "grade", "final_exact", "operations_hash"])
    return {
        "closing_meeting_on": closing_meeting_on,
        "operations": audit.operations.count(),
        "operations_hash": audit.operations_hash,
        "final_exact": audit.final_exact,
        "grade": audit.grade,
        "special_deductions": result.special_deductions,
    }


def reopen_sheet(audit: Audit, *, actor: User, reason: str) -> dict[str, Any]:
    """Open the sheet again for a correction that the technical reviewer asked for; the trail keeps the old result."""
    audit.correction_reason = reason
    audit.save(update_fields=["correction_reason"])
    return {"operations_hash": audit.operations_hash, "final_exact": audit.final_exact, "grade": audit.grade}


def close_audit(audit: Audit, *, actor: User | None) -> dict[str, Any]:
    return {"report_version": audit.report.version}


def new_finding(audit: Audit, deduction: ScoreOperation) -> Finding:
    """The finding behind a special deduction, numbered within its case and due by the body's setting."""
    number = audit.findings.count() + 1
    return Finding(
        audit=audit,
        case=audit.case,
        number=f"{audit.case.reference}-F{number}",
        ground=deduction.value["ground"],
        text=deduction.note,
        clause=deduction.clause,
        due_on=clock.today() + timedelta(days=setting("nc_close_days")),
        deduction=deduction,
    )


def raise_finding(finding: Finding, *, actor: User) -> dict[str, Any]:
    finding.save(force_insert=True)
    return {
        "number": finding.number,
        "ground": finding.ground,
        "deduction": finding.deduction_id,
        "due_on": finding.due_on,
    }


def answer_finding(
    finding: Finding,
    *,
    actor: User,
    cause: str,
    correction: str,
    corrective_action: str,
    files: list[CheckedFile] | None = None,
) -> dict[str, Any]:
    """Record the client's answer with its evidence."""
    answer = FindingAnswer.objects.create(
        finding=finding,
        cause=cause,
        correction=correction,
        corrective_action=corrective_action,
        person=actor.person,
        at=clock.now(),
    )
    stored = [
        store(
            content=upload,
            name=upload.name or "",
            kind="finding-evidence",
            case=finding.case,
            audience=Audience.CLIENT,
            uploaded_by=actor,
        )
        for upload in files or ()
    ]
    answer.files.set(stored)
    return {"number": finding.number, "answer": answer.pk, "files": [file.sha256 for file in stored]}


def newest_answer(finding: Finding) -> FindingAnswer | None:
    return finding.answers.order_by("-id").first()


def _check_answer(finding: Finding, answer: int) -> None:
    newest = newest_answer(finding)
    if newest is None or newest.pk != answer:
        raise WrongState(
            _("The client has answered again since you opened this page. Please read the new answer first.")
        )


def verify_finding(finding: Finding, *, actor: User, answer: int, note: str) -> dict[str, Any]:
    """Close a finding whose correction and corrective action were verified; no point comes back.

    `answer` is the answer that the page showed.
    """
    _check_answer(finding, answer)
    finding.verified_by, finding.verified_at, finding.verification_note = actor.person, clock.now(), note
    finding.save(update_fields=["verified_by", "verified_at", "verification_note"])
    return {"number": finding.number, "answer": answer}


def return_answer(finding: Finding, *, actor: User, answer: int, reason: str) -> dict[str, Any]:
    """Return an answer that does not convince; the client answers again."""
    _check_answer(finding, answer)
    finding.return_reason = reason
    finding.save(update_fields=["return_reason"])
    return {"number": finding.number, "answer": answer}
