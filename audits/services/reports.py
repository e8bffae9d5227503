"""The report: by the lead auditor, released or returned by the technical reviewer (ISO/IEC 17065 7.4.9, 7.5)."""

import hashlib
from typing import Any

from django.utils.translation import gettext_lazy as _

from audits.models import GradeWord, Recommendation, Report
from certbody import clock
from certbody.accounts.models import User
from certbody.files.models import Audience
from certbody.files.storage import store
from certbody.outbox.services import promise_job
from certbody.workflow import NotReady, WrongState

PDF_JOB = "report.pdf"
# from the highest to the lowest
_ORDER = [str(word) for word in GradeWord]


def promised_version(report: Report) -> str:
    """Names the version in the promise of its PDF, so that each version has a promise of its own."""
    return f"version {report.version}"


def _check_version(report: Report, version: int) -> None:
    if report.version != version:
        raise WrongState(
            _("The report is in another version by now. Please look at the page again, then decide.")
        )


def begin_report(report: Report, *, actor: User) -> dict[str, Any]:
    report.save(force_insert=True)
    return {"version": report.version}


def write(
    report: Report, *, actor: User, summary: str, strengths: str = "", improvements: str = ""
) -> dict[str, Any]:
    """Save the texts of the report."""
    report.summary, report.strengths, report.improvements = summary, strengths, improvements
    report.save(update_fields=["summary", "strengths", "improvements"])
    return {"version": report.version, "characters": len(summary) + len(strengths) + len(improvements)}


def sign_off(report: Report, *, actor: User) -> dict[str, Any]:
    """The lead auditor answers for the report; its PDF is drawn after the commit."""
    report.signed_off_by, report.signed_off_at = actor.person, clock.now()
    report.save(update_fields=["signed_off_by", "signed_off_at"])
    promise_job(kind=PDF_JOB, obj=report, case=report.case, recipient=promised_version(report))
    return {"version": report.version, "operations_hash": report.audit.operations_hash}


def store_pdf(report: Report, *, actor: User | None, version: int, content: bytes) -> dict[str, Any]:
    """Keep the PDF that was drawn of this version; another version of the report is not given it."""
    _check_version(report, version)
    name = f"{report.case.reference}-report-{report.version}.pdf"
    report.pdf = store(
        content=content, name=name, kind="audit-report", case=report.case, audience=Audience.STAFF
    )
    report.pdf_version = report.version
    report.save(update_fields=["pdf", "pdf_version"])
    return {"version": report.version, "sha256": hashlib.sha256(content).hexdigest()}


def release(
    report: Report, *, actor: User, version: int, recommendation: str, grade: str, text: str
) -> dict[str, Any]:
    """Release the complete file to the committee with a recommendation: a grade up to the computed one, or refusal.

    `version` is the version that the technical reviewer read.
    """
    _check_version(report, version)
    computed = report.audit.grade
    if recommendation == Recommendation.GRANT:
        if computed == GradeWord.FAIL:
            raise NotReady(_("The evaluation was not passed: only a refusal can be recommended."))
        if grade == GradeWord.FAIL or _ORDER.index(grade) < _ORDER.index(computed):
            raise NotReady(_("The recommended grade cannot be higher than the computed one."))
    report.recommendation, report.recommendation_text = recommendation, text
    report.recommended_grade = grade if recommendation == Recommendation.GRANT else ""
    report.released_by, report.released_at = actor.person, clock.now()
    report.save(
        update_fields=[
            "recommendation",
            "recommendation_text",
            "recommended_grade",
            "released_by",
            "released_at",
        ]
    )
    return {
        "version": report.version,
        "recommendation": recommendation,
        "recommended_grade": report.recommended_grade,
        "computed_grade": computed,
        "final_exact": report.audit.final_exact,
    }


def return_report(report: Report, *, actor: User, version: int, reason: str) -> dict[str, Any]:
    """Return the version that the technical reviewer read to the lead auditor as a draft of the next one."""
    _check_version(report, version)
    returned = report.version
    report.version = returned + 1
    report.returned_reason, report.returned_by, report.returned_at = reason, actor.person, clock.now()
    report.signed_off_by = report.signed_off_at = None
    report.save(
        update_fields=[
            "version",
            "returned_reason",
            "returned_by",
            "returned_at",
            "signed_off_by",
            "signed_off_at",
        ]
    )
    return {"version": returned, "next_version": report.version}
