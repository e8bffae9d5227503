"""Slow work that steps promise."""

from audits.models import Report
from audits.report_document import context_of
from audits.services.reports import promised_version
from audits.states import ReportState
from audits.transitions import REPORT
from certbody.outbox.models import Job
from certbody.outbox.services import note_progress
from certbody.pdf.render import render_pdf
from certbody.workflow import WrongState, perform


def make_report_pdf(job: Job) -> str:
    """Draw the report of the promised version and keep it; harmless when it is there or no longer wanted.

    Drawing takes long and holds no lock: a report that was returned meanwhile keeps nothing of the older version.
    """
    report = Report.objects.select_related("audit", "case__organisation", "case__application").get(
        pk=job.object_id
    )
    if not _is_wanted(job, report) or report.has_current_pdf:
        return ""
    note_progress(job, 20)
    version = report.version
    content = render_pdf("audits/pdf/report.html", context_of(report), language="zh-hans")
    note_progress(job, 80)
    try:
        made = perform(REPORT.step("store_pdf"), report, actor=None, version=version, content=content)
    except WrongState:
        if _is_wanted(job, Report.objects.get(pk=report.pk)):
            raise
        return ""
    return str(made.pdf.get_absolute_url())


def _is_wanted(job: Job, report: Report) -> bool:
    return report.state == ReportState.SIGNED_OFF and job.recipient == promised_version(report)
