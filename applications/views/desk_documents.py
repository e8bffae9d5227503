"""The reviewer's view of the documents: each with its first page, its versions, and what is found on it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from applications.catalogue.kinds import documents_asked
from applications.catalogue.sections import desk_url
from applications.forms.documents import JudgeForm
from applications.models import Application, ApplicationDocument
from applications.paths import documents_page
from applications.queries.documents import Line, lines_of
from applications.transitions import JUDGE_DOCUMENT
from applications.views.common import application_or_404, take
from certbody import workflow
from certbody.accounts.models import User
from certbody.body.queries import scheme_of
from certbody.web.steps import status_of
from certbody.web.views import staff_page, user_of, visible_or_404


@dataclass(frozen=True)
class DocumentOnDesk:
    """One document in force, and the form of whoever may judge it."""

    name: str
    line: Line
    form: JudgeForm | None
    is_next: bool


def desk_documents(
    application: Application, user: User, bound: JudgeForm | None = None
) -> list[DocumentOnDesk]:
    """What `applications/desk/documents.html` prints: the documents in the order of the checklist."""
    names = {
        kind.key: kind.name.in_language(get_language() or "en")
        for kind in documents_asked(application, scheme_of(application.case))
    }
    places = {key: place for place, key in enumerate(names)}
    can_judge = application.state in JUDGE_DOCUMENT.sources and bool(
        JUDGE_DOCUMENT.allowed(user, application)
    )
    lines = sorted(lines_of(application), key=lambda line: places.get(line.document.kind, len(places)))
    following = next((line for line in lines if line.finding is None), None)
    return [
        DocumentOnDesk(
            name=names.get(line.document.kind, line.document.kind),
            line=line,
            form=_form_for(application, line, bound) if can_judge else None,
            is_next=line is following,
        )
        for line in lines
    ]


def _form_for(application: Application, line: Line, bound: JudgeForm | None) -> JudgeForm:
    if bound is not None and bound.document.pk == line.document.pk:
        return bound
    is_of_this_round = line.finding is not None and line.finding.revision == application.revision
    return JudgeForm(document=line.document, found=line.finding if is_of_this_round else None)


@staff_page()
@require_safe
def documents(request: HttpRequest, reference: str) -> HttpResponse:
    return _show(request, application_or_404(request, reference))


@staff_page()
@require_POST
def judge(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Record what the reviewer found on one version of a document."""
    application = application_or_404(request, reference)
    row = visible_or_404(ApplicationDocument.objects.filter(application=application), pk=pk)
    verdict = JUDGE_DOCUMENT.allowed(user_of(request), application)
    if not verdict:
        refusal = workflow.NotAllowed(verdict.reason)
        return _show(request, application, refusal=refusal, status=status_of(refusal))
    form = JudgeForm(request.POST, document=row)
    if not form.is_valid():
        return _show(request, application, bound=form, status=422)
    if failed := take(JUDGE_DOCUMENT, application, request, form=form, **form.step_data()):
        return _show(request, application, bound=form, refusal=failed, status=status_of(failed))
    came_from_the_review = request.POST.get("back") == "application"
    page = desk_url(application) if came_from_the_review else documents_page(application)
    return redirect(f"{page}#document-{row.pk}")


def _show(
    request: HttpRequest,
    application: Application,
    *,
    bound: JudgeForm | None = None,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "application": application,
        "case": application.case,
        "documents": desk_documents(application, user_of(request), bound),
        "refusal": refusal,
    }
    return render(request, "applications/desk/documents_page.html", context, status=status)
