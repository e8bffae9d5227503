"""What the lock-out of wrong passwords asks for: who tried, from where, and the neutral page that answers."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

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
