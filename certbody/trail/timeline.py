"""Timelines: text made when it is read, in the reader's language, from the facts of the trail."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from certbody import workflow
from certbody.accounts.models import User
from certbody.cases.models import Case


@dataclass(frozen=True)
class Entry:
    at: datetime
    text: str | Promise
    actor: str
    is_system: bool


def entries_of(case: Case, user: User, *, most: int = 200) -> list[Entry]:
    """The newest events of a case; the client reads its own words and not who did it at the body."""
    entries = []
    own_people = _people_of_client(case)
    for event in case.events.select_related("actor_person").order_by("-sequence")[:most]:
        step = workflow.step_of_event(event.name)
        text = (step.recorded if user.is_staff_member else step.told) if step else ""
        if not text:
            continue
        name = event.actor_person.name if event.actor_person else ""
        if not user.is_staff_member and event.actor_person_id not in own_people:
            name = ""
        entries.append(Entry(event.at, text, name, event.actor_person_id is None))
    return entries


def _people_of_client(case: Case) -> set[int]:
    return set(case.organisation.memberships.values_list("person_id", flat=True))
