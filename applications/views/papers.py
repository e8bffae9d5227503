"""Documents that are drawn when somebody asks for them: credit notes and indicative quotes."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from applications import queries
from applications.jobs.papers import credit_note_pdf, quote_pdf
from applications.models import CreditNote
from applications.queries.invoices import invoices_visible_to
from certbody.cases.models import Case
from certbody.files.giving import given_out
from certbody.pdf.render import RenderFailed
from certbody.security_log import note as log
from certbody.web.errors import turned_away
from certbody.web.views import staff_page, user_of, visible_or_404


@require_safe
@login_required
def credit_note(request: HttpRequest, number: str) -> HttpResponse:
    """A credit note, for whoever may read its invoice: the client and those of the body whom the firewall admits."""
    invoices = invoices_visible_to(user_of(request))
    notes = CreditNote.objects.filter(invoice__in=invoices).select_related(
        "invoice__contract", "invoice__case"
    )
    found = visible_or_404(notes, number=number)
    return _drawn(request, found, lambda: credit_note_pdf(found), f"{found.number}.pdf", found.invoice.case)


@staff_page(*queries.ENQUIRY_READERS)
@require_safe
def quote(request: HttpRequest, reference: str, position: int) -> HttpResponse:
    """An indicative quote as a document to hand over."""
    enquiry = visible_or_404(queries.enquiries_visible_to(user_of(request)), reference=reference)
    found = visible_or_404(enquiry.quotes.select_related("enquiry"), position=position)
    return _drawn(request, found, lambda: quote_pdf(found), f"{found}.pdf")


def _drawn(
    request: HttpRequest, about: Model, draw: Callable[[], bytes], name: str, case: Case | None = None
) -> HttpResponse:
    try:
        content = draw()
    except RenderFailed as failure:
        return turned_away(request, "files/withheld.html", 503, {"reason": failure.sentence, "status": 503})
    log("document drawn", user=user_of(request), result="ok", obj=about, case=case.pk if case else None)
    return given_out(content, "application/pdf", content_disposition_header(True, name))
