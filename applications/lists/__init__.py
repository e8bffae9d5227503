"""The lists of the desk on this floor: what they show, how they are narrowed, sorted and acted on."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications import queries
from applications.catalogue import document_kinds
from applications.forms.bulk import ReviewerForm
from applications.lists.bulk_actions import NAME_OWNER
from applications.queries import invoices as invoice_queries
from applications.queries import review as review_queries
from applications.states import ApplicationKind, ApplicationState, ContractState, EnquiryState
from applications.states.invoices import InvoiceState
from applications.tables import ApplicationTable, ContractTable, DocumentTable, OrganisationTable
from applications.tables.invoices import InvoiceTable
from applications.tables.market import EnquiryTable
from applications.transitions import ASSIGN, REMIND_OF_OFFER, REMIND_OF_QUESTIONS
from applications.transitions.invoice import REMIND
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.web.lists import ChoiceOf, DaysAhead, Filter, Rows, Sort, StaffList, by_step, equal

MOST_DAYS = 1_200  # three years and a little: a whole cycle
CLIENT = (
    "organisation__name__contains",
    "organisation__name_en__icontains",
    "organisation__credit_code__istartswith",
)
OF_THE_CLIENT = tuple(f"case__{lookup}" for lookup in CLIENT)

REVIEWERS = ((review_queries.MINE, _("Mine")), (review_queries.UNASSIGNED, _("Taken by nobody")))


def _of_reviewer(rows: Rows, whose: str, _reader: User) -> Rows:
    return review_queries.of_reviewer(rows, whose)


def _with_client(row: Any) -> str:
    return f"{row} · {row.case.organisation.name}"


class Served(models.TextChoices):
    """Whether somebody at the body looks after a client."""

    MINE = "mine", _("me")
    NOBODY = "nobody", _("nobody yet")
    SOMEBODY = "somebody", _("somebody")


def _served(rows: Rows, value: str, reader: User) -> Rows:
    if value == Served.MINE:
        return rows.filter(customer_service_owner=reader.person_id)
    return rows.filter(customer_service_owner__isnull=value == Served.NOBODY)


class Expiry(models.TextChoices):
    """How a document stands today; it is valid on its last day."""

    VALID = "valid", _("valid today")
    EXPIRED = "expired", _("expired")
    NO_DAY = "no_day", _("without a last day")


def _by_expiry(rows: Rows, value: str, _reader: User) -> Rows:
    if value == Expiry.NO_DAY:
        return rows.filter(expires_on=None)
    if value == Expiry.EXPIRED:
        return rows.filter(expires_on__lt=clock.today())
    return rows.filter(expires_on__gte=clock.today())


def _overdue(rows: Rows, _value: str, _reader: User) -> Rows:
    return invoice_queries.overdue(rows)


def _within_days(rows: Rows, value: int, _reader: User) -> Rows:
    """Still valid today, but not for more than this number of days."""
    today = clock.today()
    return rows.filter(expires_on__gte=today, expires_on__lte=today + timedelta(days=value))


APPLICATIONS = StaffList(
    key="applications",
    title=_("Applications"),
    url_name="applications:desk_list",
    rows=review_queries.with_reviewers,
    table=ApplicationTable,
    filters=(
        Filter("reviewer", ChoiceOf(_("Reviewer"), REVIEWERS), _of_reviewer),
        Filter("state", ChoiceOf(_("State"), ApplicationState.choices), equal("state")),
        Filter("kind", ChoiceOf(_("Kind"), ApplicationKind.choices), equal("kind")),
    ),
    search=("case__reference__icontains", *OF_THE_CLIENT),
    sorts=(
        Sort("reference", "case__reference", is_unique=True),
        Sort("submitted_at", "submitted_at", is_nullable=True),
        Sort("state", "state"),
        Sort("revision", "revision"),
    ),
    default_sort="-reference",
    actions=(
        by_step(ASSIGN, roles=(Role.REVIEWER,), form=ReviewerForm),
        by_step(REMIND_OF_QUESTIONS, roles=(Role.REVIEWER,)),
    ),
)

CONTRACTS = StaffList(
    key="contracts",
    title=_("Contracts"),
    url_name="applications:desk_contracts",
    rows=queries.contracts_visible_to,
    table=ContractTable,
    filters=(Filter("state", ChoiceOf(_("State"), ContractState.choices), equal("state")),),
    search=("number__icontains", *OF_THE_CLIENT),
    sorts=(
        Sort("number", "number", is_unique=True),
        Sort("valid_until", "valid_until", is_nullable=True),
        Sort("total", "total"),
        Sort("person_days", "person_days"),
        Sort("state", "state"),
    ),
    default_sort="-number",
    template="applications/contracts/list.html",
    actions=(by_step(REMIND_OF_OFFER, roles=(Role.CONTRACTS,), name=_with_client),),
)
ORGANISATIONS = StaffList(
    key="organisations",
    title=_("Organisations"),
    url_name="applications:desk_organisations",
    rows=queries.organisations_visible_to,
    table=OrganisationTable,
    filters=(Filter("owner", ChoiceOf(_("Customer-service owner"), Served.choices), _served),),
    search=("name__contains", "name_en__icontains", "credit_code__istartswith"),
    search_label=_("Name or credit code"),
    sorts=(
        Sort("registered", "pk", is_unique=True),
        Sort("name", "name"),
        Sort("credit_code", "credit_code", is_unique=True),
    ),
    default_sort="-registered",
    actions=(NAME_OWNER,),
)

ENQUIRIES = StaffList(
    key="enquiries",
    title=_("Enquiries"),
    url_name="applications:enquiries",
    rows=queries.enquiries_visible_to,
    table=EnquiryTable,
    filters=(
        Filter("state", ChoiceOf(_("State"), EnquiryState.choices), equal("state")),
        Filter("kind", ChoiceOf(_("Asks for"), ApplicationKind.choices), equal("kind")),
    ),
    search=("reference__icontains", "organisation_name__contains", "credit_code__istartswith"),
    sorts=(
        Sort("reference", "reference"),
        Sort("received_on", "received_on"),
        Sort("follow_up_on", "follow_up_on", is_nullable=True),
        Sort("state", "state"),
    ),
    default_sort="-reference",
    may_read=lambda user: user.has_role(*queries.ENQUIRY_READERS),
    template="applications/enquiries/list.html",
)

DOCUMENTS = StaffList(
    key="documents",
    title=_("Documents"),
    url_name="applications:desk_document_list",
    rows=queries.documents_visible_to,
    table=DocumentTable,
    filters=(
        Filter("kind", ChoiceOf(_("Document"), document_kinds.choices), equal("kind")),
        Filter("expiry", ChoiceOf(_("Validity"), Expiry.choices), _by_expiry),
        Filter("days", DaysAhead(_("Expires within days"), most=MOST_DAYS), _within_days),
    ),
    search=(
        "number__icontains",
        *(f"application__{lookup}" for lookup in ("case__reference__icontains", *OF_THE_CLIENT)),
    ),
    sorts=(
        Sort("uploaded_at", "uploaded_at"),
        Sort("expires_on", "expires_on", is_nullable=True),
        Sort("kind", "kind"),
    ),
    default_sort="-uploaded_at",
)

INVOICES = StaffList(
    key="invoices",
    title=_("Invoices"),
    url_name="applications:desk_invoices",
    rows=invoice_queries.invoices_visible_to,
    table=InvoiceTable,
    filters=(
        Filter("state", ChoiceOf(_("State"), InvoiceState.choices), equal("state")),
        Filter("overdue", ChoiceOf(_("Due on"), (("1", _("overdue only")),)), _overdue),
    ),
    search=("number__icontains", "electronic_number__istartswith", *CLIENT),
    sorts=(
        # a draft has no number yet and comes with the newest
        Sort("number", "pk", is_unique=True),
        Sort("organisation", "organisation__name"),
        Sort("state", "state"),
        Sort("total", "total"),
        Sort("due_on", "due_on", is_nullable=True),
    ),
    default_sort="-number",
    may_read=invoice_queries.reads_money,
    totals=invoice_queries.totals_of,
    template="applications/invoices/list.html",
    actions=(by_step(REMIND, roles=(Role.FINANCE,), name=_with_client),),
)

DEFINITIONS = (APPLICATIONS, CONTRACTS, ENQUIRIES, ORGANISATIONS, DOCUMENTS, INVOICES)
