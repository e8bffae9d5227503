from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import IntegrityError, models, transaction

from certbody import clock
from certbody.accounts.models import User
from certbody.cases.models import Case
from certbody.security_log import note
from certbody.trail.chain import GENESIS, digest, plain
from certbody.trail.models import Event, EventContext, TrailHead
from certbody.trail.origin import current_origin

# what administrators and the head change about the body itself is read beside the sign-ins
ADMINISTRATIVE = ("setting.", "account.", "person.")


def columns_of(event: Event) -> dict[str, Any]:
    """The columns that the hash covers."""
    return {
        "sequence": event.sequence,
        "at": event.at,
        "name": event.name,
        "case": event.case_id,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "actor_user": event.actor_user_id,
        "actor_person": event.actor_person_id,
        "source": event.source,
        "target": event.target,
        "data": event.data,
        "previous_hash": event.previous_hash,
    }


def locked_head() -> TrailHead:
    """Return the end of the chain under a lock; last in the lock order case → aggregate → certificate → trail."""
    head = TrailHead.objects.select_for_update().filter(pk=1).first()
    if head is not None:
        return head
    try:
        with transaction.atomic():
            TrailHead.objects.create(pk=1, sequence=0, hash=GENESIS)
    except IntegrityError:
        pass
    return TrailHead.objects.select_for_update().get(pk=1)


def append(
    *,
    name: str,
    obj: models.Model,
    case: Case | None,
    user: User | None,
    source: str = "",
    target: str = "",
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Append one event to the chain inside the caller's transaction."""
    head = locked_head()
    event = Event(
        sequence=head.sequence + 1,
        at=clock.now(),
        name=name,
        case=case,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        actor_user=user,
        actor_person_id=user.person_id if user else None,
        source=source,
        target=target,
        data=plain(data or {}),
        previous_hash=head.hash,
    )
    event.hash = digest(columns_of(event))
    event.save(force_insert=True)
    head.sequence, head.hash = event.sequence, event.hash
    head.save(update_fields=["sequence", "hash"])
    origin = current_origin()
    if origin is not None:
        EventContext.objects.create(event=event, address=origin.address, user_agent=origin.user_agent[:300])
    if name.startswith(ADMINISTRATIVE):
        address = origin.address if origin else None
        transaction.on_commit(partial(note, name, user=user, result="ok", obj=obj, address=address))
    return event
