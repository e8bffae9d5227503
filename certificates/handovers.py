"""What this floor adds to the floors below: follow-ups, answers, jobs, checks, menu entries and panels."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.models import Report
from certbody import facts as questions
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.desk.services import Audience, open_task, register_kind
from certbody.outbox.services import handles
from certbody.trail.models import Event
from certbody.workflow import add_guard, follow
from certificates import (
    checks,
    facts,
    forms,
    letter_job,
    navigation,
    panels,
    subjects,
    tasks,
    transitions,  # noqa: F401 -- importing registers the tables of steps
)
from certificates.models import Panel
from certificates.services.committee import LETTER_JOB, OPEN_TASK, decide
from certificates.services.issuing import ISSUE_JOB


def ask_for_a_panel(report: Report, _actor: User | None, _event: Event) -> None:
    """A released report goes to the committee's secretary."""
    open_task(
        kind=OPEN_TASK,
        obj=report,
        case=report.case,
        to=Audience(role=Role.SECRETARY),
        path=reverse("panel_open", args=[report.case.reference]),
    )


def decide_if_carried(panel: Panel, _actor: User | None, _event: Event) -> None:
    if panel.carried:
        decide(panel)


def register() -> None:
    """Called once the models are loaded."""
    register_kind(OPEN_TASK, _("Open a panel of the committee"))
    follow("report.released", ask_for_a_panel)
    follow("panel.closed", decide_if_carried)
    questions.answer("sits_on_panel", facts.sits_on_panel)
    questions.answer("blocked_until", facts.blocked_until)
    questions.answer("past_trouble", facts.past_trouble)
    questions.answer("withheld", facts.withheld)
    questions.answer("has_ended", facts.has_ended)
    questions.answer("standing_certificate", facts.standing_certificate)
    questions.answer("stages", facts.stages)
    questions.answer("published_time", facts.published_time)
    questions.answer("certificate_line", facts.certificate_line)
    follow("application.begun", subjects.link_to_certificate)
    for event in ("application.change_told", "application.change_taken_up"):
        add_guard(event, subjects.no_change_once_decided)
    add_guard("contract.drafted", subjects.no_quote_for_a_change)
    questions.answer("certificates_of", subjects.certificates_of)
    questions.answer("subject_of", subjects.subject_of)
    questions.answer("outlook", subjects.outlook)
    questions.answer("demo_is_loaded", facts.demo_is_loaded)
    handles(ISSUE_JOB, tasks.issue_certificate)
    handles(LETTER_JOB, tasks.write_refusal_letter)
    letter_job.register()
    checks.register()
    forms.register()
    navigation.register()
    panels.register()
