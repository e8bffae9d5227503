"""The engine: one aggregate, one table of steps, one door.

`perform` is the only way to move a state. In one transaction it locks case and row, checks permission, state and
guards under the lock, runs the effect, moves the state by a conditional UPDATE, appends the event, records who took
part, opens and closes tasks, promises mails and runs the follow-ups that upper floors registered; after the commit it
only wakes the sweeper. Lock order: case → aggregate → certificate → trail.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.cases.models import Case
from certbody.cases.services import record_part
from certbody.desk.services import TaskFor, close_tasks, open_for, register_kind
from certbody.outbox.recipients import Recipient
from certbody.outbox.services import promise_message, wake_after_commit
from certbody.permissions import Rule
from certbody.security_log import note
from certbody.trail.models import Event
from certbody.trail.services import append
from certbody.transactions import whole

Sentence = str | Promise
Facts = Mapping[str, Any] | None


@dataclass(frozen=True)
class Missing:
    """What is still missing before a step, in the reader's language, with a link to where it is supplied."""

    sentence: Sentence
    link: str = ""


@dataclass(frozen=True)
class Notice:
    """A mail that a step promises: template `mail/<kind>.txt`, first line the subject."""

    kind: str
    to: Callable[[Any], Iterable[Recipient]]


Guard = Callable[[Any, User | None], Iterable[Missing]]
FollowUp = Callable[[Any, User | None, Event], None]


def _no_guard(_obj: Any, _actor: User | None) -> Iterable[Missing]:
    return ()


def _no_effect(_obj: Any, *, actor: User | None) -> Facts:
    return None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One row of an aggregate's table.

    `sources` empty: the step makes the object. `target` None: the state stays. `told` is what the client reads in
    the timeline; empty means that the client does not see the event. `surface` says where the button stands.
    """

    name: str
    event: str
    sources: tuple[str, ...]
    target: str | None
    label: Sentence
    recorded: Sentence
    allowed: Rule
    told: Sentence = ""
    hint: Sentence = ""
    surface: str = "desk"
    tone: str = "primary"
    guard: Guard = _no_guard
    effect: Callable[..., Facts] = _no_effect
    part: str | None = None
    notify: tuple[Notice, ...] = ()
    opens: tuple[TaskFor, ...] = ()
    closes: tuple[str, ...] = ()
    has_own_page: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """The steps of one aggregate in the order of the filed procedure."""

    aggregate: str
    title: Sentence
    model: type[models.Model]
    states: type[models.TextChoices]
    steps: tuple[Step, ...]
    visible_to: Callable[[User], "models.QuerySet[Any]"]
    page: Callable[[Any, User | None], str]

    def step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)


class Refused(Exception):
    """A step was refused; `sentence` says why, what to do and who can do it."""

    code = "refused"

    def __init__(self, sentence: Sentence, missing: tuple[Missing, ...] = ()) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.missing = missing


class NotAllowed(Refused):
    code = "permission"


class WrongState(Refused):
    code = "state"


class ChangedMeanwhile(WrongState):
    """Somebody stored other values since the page with these was opened; nothing of either is lost."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else, or you on another device, has changed this since you opened the page. "
                "What you typed is still here: compare it with what is stored now, then save yours or take theirs."
            )
        )


class NotReady(Refused):
    code = "guard"


_tables: dict[str, Table] = {}
_guards: dict[str, list[Guard]] = {}
_follow_ups: dict[str, list[FollowUp]] = {}


def register(table: Table) -> Table:
    _tables[table.aggregate] = table
    for step in table.steps:
        for task in step.opens:
            register_kind(task.kind, task.label)
    return table


def tables() -> list[Table]:
    return list(_tables.values())


def table(aggregate: str) -> Table:
    return _tables[aggregate]


def table_of(obj: models.Model) -> Table:
    return next(entry for entry in _tables.values() if entry.model is type(obj))


def step_of_event(event: str) -> Step | None:
    return next((step for entry in _tables.values() for step in entry.steps if step.event == event), None)


def add_guard(event: str, guard: Guard) -> None:
    """An upper floor adds a condition to a lower step."""
    known = _guards.setdefault(event, [])
    if guard not in known:
        known.append(guard)


def follow(event: str, follow_up: FollowUp) -> None:
    """An upper floor acts in the same transaction after a lower step."""
    known = _follow_ups.setdefault(event, [])
    if follow_up not in known:
        known.append(follow_up)


def missing_for(step: Step, obj: models.Model, actor: User | None) -> tuple[Missing, ...]:
    found = list(step.guard(obj, actor))
    for guard in _guards.get(step.event, []):
        found += guard(obj, actor)
    return tuple(found)


