"""The client's pages of an application as a whole, of the questions about it and of its contract."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications import queries
from applications.catalogue.sections import check_url, questions_url
from applications.forms.sections import AnswersForm
from applications.queries.documents import closed_for_client, documents_to_renew, remarks_for_client
from applications.queries.held import outlook_of
from applications.queries.reported import latest_report
from applications.transitions import ANSWER
from applications.views.common import (
    Frame,
    application_or_404,
    autosaved,
    contract_context,
    is_autosave,
    save,
)
from applications.views.facts import answers_of
from certbody import workflow
from certbody.web.steps import status_of
from certbody.web.views import client_page, user_of, visible_or_404


@client_page
@require_safe
def overview(request: HttpRequest, reference: str) -> HttpResponse:
    application = application_or_404(request, reference)
    frame = Frame(application)
    context = {
        "frame": frame,
        "application": application,
        "case": application.case,
        "questions": [] if frame.asked else list(application.questions.filter(revision=application.revision)),
        "contracts": list(queries.contracts_visible_to(user_of(request)).filter(application=application)),
        "outlook": outlook_of(application),
        "report": latest_report(application),
        "remarks": [] if frame.asked else remarks_for_client(application),
        "closed": closed_for_client(application),
        "documents": documents_to_renew(application, get_language() or "en"),
    }
    return render(request, "applications/overview.html", context)


@client_page
@require_safe
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """All answers on one page; before the submission with what is missing, afterwards as the copy to read."""
    application = application_or_404(request, reference)
    frame = Frame(application, "check")
    context = {
        "frame": frame,
        "application": application,
        "case": application.case,
        "answers": answers_of(frame.contents, get_language() or "en"),
    }
    return render(request, "applications/check.html", context)


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, reference: str) -> HttpResponse:
    """What the body asks about the application; answers are saved while typing."""
    application = application_or_404(request, reference)
    if request.method != "POST":
        if not Frame(application).has_questions:
            return redirect(check_url(application))
        return _show_questions(request, Frame(application, "questions"), AnswersForm(application=application))
    form = AnswersForm(request.POST, application=application)
    form.is_valid()
    refusal = save(ANSWER, application, request, form)
    frame = Frame(application_or_404(request, reference), "questions")
    if is_autosave(request):
        return autosaved(request, frame, form, refusal, application=frame.application)
    if refusal or form.errors:
        status = status_of(refusal) if refusal else 422
        return _show_questions(request, frame, form, refusal=refusal, status=status)
    if form.values_to_save():
        messages.success(request, _("Your answers are saved."))
    else:
        messages.info(request, _("Nothing has changed."))
    return redirect(questions_url(application))


@client_page
@require_safe
def contract(request: HttpRequest, number: str) -> HttpResponse:
    found = visible_or_404(queries.contracts_visible_to(user_of(request)), number=number)
    return render(request, "applications/contract.html", contract_context(found, user_of(request)))


def _show_questions(
    request: HttpRequest,
    frame: Frame,
    form: AnswersForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = [(question, form[f"answer_{question.pk}"]) for question in form.questions]
    context = {
        "frame": frame,
        "application": frame.application,
        "case": frame.application.case,
        "form": form,
        "rows": rows,
        "refusal": refusal,
    }
    return render(request, "applications/questions.html", context, status=status)
