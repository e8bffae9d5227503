"""The page on which a proof of certification for a tender is asked for, on either side."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from certbody import workflow
from certbody.web.steps import refusal_of, status_of
from certbody.web.submissions import Submission
from certbody.web.views import client_page, staff_page, user_of, visible_or_404
from certificates.forms import ProofForm
from certificates.models import Certificate, ProofLetter
from certificates.queries.certificates import visible_to
from certificates.transitions.certificates import certificate_page
from certificates.transitions.letters import ASK_FOR_PROOF


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def ask_as_client(request: HttpRequest, pk: int) -> HttpResponse:
    return _ask(request, pk)


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    return _ask(request, pk)


def _ask(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    certificate = visible_or_404(visible_to(user), pk=pk)
    letter = ProofLetter(certificate=certificate)
    if request.method != "POST":
        refusal = refusal_of(ASK_FOR_PROOF, letter, user)
        return _show(request, certificate, None if refusal else ProofForm(), refusal=refusal)
    if not (verdict := ASK_FOR_PROOF.allowed(user, letter)):
        return _show(request, certificate, None, refusal=workflow.NotAllowed(verdict.reason))
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = ProofForm(request.POST)
    if not form.is_valid():
        return _show(request, certificate, form, status=422)
    letter.as_of, letter.tender = form.cleaned_data["as_of"], form.cleaned_data["tender"]
    try:
        location = submission.once(
            lambda: workflow.perform(ASK_FOR_PROOF, letter, actor=user),
            location=certificate_page(certificate, user),
            new=letter,
        )
    except workflow.Refused as refusal:
        return _show(request, certificate, form, refusal=refusal)
    messages.success(request, _("The letter is being made; it appears on this page."))
    return redirect(location)


def _show(
    request: HttpRequest,
    certificate: Certificate,
    form: ProofForm | None,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    user = user_of(request)
    context = {
        "certificate": certificate,
        "form": form,
        "refusal": refusal,
        "back": certificate_page(certificate, user),
        "base": "desk/base.html" if user.is_staff_member else "portal/base.html",
    }
    status = status_of(refusal) if refusal is not None else status
    return render(request, "certificates/letter.html", context, status=status)
