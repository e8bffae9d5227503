"""What every request of a signed-in person passes: limits of the session, the second factor, its origin."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.origin import client_address
from certbody.trail.origin import origin

LONGEST_SESSION = 12 * 3600
TOUCHED = "touched_at"
TOUCH_EVERY = 60

# what must stay reachable to get the second factor, to sign out and to read the page in one's own language
OPEN_PATHS = ("/accounts/", "/i18n/", "/static/", "/healthz", "/readyz")


class SecondFactorMiddleware:
    """Staff work only in a session that proved the second factor; demo accounts are excepted.

    A session ends 30 minutes after its last request, 12 hours after the sign-in, and at once for a disabled account.
    Whatever the request writes to the trail is noted with its address and browser.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _end_dead_session(request)
        with origin(client_address(request), request.META.get("HTTP_USER_AGENT", "")):
            if isinstance(request.user, User):
                _touch(request)
                if (address := second_factor_address(request, request.user)) is not None:
                    return redirect(address)
            return self.get_response(request)


def _end_dead_session(request: HttpRequest) -> None:
    is_disabled = SESSION_KEY in request.session and not request.user.is_authenticated
    if is_disabled or _is_too_old(request):
        logout(request)


def _is_too_old(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user) if isinstance(request.user, User) else []
    return bool(records) and clock.now().timestamp() - records[0]["at"] > LONGEST_SESSION


def _touch(request: HttpRequest) -> None:
    """Put the end of the session off, writing its row at most once a minute."""
    if abs(int(clock.now().timestamp()) - request.session.get(TOUCHED, 0)) >= TOUCH_EVERY:
        begin_session(request=request)


def begin_session(*, request: HttpRequest, **_signal: Any) -> None:
    """Note the moment from which silence is counted; the sign-in itself calls this, so that the next page does not."""
    request.session[TOUCHED] = int(clock.now().timestamp())


def second_factor_address(request: HttpRequest, user: User) -> str | None:
    """Where somebody has to go before the page that was asked for; None when nothing is missing."""
    if request.path.startswith(OPEN_PATHS) or user.is_demo or not user.is_staff_member:
        return None
    if any(record["method"] == "mfa" for record in get_authentication_records(request, user)):
        return None
    has_app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    page = reverse("mfa_reauthenticate" if has_app else "mfa_activate_totp")
    return f"{page}?{urlencode({'next': request.get_full_path()})}"
