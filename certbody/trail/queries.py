from django.db import models

from certbody import clock
from certbody.trail.models import Event


def happened_today(obj: models.Model, event: str) -> bool:
    """Whether an event of this name is recorded of an object today, in the body's zone."""
    begin = clock.now().astimezone(clock.BODY_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Event.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk), name=event)
    return rows.filter(at__gte=begin).exists()
