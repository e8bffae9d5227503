"""The head's page of written authorisations: who may sign in the head's place, and until when."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from certbody import clock, workflow
from certbody.accounts.models import Authorisation
from certbody.body import authorisations, permissions
from certbody.body.authorisations import READERS
from certbody.body.forms import AuthorisationForm, LastDayForm
from certbody.web.steps import STATUS, AlreadySubmittedError, content_of, earlier_answer, remember
from certbody.web.views import staff_page, user_of, visible_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*READERS)
def authorisation_list(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if request.method != "POST":
        return _show(request, AuthorisationForm(actor=user))
    if not permissions.is_head(user, None):
        raise PermissionDenied
    if answer := earlier_answer(user, request.POST.get("submission", ""), content_of(request)):
        return redirect(answer)
    form = AuthorisationForm(request.POST, actor=user)
    if not form.is_valid():
        return _show(request, form, status=422)
    values = dict(form.cleaned_data)
    try:
        with transaction.atomic():
            remember(user, values.pop("submission"), request.path, content_of(request))
            authorisations.authorise(actor=user, **values)
    except AlreadySubmittedError:
        return redirect(request.path)
    except workflow.Refused as refusal:
        return _show(request, form, refusal=refusal, status=STATUS.get(refusal.code, 409))
    return redirect(request.path)


@require_POST
@staff_page(*READERS)
def end_authorisation(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    if not permissions.is_head(user, None):
        raise PermissionDenied
    found = visible_or_404(Authorisation.objects.all(), pk=pk)
    form = LastDayForm(request.POST)
    if not form.is_valid():
        return _show(request, AuthorisationForm(actor=user), ending=form, status=422)
    try:
        authorisations.end(found, actor=user, last_day=form.cleaned_data["until"])
    except workflow.Refused as refusal:
        return _show(
            request, AuthorisationForm(actor=user), refusal=refusal, status=STATUS.get(refusal.code, 409)
        )
    return redirect("authorisations")


def _show(
    request: HttpRequest,
    form: AuthorisationForm,
    *,
    ending: LastDayForm | None = None,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    today = clock.today()
    may_edit = bool(permissions.is_head(user_of(request), None))
    rows = Authorisation.objects.select_related("person").order_by("-until", "-pk")
    context = {
        "rows": [
            {"row": row, "is_in_force": row.since <= today <= row.until, "may_end": row.until > today}
            for row in rows
        ],
        "form": form if may_edit else None,
        "ending": ending,
        "refusal": refusal,
        "today": today,
    }
    return render(request, "body/authorisations.html", context, status=status)
