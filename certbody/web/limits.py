"""How often one visitor may ask for what costs most: the public search and the interface for programs."""

import ipaddress
from http import HTTPStatus

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from certbody import clock
from certbody.accounts.origin import client_address

WINDOW = 60  # seconds


def visitor_of(request: HttpRequest) -> str:
    """Whom a limit counts: an address, of IPv6 its network of 64 bits, which one subscriber has to himself."""
    address = client_address(request)
    if address is None:
        return "unknown"
    known = ipaddress.ip_address(address)
    if known.version == 6:
        return str(ipaddress.ip_network((known, 64), strict=False))
    return address


def is_over(request: HttpRequest, action: str) -> bool:
    """Count one more request of the visitor in this minute; True when there were more than CERTBODY_LIMITS[action].

    Each web process counts for itself and in its memory: what has to be cheap is the answer to a flood, and counting
    in the database would add a write to every search.
    """
    most = settings.CERTBODY_LIMITS[action]
    if not most:
        return False
    key = f"{action}:{visitor_of(request)}:{int(clock.now().timestamp()) // WINDOW}"
    counts = caches["limits"]
    counts.add(key, 0, 2 * WINDOW)
    try:
        return counts.incr(key) > most
    except ValueError:  # a flood from many addresses pushed this count out of the memory
        return False


def too_many(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"], response["Cache-Control"] = str(WINDOW), "no-store"
    return response
