"""The desk's pages of enquiries: before there is an application, an organisation or a case."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications import queries
from applications.forms.enquiry import NewEnquiryForm
from applications.lists import ENQUIRIES
from applications.models import Enquiry
from applications.permissions import by_market
from applications.transitions import LOG
from applications.transitions.enquiry import enquiry_page
from certbody import workflow
from certbody.body.settings_catalogue import settings_of
from certbody.trail.timeline import steps_taken_on
from certbody.web.lists.views import show_list
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import staff_page, user_of, visible_or_404


@staff_page(*queries.ENQUIRY_READERS)
@require_safe
def enquiry_list(request: HttpRequest) -> HttpResponse:
    return show_list(request, ENQUIRIES, may_log=bool(by_market(user_of(request), None)))


@staff_page(*queries.ENQUIRY_READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    user, draft = user_of(request), Enquiry()
    if not (verdict := by_market(user, draft)):
        return _form(request, None, refusal=workflow.NotAllowed(verdict.reason))
    if request.method != "POST":
        return _form(request, NewEnquiryForm())
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = NewEnquiryForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        location = submission.once(
            lambda: workflow.perform(LOG, draft, actor=user, values=form.content()),
            location=enquiry_page,
            new=draft,
        )
    except workflow.Refused as refusal:
        return _form(request, form, refusal=refusal)
    return redirect(location)


def _form(
    request: HttpRequest,
    form: NewEnquiryForm | None,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "refusal": refusal}
    if refusal is not None:
        status = status_of(refusal)
    return render(request, "applications/enquiries/new.html", context, status=status)


@staff_page(*queries.ENQUIRY_READERS)
@require_safe
def enquiry(request: HttpRequest, reference: str) -> HttpResponse:
    found = _found(request, reference)
    context = {
        "enquiry": found,
        "quotes": list(found.quotes.select_related("made_by")),
        "history": steps_taken_on(found),
    }
    return render(request, "applications/enquiries/one.html", context)


@staff_page(*queries.ENQUIRY_READERS)
@require_safe
def quote(request: HttpRequest, reference: str, position: int) -> HttpResponse:
    """An indicative quote as a page to print and hand over."""
    found = _found(request, reference)
    shown = visible_or_404(found.quotes.select_related("made_by"), position=position)
    context = {
        "enquiry": found,
        "quote": shown,
        "lines": list(shown.lines.all()),
        **settings_of(["body_name", "body_name_en", "body_phone", "body_email"]),
    }
    return render(request, "applications/enquiries/quote.html", context)


def _found(request: HttpRequest, reference: str) -> Enquiry:
    return visible_or_404(queries.enquiries_visible_to(user_of(request)), reference=reference)
