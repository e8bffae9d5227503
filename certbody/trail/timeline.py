"""Timelines: text made when it is read, in the reader's language, from the facts of the trail."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import models

from certbody import clock, confidential, workflow
from certbody.accounts.models import Person, User
from certbody.cases.models import Case
from certbody.trail.models import Event


@dataclass(frozen=True)
class Entry:
    """One line; `count` of the same kind by the same person on the same day stand together."""

    at: datetime
    text: str
    actor: str
    count: int = 1

    def is_like(self, other: "Entry") -> bool:
        same_day = self.at.astimezone(clock.BODY_ZONE).date() == other.at.astimezone(clock.BODY_ZONE).date()
        return same_day and (self.text, self.actor) == (other.text, other.actor)


def entries_of(case: Case, user: User, *, most: int = 200) -> list[Entry]:
    """The newest events of a case; the client reads its own words and not who did it at the body.

    By the moment of which they tell: what was told later of an earlier day, as in the demo, stands on its day.
    """
    entries: list[Entry] = []
    own_people = _people_of_client(case)
    events = case.events.exclude(confidential.hidden_from(user, "name")).select_related("actor_person")
    for event in events.order_by("-at", "-sequence")[:most]:
        step = workflow.step_of_event(event.name)
        text = (step.recorded if user.is_staff_member else step.told) if step else ""
        if not text:
            continue
        name = event.actor_person.name if event.actor_person else ""
        if not user.is_staff_member and event.actor_person_id not in own_people:
            name = ""
        entry = Entry(event.at, str(text).rstrip(".。"), name)
        if entries and entries[-1].is_like(entry):
            entries[-1] = replace(entries[-1], count=entries[-1].count + 1)
        else:
            entries.append(entry)
    return entries


@dataclass(frozen=True)
class Taken:
    """A step that was taken: when, what, and by whom; nobody for what the system does."""

    at: datetime
    text: workflow.Sentence
    person: Person | None


def steps_taken_on(obj: models.Model) -> list[Taken]:
    """Every step that was taken on one object, the newest first, for those at the body who may read all of it."""
    steps = {step.event: step for step in workflow.table_of(obj).steps}
    events = Event.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk), name__in=steps)
    return [
        Taken(event.at, steps[event.name].recorded, event.actor_person)
        for event in events.select_related("actor_person").order_by("-sequence")
    ]


def _people_of_client(case: Case) -> set[int]:
    return set(case.organisation.memberships.values_list("person_id", flat=True))
