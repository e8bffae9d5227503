"""The parts of an application that are rows of their own: its sites."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from applications.catalogue.sections import Section, check_url, section_url
from applications.forms.sections import SiteForm
from applications.models import Application, Site
from applications.transitions import REMOVE_SITE, SAVE_SITE
from applications.views.common import Frame, application_or_404, autosaved, is_autosave, save, take
from certbody import workflow
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import client_page, user_of, visible_or_404


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def add_site(request: HttpRequest, reference: str) -> HttpResponse:
    application = application_or_404(request, reference)
    if request.method != "POST":
        if Section.SITES not in Frame(application).writable_sections:
            return redirect(check_url(application))
        return _show_site(request, application, None, SiteForm(application=application))
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = SiteForm(request.POST, application=application)
    if not form.is_valid():
        return _show_site(request, application, None, form, status=422)
    location = section_url(application, Section.SITES)
    try:
        submission.once(
            lambda: workflow.perform(
                SAVE_SITE, application, actor=user_of(request), values=form.valid_values()
            ),
            location=location,
        )
    except workflow.Refused as refusal:
        return _show_site(request, application, None, form, refusal=refusal, status=status_of(refusal))
    return redirect(location)


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def site(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    application = application_or_404(request, reference)
    row = visible_or_404(application.sites.all(), pk=pk)
    if request.method != "POST":
        if Section.SITES not in Frame(application).writable_sections:
            return redirect(check_url(application))
        return _show_site(request, application, row, SiteForm(application=application, site=row))
    form = SiteForm(request.POST, application=application, site=row)
    form.is_valid()
    refusal = save(SAVE_SITE, application, request, form)
    if is_autosave(request):
        frame = Frame(application_or_404(request, reference), Section.SITES)
        return autosaved(request, frame, form, refusal)
    if refusal or form.errors:
        status = status_of(refusal) if refusal else 422
        return _show_site(request, application, row, form, refusal=refusal, status=status)
    return redirect(section_url(application, Section.SITES))


@client_page
@require_POST
def remove_site(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    application = application_or_404(request, reference)
    row = visible_or_404(application.sites.all(), pk=pk)
    if refusal := take(REMOVE_SITE, application, request, site=row.pk):
        return refused(request, refusal, str(REMOVE_SITE.label), section_url(application, Section.SITES))
    return redirect(section_url(application, Section.SITES))


def _show_site(
    request: HttpRequest,
    application: Application,
    row: Site | None,
    form: SiteForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "frame": Frame(application, Section.SITES),
        "site": row,
        "form": form,
        "refusal": refusal,
        "submission": uuid.uuid4(),
    }
    return render(request, "applications/site.html", context, status=status)


def refused(request: HttpRequest, refusal: workflow.Refused, title: str, back: str) -> HttpResponse:
    context = {"refusal": refusal, "title": title, "base": "portal/base.html", "back": back}
    return render(request, "web/refused.html", context, status=status_of(refusal))
