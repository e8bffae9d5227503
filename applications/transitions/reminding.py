"""The steps by which staff reminds the client of what waits for him."""

from django.utils.translation import gettext_lazy as _

from applications import permissions
from applications.services import reminders
from applications.states import ApplicationState, ContractState
from certbody.cases.models import Part
from certbody.outbox.recipients import client_of
from certbody.workflow import Notice, Step

REMIND_OF_QUESTIONS = Step(
    name="remind",
    event=reminders.APPLICATION_REMINDED,
    sources=(ApplicationState.QUESTIONS,),
    target=None,
    label=_("Remind the client of the questions"),
    hint=_("A mail goes to everybody who acts for the client; at most one a day."),
    tone="secondary",
    recorded=_("Client reminded of the open questions"),
    told=_("We reminded you of our questions"),
    allowed=permissions.by_reviewer,
    guard=reminders.may_remind_of_questions,
    effect=reminders.remind_of_questions,
    part=Part.APPLICATION_REVIEW,
    notify=(Notice("application.reminded", client_of),),
)
REMIND_OF_OFFER = Step(
    name="remind",
    event=reminders.CONTRACT_REMINDED,
    sources=(ContractState.OFFERED,),
    target=None,
    label=_("Remind the client of the offer"),
    hint=_("A mail goes to everybody who acts for the client; at most one a day."),
    tone="secondary",
    recorded=_("Client reminded of the open offer"),
    told=_("We reminded you of the contract that waits for you"),
    allowed=permissions.by_contracts,
    guard=reminders.may_remind_of_offer,
    effect=reminders.remind_of_offer,
    part=Part.SALES,
    notify=(Notice("contract.reminded", client_of),),
)
