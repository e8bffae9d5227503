"""The desk's page on which somebody is named who looks after a client."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.forms.serving import OwnerForm
from applications.services.serving import WHO_NAMES, set_customer_service_owner
from certbody import workflow
from certbody.accounts.models import Organisation
from certbody.cases.queries import organisations_visible_to
from certbody.transactions import whole
from certbody.web.edits import check_unchanged
from certbody.web.steps import status_of
from certbody.web.views import staff_page, user_of, visible_or_404


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def owner(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    clients = organisations_visible_to(user)
    organisation = visible_or_404(clients.select_related("customer_service_owner"), pk=pk)
    if not user.has_role(*WHO_NAMES):
        raise PermissionDenied
    if request.method != "POST":
        return _show(request, organisation, OwnerForm(organisation=organisation))
    form = OwnerForm(request.POST, organisation=organisation)
    if not form.is_valid():
        return _show(request, organisation, form, status=422)

    def name() -> None:
        check_unchanged(form, organisation)
        person = form.cleaned_data["customer_service_owner"]
        set_customer_service_owner(organisation=organisation, person=person, actor=user)

    try:
        whole(name)
    except workflow.ChangedMeanwhile as refusal:
        return _show(request, organisation, form, refusal=refusal, status=status_of(refusal))
    except ValidationError as fault:
        form.add_error("customer_service_owner", fault)
        return _show(request, organisation, form, status=422)
    messages.success(request, _("Saved."))
    return redirect(_back(organisation))


def _back(organisation: Organisation) -> str:
    """The page of the client shows who looks after it."""
    return reverse("applications:desk_organisation", args=[organisation.pk])


def _show(
    request: HttpRequest,
    organisation: Organisation,
    form: OwnerForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "organisation": organisation,
        "form": form,
        "back": _back(organisation),
        "refusal": refusal,
    }
    return render(request, "applications/desk/owner.html", context, status=status)
