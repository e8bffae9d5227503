"""What does the client want to do? The kinds of application of an organisation, and the begin of one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from applications.catalogue.kinds import sections_of
from applications.catalogue.sections import portal_url, section_url
from applications.models import Application
from applications.queries import open_application_of
from applications.queries.beginning import choices_of, situation_of
from applications.states import ApplicationKind
from applications.transitions import BECOME_INITIAL, BEGIN
from applications.views.common import application_or_404, take
from applications.views.rows import refused
from certbody import workflow
from certbody.accounts.models import Organisation
from certbody.body.settings_catalogue import SCHEME_OF_THE_DEFAULTS
from certbody.cases.models import Case
from certbody.web.steps import status_of
from certbody.web.views import client_page, user_of, visible_or_404


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose what to apply for and begin it, or go on with what is under way; no choice means the initial one."""
    user = user_of(request)
    organisation = visible_or_404(user.organisations, pk=pk)
    if request.method != "POST":
        return _show(request, organisation)
    begun = open_application_of(organisation, SCHEME_OF_THE_DEFAULTS)
    if begun is not None:
        return redirect(portal_url(begun))
    kind = request.POST.get("kind", ApplicationKind.INITIAL)
    if kind not in ApplicationKind.values:
        return _show(request, organisation, status=422)
    wish = Case(organisation=organisation, scheme=SCHEME_OF_THE_DEFAULTS)
    try:
        begun = workflow.perform(BEGIN, Application(case=wish, kind=kind), actor=user)
    except workflow.Refused as refusal:
        return _show(request, organisation, refusal=refusal, status=status_of(refusal))
    return redirect(section_url(begun, sections_of(begun)[0]))


@client_page
@require_POST
def become_initial(request: HttpRequest, reference: str) -> HttpResponse:
    """Go on with a transfer as an initial certification."""
    application = application_or_404(request, reference)
    if refusal := take(BECOME_INITIAL, application, request):
        return refused(request, refusal, str(BECOME_INITIAL.label), portal_url(application))
    return redirect(portal_url(application))


def _show(
    request: HttpRequest,
    organisation: Organisation,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    situation = situation_of(organisation, SCHEME_OF_THE_DEFAULTS)
    context = {
        "organisation": organisation,
        "held": situation.held,
        "begun": open_application_of(organisation, SCHEME_OF_THE_DEFAULTS),
        "choices": choices_of(situation),
        "refusal": refusal,
    }
    return render(request, "applications/kinds/choose.html", context, status=status)
