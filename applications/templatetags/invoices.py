"""Words of invoices for templates: `{% load invoices %}`."""

from django import template

from applications.models import Invoice
from applications.states.invoices import invoice_client_label
from applications.states.invoices import invoice_tone as tone_of

register = template.Library()


@register.filter
def invoice_client_state(invoice: Invoice) -> str:
    """The word for an invoice's state in the client's pages."""
    return str(invoice_client_label(invoice.state))


@register.filter
def invoice_tone(invoice: Invoice) -> str:
    return tone_of(invoice.state)
