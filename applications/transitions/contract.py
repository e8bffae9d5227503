"""The steps of the contract, in the order of the filed procedure."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from applications import guards, permissions, queries
from applications.models import Contract
from applications.paths import contract_page
from applications.services import contracts, quotes
from applications.states import ContractState as C
from applications.transitions.reminding import REMIND_OF_OFFER
from applications.transitions.tasks import (
    TO_ACCEPT,
    TO_APPROVE,
    TO_CHECK_SCAN,
    TO_MAKE_QUOTE_AGAIN,
    TO_OFFER,
)
from certbody.cases.models import Part
from certbody.outbox.recipients import Recipient, client_of
from certbody.workflow import Notice, Step, Table, register


def _client_if_offered(contract: Contract) -> Iterator[Recipient]:
    if contract.offered_at is not None:
        yield from client_of(contract)


DRAFT = Step(
    name="draft",
    event="contract.drafted",
    sources=(),
    target=C.DRAFT,
    label=_("Make the quote"),
    recorded=_("Quote made"),
    allowed=permissions.by_contracts,
    guard=guards.may_be_quoted,
    effect=quotes.draft,
    part=Part.SALES,
    opens=(TO_OFFER, TO_APPROVE),
    has_own_page=True,
)
REVISE = Step(
    name="revise",
    event="contract.revised",
    sources=(C.DRAFT,),
    target=None,
    label=_("Adjust the person-days"),
    hint=_(
        "The ground and the reason are printed with the arithmetic; a large adjustment needs a second person."
    ),
    tone="secondary",
    recorded=_("Person-days of the quote adjusted"),
    allowed=permissions.by_contracts,
    guard=guards.has_something_to_adjust,
    effect=quotes.revise,
    part=Part.SALES,
    opens=(TO_APPROVE,),
    closes=(TO_APPROVE.kind,),
)
APPROVE_ADJUSTMENT = Step(
    name="approve_adjustment",
    event="contract.adjustment_approved",
    sources=(C.DRAFT,),
    target=None,
    label=_("Agree to the adjustment"),
    hint=_("The adjustment goes beyond what a contract officer may decide alone."),
    recorded=_("Adjustment of the person-days approved by a second person"),
    allowed=permissions.by_approver,
    guard=guards.waits_for_approval,
    effect=quotes.approve_adjustment,
    opens=(TO_OFFER,),
    closes=(TO_APPROVE.kind,),
)
REFUSE_ADJUSTMENT = Step(
    name="refuse_adjustment",
    event="contract.adjustment_refused",
    sources=(C.DRAFT,),
    target=None,
    label=_("Refuse the adjustment"),
    hint=_("The contract officer reads your reason and adjusts again."),
    tone="secondary",
    recorded=_("Adjustment of the person-days refused by a second person"),
    allowed=permissions.by_approver,
    guard=guards.waits_for_approval,
    effect=quotes.refuse_adjustment,
    opens=(TO_OFFER,),
    closes=(TO_APPROVE.kind,),
)
OFFER = Step(
    name="offer",
    event="contract.offered",
    sources=(C.DRAFT,),
    target=C.OFFERED,
    label=_("Send the offer"),
    hint=_("The contract is printed as a PDF and the client is asked to accept it."),
    recorded=_("Offer sent"),
    allowed=permissions.by_contracts,
    guard=guards.may_be_offered,
    effect=contracts.offer,
    part=Part.SALES,
    closes=(TO_OFFER.kind,),
)
RECORD_PDF = Step(
    name="record_pdf",
    event="contract.printed",
    sources=(C.OFFERED,),
    target=None,
    label=_("Print the contract"),
    recorded=_("Contract printed, the client was told"),
    told=_("We sent you the contract"),
    allowed=permissions.by_system,
    surface="system",
    effect=contracts.record_pdf,
    notify=(Notice("contract.offered", client_of),),
    opens=(TO_ACCEPT,),
)
ACCEPT_OFFER = Step(
    name="accept",
    event="contract.accepted",
    sources=(C.OFFERED,),
    target=C.ACCEPTED,
    label=_("Accept the contract"),
    recorded=_("Contract accepted by the client"),
    told=_("You accepted the contract"),
    allowed=permissions.by_client,
    surface="portal",
    guard=guards.may_be_accepted,
    effect=contracts.accept,
    notify=(Notice("contract.accepted", client_of),),
    closes=(TO_ACCEPT.kind, TO_CHECK_SCAN.kind),
)
UPLOAD_SCAN = Step(
    name="upload_scan",
    event="contract.scan_uploaded",
    sources=(C.OFFERED,),
    target=None,
    label=_("Upload the signed contract"),
    hint=_("If you sign on paper: print the contract, sign and seal it, and upload the scan."),
    tone="secondary",
    recorded=_("Signed contract uploaded"),
    told=_("You uploaded the signed contract"),
    allowed=permissions.by_client,
    surface="portal",
    guard=guards.may_be_accepted,
    effect=contracts.upload_scan,
    opens=(TO_CHECK_SCAN,),
    closes=(TO_ACCEPT.kind,),
)
ACCEPT_SCAN = Step(
    name="accept_scan",
    event="contract.accepted_on_paper",
    sources=(C.OFFERED,),
    target=C.ACCEPTED,
    label=_("The signed contract is in order"),
    hint=_("It is signed and sealed by the client and is the contract that was offered."),
    recorded=_("Signed contract checked and accepted"),
    told=_("We received your signed contract"),
    allowed=permissions.by_contracts,
    guard=guards.scan_can_be_read,
    effect=contracts.accept_scan,
    part=Part.SALES,
    notify=(Notice("contract.accepted", client_of),),
    closes=(TO_ACCEPT.kind, TO_CHECK_SCAN.kind),
)
RETURN_SCAN = Step(
    name="return_scan",
    event="contract.scan_returned",
    sources=(C.OFFERED,),
    target=None,
    label=_("Return the signed contract"),
    hint=_("The client is told your reason and asked again."),
    tone="secondary",
    recorded=_("Signed contract returned to the client"),
    told=_("We could not accept the signed contract that you uploaded"),
    allowed=permissions.by_contracts,
    guard=guards.has_scan,
    effect=contracts.return_scan,
    part=Part.SALES,
    notify=(Notice("contract.scan_returned", client_of),),
    opens=(TO_ACCEPT,),
    closes=(TO_CHECK_SCAN.kind,),
)
VOID = Step(
    name="void",
    event="contract.voided",
    sources=(C.DRAFT, C.OFFERED),
    target=C.VOID,
    label=_("Take the quote back"),
    hint=_("It can no longer be accepted; a new quote can be made."),
    tone="danger",
    recorded=_("Quote taken back"),
    told=_("We took the offer back"),
    allowed=permissions.by_contracts,
    effect=contracts.void,
    part=Part.SALES,
    notify=(Notice("contract.voided", _client_if_offered),),
    opens=(TO_MAKE_QUOTE_AGAIN,),
    closes=(TO_OFFER.kind, TO_APPROVE.kind, TO_ACCEPT.kind, TO_CHECK_SCAN.kind),
)
SUPERSEDE = Step(
    name="supersede",
    event="contract.superseded",
    sources=(C.DRAFT, C.OFFERED, C.ACCEPTED),
    target=C.SUPERSEDED,
    label=_("Replace the contract"),
    recorded=_("Contract superseded"),
    told=_("The contract is replaced by a later one"),
    allowed=permissions.by_system,
    surface="system",
    effect=contracts.supersede,
    closes=(TO_OFFER.kind, TO_APPROVE.kind, TO_ACCEPT.kind, TO_CHECK_SCAN.kind),
)
AMEND = Step(
    name="amend",
    event="contract.amended",
    sources=(C.ACCEPTED,),
    target=None,
    label=_("Amend the contract"),
    hint=_(
        "A quote is made from the application and the fee table of today; this contract stays in force until the "
        "client accepts that one."
    ),
    tone="secondary",
    recorded=_("Amendment of the contract begun"),
    allowed=permissions.by_contracts,
    guard=guards.may_be_amended,
    effect=quotes.amend,
    part=Part.SALES,
)

CONTRACT = register(
    Table(
        aggregate="contract",
        title=_("Contract"),
        model=Contract,
        states=C,
        steps=(
            DRAFT,
            REVISE,
            APPROVE_ADJUSTMENT,
            REFUSE_ADJUSTMENT,
            OFFER,
            RECORD_PDF,
            ACCEPT_OFFER,
            UPLOAD_SCAN,
            ACCEPT_SCAN,
            RETURN_SCAN,
            REMIND_OF_OFFER,
            VOID,
            SUPERSEDE,
            AMEND,
        ),
        visible_to=queries.contracts_visible_to,
        page=lambda contract, user: contract_page(contract, staff=user is not None and user.is_staff_member),
    )
)