def check(step: Step, obj: Any, actor: User | None) -> None:
    """Raise the refusal that `perform` would raise now; permission first, so that strangers learn nothing."""
    verdict = step.allowed(actor, obj)
    if not verdict:
        raise NotAllowed(verdict.reason)
    state = obj.state
    if obj.pk is None if step.sources else obj.pk is not None:
        raise WrongState(_("This has already been done."))
    if step.sources and state not in step.sources:
        label = table_of(obj).states(state).label
        raise WrongState(
            _(
                "“%(step)s” is not possible now: the state is “%(state)s”. Somebody may have been faster; "
                "please look at the page again."
            )
            % {"step": step.label, "state": label}
        )
    if missing := missing_for(step, obj, actor):
        raise NotReady(_("Something is still missing before “%(step)s”.") % {"step": step.label}, missing)


def perform(step: Step, obj: Any, *, actor: User | None, **data: Any) -> Any:
    """Take a step; return the moved object. Raises a `Refused` and changes nothing when it is not possible."""
    try:
        return whole(lambda: _perform(step, obj, actor, data), new=obj)
    except Refused as refusal:
        note("step refused", user=actor, result="refused", obj=obj, step=step.event, code=refusal.code)
        raise


def _perform(step: Step, obj: Any, actor: User | None, data: Mapping[str, Any]) -> Any:
    obj = locked(obj)
    if actor is not None:  # an account or a role may have ended since the page was asked for
        actor = User.objects.select_related("person").get(pk=actor.pk)
    check(step, obj, actor)
    source = obj.state if step.sources else ""
    try:
        with transaction.atomic():
            facts = step.effect(obj, actor=actor, **data)
            case = obj if isinstance(obj, Case) else getattr(obj, "case", None)
            if step.part and case is not None and actor is not None:
                record_part(case=case, person=actor.person, part=step.part)
            if step.sources and step.target is not None:
                _move(step, obj)
            event = append(
                name=step.event, obj=obj, case=case, user=actor, source=source, target=obj.state, data=facts
            )
            _tell(step, obj, case, event)
            for follow_up in _follow_ups.get(step.event, []):
                follow_up(obj, actor, event)
    except IntegrityError as fault:
        raise readable(fault) from fault
    wake_after_commit()
    return obj


def locked(obj: Any) -> Any:
    """Lock the case, then the row, inside the caller's transaction, and return the row as it is now."""
    case_id = getattr(obj, "case_id", None)
    if case_id is not None:
        Case.objects.select_for_update(no_key=True).filter(pk=case_id).first()
    if obj.pk is None:
        return obj
    rows = type(obj)._default_manager.select_for_update(no_key=True, of=("self",))
    found = rows.filter(pk=obj.pk).first()
    if found is None:
        raise WrongState(_("This is no longer there."))
    return found


def _move(step: Step, obj: Any) -> None:
    rows = type(obj)._default_manager.filter(pk=obj.pk, state__in=step.sources)
    if rows.update(state=step.target) != 1:
        raise WrongState(_("Somebody was faster; please look at the page again."))
    obj.state = step.target


def _tell(step: Step, obj: Any, case: Case | None, event: Event) -> None:
    if step.closes:
        close_tasks(kinds=step.closes, obj=obj)
    for task in step.opens:
        open_for(task, obj, case)
    for notice in step.notify:
        for address, language in notice.to(obj):
            promise_message(
                kind=notice.kind,
                obj=event,
                case=case,
                recipient=address,
                language=language,
                context={"path": table_of(obj).page(obj, None), "facts": event.data},
            )


def readable(fault: IntegrityError) -> Refused:
    """A constraint or trigger spoke: the database refused what the checks let pass."""
    text = str(fault)
    if "impartiality" in text:
        note("impartiality refused by the database", user=None, result="refused", detail=text)
        return NotAllowed(
            _("Impartiality: whoever took part in the evaluation cannot take part in the decision.")
        )
    return WrongState(_("This has already been done, or somebody was faster; please look at the page again."))


@dataclass(frozen=True)
class Offer:
    """A step as a button: pressed by whom it is allowed to, grey with what is missing otherwise."""

    step: Step
    url: str
    missing: tuple[Missing, ...] = field(default=())

    @property
    def is_ready(self) -> bool:
        return not self.missing


def step_url(step: Step, obj: models.Model) -> str:
    return reverse("step", args=[table_of(obj).aggregate, obj.pk, step.name])


def offers(obj: Any, user: User) -> list[Offer]:
    """The steps that this user may take from the present state, ready or with what they miss."""
    state = obj.state
    return [
        Offer(step, step_url(step, obj), missing_for(step, obj, user))
        for step in table_of(obj).steps
        if state in step.sources and step.surface != "system" and step.allowed(user, obj)
    ]


def awaited(obj: Any, user: User) -> list[tuple[Step, Sentence]]:
    """Steps possible in this state that others take, with the sentence that says who."""
    state = obj.state
    found = []
    for step in table_of(obj).steps:
        if state in step.sources and step.surface != "system":
            verdict = step.allowed(user, obj)
            if not verdict:
                found.append((step, verdict.reason))
    return found
