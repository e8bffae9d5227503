from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import Person, User
from certbody.cases.models import Case


class Event(models.Model):
    """One fact that happened: append-only, chained by hash. Holds ids, codes and numbers, never sentences.

    `hash` is the SHA-256 of the canonical JSON of every other column and the hash before it.
    """

    sequence = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    name = models.CharField(max_length=60)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    actor_user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    actor_person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=24, blank=True)
    target = models.CharField(max_length=24, blank=True)
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["sequence"]
        indexes: ClassVar = [
            models.Index(fields=["case", "sequence"], name="event_of_case"),
            models.Index(fields=["object_type", "object_id", "sequence"], name="event_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.name}"


class EventContext(models.Model):
    """From where an event came; personal data outside the hash, so that it can be erased."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="context")
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("context of an event")
        verbose_name_plural = _("contexts of events")

    def __str__(self) -> str:
        return str(self.event)


class TrailHead(models.Model):
    """Where the chain ends; locked last by every step, so that sequence numbers have no gap."""

    sequence = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("end of the trail")
        verbose_name_plural = _("ends of the trail")

    def __str__(self) -> str:
        return str(self.sequence)
