"""The invoices of a case on its page, for those who may read them."""

from django.utils.translation import gettext_lazy as _

from applications.fees.amounts import total_of
from applications.paths.invoices import invoice_page
from applications.queries.invoices import invoices_visible_to
from applications.states.invoices import InvoiceState
from certbody.accounts.models import User
from certbody.cases.models import Case
from certbody.web.panels import Panel

MOST_SHOWN = 10


def open_invoices_of_client(user: User, case: Case | None = None) -> Panel | None:
    """On the client's home: what is to be paid, the earliest day first."""
    rows = invoices_visible_to(user).filter(state=InvoiceState.SENT).order_by("due_on", "id")
    found = list(rows.prefetch_related("instalments"))
    if not found:
        return None
    context = {
        "rows": [(invoice, invoice.open_parts()[0]) for invoice in found[:MOST_SHOWN]],
        "open": total_of(invoice.open_amount for invoice in found),
        "has_several": len({invoice.organisation_id for invoice in found}) > 1,
    }
    return Panel(_("To be paid"), "applications/invoices/open_panel.html", context)


def invoices_in_case(user: User, case: Case | None = None) -> Panel | None:
    if case is None:
        return None
    found = invoices_visible_to(user).filter(case=case)
    rows = [(invoice, invoice_page(invoice, staff=user.is_staff_member)) for invoice in found]
    if not rows:
        return None
    context = {"rows": rows, "is_staff": user.is_staff_member}
    return Panel(_("Invoices"), "applications/invoices/panel.html", context)
