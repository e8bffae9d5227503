"""The reviewer's screen: what the client supplied, what speaks against it, the checklist, and the next application."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from applications import queries
from applications.catalogue.review_items import KEYS, item_of, items_of
from applications.catalogue.sections import Section, desk_url
from applications.forms.review import ReviewItemForm
from applications.guards import capacity_notes
from applications.models import Application, Contract, ReviewItem, Verdict
from applications.models.review import SETTLED
from applications.queries import review as review_queries
from applications.queries.changes import comparison_of
from applications.queries.completeness import contents_of, gaps_in
from applications.queries.concerns import concerns_about, interests_in
from applications.queries.held import outlook_of
from applications.queries.plausibility import warnings_of
from applications.queries.reported import change_under_way, latest_report
from applications.queries.resubmission import changes_in
from applications.services.review_queue import assignment_of
from applications.states import ApplicationState
from applications.transitions import ASSIGN, DECLINE_CHANGE, DRAFT, REVIEW_ITEM, TAKE_OVER, TAKE_UP_CHANGE
from applications.views.common import application_or_404, take
from applications.views.desk_documents import desk_documents
from applications.views.facts import answers_of
from certbody import facts, workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.web.steps import status_of
from certbody.web.views import staff_page, user_of

JUDGES = (Role.REVIEWER, Role.PLANNER, Role.QUALITY, Role.HEAD, Role.INSPECTOR)
TONES = {
    Verdict.FULFILLED: "good",
    Verdict.OPEN: "warn",
    Verdict.NOT_FULFILLED: "bad",
    Verdict.NOT_APPLICABLE: "neutral",
}


@staff_page()
@require_safe
def application(request: HttpRequest, reference: str) -> HttpResponse:
    return show_review(request, application_or_404(request, reference))


@staff_page()
@require_safe
def next_application(request: HttpRequest) -> HttpResponse:
    """Lead to the application of the reader's queue that follows the one named by `after`."""
    return redirect(_next_place(request, request.GET.get("after", "")))


