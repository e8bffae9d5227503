from django.utils.translation import gettext_lazy as _

from audits import queries
from audits.models import Audit
from audits.permissions import audits, leads
from audits.services import closing, stage1
from audits.states import AuditState
from audits.transitions import guards
from audits.transitions.parties import (
    audit_page,
    sheet_page,
    stage1_page,
    the_lead,
)
from audits.transitions.planning import DAYS_TASK, PLANNING_STEPS, STAGE2_TASK
from certbody.cases.models import Part
from certbody.desk.services import TaskFor
from certbody.outbox.recipients import client_of
from certbody.permissions import is_client, system_only
from certbody.workflow import Notice, Step, Table, register

CONCLUDE_TASK = TaskFor(
    kind="audit.stage1", label=_("Conclude stage 1"), to=the_lead, path=stage1_page, days=10
)
LOOK_TASK = TaskFor(
    kind="audit.supplied",
    label=_("Look at the documents that the client supplied"),
    to=the_lead,
    path=stage1_page,
)
SHEET_TASK = TaskFor(kind="audit.sheet", label=_("Score and close the sheet"), to=the_lead, path=sheet_page)

BEGIN_STAGE1 = Step(
    name="begin_stage1",
    event="audit.stage1_begun",
    sources=(AuditState.CONFIRMED,),
    target=AuditState.STAGE1,
    label=_("Begin stage 1"),
    recorded=_("Stage 1 began."),
    told=_("Stage 1 of the audit began."),
    allowed=leads,
    guard=guards.can_begin_stage1,
    effect=stage1.begin_stage1,
    part=Part.STAGE_1,
    opens=(CONCLUDE_TASK,),
    closes=("audit.begin_stage1",),
)
JUDGE_DOCUMENT = Step(
    name="judge_document",
    event="audit.document_judged",
    sources=(AuditState.STAGE1,),
    target=None,
    label=_("Judge a document"),
    recorded="",
    allowed=audits,
    effect=stage1.judge_document,
    part=Part.STAGE_1,
    has_own_page=True,
)
SETTLE_EXCLUSION = Step(
    name="settle_exclusion",
    event="audit.exclusion_settled",
    sources=(AuditState.STAGE1,),
    target=None,
    label=_("Settle an exclusion"),
    recorded=_("A proposed exclusion was settled."),
    allowed=leads,
    effect=stage1.settle_exclusion,
    part=Part.STAGE_1,
    has_own_page=True,
)
NOTE_CONCERN = Step(
    name="note_concern",
    event="audit.concern_noted",
    sources=(AuditState.STAGE1,),
    target=None,
    label=_("Note a concern for stage 2"),
    recorded=_("A concern for stage 2 was noted."),
    allowed=audits,
    effect=stage1.note_concern,
    part=Part.STAGE_1,
    has_own_page=True,
)
SUPPLY_DOCUMENT = Step(
    name="supply_document",
    event="audit.document_supplied",
    sources=(AuditState.STAGE1, AuditState.NOT_READY),
    target=None,
    label=_("Supply a document"),
    recorded=_("The client supplied a document."),
    told=_("You supplied a document for stage 1."),
    hint=_("A document that the auditors miss or found not adequate. The older one stays recorded."),
    allowed=is_client,
    surface="portal",
    effect=stage1.supply_document,
    opens=(LOOK_TASK,),
    closes=("audit.stage2",),
)
CONCLUDE_READY = Step(
    name="conclude_ready",
    event="audit.stage1_ready",
    sources=(AuditState.STAGE1,),
    target=None,
    label=_("Conclude: ready for stage 2"),
    recorded=_("Stage 1 was concluded: ready."),
    told=_("Stage 1 is concluded: you are ready for the on-site audit."),
    allowed=leads,
    guard=guards.can_conclude_ready,
    effect=stage1.conclude_ready,
    part=Part.STAGE_1,
    notify=(Notice("audit.stage1_ready", client_of),),
    opens=(STAGE2_TASK,),
    closes=("audit.stage1", "audit.supplied"),
)
CONCLUDE_NOT_READY = Step(
    name="conclude_not_ready",
    event="audit.stage1_not_ready",
    sources=(AuditState.STAGE1,),
    target=AuditState.NOT_READY,
    label=_("Conclude: not ready"),
    recorded=_("Stage 1 was concluded: not ready."),
    told=_("Stage 1 is concluded: not ready yet. The reasons are on the page of the audit."),
    tone="secondary",
    allowed=leads,
    effect=stage1.conclude_not_ready,
    part=Part.STAGE_1,
    notify=(Notice("audit.stage1_not_ready", client_of),),
    closes=("audit.stage1", "audit.stage2", "audit.supplied"),
)
RESUME_STAGE1 = Step(
    name="resume_stage1",
    event="audit.stage1_resumed",
    sources=(AuditState.NOT_READY,),
    target=AuditState.STAGE1,
    label=_("Resume stage 1"),
    recorded=_("Stage 1 was resumed."),
    told=_("Stage 1 of the audit goes on."),
    allowed=leads,
    effect=stage1.resume_stage1,
    part=Part.STAGE_1,
    opens=(CONCLUDE_TASK,),
    closes=("audit.supplied",),
)
REPORT_CHANGE = Step(
    name="report_change",
    event="audit.change_reported",
    sources=(AuditState.STAGE1, AuditState.NOT_READY),
    target=None,
    label=_("Headcount, sites or scope have changed"),
    recorded=_("A change of headcount, sites or scope was reported; the application review opened again."),
    told=_("Headcount, sites or scope differ from your application; it is reviewed again."),
    hint=_(
        "The application goes back to review and the contract is amended after it; stage 2 waits for both."
    ),
    tone="secondary",
    allowed=leads,
    effect=stage1.report_change,
    part=Part.STAGE_1,
    opens=(CONCLUDE_TASK,),
    closes=("audit.stage2",),
)
BEGIN_STAGE2 = Step(
    name="begin_stage2",
    event="audit.stage2_begun",
    sources=(AuditState.STAGE1,),
    target=AuditState.STAGE2,
    label=_("Begin stage 2"),
    recorded=_("Stage 2 began."),
    told=_("Stage 2, the on-site audit, began."),
    allowed=leads,
    guard=guards.stage2_gate,
    effect=closing.begin_stage2,
    part=Part.STAGE_2,
    opens=(SHEET_TASK,),
    closes=("audit.stage1", "audit.stage2"),
)
DISPOSE_CONCERN = Step(
    name="dispose_concern",
    event="audit.concern_disposed",
    sources=(AuditState.STAGE2,),
    target=None,
    label=_("Dispose of a concern"),
    recorded=_("A concern of stage 1 was disposed of."),
    allowed=audits,
    effect=stage1.dispose_concern,
    part=Part.STAGE_2,
    has_own_page=True,
)
CLOSE_SHEET = Step(
    name="close_sheet",
    event="audit.sheet_closed",
    sources=(AuditState.STAGE2,),
    target=AuditState.SCORED,
    label=_("Close the sheet at the closing meeting"),
    recorded=_("The score sheet was closed at the closing meeting."),
    told=_("The on-site audit is finished; the report follows."),
    hint=_("The score freezes. Rectification closes findings and never restores a point."),
    allowed=leads,
    guard=guards.can_close_sheet,
    effect=closing.close_sheet,
    part=Part.STAGE_2,
    closes=("audit.sheet", DAYS_TASK.kind),
)
REOPEN_SHEET = Step(
    name="reopen_sheet",
    event="audit.sheet_reopened",
    sources=(AuditState.SCORED,),
    target=AuditState.STAGE2,
    label=_("Correct the sheet"),
    recorded=_("The score sheet was opened again for a correction."),
    hint=_(
        "Possible only after the technical reviewer returned the report; the corrected version goes there again."
    ),
    tone="danger",
    allowed=leads,
    guard=guards.can_reopen_sheet,
    effect=closing.reopen_sheet,
    part=Part.STAGE_2,
    opens=(SHEET_TASK,),
)
CLOSE = Step(
    name="close",
    event="audit.closed",
    sources=(AuditState.SCORED,),
    target=AuditState.CLOSED,
    label=_("Close the audit"),
    recorded=_("The audit was closed."),
    allowed=system_only,
    surface="system",
    guard=guards.report_is_released,
    effect=closing.close_audit,
)

AUDIT = register(
    Table(
        aggregate="audit",
        title=_("Audit"),
        model=Audit,
        states=AuditState,
        steps=(
            *PLANNING_STEPS,
            BEGIN_STAGE1,
            JUDGE_DOCUMENT,
            SETTLE_EXCLUSION,
            NOTE_CONCERN,
            SUPPLY_DOCUMENT,
            CONCLUDE_READY,
            CONCLUDE_NOT_READY,
            RESUME_STAGE1,
            REPORT_CHANGE,
            BEGIN_STAGE2,
            DISPOSE_CONCERN,
            CLOSE_SHEET,
            REOPEN_SHEET,
            CLOSE,
        ),
        visible_to=queries.visible_to,
        page=audit_page,
    )
)
