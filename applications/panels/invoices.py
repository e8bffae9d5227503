"""The invoices of a case on its page, for those who may read them."""

from django.utils.translation import gettext_lazy as _

from applications.paths.invoices import invoice_page
from applications.queries.invoices import invoices_visible_to
from certbody.accounts.models import User
from certbody.cases.models import Case
from certbody.web.panels import Panel


def invoices_in_case(user: User, case: Case | None = None) -> Panel | None:
    if case is None:
        return None
    found = invoices_visible_to(user).filter(case=case)
    rows = [(invoice, invoice_page(invoice, staff=user.is_staff_member)) for invoice in found]
    if not rows:
        return None
    context = {"rows": rows, "is_staff": user.is_staff_member}
    return Panel(_("Invoices"), "applications/invoices/panel.html", context)
