"""The steps of the application, in the order of the filed procedure."""

from django.utils.translation import gettext_lazy as _

from applications import guards, permissions, queries
from applications.guards.reported import no_contract_in_force
from applications.models import Application
from applications.paths import application_page
from applications.services import applications, beginning, documents, review
from applications.states import ApplicationState as A
from applications.transitions.reminding import REMIND_OF_QUESTIONS
from applications.transitions.reported import DECLINE_CHANGE, TAKE_UP_CHANGE, TELL_CHANGE
from applications.transitions.review_queue import ASSIGN, TAKE_OVER
from applications.transitions.tasks import (
    TO_ANSWER,
    TO_CHANGE,
    TO_COMPLETE,
    TO_LOOK_AT_DOCUMENT,
    TO_MAKE_QUOTE,
    TO_REVIEW,
)
from certbody.cases.models import Part
from certbody.outbox.recipients import client_of
from certbody.workflow import Notice, Step, Table, register

WRITABLE = (A.DRAFT, A.QUESTIONS)

BEGIN = Step(
    name="begin",
    event="application.begun",
    sources=(),
    target=A.DRAFT,
    label=_("Begin an application"),
    recorded=_("Application begun"),
    told=_("You began the application"),
    allowed=permissions.by_client,
    surface="portal",
    guard=guards.may_begin,
    effect=beginning.begin,
    opens=(TO_COMPLETE,),
    has_own_page=True,
)
BECOME_INITIAL = Step(
    name="become_initial",
    event="application.became_initial",
    sources=WRITABLE,
    target=None,
    label=_("Go on as an initial certification"),
    recorded=_("Transfer continued as an initial certification"),
    told=_("You go on with the application as an initial certification"),
    allowed=permissions.by_client,
    surface="portal",
    guard=guards.is_a_transfer,
    effect=beginning.become_initial,
    has_own_page=True,
)
SAVE = Step(
    name="save",
    event="application.saved",
    sources=WRITABLE,
    target=None,
    label=_("Save"),
    recorded="",
    allowed=permissions.by_client,
    surface="portal",
    effect=applications.save,
    has_own_page=True,
)
SAVE_SITE = Step(
    name="save_site",
    event="application.site_saved",
    sources=WRITABLE,
    target=None,
    label=_("Save the site"),
    recorded="",
    allowed=permissions.by_client,
    surface="portal",
    effect=applications.save_site,
    has_own_page=True,
)
REMOVE_SITE = Step(
    name="remove_site",
    event="application.site_removed",
    sources=WRITABLE,
    target=None,
    label=_("Remove the site"),
    recorded="",
    allowed=permissions.by_client,
    surface="portal",
    effect=applications.remove_site,
    has_own_page=True,
)
SAVE_EXCLUSIONS = Step(
    name="save_exclusions",
    event="application.exclusions_saved",
    sources=WRITABLE,
    target=None,
    label=_("Save the proposed exclusions"),
    recorded="",
    allowed=permissions.by_client,
    surface="portal",
    effect=applications.save_exclusions,
    has_own_page=True,
)
ATTACH = Step(
    name="attach",
    event="application.document_attached",
    sources=WRITABLE,
    target=None,
    label=_("Upload the document"),
    recorded=_("Document uploaded"),
    told=_("You uploaded a document"),
    allowed=permissions.by_client,
    surface="portal",
    effect=applications.attach,
    has_own_page=True,
)
DETACH = Step(
    name="detach",
    event="application.document_removed",
    sources=WRITABLE,
    target=None,
    label=_("Take the document out"),
    recorded=_("Document taken out"),
    told=_("You took a document out"),
    allowed=permissions.by_client,
    surface="portal",
    effect=applications.detach,
    has_own_page=True,
)
SUBMIT = Step(
    name="submit",
    event="application.submitted",
    sources=(A.DRAFT,),
    target=A.SUBMITTED,
    label=_("Submit the application"),
    hint=_("We check it and answer within the published time. Until then nothing in it can be changed."),
    recorded=_("Application submitted"),
    told=_("You submitted the application"),
    allowed=permissions.by_client,
    surface="portal",
    guard=guards.is_complete,
    effect=applications.submit,
    notify=(Notice("application.submitted", client_of),),
    opens=(TO_REVIEW,),
    closes=(TO_COMPLETE.kind,),
)
ANSWER = Step(
    name="answer",
    event="application.answered",
    sources=(A.QUESTIONS,),
    target=None,
    label=_("Answer a question"),
    recorded=_("Question answered"),
    told=_("You answered a question"),
    allowed=permissions.by_client,
    surface="portal",
    effect=review.answer,
    has_own_page=True,
)
RESUBMIT = Step(
    name="resubmit",
    event="application.resubmitted",
    sources=(A.QUESTIONS,),
    target=A.SUBMITTED,
    label=_("Send answers and changes"),
    hint=_("The application goes back to the reviewer with your answers and changes."),
    recorded=_("Answers and changes sent, application submitted again"),
    told=_("You sent us your answers and changes"),
    allowed=permissions.by_client,
    surface="portal",
    guard=guards.is_answered,
    effect=applications.submit,
    opens=(TO_REVIEW,),
    closes=(TO_ANSWER.kind, TO_CHANGE.kind),
)
REVIEW_ITEM = Step(
    name="review_item",
    event="application.item_reviewed",
    sources=(A.SUBMITTED,),
    target=None,
    label=_("Record an item of the review"),
    recorded=_("Item of the application review recorded"),
    allowed=permissions.by_reviewer,
    effect=review.review_item,
    part=Part.APPLICATION_REVIEW,
    has_own_page=True,
)
JUDGE_DOCUMENT = Step(
    name="judge_document",
    event="application.document_judged",
    sources=(A.SUBMITTED, A.ACCEPTED),
    target=None,
    label=_("Judge a document"),
    recorded=_("Document judged"),
    allowed=permissions.by_reviewer,
    effect=documents.judge,
    part=Part.APPLICATION_REVIEW,
    closes=(TO_LOOK_AT_DOCUMENT.kind,),
    has_own_page=True,
)
RENEW_DOCUMENT = Step(
    name="renew_document",
    event="application.document_renewed",
    sources=(A.SUBMITTED, A.ACCEPTED),
    target=None,
    label=_("Bring a newer version"),
    recorded=_("Newer version of a document handed in"),
    told=_("You handed in a newer version of a document"),
    allowed=permissions.by_client,
    surface="portal",
    effect=documents.renew,
    opens=(TO_LOOK_AT_DOCUMENT,),
    has_own_page=True,
)
ACCEPT = Step(
    name="accept",
    event="application.accepted",
    sources=(A.SUBMITTED,),
    target=A.ACCEPTED,
    label=_("Accept the application"),
    hint=_(
        "The client is told. A quote follows, or, where a certificate is only changed, the decision on its change."
    ),
    recorded=_("Application accepted"),
    told=_("Your application was accepted"),
    allowed=permissions.by_reviewer,
    guard=guards.is_reviewed,
    effect=review.accept,
    part=Part.APPLICATION_REVIEW,
    notify=(Notice("application.accepted", client_of),),
    opens=(TO_MAKE_QUOTE,),
    closes=(TO_REVIEW.kind,),
)
ASK = Step(
    name="ask",
    event="application.asked",
    sources=(A.SUBMITTED,),
    target=A.QUESTIONS,
    label=_("Ask the client"),
    hint=_("The client gets your questions and may change the application until the answers are sent."),
    tone="secondary",
    recorded=_("Questions put to the client"),
    told=_("We asked you for more information"),
    allowed=permissions.by_reviewer,
    effect=review.ask,
    part=Part.APPLICATION_REVIEW,
    notify=(Notice("application.asked", client_of),),
    opens=(TO_ANSWER,),
    closes=(TO_REVIEW.kind,),
)
DECLINE = Step(
    name="decline",
    event="application.declined",
    sources=(A.SUBMITTED, A.QUESTIONS),
    target=A.DECLINED,
    label=_("Decline the application"),
    hint=_("The client is told your reason and the right to appeal; the case ends."),
    tone="danger",
    recorded=_("Application declined"),
    told=_("Your application was not accepted"),
    allowed=permissions.by_reviewer,
    guard=no_contract_in_force,
    effect=review.decline,
    part=Part.APPLICATION_REVIEW,
    notify=(Notice("application.declined", client_of),),
    closes=(TO_REVIEW.kind, TO_ANSWER.kind, TO_CHANGE.kind, TO_LOOK_AT_DOCUMENT.kind),
)
WITHDRAW = Step(
    name="withdraw",
    event="application.withdrawn",
    sources=(A.DRAFT, A.SUBMITTED, A.QUESTIONS),
    target=A.WITHDRAWN,
    label=_("Withdraw the application"),
    hint=_("The application ends; you can begin a new one at any time."),
    tone="danger",
    recorded=_("Application withdrawn by the client"),
    told=_("You withdrew the application"),
    allowed=permissions.by_client,
    surface="portal",
    guard=no_contract_in_force,
    effect=applications.withdraw,
    closes=(
        TO_COMPLETE.kind,
        TO_REVIEW.kind,
        TO_ANSWER.kind,
        TO_CHANGE.kind,
        TO_LOOK_AT_DOCUMENT.kind,
    ),
)
REOPEN = Step(
    name="reopen",
    event="application.reopened",
    sources=(A.ACCEPTED,),
    target=A.SUBMITTED,
    label=_("Put the application back into review"),
    recorded=_("Application back in review because its facts have changed"),
    told=_("Your application is reviewed again because its facts have changed"),
    allowed=permissions.by_system,
    surface="system",
    effect=review.reopen,
    opens=(TO_REVIEW,),
    closes=(TO_MAKE_QUOTE.kind,),
)

APPLICATION = register(
    Table(
        aggregate="application",
        title=_("Application"),
        model=Application,
        states=A,
        steps=(
            BEGIN,
            BECOME_INITIAL,
            SAVE,
            SAVE_SITE,
            REMOVE_SITE,
            SAVE_EXCLUSIONS,
            ATTACH,
            DETACH,
            SUBMIT,
            ANSWER,
            RESUBMIT,
            TAKE_OVER,
            ASSIGN,
            REVIEW_ITEM,
            JUDGE_DOCUMENT,
            ACCEPT,
            ASK,
            REMIND_OF_QUESTIONS,
            DECLINE,
            WITHDRAW,
            REOPEN,
            TELL_CHANGE,
            TAKE_UP_CHANGE,
            DECLINE_CHANGE,
            RENEW_DOCUMENT,
        ),
        visible_to=queries.visible_to,
        page=application_page,
    )
)
