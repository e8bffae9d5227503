"""The form of each step that needs to know something."""

from audits.forms import closing, planning, stage1
from certbody.web.steps import register_form


def register() -> None:
    """Give every step its form; a step without one asks for confirmation only."""
    register_form("audit.planned", planning.PlanForm)
    register_form("audit.appointed", planning.AppointForm)
    register_form("audit.dismissed", planning.DismissForm)
    register_form("audit.confirmed", planning.PlanAnswerForm, "audits/steps/plan.html")
    register_form("audit.change_confirmed", planning.PlanAnswerForm, "audits/steps/plan.html")
    register_form("audit.objected", planning.ObjectForm, "audits/steps/plan.html")
    register_form("audit.replanned", planning.ReasonForm)
    register_form("audit.plan_kept", planning.KeepPlanForm)
    register_form("audit.plan_reported", planning.ReportPlanForm)
    register_form("audit.document_judged", stage1.JudgeForm)
    register_form("audit.exclusion_settled", stage1.SettleForm)
    register_form("audit.concern_noted", stage1.ConcernForm)
    register_form("audit.document_supplied", stage1.SupplyForm)
    register_form("audit.stage1_ready", stage1.ReadyForm)
    register_form("audit.stage1_not_ready", stage1.NotReadyForm)
    register_form("audit.change_reported", stage1.ChangeForm)
    register_form("audit.concern_disposed", stage1.DisposeForm)
    register_form("audit.sheet_closed", closing.CloseSheetForm)
    register_form("audit.sheet_reopened", planning.ReasonForm)
    register_form("finding.answered", closing.AnswerForm)
    register_form("finding.verified", closing.VerifyForm, "audits/steps/answer.html")
    register_form("finding.returned", closing.ReturnAnswerForm, "audits/steps/answer.html")
    register_form("report.written", closing.WriteForm)
    register_form("report.released", closing.ReleaseForm)
    register_form("report.returned", closing.ReturnReportForm)
