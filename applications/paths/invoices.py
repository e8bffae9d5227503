"""Where the pages of invoices are, for either side."""

from typing import Any

from django.urls import reverse

from applications.models import Contract, Invoice


def invoice_page(invoice: Invoice, *, staff: bool) -> str:
    if staff:
        return reverse("applications:desk_invoice", args=[invoice.pk])
    return reverse("applications:portal_invoice", args=[invoice.number])


def make_page(obj: Any) -> str:
    """Where an invoice of a contract is made; of an invoice its contract's."""
    contract = obj if isinstance(obj, Contract) else obj.contract
    return reverse("applications:invoice_new", args=[contract.number])
