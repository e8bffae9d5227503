"""The tasks that the steps of this floor open: what waits, for whom, and on which page it is done."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.catalogue.kinds import asked_of
from applications.catalogue.sections import check_url, desk_url, portal_url, questions_url
from applications.models import Application, Contract
from applications.paths import contract_page, documents_page
from applications.queries import current_contract
from applications.services.contracts import MAKE_TASK
from applications.services.review_queue import REVIEW_TASK, audience_of
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import setting
from certbody.desk.services import Audience, TaskFor


def _the_client(obj: Any) -> Iterator[Audience]:
    yield Audience(organisation=obj.case.organisation)


def _reviewers(application: Application) -> Iterator[Audience]:
    yield audience_of(application)


def _market_department(application: Application) -> Iterator[Audience]:
    yield Audience(role=Role.CONTRACTS)
    yield audience_of(application)


def _contract_officers(_obj: Any) -> Iterator[Audience]:
    yield Audience(role=Role.CONTRACTS)


def _contract_officers_unless_covered(contract: Contract) -> Iterator[Audience]:
    """Another quote is due, unless a contract is in force that fits the application."""
    if current_contract(contract.case) is None:
        yield Audience(role=Role.CONTRACTS)


def _second_persons(contract: Contract) -> Iterator[Audience]:
    """Those who may agree to an adjustment beyond the bound; nobody where none waits."""
    if contract.waits_for_approval:
        yield Audience(role=Role.HEAD)
        yield Audience(role=Role.QUALITY)


def _who_makes_the_quote(obj: Any) -> Iterator[Audience]:
    """Nobody where the application ends in a new edition of a certificate: a quote would lead to a second one."""
    application = obj if isinstance(obj, Application) else obj.application
    if asked_of(application).ends_in_certificate:
        yield Audience(role=Role.CONTRACTS)


def _review_days() -> int:
    """The working days for the review as calendar days."""
    return -(-int(setting("document_review_days")) * 7 // 5)


def _page_for_desk(contract: Contract) -> str:
    return contract_page(contract, staff=True)


def _page_for_client(contract: Contract) -> str:
    return contract_page(contract, staff=False)


TO_COMPLETE = TaskFor(
    kind="application.complete",
    label=_("Complete and submit the application"),
    to=_the_client,
    path=check_url,
)
TO_REVIEW = TaskFor(
    kind=REVIEW_TASK,
    label=_("Review the application"),
    to=_reviewers,
    path=desk_url,
    days=_review_days,
)
TO_ANSWER = TaskFor(
    kind="application.answer",
    label=_("Answer our questions about the application"),
    to=_the_client,
    path=questions_url,
)
TO_LOOK_AT_CHANGE = TaskFor(
    kind="application.change_told",
    label=_("Look at the change that the client tells of"),
    to=_market_department,
    path=desk_url,
    days=_review_days,
)
TO_CHANGE = TaskFor(
    kind="application.change",
    label=_("Change the application as you told us and send it again"),
    to=_the_client,
    path=portal_url,
)
TO_LOOK_AT_DOCUMENT = TaskFor(
    kind="application.document_renewed",
    label=_("Look at the newer version of a document"),
    to=_reviewers,
    path=documents_page,
)
TO_MAKE_QUOTE = TaskFor(
    kind=MAKE_TASK,
    label=_("Make the quote"),
    to=_who_makes_the_quote,
    path=lambda obj: desk_url(obj if isinstance(obj, Application) else obj.application),
)
TO_MAKE_QUOTE_AGAIN = TaskFor(
    kind=MAKE_TASK,
    label=_("Make the quote"),
    to=_contract_officers_unless_covered,
    path=lambda contract: desk_url(contract.application),
)
TO_APPROVE = TaskFor(
    kind="contract.approve_adjustment",
    label=_("Agree to the adjustment of person-days or refuse it"),
    to=_second_persons,
    path=_page_for_desk,
)
TO_OFFER = TaskFor(
    kind="contract.offer",
    label=_("Check the quote and send the offer"),
    to=_contract_officers,
    path=_page_for_desk,
)
TO_ACCEPT = TaskFor(
    kind="contract.accept", label=_("Read and accept the contract"), to=_the_client, path=_page_for_client
)
TO_CHECK_SCAN = TaskFor(
    kind="contract.check_scan",
    label=_("Check the signed contract"),
    to=_contract_officers,
    path=_page_for_desk,
)
