"""The link of an invitation's mail, and the page on which it is accepted."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications.queries.members import open_invitations_to
from applications.services import members
from certbody.accounts.models import Invitation, User
from certbody.transactions import whole
from certbody.web import limits

IN_SESSION = "invitation"


@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the secret out of the address at once: the page itself can be shown, printed and sent on without it.

    Nothing is refused here, for the log of refusals keeps addresses.
    """
    request.session[IN_SESSION] = token[:128]
    return redirect("applications:invitation")


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """What the visitor is invited to, and the button that accepts it; signed out the two ways to sign in first."""
    if IN_SESSION in request.session and limits.is_over(request, "invitation"):
        return limits.too_many(request)
    invited = members.invitation_of(request.session.get(IN_SESSION, ""))
    if not isinstance(request.user, User):
        return _show(request, [invited] if invited is not None and invited.is_open else [], invited)
    own = open_invitations_to(request.user)
    if request.method != "POST":
        return _show(request, own, invited)
    chosen = next((one for one in own if str(one.pk) == request.POST.get("invitation")), None)
    if chosen is None:
        return _show(request, own, invited, sentence=str(members.NO_LONGER_OPEN), status=HTTPStatus.CONFLICT)
    actor = request.user
    try:
        whole(lambda: members.accept(invitation=chosen, actor=actor))
    except ValidationError as fault:
        sentence = " ".join(fault.messages)
        return _show(request, own, invited, sentence=sentence, status=HTTPStatus.CONFLICT)
    request.session.pop(IN_SESSION, None)
    messages.success(request, _("You act for %(name)s from now on.") % {"name": chosen.organisation.name})
    return redirect("portal")


def _show(
    request: HttpRequest,
    open_ones: list[Invitation],
    invited: Invitation | None,
    *,
    sentence: str = "",
    status: int = 200,
) -> HttpResponse:
    if not sentence and invited is not None and invited not in open_ones:
        sentence = str(members.OTHER_ADDRESS if invited.is_open else members.NO_LONGER_OPEN)
    if request.method == "POST" and not isinstance(request.user, User):
        raise Http404
    context = {"invitations": open_ones, "sentence": sentence, "is_signed_in": isinstance(request.user, User)}
    return render(request, "applications/portal/invitation.html", context, status=status)
