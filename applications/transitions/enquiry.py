"""The steps of an enquiry, from the first call to the application."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications import permissions, queries
from applications.guards import has_address, has_figures
from applications.models import Application, Enquiry
from applications.services import enquiries
from applications.states import EnquiryState as E
from certbody import workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.desk.services import Audience, TaskFor, open_task, register_kind
from certbody.outbox.recipients import Recipient
from certbody.trail.models import Event
from certbody.workflow import Notice, Step, Table, register

OPEN = (E.LOGGED, E.QUOTED)


def enquiry_page(enquiry: Enquiry) -> str:
    return reverse("applications:enquiry", args=[enquiry.reference])


def _market(enquiry: Enquiry) -> Iterator[Audience]:
    """Its owner, where somebody is named, else the contract officers; nobody where no day is set."""
    if enquiry.follow_up_on is not None:
        yield Audience(person=enquiry.owner) if enquiry.owner else Audience(role=Role.CONTRACTS)


def _contact(enquiry: Enquiry) -> Iterator[Recipient]:
    yield enquiry.contact_email, "zh-hans"


TO_FOLLOW_UP = TaskFor(
    kind="enquiry.follow_up", label=_("Follow up an enquiry"), to=_market, path=enquiry_page
)

LOG = Step(
    name="log",
    event="enquiry.logged",
    sources=(),
    target=E.LOGGED,
    label=_("Enter an enquiry"),
    recorded=_("Enquiry entered"),
    allowed=permissions.by_market,
    effect=enquiries.log,
    has_own_page=True,
)
EDIT = Step(
    name="edit",
    event="enquiry.edited",
    sources=OPEN,
    target=None,
    label=_("Change the enquiry"),
    tone="secondary",
    recorded=_("Enquiry changed"),
    allowed=permissions.by_market,
    effect=enquiries.edit,
    closes=(TO_FOLLOW_UP.kind,),
)
QUOTE = Step(
    name="quote",
    event="enquiry.quoted",
    sources=OPEN,
    target=E.QUOTED,
    label=_("Work out a quote"),
    hint=_("From the fee table of today; it is indicative and binds nobody."),
    recorded=_("Indicative quote worked out"),
    allowed=permissions.by_market,
    guard=has_figures,
    effect=enquiries.quote,
)
MAIL_QUOTE = Step(
    name="mail_quote",
    event="enquiry.quote_mailed",
    sources=(E.QUOTED,),
    target=None,
    label=_("Mail the quote to the contact"),
    tone="secondary",
    recorded=_("Indicative quote mailed to the contact"),
    allowed=permissions.by_market,
    guard=has_address,
    effect=enquiries.mail_quote,
    notify=(Notice("enquiry.quote_mailed", _contact),),
)
LINK = Step(
    name="link",
    event="enquiry.linked",
    sources=OPEN,
    target=E.APPLIED,
    label=_("Name the application that it became"),
    hint=_("An application with the same credit code is found by itself."),
    tone="secondary",
    recorded=_("Enquiry became an application"),
    allowed=permissions.by_market | permissions.by_system,
    effect=enquiries.link,
    closes=(TO_FOLLOW_UP.kind,),
)
CLOSE = Step(
    name="close",
    event="enquiry.closed",
    sources=OPEN,
    target=E.CLOSED,
    label=_("Close the enquiry"),
    tone="danger",
    recorded=_("Enquiry closed"),
    allowed=permissions.by_market,
    effect=enquiries.close,
    closes=(TO_FOLLOW_UP.kind,),
)

ENQUIRY = register(
    Table(
        aggregate="enquiry",
        title=_("Enquiry"),
        model=Enquiry,
        states=E,
        steps=(LOG, EDIT, QUOTE, MAIL_QUOTE, LINK, CLOSE),
        visible_to=queries.enquiries_visible_to,
        page=lambda enquiry, _user: enquiry_page(enquiry),
    )
)
register_kind(TO_FOLLOW_UP.kind, TO_FOLLOW_UP.label)


def keep_follow_up(enquiry: Enquiry, _actor: User | None, _event: Event) -> None:
    """Open the task for the day on which the contact is to be called; without a day there is none."""
    for audience in _market(enquiry):
        open_task(
            kind=TO_FOLLOW_UP.kind,
            obj=enquiry,
            case=None,
            to=audience,
            path=enquiry_page(enquiry),
            due_on=enquiry.follow_up_on,
        )


def link_by_credit_code(application: Application, _actor: User | None, _event: Event) -> None:
    """Open enquiries about the organisation that has begun an application have become that application."""
    code = application.case.organisation.credit_code
    for enquiry in Enquiry.objects.filter(credit_code=code, state__in=OPEN).order_by("pk"):
        workflow.perform(LINK, enquiry, actor=None, application=application)
