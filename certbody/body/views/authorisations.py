"""The head's page of written authorisations: who may sign in the head's place, and until when."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from certbody import clock, workflow
from certbody.accounts.models import Authorisation
from certbody.body import authorisations, permissions
from certbody.body.authorisations import READERS
from certbody.body.forms import AuthorisationForm, LastDayForm
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import staff_page, user_of, visible_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*READERS)
def authorisation_list(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if request.method != "POST":
        return _show(request, AuthorisationForm(actor=user))
    if not permissions.is_head(user, None):
        raise PermissionDenied
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = AuthorisationForm(request.POST, actor=user)
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        location = submission.once(
            lambda: authorisations.authorise(actor=user, **form.values()), location=request.path
        )
    except workflow.Refused as refusal:
        return _show(request, form, refusal=refusal, status=status_of(refusal))
    return redirect(location)


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
        return _show(request, AuthorisationForm(actor=user), refusal=refusal, status=status_of(refusal))
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
