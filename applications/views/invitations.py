"""The link of an invitation's mail, and the page on which it is accepted."""

import re
from http import HTTPStatus

from django.conf import settings
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

COOKIE = "invitation"
PLACE = "/accounts/invitation/"  # nothing else of the site is sent the secret
KEPT = 30 * 60  # seconds, as long as a session without a request
SECRET = re.compile(r"[0-9a-f]{64}")


@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the secret out of the address at once: the page itself can be shown, printed and sent on without it.

    A cookie keeps it: a session would be a row for everybody who asks for this address, and anybody may. Nothing is
    refused here, for the log of refusals keeps addresses.
    """
    response = redirect("applications:invitation")
    if SECRET.fullmatch(token):
        response.set_cookie(
            COOKIE,
            token,
            max_age=KEPT,
            path=PLACE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(COOKIE, path=PLACE)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """What the visitor is invited to, and the button that accepts it; signed out the two ways to sign in first."""
    token = request.COOKIES.get(COOKIE, "")
    if token and limits.is_over(request, "invitation"):
        return limits.too_many(request)
    invited = members.invitation_of(token)
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
    messages.success(request, _("You act for %(name)s from now on.") % {"name": chosen.organisation.name})
    response = redirect("portal")
    response.delete_cookie(COOKIE, path=PLACE)
    return response


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
