"""Being let in: somebody asks the owners of a registered organisation, and one of them answers."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.queries.members import owners_of
from applications.services import joining
from applications.services.members import JOIN_TASK
from certbody import clock
from certbody.accounts.models import JoinRequest, JoinState, Membership, MembershipRole, User
from certbody.body.settings_catalogue import setting
from certbody.desk.services import Audience, TaskFor
from certbody.outbox.recipients import Recipient, accounts_of
from certbody.permissions import YES, Rule, Verdict, no
from certbody.workflow import Missing, Notice, Sentence, Step, Table, register

ONE_DAY = timedelta(days=1)
PAUSE_AFTER_NO = timedelta(days=30)


def _judge_owner(user: User | None, obj: Any) -> Verdict:
    owned = Membership.objects.filter(
        organisation=obj.organisation_id,
        person=user.person_id if user else None,
        role=MembershipRole.OWNER,
        ended_at=None,
    )
    if user is not None and user.is_active and owned.exists():
        return YES
    return no(_("This is done by an owner of the organisation."))


def _judge_outsider(user: User | None, obj: Any) -> Verdict:
    if user is None or not user.is_active or user.is_staff_member:
        return no(_("This is done by somebody who wants to act for the organisation."))
    if user.organisations.filter(pk=obj.organisation_id).exists():
        return no(_("You act for this organisation already."))
    return YES


by_owner = Rule(_judge_owner, "owner of the organisation")
by_outsider = Rule(_judge_outsider, "a client's account that does not act for the organisation")


def _not_too_often(request: JoinRequest, _actor: User | None) -> Iterator[Missing]:
    """A person asks few organisations a day and none again soon after a no: requests are no way to find clients."""
    mine = JoinRequest.objects.filter(person=request.person_id)
    if mine.filter(organisation=request.organisation_id, state=JoinState.OPEN).exists():
        yield Missing(_("You have asked already; the answer is still to come."))
    elif mine.filter(created_at__gt=clock.now() - ONE_DAY).count() >= setting("join_requests_a_day"):
        yield Missing(
            _("You have asked several organisations today. Please try again tomorrow, or write to us.")
        )
    elif mine.filter(
        organisation=request.organisation_id,
        state=JoinState.DECLINED,
        answered_at__gt=clock.now() - PAUSE_AFTER_NO,
    ).exists():
        yield Missing(
            _("Your request was declined less than 30 days ago. Please speak with the organisation itself.")
        )


def _asks_as_a_client(request: JoinRequest, _actor: User | None) -> Iterator[Missing]:
    """Between the request and the answer somebody may have joined the body, or the account may have ended."""
    accounts = User.objects.filter(person=request.person_id, is_active=True).select_related("person")
    if all(account.is_staff_member for account in accounts):
        yield Missing(_("This is done by somebody who wants to act for the organisation."))


def visible_to(user: User) -> "QuerySet[JoinRequest]":
    """Requests to the organisations that a user owns; whoever asked sees his own elsewhere, without the rest."""
    owned = Membership.objects.filter(person=user.person_id, role=MembershipRole.OWNER, ended_at=None)
    rows = JoinRequest.objects.select_related("organisation", "person")
    return rows.filter(organisation__in=owned.values("organisation"))


def page(request: JoinRequest, _user: User | None) -> str:
    return reverse("applications:members", args=[request.organisation_id])


def _owners(request: JoinRequest) -> Iterator[Audience]:
    for owner in owners_of(request.organisation):
        yield Audience(person=owner.person)


def _owners_by_mail(request: JoinRequest) -> Iterator[Recipient]:
    for owner in owners_of(request.organisation):
        yield from accounts_of(owner.person)


def _asker_by_mail(request: JoinRequest) -> Iterator[Recipient]:
    yield from accounts_of(request.person)


TO_ANSWER = TaskFor(
    kind=JOIN_TASK,
    label=_("Somebody asks to act for your organisation"),
    to=_owners,
    path=lambda request: page(request, None),
)
_WHO: Sentence = _("Whoever is let in reads and changes everything of the organisation in the portal.")

ASK = Step(
    name="ask",
    event="join_request.sent",
    sources=(),
    target=JoinState.OPEN,
    label=_("Ask to be let in"),
    recorded=_("Request to join sent"),
    allowed=by_outsider,
    surface="portal",
    guard=_not_too_often,
    effect=joining.ask,
    notify=(Notice("join_request.sent", _owners_by_mail),),
    opens=(TO_ANSWER,),
    has_own_page=True,
)
LET_IN = Step(
    name="let_in",
    event="join_request.accepted",
    sources=(JoinState.OPEN,),
    target=JoinState.ACCEPTED,
    label=_("Let in as a member"),
    hint=_WHO,
    recorded=_("Request to join accepted"),
    allowed=by_owner,
    surface="portal",
    guard=_asks_as_a_client,
    effect=joining.let_in,
    notify=(Notice("join_request.accepted", _asker_by_mail),),
    closes=(TO_ANSWER.kind,),
)
DECLINE = Step(
    name="decline",
    event="join_request.declined",
    sources=(JoinState.OPEN,),
    target=JoinState.DECLINED,
    label=_("Decline the request"),
    hint=_("The person is told that the request was declined, and nothing else."),
    tone="secondary",
    recorded=_("Request to join declined"),
    allowed=by_owner,
    surface="portal",
    effect=joining.decline,
    notify=(Notice("join_request.declined", _asker_by_mail),),
    closes=(TO_ANSWER.kind,),
)

JOINING = register(
    Table(
        aggregate="join_request",
        title=_("Request to join an organisation"),
        model=JoinRequest,
        states=JoinState,
        steps=(ASK, LET_IN, DECLINE),
        visible_to=visible_to,
        page=page,
    )
)
