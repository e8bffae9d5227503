from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.utils.functional import Promise

from certbody import clock
from certbody.accounts.models import Organisation, Person
from certbody.cases.models import Case
from certbody.desk.models import Task

Sentence = str | Promise


@dataclass(frozen=True)
class Audience:
    """For whom a task waits: exactly one of the three."""

    person: Person | None = None
    role: str = ""
    organisation: Organisation | None = None

    @property
    def key(self) -> str:
        if self.person:
            return f"person {self.person.pk}"
        return f"organisation {self.organisation.pk}" if self.organisation else f"role {self.role}"


@dataclass(frozen=True, kw_only=True)
class TaskFor:
    """A task that a step opens.

    It is due `days` after today (a function where a setting decides); `path` gives the page on which it is done.
    """

    kind: str
    label: Sentence
    to: Callable[[Any], Iterable[Audience]]
    path: Callable[[Any], str]
    days: int | Callable[[], int] | None = None


_labels: dict[str, Sentence] = {}


def register_kind(kind: str, label: Sentence) -> None:
    _labels[kind] = label


def label_of(kind: str) -> Sentence:
    return _labels.get(kind, kind)


_subjects: dict[str, Callable[[Sequence[str]], Mapping[str, str]]] = {}


def register_subjects(model: type[models.Model], names: Callable[[Sequence[str]], Mapping[str, str]]) -> None:
    """How a task about an object without a case says which one it is: the object's words by its key."""
    _subjects[model._meta.label_lower] = names


def name_subjects(tasks: Iterable[Task]) -> None:
    """Give each task without a case the words of its object as `subject`; one question for each kind of object."""
    without_case: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.case_id is None and task.object_type in _subjects:
            without_case[task.object_type].append(task)
    for object_type, found in without_case.items():
        names = _subjects[object_type]([task.object_id for task in found])
        for task in found:
            task.subject = names.get(task.object_id, "")


def open_task(
    *, kind: str, obj: models.Model, case: Case | None, to: Audience, path: str, due_on: date | None = None
) -> Task:
    """Open a task; while one of the same kind is open for the same audience, nothing is added."""
    task, _created = Task.objects.get_or_create(
        kind=kind,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        audience=to.key,
        closed_at=None,
        defaults={
            "case": case,
            "path": path,
            "due_on": due_on,
            "person": to.person,
            "role": to.role,
            "organisation": to.organisation,
            "opened_at": clock.now(),
        },
    )
    return task


def open_for(spec: TaskFor, obj: models.Model, case: Case | None) -> None:
    days = spec.days() if callable(spec.days) else spec.days
    due_on = clock.today() + timedelta(days=days) if days is not None else None
    for audience in spec.to(obj):
        open_task(kind=spec.kind, obj=obj, case=case, to=audience, path=spec.path(obj), due_on=due_on)


def is_waiting(kind: str, obj: models.Model) -> bool:
    """Whether a task of this kind about an object is open."""
    return Task.objects.filter(
        kind=kind, object_type=obj._meta.label_lower, object_id=str(obj.pk), closed_at=None
    ).exists()


def close_tasks(*, kinds: Iterable[str], obj: models.Model, person: Person | None = None) -> int:
    """Close every open task of these kinds about an object, or only the one of a person."""
    tasks = Task.objects.filter(
        kind__in=list(kinds), object_type=obj._meta.label_lower, object_id=str(obj.pk), closed_at=None
    )
    if person is not None:
        tasks = tasks.filter(person=person)
    return tasks.update(closed_at=clock.now())
