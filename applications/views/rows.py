"""The parts of an application that are rows of their own: its sites and its documents."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications.forms.documents import DocumentForm
from applications.forms.sections import SiteForm
from applications.kinds import documents_asked
from applications.models import Application, Site
from applications.queries import documents_in_force
from applications.sections import Section, section_url
from applications.transitions import ATTACH, DETACH, REMOVE_SITE, SAVE_SITE
from applications.views.common import Frame, application_or_404, autosaved, is_autosave, save, take
from certbody import workflow
from certbody.body.queries import scheme_of
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import client_page, user_of, visible_or_404


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def add_site(request: HttpRequest, reference: str) -> HttpResponse:
    application = application_or_404(request, reference)
    if request.method != "POST":
        if not application.is_writable:
            return redirect(Frame(application).check_url)
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
        if not application.is_writable:
            return redirect(Frame(application).check_url)
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
        return _refused(request, refusal, str(REMOVE_SITE.label), section_url(application, Section.SITES))
    return redirect(section_url(application, Section.SITES))


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def document(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Upload for one line of the checklist; what is there already is listed and can be replaced."""
    application = application_or_404(request, reference)
    kinds = {known.key: known for known in documents_asked(application, scheme_of(application.case))}
    if kind not in kinds:
        raise Http404
    about: dict[str, Any] = {
        "actor": user_of(request),
        "application": application,
        "kind": kinds[kind],
        "held": documents_in_force(application).filter(kind=kind),
    }
    if request.method != "POST":
        if not application.is_writable:
            return redirect(Frame(application).check_url)
        return _show_document(request, application, DocumentForm(**about))
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = DocumentForm(request.POST, request.FILES, **about)
    if not form.is_valid():
        # the first arrival of the same page may have held the file checker meanwhile
        if answer := submission.answer():
            return redirect(answer)
        return _show_document(request, application, form, status=422)
    location = f"{section_url(application, Section.DOCUMENTS)}#document-{kind}"
    try:
        submission.once(
            lambda: workflow.perform(ATTACH, application, actor=user_of(request), **form.step_data()),
            location=location,
        )
    except workflow.Refused as refusal:
        return _show_document(request, application, form, refusal=refusal, status=status_of(refusal))
    messages.success(request, _("The document is uploaded."))
    return redirect(location)


@client_page
@require_POST
def remove_document(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    application = application_or_404(request, reference)
    row = visible_or_404(application.documents.all(), pk=pk)
    back = section_url(application, Section.DOCUMENTS)
    if refusal := take(DETACH, application, request, document=row.pk):
        return _refused(request, refusal, str(DETACH.label), back)
    return redirect(f"{back}#document-{row.kind}")


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


def _show_document(
    request: HttpRequest,
    application: Application,
    form: DocumentForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    frame = Frame(application, Section.DOCUMENTS)
    context = {
        "frame": frame,
        "form": form,
        "name": form.kind.name.in_language(get_language() or "en"),
        "documents": frame.contents.documents_of(form.kind.key),
        "refusal": refusal,
        "submission": uuid.uuid4(),
    }
    return render(request, "applications/document.html", context, status=status)


def _refused(request: HttpRequest, refusal: workflow.Refused, title: str, back: str) -> HttpResponse:
    context = {"refusal": refusal, "title": title, "base": "portal/base.html", "back": back}
    return render(request, "web/refused.html", context, status=status_of(refusal))
