"""The steps of a change that a client tells of after its application was accepted (domain.md 6.5)."""

from django.utils.translation import gettext_lazy as _

from applications import permissions
from applications.guards import reported as guards
from applications.services import reported
from applications.states import ApplicationState as A
from applications.transitions.tasks import TO_CHANGE, TO_LOOK_AT_CHANGE, TO_MAKE_QUOTE
from certbody.outbox.recipients import client_of
from certbody.workflow import Notice, Step

TELL_CHANGE = Step(
    name="tell_change",
    event="application.change_told",
    sources=(A.ACCEPTED,),
    target=None,
    label=_("Tell us of a change"),
    hint=_(
        "If headcount, sites or scope are no longer as in the application, tell us: we open it for you, review what "
        "you change and amend the contract. Until then the contract stays as it is."
    ),
    tone="secondary",
    recorded=_("The client told of a change"),
    told=_("You told us of a change"),
    allowed=permissions.by_client,
    surface="portal",
    guard=guards.may_be_told,
    effect=reported.tell,
    opens=(TO_LOOK_AT_CHANGE,),
)
TAKE_UP_CHANGE = Step(
    name="take_up_change",
    event="application.change_taken_up",
    sources=(A.ACCEPTED,),
    target=A.QUESTIONS,
    label=_("Open the application for a change"),
    hint=_(
        "The client may change what it told of and sends the application again; it is reviewed anew and the contract "
        "amended. An offer that is still open falls; a contract in force stays in force until the amendment is "
        "accepted."
    ),
    tone="secondary",
    recorded=_("Application opened for a change at the client's wish"),
    told=_("We opened your application for the change that you told us of"),
    allowed=permissions.by_market,
    guard=guards.no_amendment_is_open,
    effect=reported.take_up,
    notify=(Notice("application.change_taken_up", client_of),),
    opens=(TO_CHANGE,),
    closes=(TO_LOOK_AT_CHANGE.kind, TO_MAKE_QUOTE.kind),
)
DECLINE_CHANGE = Step(
    name="decline_change",
    event="application.change_declined",
    sources=(A.ACCEPTED,),
    target=None,
    label=_("Decline the change"),
    hint=_("The client reads your reason; application and contract stay as they are."),
    tone="secondary",
    recorded=_("The change that the client told of was declined"),
    told=_("We did not take up the change that you told us of"),
    allowed=permissions.by_market,
    guard=guards.a_change_waits,
    effect=reported.decline,
    notify=(Notice("application.change_declined", client_of),),
    closes=(TO_LOOK_AT_CHANGE.kind,),
    has_own_page=True,
)
