"""Rows against the trail: every object that a step made is there, in the state of its last event."""

from collections.abc import Iterator

from django.db.models import Max

from certbody import workflow
from certbody.trail.models import Event


def states() -> Iterator[str]:
    """Name rows that are gone and rows whose state is not that of their last event."""
    for table in workflow.tables():
        yield from _states_of(table)


def _states_of(table: workflow.Table) -> Iterator[str]:
    name = table.model._meta.db_table
    present = {str(pk): state for pk, state in table.model._default_manager.values_list("pk", "state")}
    own = [step.event for step in table.steps]
    made = Event.objects.filter(object_type=table.model._meta.label_lower, name__in=own)
    newest = made.values("object_id").annotate(newest=Max("sequence")).values("newest")
    for event in Event.objects.filter(sequence__in=newest).order_by("sequence").iterator(chunk_size=2000):
        if event.object_id not in present:
            yield f"{name} {event.object_id}: the row is gone; its last event is sequence {event.sequence}"
        elif present[event.object_id] != event.target:
            yield (
                f"{name} {event.object_id}: its state is {present[event.object_id]}, "
                f"its last event (sequence {event.sequence}) says {event.target}"
            )
