"""The public register: search, the truth about one number, the short address of the QR code."""

from datetime import date
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from certbody import clock
from certbody.web import limits
from certificates.api import checked_day
from certificates.queries.register import as_printed, by_number, number_valid_until, search


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    if query and limits.is_over(request, "search"):
        return limits.too_many(request)
    found = search(query) if query else None
    response = render(request, "certificates/public/search.html", {"q": query, "found": found})
    add_never_cache_headers(response)
    return response


@require_safe
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """What is true about a number today or on a day; whatever the public does not know answers alike."""
    day, is_bad = _day(request.GET.get("on", ""))
    entry = by_number(number, day)
    if entry is None:
        raise Http404
    if entry.number != number:
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return redirect(f"/register/{entry.number}/{query}")
    context = {
        "entry": entry,
        "on": day,
        "day_is_bad": is_bad,
        "today": clock.today(),
        "is_ahead": day is not None and day > clock.today(),
        "until_then": number_valid_until(entry),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_bad else HTTPStatus.OK
    response = render(request, "certificates/public/certificate.html", context, status=status)
    add_never_cache_headers(response)
    return response


def _day(text: str) -> tuple[date | None, bool]:
    """The day that was asked for; a text that is no day is a fault, beside which the page tells of today."""
    if not text:
        return None, False
    day = checked_day(text)
    return day, day is None


@require_safe
def short_address(request: HttpRequest, number: str) -> HttpResponse:
    """The address printed on the certificate; it leads on without saying whether the number exists."""
    return redirect("register_certificate", number=as_printed(number) or "-")
