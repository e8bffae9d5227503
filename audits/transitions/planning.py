from django.utils.translation import gettext_lazy as _

from audits import queries
from audits.permissions import plans
from audits.services import planning
from audits.states import AuditState
from audits.transitions import guards
from audits.transitions.parties import (
    client_page,
    desk_page,
    planners,
    the_client,
    the_lead,
    the_lead_of_a_ready_audit,
)
from certbody.cases.models import Part
from certbody.desk.services import TaskFor
from certbody.outbox.recipients import client_of
from certbody.permissions import is_client
from certbody.workflow import Notice, Step

CHANGEABLE = (AuditState.PLANNED, AuditState.STAGE1, AuditState.NOT_READY)
RUNNING = (AuditState.STAGE1, AuditState.NOT_READY)

PLAN_TASK = TaskFor(kind="audit.plan", label=_("Plan the audit"), to=planners, path=desk_page, days=5)
OBJECTION_TASK = TaskFor(
    kind="audit.objection",
    label=_("Answer the client's objection to the plan"),
    to=planners,
    path=desk_page,
    days=3,
)
CONFIRM_TASK = TaskFor(
    kind="audit.confirm", label=_("Confirm the audit team and plan"), to=the_client, path=client_page, days=5
)
REPORT_PLAN_TASK = TaskFor(
    kind="audit.report_plan",
    label=_("Report the audit plan to the regulator"),
    to=planners,
    path=desk_page,
    days=3,
)
BEGIN_TASK = TaskFor(kind="audit.begin_stage1", label=_("Begin stage 1"), to=the_lead, path=desk_page)
STAGE2_TASK = TaskFor(
    kind="audit.stage2", label=_("Begin stage 2"), to=the_lead_of_a_ready_audit, path=desk_page
)

DAYS_TASK = TaskFor(
    kind=queries.DAYS_CHANGED,
    label=_("Fit the plan to the changed person-days"),
    to=planners,
    path=desk_page,
    days=3,
)

