"""Pages that say what went wrong; those for 500, 503 and 507 need neither database nor session."""

import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from certbody.outages import Outage, outage_of
from certbody.web.context_processors import THEMES

log = structlog.get_logger(__name__)
LARGEST_RESEND = 200_000  # characters
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# what is typed there is secret: it is typed again, never written into a page
SECRET_PATHS = ("/accounts/", "/admin/")


@dataclass(frozen=True)
class Explanation:
    status: HTTPStatus
    retry_after: int  # seconds
    heading: "str | Promise"
    sentence: "str | Promise"


EXPLANATIONS = {
    Outage.DATABASE: Explanation(
        HTTPStatus.SERVICE_UNAVAILABLE,
        30,
        _("We cannot be reached for a moment"),
        _("The database does not answer at this moment. This usually lasts less than a minute."),
    ),
    Outage.STORAGE: Explanation(
        HTTPStatus.SERVICE_UNAVAILABLE,
        60,
        _("Nothing can be saved at this moment"),
        _("Our storage does not accept anything at this moment. We have been told and are looking into it."),
    ),
    Outage.NO_ROOM: Explanation(
        HTTPStatus.INSUFFICIENT_STORAGE,
        120,
        _("There is no room to save this"),
        _("Our storage is full, so nothing new can be kept. We have been told and are making room."),
    ),
    Outage.SERVICE: Explanation(
        HTTPStatus.SERVICE_UNAVAILABLE,
        60,
        _("This is not possible at this moment"),
        _("A service that is needed for this does not answer. We have been told and are looking into it."),
    ),
}


def too_large(request: HttpRequest) -> HttpResponse:
    return turned_away(request, "413.html", 413)


def turned_away(
    request: HttpRequest, template: str, status: int, context: Mapping[str, Any] | None = None
) -> HttpResponse:
    """A page that says why nothing else is shown; whoever is signed in keeps header and menu, and has a way back."""
    return render(request, template, {**_frame(request), **(context or {})}, status=status)


def _frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)  # what is turned away early has none yet
    if user is None or not user.is_authenticated:
        return {}
    surface = "desk" if user.is_staff_member else "portal"
    came_from = _came_from(request)
    home = _("To my desk") if surface == "desk" else _("To my portal")
    return {
        "frame": "errors/framed.html",
        "base": f"{surface}/base.html",
        "back": came_from or f"/{surface}/",
        "back_label": _("Back to the page that you came from") if came_from else home,
    }


def _came_from(request: HttpRequest) -> str:
    """The page of ours on which the reader was before; empty when there was none, or it was this one."""
    referrer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referrer, {request.get_host()}):
        return ""
    page = urlsplit(referrer)
    address = f"{page.path}?{page.query}" if page.query else page.path
    # a path that begins with two slashes would be another host
    if not url_has_allowed_host_and_scheme(address, None) or page.path.startswith(SECRET_PATHS):
        return ""
    return "" if unquote(page.path) == request.path else address


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return turned_away(request, "403_csrf.html", 403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return turned_away(request, "400.html", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return turned_away(request, "403.html", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return turned_away(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer every fault that nobody caught: an outage with 503 or 507, a fault of the product with 500.

    Django calls this while it handles the exception. Each fault has a number, which the page shows and one line of the
    log holds with the traceback; middleware that fails on the way out with the same outage does not write it again.
    """
    fault = sys.exc_info()[1]
    explanation = EXPLANATIONS.get(outage) if (outage := outage_of(fault)) else None
    number: str | None = getattr(request, "fault_number", None)
    if number is None:
        number = secrets.token_hex(4)
        request.fault_number = number  # type: ignore[attr-defined]
        log.error(
            "outage" if outage else "fault",
            number=number,
            outage=outage,
            method=request.method,
            path=request.path,
            exc_info=fault,
        )
    response = _fault(request, number) if explanation is None else _outage(request, number, explanation)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would write the same traceback once more
    return response


def _fault(request: HttpRequest, number: str) -> HttpResponse:
    context = {"number": number, "theme": _theme(request)}
    return HttpResponse(render_to_string("500.html", context), status=500)


def _outage(request: HttpRequest, number: str, explanation: Explanation) -> HttpResponse:
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = JsonResponse({"detail": str(explanation.sentence), "fault": number})
    elif request.headers.get("HX-Request"):
        response = _fragment(request, number, explanation)
    else:
        context = {
            "number": number,
            "theme": _theme(request),
            "explanation": explanation,
            "is_entry": request.method not in SAFE_METHODS,
            "address": request.get_full_path(),
            "entries": _entries(request),
        }
        response = HttpResponse(render_to_string("errors/outage.html", context))
    response.status_code = explanation.status
    response["Retry-After"] = str(explanation.retry_after)
    response["Cache-Control"] = "no-store"
    return response


def _fragment(request: HttpRequest, number: str, explanation: Explanation) -> HttpResponse:
    """For htmx: a note on top of the page that was open, so that what is typed there stays.

    Autosave has a line of its own that says so and tries again, and what only looks asks again by itself.
    """
    context = {"number": number, "explanation": explanation}
    response = HttpResponse(render_to_string("errors/outage_note.html", context))
    if request.method in SAFE_METHODS or request.headers.get("X-Autosave"):
        response["HX-Reswap"] = "none"
    else:
        response["HX-Retarget"], response["HX-Reswap"] = "#outage", "innerHTML"
    return response


def _entries(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed, to be sent once more with the same key of submission, so that nothing is done twice.

    A file cannot be kept on a page; whoever sent one goes back and chooses it again.
    """
    if request.method != "POST" or request.path.startswith(SECRET_PATHS):
        return []
    try:
        entries = [(name, text) for name, texts in request.POST.lists() for text in texts]
        has_files = bool(request.FILES)
    except OSError:  # the body itself could not be kept
        return []
    is_short = sum(len(text) for _name, text in entries) <= LARGEST_RESEND
    return entries if is_short and not has_files else []


def _theme(request: HttpRequest) -> str:
    theme = request.COOKIES.get("theme", "auto")
    return theme if theme in THEMES else "auto"
