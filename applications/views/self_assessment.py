"""The self-assessment: anybody scores himself by the engine of the audits; it binds nobody and gives no advice."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.forms.self_assessment import KeepForm, SelfAssessmentForm
from applications.queries import self_assessment as queries
from applications.services import self_assessment as services
from certbody import workflow
from certbody.scheme.score import progress_of_all, score
from certbody.web import limits
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import client_page, user_of, visible_or_404

ANSWERS = "self_assessment"  # in the session of the visitor, and nowhere else


@require_http_methods(["GET", "HEAD", "POST"])
def assess(request: HttpRequest) -> HttpResponse:
    """Ask for every indicator and say what the answers come to; the answers stay in the visitor's session."""
    scheme = queries.table_of_today()
    if request.method != "POST":
        return _show(request, SelfAssessmentForm(_remembered(request), scheme=scheme))
    if limits.is_over(request, "assessment"):  # the answers of a visitor without a session make a row for one
        return limits.too_many(request)
    form = SelfAssessmentForm(request.POST, scheme=scheme)
    if not form.is_valid():
        return _show(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    request.session[ANSWERS] = form.answers()
    return redirect(f"{reverse('self_assessment')}#result")


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Empty the form: the session forgets the answers."""
    request.session.pop(ANSWERS, None)
    return redirect("self_assessment")


def _remembered(request: HttpRequest) -> QueryDict | None:
    answers = request.session.get(ANSWERS)
    return QueryDict(answers) if answers else None


@require_POST
@client_page
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the assessment in the session for one of the reader's organisations."""
    user, submission = user_of(request), Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = SelfAssessmentForm(_remembered(request), scheme=queries.table_of_today())
    whose = KeepForm(request.POST, organisations=queries.organisations_to_keep_for(user))
    sheet = form.sheet() if form.is_bound and form.is_valid() else None
    if sheet is None or not whose.is_valid():
        return _show(request, form, keeping=whose, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    organisation = whose.cleaned_data["organisation"]
    try:
        location = submission.once(
            lambda: services.keep(actor=user, organisation=organisation, sheet=sheet),
            location=lambda kept: reverse("self_assessment_kept", args=[kept.pk]),
        )
    except workflow.Refused as refusal:
        return _show(request, form, refusal=refusal, status=status_of(refusal))
    messages.success(request, _("The self-assessment is kept. Only members of your organisation see it."))
    return redirect(location)


@client_page
@require_safe
def kept(request: HttpRequest, pk: int) -> HttpResponse:
    found = visible_or_404(queries.visible_to(user_of(request)), pk=pk)
    names = {group.id: group.title for group in queries.table_of_today().level1}
    sections = [(names.get(key), key, figures) for key, figures in found.result["sections"].items()]
    return render(request, "applications/self_assessment/kept.html", {"kept": found, "sections": sections})


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then delete a self-assessment that is kept."""
    found = visible_or_404(queries.visible_to(user_of(request)), pk=pk)
    if request.method != "POST":
        return render(request, "applications/self_assessment/delete.html", {"kept": found})
    services.delete(actor=user_of(request), kept=found)
    messages.success(request, _("The self-assessment is deleted."))
    return redirect("self_assessment")


def _show(
    request: HttpRequest,
    form: SelfAssessmentForm,
    *,
    keeping: KeepForm | None = None,
    refusal: workflow.Refused | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    organisations = queries.organisations_to_keep_for(request.user)
    is_read = form.is_bound and form.is_valid()
    sheet = form.sheet() if is_read else None
    result = score(form.scheme, sheet) if sheet is not None else None
    titles = {group.id: group.title for group in form.scheme.level1}
    context = {
        "form": form,
        "progress": progress_of_all(form.scheme, form.marks) if is_read else None,
        "result": result,
        "sections": [(titles[key], key, value) for key, value in result.sections.items()] if result else [],
        "keeping": keeping or (KeepForm(organisations=organisations) if organisations.exists() else None),
        "earlier": list(queries.visible_to(request.user)[: services.MOST_KEPT]),
        "refusal": refusal,
    }
    return render(request, "applications/self_assessment/page.html", context, status=status)
