"""The document of an invoice, and the daily look at what is overdue."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.models import Invoice
from applications.queries.invoices import due_for_reminder
from applications.services.invoices import PDF_JOB
from applications.transitions.invoice import RECORD_PDF, REMIND, TO_CHASE
from certbody import clock
from certbody.body.settings_catalogue import LETTERHEAD, settings_of
from certbody.desk.services import open_for
from certbody.files.drawing import draw_document
from certbody.outbox.models import Job
from certbody.outbox.services import handles
from certbody.workflow import Refused, perform

TEMPLATE = "applications/pdf/invoice.html"
PRINTED = (*LETTERHEAD, "body_taxpayer_number", "body_bank", "body_bank_account")


def invoice_context(invoice: Invoice) -> dict[str, Any]:
    """Everything the invoice prints."""
    return {
        "invoice": invoice,
        "organisation": invoice.organisation,
        "document_title": _("Invoice"),
        "reference": invoice.number,
        "lines": list(invoice.lines.all()),
        "parts": invoice.parts(),
        **settings_of(PRINTED),
    }


def print_invoice(job: Job) -> str:
    """Render an invoice in Chinese and English. A second run finds the document made and does nothing."""
    invoice = Invoice.objects.select_related("organisation", "case").filter(pk=job.object_id).first()
    if invoice is None or not invoice.number or invoice.pdf_id is not None:
        return ""
    return draw_document(
        job,
        template=TEMPLATE,
        context=invoice_context(invoice),
        name=f"{invoice.number}.pdf",
        kind="invoice",
        case=invoice.case,
        record=lambda file: perform(RECORD_PDF, invoice, actor=None, file=file),
    )


def reminder_day(invoice: Invoice, *, first: int, repeat: int) -> date | None:
    """The day on which the next reminder has to go out: so many days after the due day, then again and again."""
    if invoice.due_on is None:
        return None
    return invoice.due_on + timedelta(days=first + repeat * invoice.reminders)


def look_after_overdue() -> int:
    """Give finance a task for each overdue invoice and remind clients whose day has come; returns the reminders.

    Nothing is done twice a day, however often this runs; what a day off kept back goes out once.
    """
    values = settings_of(["reminder_first_days", "reminder_repeat_days", "reminders_most"])
    today, sent = clock.today(), 0
    for invoice in due_for_reminder(today):
        open_for(TO_CHASE, invoice, invoice.case)
        day = reminder_day(
            invoice, first=values["reminder_first_days"], repeat=values["reminder_repeat_days"]
        )
        if day is None or day > today or invoice.reminders >= values["reminders_most"]:
            continue
        try:
            perform(REMIND, invoice, actor=None, due_on=day)
        except Refused:
            continue  # paid or reminded by somebody in this moment
        sent += 1
    return sent


def register() -> None:
    handles(PDF_JOB, print_invoice)
