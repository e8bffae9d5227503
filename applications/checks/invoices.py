"""What `verify_trail` re-derives of invoices: lines, payments and credit notes add up, and the state follows them."""

from collections.abc import Iterator

from applications.fees.amounts import total_of
from applications.models import Invoice
from applications.states.invoices import WITHOUT_NUMBER, InvoiceState


def invoices() -> Iterator[str]:
    """Name every invoice whose sums are not those of its rows."""
    rows = Invoice.objects.prefetch_related("lines", "payments", "credit_notes", "instalments").order_by("pk")
    for invoice in rows.iterator(chunk_size=500):
        for fault in _faults(invoice):
            yield f"applications_invoice {invoice.pk}: {invoice.number} {fault}"


def _faults(invoice: Invoice) -> Iterator[str]:
    if total_of(line.amount for line in invoice.lines.all()) != invoice.total:
        yield "total is not the sum of its lines"
    if total_of(line.tax for line in invoice.lines.all()) != invoice.tax:
        yield "tax is not the sum of its lines"
    if total_of(payment.amount for payment in invoice.payments.all()) != invoice.paid:
        yield "what is paid is not the sum of its payments"
    if -total_of(note.total for note in invoice.credit_notes.all()) != invoice.credited:
        yield "what is credited is not the sum of its credit notes"
    parts = [part.amount for part in invoice.instalments.all()]
    if parts and total_of(parts) != invoice.total:
        yield "the instalments are not its total"
    if invoice.state != _state_of(invoice):
        yield "the state does not follow its sums"


def _state_of(invoice: Invoice) -> str:
    if invoice.state in WITHOUT_NUMBER:
        return invoice.state
    if invoice.credited == invoice.total:
        return InvoiceState.CREDITED
    return InvoiceState.SENT if invoice.balance > 0 else InvoiceState.PAID
