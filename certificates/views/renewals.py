"""The desk's list of certificates that have to be renewed, by client."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certbody.web.exports import export_of
from certbody.web.paging import paged
from certbody.web.views import staff_page, user_of
from certificates.navigation import CERTIFICATE_READERS
from certificates.queries.renewals import MONTHS, due, owners_of_clients
from certificates.tables import RenewalTable

USUAL_MONTHS = 12
MINE = "me"


@staff_page(*CERTIFICATE_READERS)
@require_safe
def renewals(request: HttpRequest) -> HttpResponse:
    """Certificates that run out within the chosen months, of all clients or of those whom one person looks after."""
    user = user_of(request)
    asked, owner = request.GET.get("months", ""), request.GET.get("owner", "")
    months = int(asked) if asked in {str(number) for number in MONTHS} else USUAL_MONTHS
    people = list(owners_of_clients())
    person = (
        user.person_id if owner == MINE else next((one.pk for one in people if str(one.pk) == owner), None)
    )
    table = RenewalTable(due(user, months=months, owner=person))
    if file := export_of(request, table, "renewals"):
        return file
    context = {
        "table": paged(request, table),
        "months": months,
        "choices": MONTHS,
        "owner": owner,
        "people": people,
        "mine": MINE,
    }
    return render(request, "certificates/desk/renewals.html", context)
