"""What waits for the contracts department and for finance, on their home pages: figures that lead to their rows."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.models import Contract
from applications.paths import contract_page
from applications.paths.invoices import invoice_page
from applications.queries import waiting
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Case
from certbody.web.panels import Panel

TEMPLATE = "applications/panels/waiting.html"
MOST = 6  # rows of a panel; the figure leads to all of them


@dataclass(frozen=True)
class Figure:
    """How much of something waits; `url` is empty where the reader has no page for it."""

    label: str | Promise
    number: int
    url: str


@dataclass(frozen=True)
class Row:
    """One thing that presses, with the day that counts."""

    label: str
    about: str
    on: date | None
    url: str


def contracts(user: User, case: Case | None = None) -> Panel | None:
    """Scans to check, offers about to end, quotes in work."""
    if not user.has_role(Role.CONTRACTS, Role.HEAD, Role.INSPECTOR):
        return None
    page = reverse("applications:desk_contracts")
    ending, scans = waiting.offers_about_to_end(user), waiting.scans_to_check(user)
    figures = (
        Figure(_("Signed scans to check"), scans.count(), f"{page}?state=offered"),
        Figure(_("Offers about to end or over"), ending.count(), f"{page}?state=offered&sort=valid_until"),
        Figure(_("Quotes in work"), waiting.quotes_in_work(user).count(), f"{page}?state=draft"),
    )
    rows = [_contract_row(contract) for contract in (*scans[:MOST], *ending[:MOST])][:MOST]
    return Panel(_("Contracts that wait"), TEMPLATE, {"figures": figures, "rows": rows})


def _contract_row(contract: Contract) -> Row:
    return Row(
        contract.case.organisation.name,
        contract.number,
        contract.valid_until,
        contract_page(contract, staff=True),
    )


def money(user: User, case: Case | None = None) -> Panel | None:
    """Overdue invoices, drafts, contracts without an invoice, and what came in and belongs to none."""
    if not user.has_role(Role.FINANCE, Role.HEAD, Role.INSPECTOR):
        return None
    page = reverse("applications:desk_invoices")
    is_finance = user.has_role(Role.FINANCE)
    overdue = waiting.overdue_invoices(user)
    figures = (
        Figure(_("Overdue invoices"), overdue.count(), f"{page}?overdue=1"),
        Figure(
            _("Payments that belong to no invoice yet"),
            waiting.unmatched_lines(user).count(),
            reverse("applications:desk_payments") if is_finance else "",
        ),
        Figure(_("Drafts of invoices"), waiting.drafts_of_invoices(user).count(), f"{page}?state=draft"),
        Figure(
            _("Accepted contracts without an invoice"), waiting.contracts_without_invoice(user).count(), page
        ),
    )
    rows = [
        Row(row.organisation.name, row.number, row.due_on, invoice_page(row, staff=True))
        for row in overdue[:MOST]
    ]
    return Panel(_("Money that waits"), TEMPLATE, {"figures": figures, "rows": rows})
