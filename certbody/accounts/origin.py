"""From which address a request comes, read so that a forged header changes nothing."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The address of the visitor.

    Behind N proxies of our own (CERTBODY_PROXIES) it is the Nth entry from the right of X-Forwarded-For, because only
    those entries were written by them; everything further left, and the header where no proxy stands, is the visitor's
    own invention. None when the text is no address.
    """
    candidate = str(request.META.get("REMOTE_ADDR", ""))
    proxies = settings.AXES_IPWARE_PROXY_COUNT
    if proxies:
        entries = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        candidate = entries[-proxies] if len(entries) >= proxies else candidate
    try:
        known = ipaddress.ip_address(candidate)
    except ValueError:
        return None
    # a socket for both versions writes 192.0.2.1 as ::ffff:192.0.2.1
    return str(getattr(known, "ipv4_mapped", None) or known)
