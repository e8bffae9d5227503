"""What invoices and payments add to the kernel: follow-ups, answers, the firewall, menu, forms, panels and jobs."""

from django.utils.translation import gettext_lazy as _

from applications.checks.invoices import invoices as invoices_add_up
from applications.jobs import invoices as invoice_jobs
from applications.models import Contract, Invoice
from applications.panels import invoices as invoice_panels
from applications.permissions.invoices import cases_closed_to
from applications.queries import invoices as queries
from applications.queries.lowered import over_invoiced
from applications.states import ContractState
from applications.states.invoices import InvoiceState
from applications.transitions import invoice as steps
from certbody import confidential, facts
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import setting
from certbody.cases.models import Case
from certbody.desk.services import close_tasks, open_for, register_kind
from certbody.trail import verify
from certbody.trail.models import Event
from certbody.web import navigation
from certbody.web import panels as places
from certbody.workflow import Sentence, follow, perform

MONEY = "invoice"
MONEY_STEPS = (
    "invoice.payment_recorded",
    "invoice.payment_reversed",
    "invoice.refunded",
    "invoice.credit_noted",
)
UNPAID = _(
    "An invoice of this case is open. The copy of the certificate is handed over as soon as it is paid; the "
    "certificate itself is valid and stands in the public register."
)


def suggest_invoice(contract: Contract, _actor: User | None, _event: Event) -> None:
    """Ask finance for the invoice, unless invoices of the contracts before it have charged everything already."""
    if any(left > 0 for left in queries.not_invoiced(contract).values()):
        open_for(steps.TO_MAKE, contract, contract.case)


def settle_with_contract(contract: Contract, _actor: User | None, _event: Event) -> None:
    """Tell finance of what was invoiced beyond a contract, until credit notes have taken it back."""
    if over_invoiced(contract):
        open_for(steps.TO_CREDIT, contract, contract.case)
    else:
        close_tasks(kinds=[steps.TO_CREDIT.kind], obj=contract)


def settle_after_credit(invoice: Invoice, actor: User | None, event: Event) -> None:
    in_force = invoice.contract.application.contracts.filter(state=ContractState.ACCEPTED).first()
    if in_force is not None:
        settle_with_contract(in_force, actor, event)


def suggest_again(invoice: Invoice, actor: User | None, event: Event) -> None:
    in_force = invoice.contract.application.contracts.filter(state=ContractState.ACCEPTED).first()
    if in_force is not None:
        suggest_invoice(in_force, actor, event)


def forget_invoice(contract: Contract, _actor: User | None, _event: Event) -> None:
    """A contract whose place another one takes is invoiced no more."""
    close_tasks(kinds=[steps.TO_MAKE.kind, steps.TO_CREDIT.kind], obj=contract)


def follow_the_money(invoice: Invoice, _actor: User | None, _event: Event) -> None:
    """The state follows the sums: credited in full, paid, or open again."""
    if invoice.state != InvoiceState.CREDITED and invoice.credited == invoice.total:
        perform(steps.CANCEL, invoice, actor=None)
    elif invoice.state == InvoiceState.SENT and invoice.balance <= 0:
        perform(steps.SETTLE, invoice, actor=None)
    elif invoice.state == InvoiceState.PAID and invoice.balance > 0:
        perform(steps.REOPEN, invoice, actor=None)


def unpaid(*, case: Case) -> Sentence:
    """Why the copy of a certificate is not handed over yet; empty unless the body's setting makes it wait.

    Nothing else asks: review, audit, decision and issue never wait for money (ISO/IEC 17065, 4.2).
    """
    if not setting("handover_waits_for_payment") or not queries.is_unpaid(case):
        return ""
    return UNPAID


def register() -> None:
    """Called once the models are loaded."""
    confidential.keep(MONEY, cases_closed_to)
    register_kind(steps.TO_MAKE.kind, steps.TO_MAKE.label)
    register_kind(steps.TO_CHASE.kind, steps.TO_CHASE.label)
    register_kind(steps.TO_CREDIT.kind, steps.TO_CREDIT.label)
    for event in ("contract.accepted", "contract.accepted_on_paper"):
        follow(event, suggest_invoice)
        follow(event, settle_with_contract)
    follow("contract.superseded", forget_invoice)
    follow("invoice.discarded", suggest_again)
    follow("invoice.credit_noted", settle_after_credit)
    for event in MONEY_STEPS:
        follow(event, follow_the_money)
    facts.answer("unpaid", unpaid)
    verify.register(invoices_add_up)
    invoice_jobs.register()
    places.register("portal_home", invoice_panels.open_invoices_of_client, order=5)
    places.register("desk_case", invoice_panels.invoices_in_case, order=25)
    places.register("portal_case", invoice_panels.invoices_in_case, order=25)
    _register_menus()


def _register_menus() -> None:
    for label, url_name, icon, allowed, count, order in (
        (
            _("Invoices"),
            "applications:desk_invoices",
            "receipt",
            queries.reads_money,
            lambda user: queries.overdue(queries.invoices_visible_to(user)).count(),
            26,
        ),
        (_("Payments"), "applications:desk_payments", "building-bank", _is_finance, None, 27),
        (_("Revenue"), "applications:desk_revenue", "chart-bar", queries.reads_money, None, 28),
    ):
        entry = navigation.Entry(
            label=label, url_name=url_name, icon=icon, allowed=allowed, count=count, order=order
        )
        navigation.register("desk", entry)
    navigation.register(
        "portal",
        navigation.Entry(
            label=_("Invoices"),
            url_name="applications:portal_invoices",
            icon="receipt",
            order=40,
            covers=frozenset({"applications:portal_account", "applications:portal_title"}),
        ),
    )


def _is_finance(user: User) -> bool:
    return user.has_role(Role.FINANCE)
