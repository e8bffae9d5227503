from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.cases.models import Case


class PromiseState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    DONE = "done", _("done")
    DEAD = "dead", _("given up")


class Promise(models.Model):
    """A promise to the outside world: exactly one row; the sweeper keeps it, the broker only wakes the sweeper.

    `due_on` is the day it had to go out, not the day it went. The lease says until when a sweeper holds the row.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    due_on = models.DateField()
    recipient = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=8, choices=PromiseState, default=PromiseState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=clock.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.kind} {self.object_type} {self.object_id}"


class Message(Promise):
    """A mail to one address; its text is made when it is sent, in the recipient's language."""

    language = models.CharField(max_length=8)
    context = models.JSONField(default=dict)
    message_id = models.CharField(max_length=120, unique=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "object_type", "object_id", "due_on", "recipient"],
                name="one_message_a_promise",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=models.Q(state="waiting"), name="message_waiting")
        ]


class Job(Promise):
    """Slow work such as rendering and signing, done after the commit that promised it.

    `percent` says how far it is, `result` the address of what it made; both live in the row, so that a page that is
    opened again shows the same.
    """

    percent = models.PositiveSmallIntegerField(default=0)
    result = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "object_type", "object_id", "due_on", "recipient"], name="one_job_a_promise"
            ),
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lte=100), name="job_percent_is_a_share"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=models.Q(state="waiting"), name="job_waiting"),
            models.Index(fields=["object_type", "object_id"], name="job_of_object"),
        ]
