"""The desk's page on which an organisation is handed over to its true owner."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.forms.handing_over import HandOverForm
from applications.services.handing_over import WHO_HANDS_OVER, hand_over, refuse_to_hand_over
from certbody import workflow
from certbody.accounts.models import Organisation
from certbody.cases.queries import organisations_visible_to
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import staff_page, user_of, visible_or_404


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    organisation = visible_or_404(organisations_visible_to(user), pk=pk)
    if not user.has_role(*WHO_HANDS_OVER):
        raise PermissionDenied
    try:
        refuse_to_hand_over(organisation, user)
    except workflow.NotAllowed as refusal:
        return _show(request, organisation, None, refusal=refusal, status=status_of(refusal))
    if request.method != "POST":
        return _show(request, organisation, HandOverForm())
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return _show(request, organisation, form, status=422)
    try:
        location = submission.once(
            lambda: hand_over(organisation=organisation, actor=user, **form.values()),
            location=reverse("applications:desk_organisation", args=[organisation.pk]),
        )
    except workflow.Refused as refused:
        return _show(request, organisation, form, refusal=refused, status=status_of(refused))
    messages.success(request, _("The organisation is handed over. Everybody concerned is told by mail."))
    return redirect(location)


def _show(
    request: HttpRequest,
    organisation: Organisation,
    form: HandOverForm | None,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "organisation": organisation,
        "form": form,
        "acting": list(organisation.memberships.filter(ended_at=None).select_related("person")),
        "back": reverse("applications:desk_organisation", args=[organisation.pk]),
        "refusal": refusal,
    }
    return render(request, "applications/desk/hand_over.html", context, status=status)
