"""Panels and decisions: from the released report to the signed decision."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Part
from certbody.desk.services import Audience, TaskFor
from certbody.outbox.recipients import Recipient, accounts_of, client_of
from certbody.permissions import has_role, is_independent, system_only
from certbody.workflow import Notice, Step, Table, register
from certificates import conditions
from certificates.models import Decision, Panel
from certificates.permissions import holds_seat, signs_for_the_body
from certificates.queries.committee import decisions_visible_to, panels_visible_to, signatories_for_the_head
from certificates.services import committee
from certificates.states import DecisionState, Outcome, PanelState


def panel_page(panel: Panel, _user: User | None) -> str:
    return reverse("panel", args=[panel.pk])


def decision_page(decision: Decision, user: User | None) -> str:
    if user is not None and user.is_staff_member:
        return reverse("decision", args=[decision.pk])
    return reverse("portal_case", args=[decision.case.reference])


def _seated(panel: Panel) -> Iterable[Audience]:
    for seat in panel.seats.filter(recused_at=None, ballot=None).select_related("person"):
        yield Audience(person=seat.person)


def _mail_to_members(panel: Panel) -> Iterable[Recipient]:
    for seat in panel.seats.filter(recused_at=None).select_related("person"):
        yield from accounts_of(seat.person)


def _mail_to_newest_member(panel: Panel) -> Iterable[Recipient]:
    seat = panel.seats.select_related("person").order_by("-id").first()
    if seat is not None:
        yield from accounts_of(seat.person)


def _secretary(_obj: Panel | Decision) -> Iterable[Audience]:
    yield Audience(role=Role.SECRETARY)


def _secretary_if_not_carried(panel: Panel) -> Iterable[Audience]:
    if not panel.carried:
        yield Audience(role=Role.SECRETARY)


def _head_and_delegates(decision: Decision) -> Iterable[Audience]:
    yield Audience(role=Role.HEAD)
    for person in signatories_for_the_head(decision.case):
        yield Audience(person=person)


def _certificate_officer_if_granted(decision: Decision) -> Iterable[Audience]:
    if decision.outcome == Outcome.GRANT:
        yield Audience(role=Role.CERTIFICATES)


def new_panel_path(obj: Panel | Decision) -> str:
    return reverse("panel_open", args=[obj.case.reference])


VOTE_TASK = TaskFor(
    kind="panel.vote",
    label=_("Vote in the committee"),
    to=_seated,
    path=lambda panel: panel_page(panel, None),
    days=5,
)
CLOSE_TASK = TaskFor(
    kind="panel.close",
    label=_("Close the vote when it is complete"),
    to=_secretary,
    path=lambda panel: panel_page(panel, None),
    days=5,
)
REOPEN_LABEL = _("Open a new panel")

OPEN = Step(
    name="open",
    event="panel.opened",
    sources=(),
    target=PanelState.OPEN,
    label=_("Open the panel"),
    recorded=_("The secretary opened a panel of the committee."),
    told=_("The committee began to deliberate."),
    allowed=has_role(Role.SECRETARY),
    guard=conditions.ready_for_a_panel,
    effect=committee.open_panel,
    notify=(Notice("panel.opened", _mail_to_members),),
    opens=(VOTE_TASK, CLOSE_TASK),
)
ADD_MEMBER = Step(
    name="add_member",
    event="panel.member_added",
    sources=(PanelState.OPEN,),
    target=None,
    label=_("Add a member"),
    hint=_("For example for a member who withdrew."),
    recorded=_("The secretary gave another member a seat."),
    tone="secondary",
    allowed=has_role(Role.SECRETARY),
    effect=committee.add_member,
    notify=(Notice("panel.opened", _mail_to_newest_member),),
    opens=(VOTE_TASK,),
)
VOTE = Step(
    name="vote",
    event="panel.voted",
    sources=(PanelState.OPEN,),
    target=None,
    label=_("Vote"),
    recorded=_("A member voted."),
    allowed=holds_seat & is_independent,
    guard=conditions.has_not_voted,
    effect=committee.vote,
    part=Part.VOTE,
    has_own_page=True,
)
RECUSE = Step(
    name="recuse",
    event="panel.recused",
    sources=(PanelState.OPEN,),
    target=None,
    label=_("Withdraw from this panel"),
    hint=_("Your seat stays in the record and no longer counts; you will not see this case any more."),
    recorded=_("A member withdrew from the panel."),
    tone="danger",
    allowed=holds_seat,
    guard=conditions.has_not_voted,
    effect=committee.recuse,
)
CLOSE = Step(
    name="close",
    event="panel.closed",
    sources=(PanelState.OPEN,),
    target=PanelState.CLOSED,
    label=_("Close the vote"),
    hint=_("The votes are counted once and shown with their reasons. A closed panel is never opened again."),
    recorded=_("The secretary closed the vote."),
    allowed=has_role(Role.SECRETARY),
    guard=conditions.has_quorum,
    effect=committee.close_panel,
    closes=("panel.vote", "panel.close"),
    opens=(
        TaskFor(
            kind="panel.reopen",
            label=REOPEN_LABEL,
            to=_secretary_if_not_carried,
            path=new_panel_path,
            days=5,
        ),
    ),
)
PANEL = register(
    Table(
        aggregate="panel",
        title=_("Committee panel"),
        model=Panel,
        states=PanelState,
        steps=(OPEN, ADD_MEMBER, VOTE, RECUSE, CLOSE),
        visible_to=panels_visible_to,
        page=panel_page,
    )
)

TAKE = Step(
    name="take",
    event="decision.taken",
    sources=(),
    target=DecisionState.TAKEN,
    label=_("Take the decision"),
    recorded=_("The carried motion became a decision."),
    surface="system",
    allowed=system_only,
    guard=conditions.follows_a_carried_motion,
    effect=committee.take_decision,
    opens=(
        TaskFor(
            kind="decision.sign",
            label=_("Sign the decision or return it"),
            to=_head_and_delegates,
            path=lambda decision: reverse("decision", args=[decision.pk]),
            days=3,
        ),
    ),
)
SIGN = Step(
    name="sign",
    event="decision.signed",
    sources=(DecisionState.TAKEN,),
    target=DecisionState.SIGNED,
    label=_("Sign the decision"),
    recorded=_("The decision was signed."),
    told=_("The certification decision was signed."),
    allowed=signs_for_the_body,
    guard=conditions.ready_to_sign,
    effect=committee.sign,
    part=Part.SIGNATURE,
    closes=("decision.sign",),
    opens=(
        TaskFor(
            kind="certificate.reserve",
            label=_("Issue the certificate"),
            to=_certificate_officer_if_granted,
            path=lambda decision: reverse("decision", args=[decision.pk]),
            days=3,
        ),
    ),
)
RETURN = Step(
    name="return",
    event="decision.returned",
    sources=(DecisionState.TAKEN,),
    target=DecisionState.RETURNED,
    label=_("Return to the committee"),
    hint=_("The panel stays closed; the committee votes again in a new one."),
    recorded=_("The decision was returned to the committee."),
    tone="danger",
    allowed=signs_for_the_body,
    effect=committee.return_decision,
    closes=("decision.sign",),
    opens=(TaskFor(kind="decision.reopen", label=REOPEN_LABEL, to=_secretary, path=new_panel_path, days=5),),
)
FILE_LETTER = Step(
    name="file_letter",
    event="decision.letter_filed",
    sources=(DecisionState.SIGNED,),
    target=None,
    label=_("File the letter"),
    recorded=_("The letter about the refusal was made."),
    told=_("Your certification was refused; the letter gives the reasons and says how to appeal."),
    surface="system",
    allowed=system_only,
    effect=committee.file_letter,
    notify=(Notice("decision.refused", client_of),),
)
DECISION = register(
    Table(
        aggregate="decision",
        title=_("Decision"),
        model=Decision,
        states=DecisionState,
        steps=(TAKE, SIGN, RETURN, FILE_LETTER),
        visible_to=decisions_visible_to,
        page=decision_page,
    )
)
