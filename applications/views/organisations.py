import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications.catalogue.kinds import sections_of
from applications.catalogue.sections import Section, section_url
from applications.forms.organisation import JoinForm, OrganisationForm, RegistrationForm
from applications.models import Application
from applications.queries import open_application_of
from applications.services import organisations
from applications.transitions.joining import ASK as ASK_TO_JOIN
from certbody import workflow
from certbody.accounts.models import JoinRequest
from certbody.body.settings_catalogue import SCHEME_OF_THE_DEFAULTS
from certbody.transactions import whole
from certbody.web import limits
from certbody.web.edits import check_unchanged
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import client_page, user_of, visible_or_404


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Register an organisation, its credit code first; its first person becomes its owner."""
    if request.method != "POST":
        return _first_step(request)
    if limits.is_over(request, "register"):  # what is registered already is refused here too
        return limits.too_many(request)
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = OrganisationForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        location = submission.once(
            lambda: organisations.create_organisation(actor=user_of(request), values=form.values()),
            location=reverse("portal"),
        )
    except ValidationError as fault:
        form.add_error(None, fault)
        return _show(request, form, status=422)
    except workflow.Refused as refusal:
        return _show(request, form, refusal=refusal, status=status_of(refusal))
    messages.success(request, _("The organisation is registered. You can begin its application now."))
    return redirect(location)


def _first_step(request: HttpRequest) -> HttpResponse:
    """Ask for the code alone; what comes next depends on it, and on nothing that is kept."""
    if not request.GET:
        return render(request, "applications/portal/register.html", {"form": RegistrationForm()})
    if limits.is_over(request, "register"):
        return limits.too_many(request)
    form = RegistrationForm(request.GET)
    if not form.is_valid():
        return render(request, "applications/portal/register.html", {"form": form}, status=422)
    if not form.is_of_mainland:
        return render(request, "applications/portal/elsewhere.html")
    code = form.cleaned_data["credit_code"]
    known = organisations.organisation_of_code(code)
    if known is None:
        return _show(request, OrganisationForm(credit_code=code))
    own = user_of(request).organisations.filter(pk=known.pk).exists()
    context = {"credit_code": code, "submission": uuid.uuid4(), "is_own": own}
    return render(request, "applications/portal/known.html", context)


@client_page
@require_POST
def join(request: HttpRequest) -> HttpResponse:
    """Ask the owners of a registered organisation to be let in; the answer comes from them."""
    if limits.is_over(request, "register"):
        return limits.too_many(request)
    user, submission = user_of(request), Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = JoinForm(request.POST)
    known = organisations.organisation_of_code(form.cleaned_data["credit_code"]) if form.is_valid() else None
    if known is None:
        return redirect("applications:organisation_new")
    wish = JoinRequest(organisation=known, person=user.person)
    try:
        location = submission.once(
            lambda: workflow.perform(ASK_TO_JOIN, wish, actor=user), location=reverse("portal"), new=wish
        )
    except workflow.Refused as refusal:
        context = {
            "refusal": refusal,
            "title": ASK_TO_JOIN.label,
            "base": "portal/base.html",
            "back": "/portal/",
        }
        return render(request, "web/refused.html", context, status=status_of(refusal))
    messages.success(
        request, _("Your request is on its way. You are told by mail when somebody has answered.")
    )
    return redirect(location)


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    organisation = visible_or_404(user.organisations, pk=pk)
    locked = organisations.identity_is_locked(organisation)
    begun = open_application_of(organisation, SCHEME_OF_THE_DEFAULTS)
    is_open = begun is not None and begun.is_writable
    back = section_url(begun, _section_of_data(begun)) if begun is not None and is_open else "/portal/"
    if request.method != "POST":
        return _show(request, OrganisationForm(organisation=organisation, locked=locked), back=back)
    form = OrganisationForm(request.POST, organisation=organisation, locked=locked)
    if not form.is_valid():
        return _show(request, form, back=back, status=422)

    def save() -> None:
        check_unchanged(form, organisation)
        organisations.change_organisation(organisation=organisation, actor=user, values=form.values())

    try:
        whole(save)
    except workflow.ChangedMeanwhile as refusal:
        return _show(request, form, back=back, refusal=refusal, status=status_of(refusal))
    except ValidationError as fault:
        form.add_error(None, fault)
        return _show(request, form, back=back, status=422)
    messages.success(request, _("Saved."))
    return redirect(back)


def _section_of_data(application: Application) -> Section:
    """The section that shows the data of the organisation; the first one where none does."""
    sections = sections_of(application)
    return Section.ORGANISATION if Section.ORGANISATION in sections else sections[0]


def _show(
    request: HttpRequest,
    form: OrganisationForm,
    *,
    back: str = "/portal/",
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "organisation": form.organisation,
        "back": back,
        "refusal": refusal,
        "submission": uuid.uuid4(),
    }
    return render(request, "applications/organisation.html", context, status=status)
