"""The steps that say who reviews an application."""

from django.utils.translation import gettext_lazy as _

from applications import guards, permissions
from applications.services import review_queue
from applications.states import ApplicationState as A
from certbody.workflow import Step

TAKE_OVER = Step(
    name="take_over",
    event="application.taken_over",
    sources=(A.SUBMITTED, A.QUESTIONS),
    target=None,
    label=_("Take the application over"),
    recorded=_("Review of the application taken over"),
    allowed=permissions.by_reviewer,
    guard=guards.is_unassigned,
    effect=review_queue.take_over,
    has_own_page=True,
)
ASSIGN = Step(
    name="assign",
    event="application.assigned",
    sources=(A.SUBMITTED, A.QUESTIONS),
    target=None,
    label=_("Assign the application"),
    hint=_("The task moves to the reviewer you choose and keeps its last day."),
    recorded=_("Review of the application assigned"),
    allowed=permissions.by_reviewer,
    effect=review_queue.assign,
    has_own_page=True,
)
