from typing import Any

from django import template

from certbody import workflow
from certbody.accounts.models import User
from certbody.cases.models import Case
from certbody.outbox.queries import unfinished_job_of
from certbody.trail.timeline import entries_of

register = template.Library()
MOST_MISSING = 3  # what stands in full below a grey button; of more the number and the first are said

# where the objects of a page name the organisation that they belong to
OWNERS = (
    "organisation.pk",
    "case.organisation_id",
    "invoice.organisation_id",
    "frame.application.case.organisation_id",
)


@register.inclusion_tag("web/step_buttons.html", takes_context=True)
def step_buttons(context: dict[str, Any], obj: Any, missing_at: str = "", main: str = "") -> dict[str, Any]:
    """The steps possible now: buttons for those this user takes, sentences for those that wait for others.

    `missing_at` names the place of the page that lists already what is missing, `main` the step that is the sensible
    next one where the page knows better than the order of the procedure.
    """
    user = context["request"].user
    found = [offer for offer in workflow.offers(obj, user) if not offer.step.has_own_page]
    return {
        "offers": found,
        "primary": _primary(found, main),
        "missing_at": missing_at,
        "most_missing": MOST_MISSING,
        "awaited": [] if found else _awaited(obj, user),
    }


def _awaited(obj: Any, user: User) -> list[tuple[workflow.Step, workflow.Sentence]]:
    """What waits for others; a client waits only for what moves the matter, not for what staff may do at any time."""
    awaited = workflow.awaited(obj, user)
    return [one for one in awaited if user.is_staff_member or one[0].target is not None]


def _primary(offers: list[workflow.Offer], main: str = "") -> workflow.Offer | None:
    """The one main button: the named step, the first one that moves the state, or the furthest along the procedure."""
    ready = [offer for offer in offers if offer.is_ready and offer.step.tone == "primary"]
    named = [offer for offer in ready if offer.step.name == main]
    moving = [offer for offer in ready if offer.step.target is not None]
    return next(iter(named or moving), ready[-1] if ready else None)


@register.inclusion_tag("web/acting.html", takes_context=True)
def acting_for(context: dict[str, Any]) -> dict[str, Any]:
    """For which organisation a page of the portal speaks, told to those who act for several; for none, all of them."""
    several = context["navigation"].acts_for
    about = _organisation_of(context) if several else None
    return {"several": several, "about": next((one for one in several if one.pk == about), None)}


def _organisation_of(context: dict[str, Any]) -> int | None:
    """The key of the organisation that the page's own objects belong to."""
    for path in OWNERS:
        found = template.Variable(path)
        try:
            return int(found.resolve(context))
        except (template.VariableDoesNotExist, TypeError, ValueError):
            continue
    return None


@register.inclusion_tag("web/job.html")
def job_progress(obj: Any) -> dict[str, Any]:
    """How far the slow work about an object is; nothing when none is left."""
    return {"job": unfinished_job_of(obj)}


@register.inclusion_tag("web/timeline.html", takes_context=True)
def timeline(context: dict[str, Any], case: Case) -> dict[str, Any]:
    """What happened in a case, newest first, in the words of the reader's side."""
    return {"entries": entries_of(case, context["request"].user)}
