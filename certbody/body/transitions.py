from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body import permissions, queries, services
from certbody.body.models import ScoringTable
from certbody.body.states import ScoringTableState
from certbody.desk.services import Audience, TaskFor
from certbody.permissions import system_only
from certbody.trail.models import Event
from certbody.workflow import Missing, Step, Table, follow, perform, register

DRAFT = (ScoringTableState.DRAFT,)


def page(table: ScoringTable, _user: User | None) -> str:
    return reverse("scoring_table", args=[table.pk])


def _confirmation_task(kind: str, role: Role, label: Any) -> TaskFor:
    return TaskFor(
        kind=kind,
        label=label,
        to=lambda _table: [Audience(role=role)],
        path=lambda table: page(table, None),
        days=10,
    )


_HEAD_CONFIRMS = _confirmation_task("scoring_table.head", Role.HEAD, _("Confirm the scoring table as head"))
_QUALITY_CONFIRMS = _confirmation_task(
    "scoring_table.quality", Role.QUALITY, _("Confirm the scoring table as quality manager")
)
_BOTH = (_HEAD_CONFIRMS.kind, _QUALITY_CONFIRMS.kind)


def _not_yet_by_head(table: ScoringTable, _actor: User | None) -> Iterator[Missing]:
    if table.head_confirmed_by_id is not None:
        yield Missing(_("The head has already confirmed this content."))


def _not_yet_by_quality(table: ScoringTable, _actor: User | None) -> Iterator[Missing]:
    if table.quality_confirmed_by_id is not None:
        yield Missing(_("The quality manager has already confirmed this content."))


def _both_confirmed(table: ScoringTable, _actor: User | None) -> Iterator[Missing]:
    if table.head_confirmed_by_id is None:
        yield Missing(_("The head has not yet confirmed."))
    if table.quality_confirmed_by_id is None:
        yield Missing(_("The quality manager has not yet confirmed."))


BEGIN = Step(
    name="begin",
    event="scoring_table.begun",
    sources=(),
    target=ScoringTableState.DRAFT,
    label=_("Begin a new version"),
    recorded=_("A new version of the scoring table was begun."),
    allowed=permissions.is_editor,
    effect=services.begin,
    opens=(_HEAD_CONFIRMS, _QUALITY_CONFIRMS),
)
EDIT_POINTS = Step(
    name="edit_points",
    event="scoring_table.points_edited",
    sources=DRAFT,
    target=None,
    label=_("Enter points"),
    recorded=_("Points of the scoring table were entered."),
    hint=_("The points of every group must close. Confirmations given so far fall away."),
    allowed=permissions.is_editor,
    effect=services.edit_points,
    opens=(_HEAD_CONFIRMS, _QUALITY_CONFIRMS),
    tone="secondary",
)
IMPORT = Step(
    name="import",
    event="scoring_table.imported",
    sources=DRAFT,
    target=None,
    label=_("Import a file"),
    recorded=_("The scoring table was imported from a file."),
    hint=_("The file replaces the whole draft. Confirmations given so far fall away."),
    allowed=permissions.is_editor,
    effect=services.replace_content,
    opens=(_HEAD_CONFIRMS, _QUALITY_CONFIRMS),
    tone="secondary",
)
CONFIRM_AS_HEAD = Step(
    name="confirm_as_head",
    event="scoring_table.confirmed_by_head",
    sources=DRAFT,
    target=None,
    label=_("Confirm as head"),
    recorded=_("The head confirmed the scoring table."),
    allowed=permissions.is_head & permissions.other_person,
    guard=_not_yet_by_head,
    effect=services.confirm_as_head,
    closes=(_HEAD_CONFIRMS.kind,),
)
CONFIRM_AS_QUALITY = Step(
    name="confirm_as_quality",
    event="scoring_table.confirmed_by_quality",
    sources=DRAFT,
    target=None,
    label=_("Confirm as quality manager"),
    recorded=_("The quality manager confirmed the scoring table."),
    allowed=permissions.is_quality_manager & permissions.other_person,
    guard=_not_yet_by_quality,
    effect=services.confirm_as_quality,
    closes=(_QUALITY_CONFIRMS.kind,),
)
CONFIRM = Step(
    name="confirm",
    event="scoring_table.confirmed",
    sources=DRAFT,
    target=ScoringTableState.CONFIRMED,
    label=_("Put in force"),
    recorded=_("The scoring table is in force: it grades new cases."),
    allowed=system_only,
    surface="system",
    guard=_both_confirmed,
    effect=services.confirm,
    closes=_BOTH,
)
RETIRE = Step(
    name="retire",
    event="scoring_table.retired",
    sources=(ScoringTableState.CONFIRMED,),
    target=ScoringTableState.RETIRED,
    label=_("Retire"),
    recorded=_("The scoring table was retired."),
    hint=_("It no longer grades new cases; without another confirmed table no audit can be opened."),
    allowed=system_only | permissions.is_head,
    tone="danger",
)
DISCARD = Step(
    name="discard",
    event="scoring_table.discarded",
    sources=DRAFT,
    target=ScoringTableState.RETIRED,
    label=_("Discard the draft"),
    recorded=_("The draft of the scoring table was discarded."),
    hint=_("The draft stays readable, but nobody can confirm it any more."),
    allowed=permissions.is_editor,
    closes=_BOTH,
    tone="danger",
)

SCORING_TABLE = register(
    Table(
        aggregate="scoring_table",
        title=_("scoring table"),
        model=ScoringTable,
        states=ScoringTableState,
        steps=(BEGIN, EDIT_POINTS, IMPORT, CONFIRM_AS_HEAD, CONFIRM_AS_QUALITY, CONFIRM, RETIRE, DISCARD),
        visible_to=queries.visible_to,
        page=page,
    )
)


def put_in_force_when_both_confirmed(table: ScoringTable, _actor: User | None, _event: Event) -> None:
    """The second of the two confirmations puts the table in force and retires the one before it."""
    if table.head_confirmed_by_id is None or table.quality_confirmed_by_id is None:
        return
    if older := services.older_confirmed(table):
        perform(RETIRE, older, actor=None)
    perform(CONFIRM, table, actor=None)
    table.refresh_from_db()


follow(CONFIRM_AS_HEAD.event, put_in_force_when_both_confirmed)
follow(CONFIRM_AS_QUALITY.event, put_in_force_when_both_confirmed)
