"""What the home page of a client shows of its cases, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise

from certbody import clock, confidential, facts
from certbody.accounts.models import Organisation
from certbody.cases.models import Case
from certbody.desk.clocks import (
    PublishedTime,
    Used,
    Wait,
    day_of,
    days_used,
    turn_since,
)
from certbody.desk.models import Task
from certbody.desk.services import label_of
from certbody.scheme.working_days import working_day_after, working_days_between
from certbody.web.stages import Stage, is_open, stages_of_cases

Sentence = str | Promise


@dataclass(frozen=True)
class Note:
    """One more thing that a client should know of a case, with where it is done."""

    text: Sentence
    url: str


@dataclass(frozen=True)
class CertificateLine:
    """A certificate in the list of what is finished."""

    number: str
    url: str
    label: Sentence
    tone: str


@dataclass(frozen=True)
class Countdown:
    """How far a published time is: working day `day` of `days`, the last of which is `due_on`."""

    day: int
    days: int
    due_on: date

    @property
    def is_over(self) -> bool:
        return self.day > self.days


@dataclass(frozen=True)
class Card:
    """An open case: where it is, whose turn it is and since when, and the client's next step."""

    case: Case
    stages: Sequence[Stage]
    is_clients_turn: bool
    since: date
    used: Used
    countdown: Countdown | None
    next_step: tuple[Task, Sentence] | None
    further: Sequence[tuple[Task, Sentence]]
    notes: Sequence[Note]


@dataclass(frozen=True)
class Group:
    """The open cases of one of the organisations that the reader acts for."""

    organisation: Organisation
    cards: Sequence[Card]


@dataclass(frozen=True)
class Home:
    """`main` is the case whose next step is the page's one main button, None when nothing waits for the reader."""

    groups: Sequence[Group]
    finished: Sequence[tuple[Case, CertificateLine | None]]
    tasks: Sequence[Task]

    @property
    def main(self) -> int | None:
        waiting = (card for group in self.groups for card in group.cards if card.next_step)
        return next((card.case.pk for card in waiting), None)


def home_of(*, organisations: Sequence[Organisation], cases: Sequence[Case], tasks: Iterable[Task]) -> Home:
    """The cards of the cases that go on, grouped by organisation, and the rest; `tasks` are the reader's open ones."""
    stages = stages_of_cases(cases)
    going = [case for case in cases if is_open(stages[case.pk])]
    ended = [case for case in cases if not is_open(stages[case.pk])]
    mine: dict[int | None, list[Task]] = defaultdict(list)
    shown = {case.pk for case in going}
    for task in tasks:
        is_on_card = task.case_id in shown and not confidential.keeps(task.kind)
        mine[task.case_id if is_on_card else None].append(task)
    waits, published, notes = (
        _waits_of(going),
        _merged("published_time", going),
        _merged("client_notes", going),
    )
    cards: dict[int, list[Card]] = defaultdict(list)
    for case in going:
        card = _card(case, stages[case.pk], waits[case.pk], published.get(case.pk), mine[case.pk], notes)
        cards[case.organisation_id].append(card)
    certificates = _merged("certificate_line", ended)
    return Home(
        groups=[Group(one, cards[one.pk]) for one in organisations],
        finished=[(case, certificates.get(case.pk)) for case in ended],
        tasks=mine[None],
    )


def _merged(question: str, cases: Sequence[Case]) -> dict[int, Any]:
    """What the floors know of these cases, by the case; of two that speak of one the upper floor counts."""
    merged: dict[int, Any] = {}
    answers: list[Mapping[int, Any]] = facts.ask(question, cases=cases)
    for answer in answers:
        merged.update(answer)
    return merged


def _waits_of(cases: Sequence[Case]) -> dict[int, list[Wait]]:
    """When something waited for the client, from the tasks that steps opened and closed.

    What is kept confidential counts for neither side: no step of a case waits for money, and whose turn it is must not
    tell of it.
    """
    found: dict[int, list[Wait]] = {case.pk: [] for case in cases}
    rows = Task.objects.filter(case__in=[case.pk for case in cases], organisation__isnull=False)
    for case, kind, opened, closed in rows.order_by("id").values_list(
        "case", "kind", "opened_at", "closed_at"
    ):
        if not confidential.keeps(kind):
            found[case].append(Wait(opened, closed))
    return found


def _card(
    case: Case,
    stages: Sequence[Stage],
    waits: Sequence[Wait],
    published: PublishedTime | None,
    tasks: Sequence[Task],
    notes: Mapping[int, Sequence[Note]],
) -> Card:
    is_clients, since = turn_since(opened=case.opened_at, waits=waits)
    labelled: list[tuple[Task, Sentence]] = [(task, label_of(task.kind)) for task in tasks]
    return Card(
        case=case,
        stages=stages,
        is_clients_turn=is_clients,
        since=day_of(since),
        used=days_used(opened=case.opened_at, until=clock.now(), waits=waits),
        countdown=_countdown(published) if published and not is_clients else None,
        next_step=labelled[0] if labelled else None,
        further=labelled[1:],
        notes=notes.get(case.pk, ()),
    )


def _countdown(published: PublishedTime) -> Countdown:
    day = working_days_between(published.since, clock.today())
    return Countdown(day, published.days, working_day_after(published.since, published.days))
