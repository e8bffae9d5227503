"""The client's pages of documents: upload, newer versions, and the application on paper."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.catalogue.kinds import documents_asked
from applications.catalogue.sections import Section, questions_url, section_url
from applications.forms.documents import DocumentForm, RenewalForm, UploadForm
from applications.models import Application
from applications.paths import application_page, replacement_page
from applications.queries import documents_in_force
from applications.queries.documents import checklist
from applications.states import ApplicationState
from applications.transitions import ATTACH, DETACH, RENEW_DOCUMENT
from applications.views.common import Frame, application_or_404, take
from applications.views.facts import answers_of
from applications.views.rows import refused
from certbody import workflow
from certbody.body.queries import scheme_of
from certbody.files import pieces
from certbody.files.piece_forms import arrivals_of
from certbody.scheme.model import DocumentKind
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import client_page, user_of, visible_or_404


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def document(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Upload for one line of the checklist; what is there already is listed and can be replaced."""
    application = application_or_404(request, reference)
    about: dict[str, Any] = {
        "actor": user_of(request),
        "application": application,
        "kind": _kind_or_404(application, kind),
        "held": documents_in_force(application).filter(kind=kind),
    }
    if request.method != "POST":
        if not application.is_writable:
            return redirect(Frame(application).check_url)
        initial = {"replaces": request.GET.get("replaces", "")[:12], "site": request.GET.get("site", "")[:12]}
        return _show_document(request, application, DocumentForm(**about, initial=initial))
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = DocumentForm(request.POST, request.FILES, **about)
    if not form.is_valid():
        # the first arrival of the same page may have held the file checker meanwhile
        if answer := submission.answer():
            return redirect(answer)
        return _show_document(request, application, form, status=422)
    location = _where_to_go_on(application, form)

    def act() -> None:
        for data in form.step_data():
            workflow.perform(ATTACH, application, actor=user_of(request), **data)
        pieces.take(form.used_up())

    try:
        submission.once(act, location=location)
    except workflow.Refused as refusal:
        return _show_document(request, application, form, refusal=refusal, status=status_of(refusal))
    messages.success(request, _("The document is uploaded."))
    return redirect(location)


def _where_to_go_on(application: Application, form: DocumentForm) -> str:
    """Whoever replaces a document because we asked goes on with what else we asked; others with the list."""
    if application.state == ApplicationState.QUESTIONS and form.cleaned_data.get("replaces"):
        return questions_url(application)
    return f"{section_url(application, Section.DOCUMENTS)}#document-{form.kind.key}"


@client_page
@require_POST
def remove(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    application = application_or_404(request, reference)
    row = visible_or_404(application.documents.all(), pk=pk)
    back = section_url(application, Section.DOCUMENTS)
    if refusal := take(DETACH, application, request, document=row.pk):
        return refused(request, refusal, str(DETACH.label), back)
    return redirect(f"{back}#document-{row.kind}")


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def renew(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """A newer version of a document once the application is accepted; the one that was reviewed stays as it was."""
    application = application_or_404(request, reference)
    row = visible_or_404(documents_in_force(application), pk=pk)
    about: dict[str, Any] = {
        "actor": user_of(request),
        "application": application,
        "kind": _kind_or_404(application, row.kind),
        "document": row,
    }
    if request.method != "POST":
        if application.is_writable:
            return redirect(replacement_page(application, row))
        may_be_closed = application.state == ApplicationState.SUBMITTED and row.is_closed
        if application.state != ApplicationState.ACCEPTED and not may_be_closed:
            return redirect(Frame(application).check_url)
        return _show_renewal(request, application, RenewalForm(**about))
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = RenewalForm(request.POST, request.FILES, **about)
    if not form.is_valid():
        if answer := submission.answer():
            return redirect(answer)
        return _show_renewal(request, application, form, status=422)
    location = application_page(application, None)

    def act() -> None:
        workflow.perform(RENEW_DOCUMENT, application, actor=user_of(request), **form.step_data())
        pieces.take(form.used_up())

    try:
        submission.once(act, location=location)
    except workflow.Refused as refusal:
        return _show_renewal(request, application, form, refusal=refusal, status=status_of(refusal))
    messages.success(request, _("The newer version is uploaded; we look at it."))
    return redirect(location)


@client_page
@require_safe
def paper(request: HttpRequest, reference: str) -> HttpResponse:
    """The application as a form for paper: what is entered, what is enclosed, room for signature and company stamp."""
    application = application_or_404(request, reference)
    frame, language = Frame(application, "paper"), get_language() or "en"
    stamped = next((kind for kind in frame.contents.documents_asked if kind.key == STAMPED_FORM), None)
    context = {
        "frame": frame,
        "application": application,
        "case": application.case,
        "answers": answers_of(frame.contents, language),
        "groups": checklist(frame.contents, language),
        "stamped_kind": stamped if application.is_writable else None,
    }
    return render(request, "applications/paper.html", context)


# the line of the checklist under which the stamped scan of the printed form is handed in
STAMPED_FORM = "application_form"


def _kind_or_404(application: Application, key: str) -> DocumentKind:
    kinds = {known.key: known for known in documents_asked(application, scheme_of(application.case))}
    if key not in kinds:
        raise Http404
    return kinds[key]


def _show_document(
    request: HttpRequest,
    application: Application,
    form: DocumentForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    frame = Frame(application, Section.DOCUMENTS)
    context = _upload_context(frame, form, refusal) | {
        "documents": frame.contents.documents_of(form.kind.key),
        "is_application_form": form.kind.key == STAMPED_FORM,
    }
    return render(request, "applications/document.html", context, status=status)


def _show_renewal(
    request: HttpRequest,
    application: Application,
    form: RenewalForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = _upload_context(Frame(application), form, refusal) | {
        "document": form.document,
        "finding": form.document.findings.order_by("-pk").first(),
        "back_url": application_page(application, None),
    }
    return render(request, "applications/renew.html", context, status=status)


def _upload_context(frame: Frame, form: UploadForm, refusal: workflow.Refused | None) -> dict[str, Any]:
    """What every page of an upload prints; after a refusal the files that passed wait for the corrected form."""
    if form.is_bound:
        form.files_field.settle()
    return {
        "frame": frame,
        "form": form,
        "name": form.kind.name.in_language(get_language() or "en"),
        "arrivals": arrivals_of(form["upload"]),
        "refusal": refusal,
        "submission": uuid.uuid4(),
    }
