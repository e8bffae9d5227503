"""The sections of an application in the portal: one address each, saved while typing."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from applications.catalogue.kinds import asked_of
from applications.catalogue.sections import Section, check_url
from applications.forms.changes import ChangeForm, TransferForm
from applications.forms.sections import (
    ExclusionsForm,
    HeadcountForm,
    PrerequisitesForm,
    ScopeForm,
    SectionForm,
    excludable_clauses,
)
from applications.models import Application
from applications.queries import documents
from applications.queries.service_managers import totals_of
from applications.transitions import SAVE, SAVE_EXCLUSIONS
from applications.views.common import Frame, application_or_404, autosaved, is_autosave, save
from certbody import workflow
from certbody.web.edits import FieldwiseForm
from certbody.web.steps import status_of
from certbody.web.views import client_page

FORMS: dict[str, type[SectionForm]] = {
    Section.CHANGE: ChangeForm,
    Section.TRANSFER: TransferForm,
    Section.ORGANISATION: HeadcountForm,
    Section.SCOPE: ScopeForm,
    Section.PREREQUISITES: PrerequisitesForm,
}


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, reference: str, section: str) -> HttpResponse:
    application = application_or_404(request, reference)
    if section not in asked_of(application).sections:
        raise Http404
    if request.method != "POST" and section not in Frame(application).writable_sections:
        return redirect(check_url(application))
    if section in FORMS:
        return _fields(request, application, section)
    if section == Section.EXCLUSIONS:
        return _exclusions(request, application)
    if request.method == "POST":
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    if section == Section.SITES:
        return render(request, "applications/sites.html", {"frame": Frame(application, section)})
    return _documents(request, application)


def _documents(request: HttpRequest, application: Application) -> HttpResponse:
    frame = Frame(application, Section.DOCUMENTS)
    groups = documents.checklist(frame.contents, get_language() or "en")
    entries = [entry for group in groups for entry in group.entries]
    context = {
        "frame": frame,
        "groups": groups,
        "missing": sum(entry.is_missing for entry in entries),
        "at_fault": sum(entry.is_at_fault for entry in entries),
        "first": next((entry for entry in entries if entry.is_missing or entry.is_at_fault), None),
    }
    return render(request, "applications/documents.html", context)


def _fields(request: HttpRequest, application: Application, section: str) -> HttpResponse:
    form_class = FORMS[section]
    if request.method != "POST":
        return _show(request, Frame(application, section), form_class(application=application))
    data = request.POST.copy()
    if "take_totals" in data:
        data.update(_sums_of_the_sites(application))
    form = form_class(data, application=application)
    form.is_valid()
    return _answer(request, application, section, form, save(SAVE, application, request, form))


def _sums_of_the_sites(application: Application) -> dict[str, str]:
    """What the fields of the organisation hold when the client takes over the figures of its sites."""
    totals = totals_of(application.sites.all())
    return {name: str(value) for name, value in totals.as_values().items()} if totals.is_whole else {}


def _exclusions(request: HttpRequest, application: Application) -> HttpResponse:
    frame = Frame(application, Section.EXCLUSIONS)
    clauses = excludable_clauses(frame.contents.scheme, application.goods)
    facts: dict[str, Any] = {
        "application": application,
        "clauses": clauses,
        "language": get_language() or "en",
    }
    if request.method != "POST":
        return _show(request, frame, ExclusionsForm(**facts))
    form = ExclusionsForm(request.POST, **facts)
    form.is_valid()
    refusal = save(SAVE_EXCLUSIONS, application, request, form)
    return _answer(request, application, Section.EXCLUSIONS, form, refusal)


def _answer(
    request: HttpRequest,
    application: Application,
    section: str,
    form: FieldwiseForm,
    refusal: workflow.Refused | None,
) -> HttpResponse:
    """After a save: what is at fault stands at its field, everything typed stays, and what was valid is saved."""
    application = application_or_404(request, application.case.reference)
    frame = Frame(application, section)
    if is_autosave(request):
        return autosaved(request, frame, form, refusal)
    if refusal or form.errors:
        return _show(request, frame, form, refusal=refusal, status=status_of(refusal) if refusal else 422)
    return redirect(frame.next_url)


def _show(
    request: HttpRequest,
    frame: Frame,
    form: FieldwiseForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"frame": frame, "form": form, "refusal": refusal}
    return render(request, "applications/section.html", context, status=status)
