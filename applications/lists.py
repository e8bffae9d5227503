"""The lists of the desk on this floor: what they show, how they are narrowed, sorted and acted on."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications import queries, review_queries
from applications.market_tables import EnquiryTable
from applications.states import ApplicationKind, ApplicationState, ContractState, EnquiryState
from applications.tables import ApplicationTable, ContractTable
from applications.transitions import REMIND_OF_OFFER, REMIND_OF_QUESTIONS
from certbody.accounts.roles import Role
from certbody.web.lists import ChoiceOf, Filter, Sort, StaffList, by_step, equal

OF_THE_CLIENT = (
    "case__organisation__name__contains",
    "case__organisation__name_en__icontains",
    "case__organisation__credit_code__istartswith",
)

REVIEWERS = ((review_queries.MINE, _("Mine")), (review_queries.UNASSIGNED, _("Taken by nobody")))


def _with_client(row: Any) -> str:
    return f"{row} · {row.case.organisation.name}"


APPLICATIONS = StaffList(
    key="applications",
    title=_("Applications"),
    url_name="applications:desk_list",
    rows=review_queries.with_reviewers,
    table=ApplicationTable,
    filters=(
        Filter("reviewer", ChoiceOf(_("Reviewer"), REVIEWERS), review_queries.of_reviewer),
        Filter("state", ChoiceOf(_("State"), ApplicationState.choices), equal("state")),
        Filter("kind", ChoiceOf(_("Kind"), ApplicationKind.choices), equal("kind")),
    ),
    search=("case__reference__icontains", *OF_THE_CLIENT),
    sorts=(
        Sort("reference", "case_id"),
        Sort("submitted_at", "submitted_at", is_nullable=True),
        Sort("state", "state"),
        Sort("revision", "revision"),
    ),
    default_sort="-reference",
    actions=(by_step(REMIND_OF_QUESTIONS, roles=(Role.REVIEWER,)),),
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
        Sort("number", "number"),
        Sort("valid_until", "valid_until", is_nullable=True),
        Sort("total", "total"),
        Sort("person_days", "person_days"),
        Sort("state", "state"),
    ),
    default_sort="-number",
    template="applications/contracts/list.html",
    actions=(by_step(REMIND_OF_OFFER, roles=(Role.CONTRACTS,), name=_with_client),),
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

DEFINITIONS = (APPLICATIONS, CONTRACTS, ENQUIRIES)
