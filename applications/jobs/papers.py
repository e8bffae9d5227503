"""Documents that are drawn when they are asked for: of facts that never change, so that equal facts give equal bytes.

Of the body they print what it was on the day of the fact.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.jobs.invoices import PRINTED as FACTS_OF_INVOICES
from applications.models import CreditNote
from applications.models.enquiry import IndicativeQuote
from certbody import clock
from certbody.body.settings_catalogue import LETTERHEAD, settings_of
from certbody.pdf.render import render_pdf

FACTS_OF_QUOTES = (*LETTERHEAD, "approval_number")


def credit_note_pdf(note: CreditNote) -> bytes:
    """A credit note in Chinese and English. Raises RenderFailed."""
    context: dict[str, Any] = {
        "note": note,
        "invoice": note.invoice,
        "lines": list(note.lines.select_related("line")),
        "document_title": _("Credit note"),
        "reference": note.number,
        **settings_of(FACTS_OF_INVOICES, note.made_on),
    }
    return render_pdf("applications/pdf/credit_note.html", context, language="zh-hans")


def quote_pdf(quote: IndicativeQuote) -> bytes:
    """An indicative quote in Chinese and English. Raises RenderFailed."""
    context: dict[str, Any] = {
        "quote": quote,
        "enquiry": quote.enquiry,
        "lines": list(quote.lines.all()),
        "document_title": _("Indicative quote"),
        "reference": str(quote),
        **settings_of(FACTS_OF_QUOTES, quote.made_at.astimezone(clock.BODY_ZONE).date()),
    }
    return render_pdf("applications/pdf/quote.html", context, language="zh-hans")
