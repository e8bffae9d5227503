"""The lock-out of wrong passwords and codes: who tried, from where, and the neutral page that answers."""

from collections.abc import Mapping
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from certbody.accounts.models import User

LONGEST_NAME = 254


def username_of(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str | None:
    """The e-mail address that was tried, in lower case: allauth calls it `email` in code and `login` in its form."""
    tried = (
        (credentials or {}).get("email") or (credentials or {}).get("username") or request.POST.get("login")
    )
    return str(tried).strip().lower()[:LONGEST_NAME] if tried else None


def locked_out(
    request: HttpRequest, _original_response: HttpResponse | None, _credentials: Mapping[str, Any] | None
) -> HttpResponse:
    """Answer alike whether the account exists or not and whether the password was right or wrong."""
    response = render(request, "accounts/locked_out.html", status=429)
    response["Retry-After"] = "900"
    return response


def is_locked(request: HttpRequest, user: User) -> bool:
    """Whether too many wrong passwords and codes of this account came from the address of the request."""
    return not AxesProxyHandler.is_allowed(request, {"email": user.email})


def count_wrong_code(request: HttpRequest, user: User) -> None:
    """Count a wrong code like a wrong password; the one too many is answered by the lock-out's page."""
    AxesProxyHandler.user_login_failed(sender=User, credentials={"email": user.email}, request=request)


def code_failed(*, request: HttpRequest, user: User, **_signal: object) -> None:
    count_wrong_code(request, user)
