"""What every request of a signed-in person passes: its origin, limits of the session, the second factor, the log."""

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from certbody.accounts.models import User
from certbody.accounts.origin import client_address
from certbody.accounts.sessions import end_dead_session, touch
from certbody.security_log import note
from certbody.trail.origin import origin

LONGEST_PATH = 200

# what must stay reachable to get the second factor, to sign out and to read the page in one's own language
OPEN_PATHS = ("/accounts/", "/i18n/", "/static/", "/healthz", "/readyz")


class SecondFactorMiddleware:
    """Staff work only in a session that proved the second factor; demo accounts are excepted.

    A session ends 30 minutes after its last request, 12 hours after the sign-in, and at once for a disabled account.
    Whatever the request writes to the trail and to the security log is noted with its address, and a page or an object
    that is kept from the person stands in that log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with origin(client_address(request), request.META.get("HTTP_USER_AGENT", "")):
            end_dead_session(request)
            if isinstance(request.user, User):
                touch(request)
                if (address := second_factor_address(request, request.user)) is not None:
                    return redirect(address)
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """An address that leads to no page at all is a slip of the finger and never comes here."""
        if isinstance(exception, Http404 | PermissionDenied) and isinstance(request.user, User):
            code = "permission" if isinstance(exception, PermissionDenied) else "not_found"
            note("page refused", user=request.user, result="refused", code=code, **_place(request))


def _place(request: HttpRequest) -> dict[str, str]:
    """Which page and which object were asked for; links of account mails hold a secret: there the page alone."""
    match = request.resolver_match
    if match is None or request.path.startswith("/accounts/"):
        return {"page": match.view_name if match else ""}
    return {"page": match.view_name, "path": request.path[:LONGEST_PATH]}


def second_factor_address(request: HttpRequest, user: User) -> str | None:
    """Where somebody has to go before the page that was asked for; None when nothing is missing."""
    if request.path.startswith(OPEN_PATHS) or user.is_demo or not user.is_staff_member:
        return None
    if any(record["method"] == "mfa" for record in get_authentication_records(request, user)):
        return None
    has_app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    page = reverse("mfa_reauthenticate" if has_app else "mfa_activate_totp")
    return f"{page}?{urlencode({'next': request.get_full_path()})}"
