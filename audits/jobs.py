"""Slow work that steps promise."""

from audits.models import Report
from audits.report_document import context_of
from audits.states import ReportState
from audits.transitions import REPORT
from certbody.outbox.models import Job
from certbody.pdf.render import render_pdf
from certbody.workflow import perform


def make_report_pdf(job: Job) -> None:
    """Draw the report of the promised version and keep it; harmless when it is there or no longer wanted."""
    report = Report.objects.select_related("audit", "case__organisation", "case__application").get(
        pk=job.object_id
    )
    is_wanted = report.state == ReportState.SIGNED_OFF and job.recipient == f"version {report.version}"
    if not is_wanted or report.has_current_pdf:
        return
    content = render_pdf("audits/pdf/report.html", context_of(report), language="zh-hans")
    perform(REPORT.step("store_pdf"), report, actor=None, content=content)
