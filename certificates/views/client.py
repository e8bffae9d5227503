from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from certbody.web.views import client_page, user_of, visible_or_404
from certificates.queries.certificates import editions_in_force, public_to, withholding
from certificates.queries.register import entry_of


@client_page
@require_safe
def certificates(request: HttpRequest) -> HttpResponse:
    """Everything that the client's organisations hold or held."""
    entries = [entry_of(found) for found in public_to(user_of(request)).order_by("-id")[:100]]
    return render(request, "certificates/portal/certificates.html", {"entries": entries})


@client_page
@require_safe
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """One certificate with its downloads, dates and history; reasons are for the holder alone."""
    found = visible_or_404(public_to(user_of(request)), pk=pk)
    entry = entry_of(found)
    context = {
        "entry": entry,
        "editions": list(editions_in_force(found)),
        "certificate": found,
        "withheld": withholding(found),
        "letters": list(found.letters.select_related("file", "certificate")),
        "may_ask": entry.standing.is_valid,
        "ask_url": reverse("portal_letter", args=[found.pk]),
    }
    return render(request, "certificates/portal/certificate.html", context)
