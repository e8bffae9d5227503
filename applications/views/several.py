"""The client's page for several documents at once: files arrive first, then each is given its kind."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from applications.catalogue.sections import Section, section_url
from applications.forms.several import SeveralForm
from applications.models import Application
from applications.transitions import ATTACH
from applications.views.common import Frame, application_or_404
from certbody import workflow
from certbody.files import pieces
from certbody.files.piece_forms import arrivals_of
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import client_page, user_of


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def several(request: HttpRequest, reference: str) -> HttpResponse:
    application = application_or_404(request, reference)
    frame = Frame(application, Section.DOCUMENTS)
    about: dict[str, Any] = {
        "actor": user_of(request),
        "application": application,
        "contents": frame.contents,
    }
    if request.method != "POST":
        if not application.is_writable:
            return redirect(frame.check_url)
        return _show(request, frame, SeveralForm(**about))
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = SeveralForm(request.POST, request.FILES, **about)
    if request.FILES or not form.is_assigned:
        if not application.is_writable:
            return redirect(frame.check_url)
        return _arrived(request, application, form, about)
    if form.has_unasked_files:
        arrived = [_("Further files have arrived: please say what they are too.")]
        return _show(request, frame, _asking_on(request, form, about), refusals=arrived, status=422)
    if not form.is_valid():
        if answer := submission.answer():
            return redirect(answer)
        return _show(request, frame, form, status=422)
    return _take(request, frame, form, submission, about)


def _arrived(
    request: HttpRequest, application: Application, form: SeveralForm, about: dict[str, Any]
) -> HttpResponse:
    """Keep the files; what was said of earlier ones stays on the page, which now asks about the new ones too."""
    was_assigned = form.is_assigned
    form.is_valid()
    faults: list[str] = list(form.errors.get("upload") or [])  # type: ignore[arg-type]  # an ErrorList of sentences
    form.files_field.settle()
    fresh = SeveralForm(request.POST, **about) if was_assigned else SeveralForm(**about)
    if faults or was_assigned or not fresh.uploads:
        refusals = faults or ([] if fresh.uploads else [_("Please choose at least one file.")])
        return _show(request, Frame(application, Section.DOCUMENTS), fresh, refusals=refusals, status=422)
    return redirect(reverse("applications:documents_several", args=[application.case.reference]))


def _asking_on(request: HttpRequest, form: SeveralForm, about: dict[str, Any]) -> SeveralForm:
    """The same answers, and our guesses at the files that the page that was sent did not ask about."""
    said = {name: request.POST[name] for name in form.fields if name in request.POST}
    return SeveralForm(initial=said, **about)


def _take(
    request: HttpRequest, frame: Frame, form: SeveralForm, submission: Submission, about: dict[str, Any]
) -> HttpResponse:
    """Every file becomes a document of its kind, or none does."""
    try:
        facts = form.step_data()
    except ValidationError as fault:
        form.files_field.settle()  # what can never pass is dropped
        fresh = SeveralForm(
            request.POST, actor=user_of(request), application=frame.application, contents=frame.contents
        )
        return _show(request, frame, fresh, refusals=fault.messages, status=422)
    location = section_url(frame.application, Section.DOCUMENTS)

    def act() -> None:
        for data in facts:
            workflow.perform(ATTACH, frame.application, actor=user_of(request), **data)
        pieces.take(form.used_up())
        pieces.discard(form.dropped())

    try:
        submission.once(act, location=location)
    except workflow.Refused as refusal:
        return _show(request, frame, form, refusal=refusal, status=status_of(refusal))
    _tell(request, len(facts))
    return redirect(location)


def _tell(request: HttpRequest, number: int) -> None:
    if number:
        sentence = ngettext("One document is uploaded.", "%(number)s documents are uploaded.", number)
        messages.success(request, sentence % {"number": number})
    else:
        messages.info(request, _("Nothing has changed."))


def _show(
    request: HttpRequest,
    frame: Frame,
    form: SeveralForm,
    *,
    refusals: list[str] | None = None,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    arrivals = arrivals_of(form["upload"])
    arrivals["lines"] = [(row, taken) for row, taken in arrivals["lines"] if not row.is_complete]
    context = {
        "frame": frame,
        "form": form,
        "rows": form.rows,
        "arrivals": arrivals,
        "refusals": refusals or [],
        "refusal": refusal,
        "submission": uuid.uuid4(),
    }
    return render(request, "applications/several.html", context, status=status)