@staff_page()
@require_POST
def review_item(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """Record one item of the application review."""
    found = application_or_404(request, reference)
    if key not in KEYS:
        raise Http404
    user, item = user_of(request), item_of(key)
    verdict = REVIEW_ITEM.allowed(user, found)
    if not verdict:
        refusal = workflow.NotAllowed(verdict.reason)
        return show_review(request, found, refusal=refusal, status=status_of(refusal))
    held = _recorded(found).get(key)
    form = ReviewItemForm(request.POST, request.FILES, actor=user, item=item, found=held)
    if not form.is_valid():
        return show_review(request, found, bound=form, status=422)
    if failed := take(REVIEW_ITEM, found, request, form=form, **form.step_data()):
        return show_review(request, found, bound=form, refusal=failed, status=status_of(failed))
    if request.POST.get("then") == "next":
        return _leave_to(request, _next_place(request, reference))
    return redirect(f"{desk_url(found)}#item-{_following(found, key)}")


def _leave_to(request: HttpRequest, address: str) -> HttpResponse:
    """Another page, also where a script has asked for a part of this one."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(address)
    return redirect(address)


def _next_place(request: HttpRequest, after: str) -> str:
    following = review_queries.next_in_queue(user_of(request), after)
    if following is not None:
        return desk_url(following)
    messages.info(request, _("No other application waits in your queue."))
    return reverse("applications:desk_list") + f"?reviewer={review_queries.UNASSIGNED}"


def _following(found: Application, key: str) -> str:
    """The first item after this one that is not judged yet, else the first of all, else this one."""
    done, keys = set(_recorded(found)), [item.key for item in items_of(found)]
    place = keys.index(key) if key in keys else 0
    return next((one for one in keys[place + 1 :] + keys[:place] if one not in done), key)


def _recorded(found: Application) -> dict[str, ReviewItem]:
    return {row.key: row for row in review_queries.items_recorded(found)}


def show_review(
    request: HttpRequest,
    found: Application,
    *,
    bound: ReviewItemForm | None = None,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    user = user_of(request)
    contents = contents_of(found)
    answers = answers_of(contents, get_language() or "en")
    recorded = _recorded(found)
    items = _items(found, user, recorded, bound)
    is_under_review = found.state in {ApplicationState.SUBMITTED, ApplicationState.QUESTIONS}
    context = {
        "application": found,
        "case": found.case,
        "answers": [section for section in answers if section.key != Section.DOCUMENTS],
        "documents": desk_documents(found, user),
        "comparison": comparison_of(contents),
        "outlook": outlook_of(found),
        "missing": [gap.sentence for gap in gaps_in(contents)] if found.is_writable else [],
        "warnings": warnings_of(found, contents.sites),
        "items": items,
        "can_record": any(row["form"] for row in items),
        "settled": sum(row.verdict in SETTLED for row in recorded.values()),
        "questions": list(found.questions.select_related("asked_by")),
        "contracts": list(queries.contracts_visible_to(user).filter(application=found)),
        "reopening": queries.reopening_of(found),
        "report": latest_report(found),
        "is_open_for_change": change_under_way(found) is not None,
        **_settling(found, user),
        "changes": changes_in(found, get_language() or "en") if is_under_review else None,
        "is_under_review": is_under_review,
        "may_quote": _may_quote(found, user),
        "refusal": refusal,
        **_assignment(found, user, is_under_review=is_under_review),
        **_ability(found, user, is_under_review=is_under_review),
    }
    return render(request, "applications/desk/application.html", context, status=status)


def _settling(found: Application, user: User) -> dict[str, str]:
    """The two ways to settle a change that the client told of."""
    if found.state != ApplicationState.ACCEPTED or not DECLINE_CHANGE.allowed(user, found):
        return {}
    return {
        "take_up_url": workflow.step_url(TAKE_UP_CHANGE, found),
        "decline_change_url": workflow.step_url(DECLINE_CHANGE, found),
    }


def _may_quote(found: Application, user: User) -> bool:
    quote = Contract(case=found.case, application=found)
    allowed = found.state == ApplicationState.ACCEPTED and bool(DRAFT.allowed(user, quote))
    return allowed and not workflow.missing_for(DRAFT, quote, user)


def _assignment(found: Application, user: User, *, is_under_review: bool) -> dict[str, Any]:
    """Who reviews it, and the two ways to change that."""
    assigned = assignment_of(found)
    may_assign = is_under_review and bool(ASSIGN.allowed(user, found))
    return {
        "assigned": assigned,
        "take_over_url": workflow.step_url(TAKE_OVER, found) if may_assign and assigned is None else "",
        "assign_url": workflow.step_url(ASSIGN, found) if may_assign else "",
        "has_queue": may_assign,
    }


def _ability(found: Application, user: User, *, is_under_review: bool) -> dict[str, Any]:
    """Whether the body can do it, and what speaks against it.

    Asked only while it matters, and only for those who judge it: interests of colleagues are nobody else's business.
    """
    if not is_under_review or not user.has_role(*JUDGES):
        return {}
    bars = interests_in(found)
    people = [one for answer in facts.ask("free_people", case=found.case) for one in answer]
    return {
        "sees_ability": True,
        "capacity": capacity_notes(found),
        "people": people,
        "bars": bars,
        "concerns": concerns_about(found, bars),
    }


def _items(
    found: Application, user: User, recorded: dict[str, ReviewItem], bound: ReviewItemForm | None
) -> list[dict[str, Any]]:
    """Every item with what was recorded for this submission and, for a reviewer at work, its form."""
    can_record = found.state == ApplicationState.SUBMITTED and bool(REVIEW_ITEM.allowed(user, found))
    rows: list[dict[str, Any]] = []
    for item in items_of(found):
        form, held = None, recorded.get(item.key)
        if can_record:
            is_bound = bound is not None and bound.item.key == item.key
            form = bound if is_bound else ReviewItemForm(actor=user, item=item, found=held)
        tone = TONES[Verdict(held.verdict)] if held else ""
        rows.append({"item": item, "found": held, "form": form, "tone": tone})
    following = next((row for row in rows if not row["found"]), None)
    return [row | {"is_next": row is following} for row in rows]
