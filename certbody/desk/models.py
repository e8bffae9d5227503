from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Organisation, Person
from certbody.accounts.roles import Role
from certbody.cases.models import Case


class Task(models.Model):
    """What waits for somebody: for one person, for everybody with a role, or for the client. Steps open and close it.

    `kind` names the sentence that the page shows in the reader's language; `path` leads to where the task is done.
    `audience` repeats in one column for whom the task waits, because a unique index takes no NULL for equal.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    kind = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    role = models.CharField(max_length=24, choices=Role, blank=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    audience = models.CharField(max_length=40, editable=False)
    path = models.CharField(max_length=200)
    due_on = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    # what a task without a case is about, in words; set for a page by `services.name_subjects`
    subject = ""

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering: ClassVar = [F("due_on").asc(nulls_last=True), "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "object_type", "object_id", "audience"],
                condition=Q(closed_at=None),
                name="one_open_task_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, role="", organisation=None)
                | (Q(person=None, organisation=None) & ~Q(role=""))
                | Q(person=None, role="", organisation__isnull=False),
                name="task_waits_for_exactly_one",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["audience", "due_on"], condition=Q(closed_at=None), name="task_open_of_audience"
            ),
            models.Index(fields=["role", "due_on"], condition=Q(closed_at=None), name="task_open_of_role"),
            models.Index(
                fields=["person", "due_on"], condition=Q(closed_at=None), name="task_open_of_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_type} {self.object_id}"
