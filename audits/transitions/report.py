from django.utils.translation import gettext_lazy as _

from audits import queries
from audits.models import Report
from audits.permissions import leads, reviews_reports
from audits.services import reports
from audits.states import ReportState
from audits.transitions import guards
from audits.transitions.parties import (
    desk_report_page,
    mail_of_lead,
    report_page,
    technical_reviewers,
    the_lead,
)
from certbody.cases.models import Part
from certbody.desk.services import TaskFor
from certbody.permissions import is_independent, system_only
from certbody.workflow import Notice, Step, Table, register

WRITE_TASK = TaskFor(
    kind="report.write", label=_("Write and sign off the report"), to=the_lead, path=desk_report_page, days=10
)
REVIEW_TASK = TaskFor(
    kind="report.review",
    label=_("Review the report and release or return it"),
    to=technical_reviewers,
    path=desk_report_page,
    days=10,
)

DRAFT = Step(
    name="draft",
    event="report.begun",
    sources=(),
    target=ReportState.DRAFT,
    label=_("Begin the report"),
    recorded=_("The audit report was begun."),
    allowed=leads,
    surface="system",
    effect=reports.begin_report,
    opens=(WRITE_TASK,),
)
WRITE = Step(
    name="write",
    event="report.written",
    sources=(ReportState.DRAFT,),
    target=None,
    label=_("Save the texts"),
    recorded="",
    allowed=leads,
    effect=reports.write,
    has_own_page=True,
)
SIGN_OFF = Step(
    name="sign_off",
    event="report.signed_off",
    sources=(ReportState.DRAFT,),
    target=ReportState.SIGNED_OFF,
    label=_("Sign off the report"),
    recorded=_("The lead auditor signed off the report."),
    told=_("The audit report was signed off and goes to technical review."),
    hint=_(
        "With this you answer for the report. It goes to the technical reviewer; its texts are then closed."
    ),
    allowed=leads,
    guard=guards.can_sign_off,
    effect=reports.sign_off,
    part=Part.STAGE_2,
    closes=("report.write",),
)
STORE_PDF = Step(
    name="store_pdf",
    event="report.pdf_made",
    sources=(ReportState.SIGNED_OFF,),
    target=None,
    label=_("Keep the PDF of the report"),
    recorded=_("The PDF of the report was made."),
    allowed=system_only,
    surface="system",
    guard=guards.has_no_current_pdf,
    effect=reports.store_pdf,
    opens=(REVIEW_TASK,),
)
RELEASE = Step(
    name="release",
    event="report.released",
    sources=(ReportState.SIGNED_OFF,),
    target=ReportState.RELEASED,
    label=_("Release with a recommendation"),
    recorded=_("The technical reviewer released the report."),
    told=_("The technical review is complete; the committee decides next."),
    hint=_("The complete file goes to the committee with your recommendation."),
    allowed=reviews_reports & is_independent,
    guard=guards.can_release,
    effect=reports.release,
    part=Part.TECHNICAL_REVIEW,
    closes=("report.review",),
)
RETURN = Step(
    name="return",
    event="report.returned",
    sources=(ReportState.SIGNED_OFF,),
    target=ReportState.DRAFT,
    label=_("Return the report"),
    recorded=_("The technical reviewer returned the report."),
    hint=_("The lead auditor gets your reason and writes the next version."),
    tone="danger",
    allowed=reviews_reports & is_independent,
    effect=reports.return_report,
    part=Part.TECHNICAL_REVIEW,
    notify=(Notice("report.returned", mail_of_lead),),
    opens=(WRITE_TASK,),
    closes=("report.review",),
)

REPORT = register(
    Table(
        aggregate="report",
        title=_("Report"),
        model=Report,
        states=ReportState,
        steps=(DRAFT, WRITE, SIGN_OFF, STORE_PDF, RELEASE, RETURN),
        visible_to=queries.reports_visible_to,
        page=report_page,
    )
)
