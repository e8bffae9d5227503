"""What a step needs besides its object, so that a random walker can try any step of any table."""

import inspect
from datetime import timedelta
from decimal import Decimal
from typing import Any

from applications.catalogue.review_items import ITEMS
from applications.models import Application, Contract
from audits.models import Audit, Report
from audits.stage1_state import document_lines, exclusion_lines
from certbody import clock, workflow
from certbody.cases.models import Case
from certbody.scheme.load import shipped
from certificates.models import Certificate, Decision, Panel
from certificates.states import StatusGround
from tests.road.audits import make_auditor
from tests.road.certificates import committee

FREE_TEXT = "因客户要求"
AGGREGATES_OF_A_CASE = (
    "application",
    "contract",
    "audit",
    "finding",
    "report",
    "panel",
    "decision",
    "certificate",
    "edition",
)


def objects_of(case: Case, table: workflow.Table) -> list[Any]:
    """The rows of one table that belong to the case, newest last."""
    name = "certificate__case" if table.aggregate == "edition" else "case"
    return list(table.model._default_manager.filter(**{name: case}).order_by("pk"))


def new_object(case: Case, aggregate: str) -> Any | None:
    """What the first step of an aggregate is taken on, when the case has what it begins from."""
    match aggregate:
        case "contract" if hasattr(case, "application"):
            return Contract(case=case, application=case.application)
        case "audit" if contract := case.contracts.order_by("pk").last():
            return Audit(case=case, contract=contract)
        case "panel" if report := Report.objects.filter(audit__case=case).last():
            return Panel(case=case, report=report)
        case "certificate" if decision := Decision.objects.filter(case=case).last():
            return Certificate(case=case, decision=decision)
    return None


def data_for(step: workflow.Step, obj: Any) -> dict[str, Any] | None:
    """Arguments for every parameter that the step asks for; None when nothing fits, such as an upload."""
    found = {}
    for name, parameter in list(inspect.signature(step.effect).parameters.items())[1:]:
        if name == "actor" or parameter.default is not inspect.Parameter.empty:
            continue
        value = _value(parameter, step, obj)
        if value is None:
            return None
        found[name] = value
    return found


def _value(parameter: inspect.Parameter, step: workflow.Step, obj: Any) -> Any:
    name = parameter.name
    if name in _TEXTS and parameter.annotation is str:
        return FREE_TEXT
    if (step.name, name) in _OF_A_STEP:
        return _OF_A_STEP[step.name, name]
    if name in _FIXED:
        return _FIXED[name]
    if name in _DAYS:
        return clock.today() + timedelta(days=_DAYS[name])
    if isinstance(obj, Application):
        return _of_the_application(name, step, obj)
    return _of_the_object(name, obj)


_TEXTS = {
    "reason",
    "reasons",
    "note",
    "text",
    "summary",
    "cause",
    "correction",
    "corrective_action",
    "reference",
    "disposition",
    "checked_against",
    "answer",
}
_FIXED: dict[str, Any] = {
    "choice": "for",
    "outcome": "grant",
    "mode": "FS01",
    "stage1_mode": "desk",
    "verdict": "adequate",
    "is_accepted": True,
    "adjustment": Decimal("0.50"),
    "questions": [{"text": FREE_TEXT, "section": "scope", "item": ""}],
    "recommendation": "grant",
    "section": "scope",
    "reasons": {},
    "changes": {"headcount": 41},
    "sites_changed": False,
    "role": "auditor",
    "ground": StatusGround.values[0],
}
_OF_A_STEP: dict[tuple[str, str], Any] = {("judge_document", "verdict"): "accepted"}
_DAYS = {"stage1_on": 0, "stage2_from": 0, "stage2_to": 1, "closing_meeting_on": 0, "reported_on": 0}


def _of_the_application(name: str, step: workflow.Step, application: Application) -> Any:
    match name:
        case "values":
            return {"name": FREE_TEXT} if step.name == "save_site" else {"scope": FREE_TEXT}
        case "site":
            return getattr(application.sites.filter(is_head_office=False).last(), "pk", None)
        case "document":
            return getattr(application.documents.filter(replaced_by=None).last(), "pk", None)
        case "question":
            return getattr(application.questions.filter(answer="").last(), "pk", None)
        case "key":
            return ITEMS[0].key
    return None


def _of_the_object(name: str, obj: Any) -> Any:
    match name:
        case "version":
            return getattr(obj, "plan_version", None) or getattr(obj, "version", None)
        case "answer" if hasattr(obj, "answers"):
            return getattr(obj.answers.order_by("pk").last(), "pk", None)
        case "grade":
            audit = getattr(obj, "audit", None) or obj.report.audit
            return audit.grade if audit.grade not in {"", "fail"} else None
        case "sha256":
            return obj.pdf_sha256
        case "kind" if hasattr(obj, "document_verdicts"):
            line = next(iter(document_lines(obj)), None)
            return line.kind.key if line else shipped(obj.case.scheme).documents[0].key
        case "proposal":
            line = next(iter(exclusion_lines(obj)), None)
            return line.proposal if line else None
        case "member" if hasattr(obj, "team"):
            return obj.team.filter(ended_at=None).first()
        case "person" if isinstance(obj, Audit):
            return make_auditor().person
        case "member" | "person":
            return committee(1)[0].person
        case "members":
            return [user.person for user in committee()]
        case "concern":
            return obj.concerns.filter(disposed_by=None).first()
    return None