OPEN = Step(
    name="open",
    event="audit.opened",
    sources=(),
    target=AuditState.PLANNED,
    label=_("Open the audit"),
    recorded=_("The audit was opened and the confirmed scoring table pinned to the case."),
    told=_("Your audit is being planned."),
    allowed=plans,
    guard=guards.can_open,
    effect=planning.open_audit,
    part=Part.PLANNING,
    opens=(PLAN_TASK,),
    has_own_page=True,
)
PLAN = Step(
    name="plan",
    event="audit.planned",
    sources=CHANGEABLE,
    target=None,
    label=_("Set dates and mode"),
    recorded=_("Dates and mode of the audit were set."),
    allowed=plans,
    effect=planning.plan,
    part=Part.PLANNING,
    closes=("audit.confirm", DAYS_TASK.kind),
)
APPOINT = Step(
    name="appoint",
    event="audit.appointed",
    sources=CHANGEABLE,
    target=None,
    label=_("Appoint a team member"),
    recorded=_("A member of the audit team was appointed."),
    hint=_("Qualification and interests are checked for the planned days."),
    allowed=plans,
    guard=guards.dates_are_set,
    effect=planning.appoint,
    part=Part.PLANNING,
    opens=(STAGE2_TASK,),
    closes=("audit.confirm",),
)
DISMISS = Step(
    name="dismiss",
    event="audit.dismissed",
    sources=CHANGEABLE,
    target=None,
    label=_("Dismiss a team member"),
    recorded=_("A member of the audit team was dismissed."),
    tone="danger",
    allowed=plans,
    guard=guards.somebody_is_appointed,
    effect=planning.dismiss,
    part=Part.PLANNING,
    closes=("audit.confirm",),
)
PROPOSE = Step(
    name="propose",
    event="audit.proposed",
    sources=CHANGEABLE,
    target=None,
    label=_("Send team and plan to the client"),
    recorded=_("Team and plan were sent to the client for confirmation."),
    told=_("Team and plan of the audit wait for your confirmation."),
    allowed=plans,
    guard=guards.can_propose,
    effect=planning.propose,
    part=Part.PLANNING,
    notify=(Notice("audit.proposed", client_of),),
    opens=(CONFIRM_TASK,),
    closes=("audit.plan", "audit.objection", DAYS_TASK.kind),
)
REMIND = Step(
    name="remind",
    event=queries.REMINDED,
    sources=CHANGEABLE,
    target=None,
    label=_("Remind the client"),
    recorded=_("The client was reminded of team and plan."),
    told=_("We reminded you of team and plan of the audit."),
    hint=_("A mail goes to everybody of the client; at most one a day."),
    allowed=plans,
    guard=guards.can_remind,
    effect=planning.remind,
    part=Part.PLANNING,
    notify=(Notice("audit.reminded", client_of),),
)
CONFIRM = Step(
    name="confirm",
    event="audit.confirmed",
    sources=(AuditState.PLANNED,),
    target=AuditState.CONFIRMED,
    label=_("Confirm team and plan"),
    recorded=_("The client confirmed team and plan."),
    told=_("You confirmed team and plan of the audit."),
    hint=_("You agree to these people and these days. You may object to a person with a reason instead."),
    allowed=is_client,
    surface="portal",
    guard=guards.can_confirm,
    effect=planning.confirm,
    opens=(REPORT_PLAN_TASK, BEGIN_TASK),
    closes=("audit.confirm",),
)
CONFIRM_CHANGE = Step(
    name="confirm_change",
    event="audit.change_confirmed",
    sources=RUNNING,
    target=None,
    label=_("Confirm the changed plan"),
    recorded=_("The client confirmed the changed plan."),
    told=_("You confirmed the changed plan of the audit."),
    allowed=is_client,
    surface="portal",
    guard=guards.can_confirm,
    effect=planning.confirm,
    opens=(REPORT_PLAN_TASK,),
    closes=("audit.confirm",),
)
OBJECT = Step(
    name="object",
    event="audit.objected",
    sources=CHANGEABLE,
    target=None,
    label=_("Object to team or plan"),
    recorded=_("The client objected to team or plan."),
    told=_("You objected to team or plan of the audit."),
    hint=_("Your reason goes to the planner, who sends you a changed plan or calls you."),
    tone="danger",
    allowed=is_client,
    surface="portal",
    guard=guards.can_object,
    effect=planning.object_to_plan,
    opens=(OBJECTION_TASK,),
    closes=("audit.confirm",),
)
REPLAN = Step(
    name="replan",
    event="audit.replanned",
    sources=(AuditState.CONFIRMED,),
    target=AuditState.PLANNED,
    label=_("Change the confirmed plan"),
    recorded=_("The confirmed plan went back into planning."),
    told=_("The plan of the audit is being changed; you will be asked to confirm it again."),
    hint=_("The client must confirm the changed plan, and it must be reported to the regulator again."),
    tone="danger",
    allowed=plans,
    effect=planning.replan,
    part=Part.PLANNING,
    opens=(PLAN_TASK,),
    closes=("audit.report_plan", "audit.begin_stage1", DAYS_TASK.kind),
)
KEEP_PLAN = Step(
    name="keep_plan",
    event="audit.plan_kept",
    sources=(AuditState.PLANNED, AuditState.CONFIRMED, *RUNNING, AuditState.STAGE2),
    target=None,
    label=_("The plan stays as it is"),
    hint=_("Team and days of the plan fit the amended contract too."),
    tone="secondary",
    recorded=_("The plan stays as it is under the amended contract."),
    allowed=plans,
    guard=guards.days_have_changed,
    effect=planning.keep_plan,
    part=Part.PLANNING,
    closes=(DAYS_TASK.kind,),
    has_own_page=True,
)
REPORT_PLAN = Step(
    name="report_plan",
    event="audit.plan_reported",
    sources=(AuditState.CONFIRMED, *RUNNING),
    target=None,
    label=_("Record the report to the regulator"),
    recorded=_("The plan was recorded as reported to the regulator."),
    allowed=plans,
    guard=guards.can_report_plan,
    effect=planning.report_plan,
    part=Part.PLANNING,
    closes=("audit.report_plan",),
)

PLANNING_STEPS = (
    OPEN,
    PLAN,
    APPOINT,
    DISMISS,
    PROPOSE,
    REMIND,
    CONFIRM,
    CONFIRM_CHANGE,
    OBJECT,
    REPLAN,
    KEEP_PLAN,
    REPORT_PLAN,
)
