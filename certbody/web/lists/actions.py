"""One action on many rows: what will happen is shown first, then each row is judged again under its lock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certbody import workflow
from certbody.accounts.models import User

Sentence = str | Promise
MOST_ROWS = 100  # four pages: what somebody can have looked at before pressing the button


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """Something that can be done to several rows of a list at once.

    `refusal` says why it cannot be done to a row now. `act` does it to one row, in a transaction of its own, and judges
    permission and state again under the lock; it raises Refused. `form` asks for what every row gets alike.
    """

    key: str
    label: Sentence
    hint: Sentence
    may_use: Callable[[User], bool]
    refusal: Callable[[Any, User], workflow.Refused | None]
    act: Callable[..., object]
    name: Callable[[Any], str] = str
    form: type[forms.Form] = forms.Form


def by_step(
    step: workflow.Step,
    *,
    roles: tuple[str, ...],
    name: Callable[[Any], str] = str,
    form: type[forms.Form] = forms.Form,
) -> BulkAction:
    """The action that takes one step with each row; `roles` see its button, the rule of the step decides.

    The fields of `form` are what the effect of the step receives.
    """

    def refusal(row: Any, user: User) -> workflow.Refused | None:
        try:
            workflow.check(step, row, user)
        except workflow.WrongState:
            return _of_no_use(row)
        except workflow.Refused as refused:
            return refused
        return None

    def act(row: Any, user: User, values: Mapping[str, Any]) -> object:
        return workflow.perform(step, row, actor=user, **values)

    return BulkAction(
        key=step.name.replace("_", "-"),
        label=step.label,
        hint=step.hint,
        may_use=lambda user: user.has_role(*roles),
        refusal=refusal,
        act=act,
        name=name,
        form=form,
    )


def _of_no_use(row: Any) -> workflow.Refused:
    """Why a row of a list takes no such step: on a list nobody was faster, the row was never one for it."""
    state = workflow.table_of(row).states(row.state).label
    return workflow.WrongState(_("It does not apply: the state is “%(state)s”.") % {"state": state})


@dataclass(frozen=True)
class Outcome:
    """What happens, or happened, to one row; `refusal` says why nothing does."""

    name: str
    refusal: workflow.Refused | None = None


def foreseen(action: BulkAction, rows: list[Any], user: User) -> list[Outcome]:
    """What the action would do to each row now."""
    return [Outcome(action.name(row), action.refusal(row, user)) for row in rows]


def carried_out(action: BulkAction, rows: list[Any], user: User, values: Mapping[str, Any]) -> list[Outcome]:
    """Do it to one row after another; a row that is refused stops no other."""
    return [Outcome(action.name(row), _attempt(action, row, user, values)) for row in rows]


def _attempt(action: BulkAction, row: Any, user: User, values: Mapping[str, Any]) -> workflow.Refused | None:
    if refusal := action.refusal(row, user):
        return refusal
    try:
        action.act(row, user, values)
    except workflow.Refused as refused:
        return refused
    return None
