from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from audits.models.audits import Audit
from certbody import clock
from certbody.accounts.models import Person


class OperationKind(models.TextChoices):
    MARK = "mark", _("mark")
    SPECIAL = "special", _("special deduction")
    SPECIAL_WITHDRAWN = "special_withdrawn", _("special deduction withdrawn")
    BONUS = "bonus", _("special bonus")
    BONUS_WITHDRAWN = "bonus_withdrawn", _("special bonus withdrawn")


class ScoreOperation(models.Model):
    """One act of scoring: append-only, the record from which every mark and result is derived.

    `value` holds for a mark the mark as it stands in a score sheet (`{"met": true}` and so on), for a special
    `{"ground": key}`, for a withdrawn special `{"operation": id}`. `submission` is made by the device, so that the
    same act sent twice is recorded once. Refused by the database unless the audit is in stage 2.
    """

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="operations")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=OperationKind)
    clause = models.CharField(max_length=20, blank=True)
    value = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    submission = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("scoring operation")
        verbose_name_plural = _("scoring operations")
        ordering: ClassVar = ["audit", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["audit", "sequence"], name="one_operation_a_sequence_number"),
            models.CheckConstraint(
                condition=~models.Q(kind="mark") | ~models.Q(clause=""), name="a_mark_names_its_clause"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["audit", "clause", "sequence"], name="operation_of_clause")]

    def __str__(self) -> str:
        return f"{self.audit} · {self.sequence} · {self.get_kind_display()}"


class MarkKind(models.TextChoices):
    MET = "met", _("met or not met")
    SAMPLED = "sampled", _("sampled")
    EXCLUDED = "excluded", _("excluded")
    EMPTY = "empty", _("nothing to sample")


class Mark(models.Model):
    """The newest mark of a clause: a projection of the operations that `scoring.rebuild` makes again at any time."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="marks")
    clause = models.CharField(max_length=20)
    kind = models.CharField(max_length=8, choices=MarkKind)
    is_met = models.BooleanField(null=True, blank=True)
    sampled = models.PositiveIntegerField(null=True, blank=True)
    failed = models.PositiveIntegerField(null=True, blank=True)
    note = models.TextField(blank=True)
    operation = models.ForeignKey(ScoreOperation, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["audit", "clause"], name="one_mark_a_clause"),
            models.CheckConstraint(
                condition=models.Q(kind="met", is_met__isnull=False, sampled=None, failed=None)
                | models.Q(
                    kind="sampled",
                    is_met=None,
                    sampled__isnull=False,
                    failed__isnull=False,
                    sampled__gte=1,
                    failed__lte=models.F("sampled"),
                )
                | (models.Q(kind="excluded", is_met=None, sampled=None, failed=None) & ~models.Q(note=""))
                | (
                    models.Q(kind="empty", is_met__isnull=False, sampled=None, failed=None)
                    & ~models.Q(note="")
                ),
                name="mark_fits_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audit} · {self.clause}"
