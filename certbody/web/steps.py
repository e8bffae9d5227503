"""The one view of every step: GET shows its form, POST takes it; a second arrival gets the first one's answer."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from certbody import workflow
from certbody.accounts import step_up
from certbody.accounts.models import User
from certbody.security_log import note
from certbody.web.edits import check_unchanged
from certbody.web.forms import StepForm
from certbody.web.submissions import Submission
from certbody.web.views import user_of

STATUS = {"permission": HTTPStatus.FORBIDDEN}


@dataclass(frozen=True)
class StepPage:
    form: type[StepForm] = StepForm
    template: str = "web/step.html"


_pages: dict[str, StepPage] = {}


def register_form(event: str, form: type[StepForm], template: str = "web/step.html") -> None:
    """Give a step its form; steps without one get a page that asks for confirmation."""
    _pages[event] = StepPage(form, template)


def page_of(step: workflow.Step) -> StepPage:
    return _pages.get(step.event, StepPage())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step_view(request: HttpRequest, aggregate: str, pk: int, name: str) -> HttpResponse:
    user = user_of(request)
    table, step, obj = _fetch(user, aggregate, pk, name)
    page = page_of(step)
    step_up.require_fresh_proof(request, step.event)
    if request.method == "POST":
        if not (verdict := step.allowed(user, obj)):
            # before the form is made: it would show what only those may see who take the step
            refusal = workflow.NotAllowed(verdict.reason)
            _note_refusal(step, obj, user, refusal)
            return _show(request, table, step, obj, None, page, refusal=refusal)
        form = page.form(request.POST, request.FILES, obj=obj, actor=user)
        return _post(request, table, step, obj, form, page)
    if refusal := refusal_of(step, obj, user):
        if refusal.code == "permission":
            _note_refusal(step, obj, user, refusal)
        return _show(request, table, step, obj, None, page, refusal=refusal)
    return _show(request, table, step, obj, page.form(obj=obj, actor=user), page)


def _fetch(user: User, aggregate: str, pk: int, name: str) -> tuple[workflow.Table, workflow.Step, Any]:
    try:
        table = workflow.table(aggregate)
        step = table.step(name)
    except (KeyError, StopIteration):
        raise Http404 from None
    obj = table.visible_to(user).filter(pk=pk).first()
    if obj is None or not step.sources or step.surface == "system" or _is_taken_elsewhere(step):
        raise Http404
    return table, step, obj


def _is_taken_elsewhere(step: workflow.Step) -> bool:
    """Whether only a page of its own, which supplies what the step needs, takes this step."""
    return step.has_own_page and step.event not in _pages


def status_of(refusal: workflow.Refused) -> int:
    """How a page that shows a refusal answers."""
    return STATUS.get(refusal.code, HTTPStatus.CONFLICT)


def refusal_of(step: workflow.Step, obj: Any, user: User) -> workflow.Refused | None:
    """Why the step could not be taken now; None when it could."""
    try:
        workflow.check(step, obj, user)
    except workflow.Refused as refusal:
        return refusal
    return None


def _note_refusal(step: workflow.Step, obj: Any, user: User, refusal: workflow.Refused) -> None:
    """What `perform` would have written, for an attempt that did not come as far as the step."""
    note("step refused", user=user, result="refused", obj=obj, step=step.event, code=refusal.code)


def _note_strange_fields(
    request: HttpRequest, step: workflow.Step, obj: Any, user: User, form: StepForm
) -> None:
    """Fields that the form does not have change nothing; whoever sends them tries something (battery item 26)."""
    known = {form.add_prefix(name) for name in form.fields} | {"csrfmiddlewaretoken"}
    strange = set(request.POST) - known
    if strange:
        columns = sorted(strange & {field.name for field in obj._meta.get_fields()})
        note(
            "unknown fields ignored",
            user=user,
            result="refused",
            obj=obj,
            step=step.event,
            count=len(strange),
            columns=columns,
        )


def _post(
    request: HttpRequest, table: workflow.Table, step: workflow.Step, obj: Any, form: StepForm, page: StepPage
) -> HttpResponse:
    user, submission = user_of(request), Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    _note_strange_fields(request, step, obj, user, form)
    if not form.is_valid():
        if refusal := refusal_of(step, obj, user):
            _note_refusal(step, obj, user, refusal)
        return _show(request, table, step, obj, form, page, refusal=refusal, status=422)

    def take() -> None:
        check_unchanged(form, obj, step=step, actor=user)
        workflow.perform(step, obj, actor=user, **form.step_data())

    try:
        location = submission.once(take, location=table.page(obj, user))
    except workflow.Refused as refusal:
        return _show(request, table, step, obj, form, page, refusal=refusal)
    messages.success(request, _("Done: %(step)s.") % {"step": step.label})
    return redirect(location)


def _show(
    request: HttpRequest,
    table: workflow.Table,
    step: workflow.Step,
    obj: Any,
    form: StepForm | None,
    page: StepPage,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    user = user_of(request)
    context = {
        "step": step,
        "title": step.label,
        "object": obj,
        "case": getattr(obj, "case", None),
        "form": form,
        "refusal": refusal,
        "back": table.page(obj, user),
        "base": "desk/base.html" if user.is_staff_member else "portal/base.html",
    }
    if refusal is not None:
        status = status_of(refusal)
    return render(request, page.template if form is not None else "web/refused.html", context, status=status)
