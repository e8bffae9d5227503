from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Person
from certbody.body.states import ScoringTableState


class BodySetting(models.Model):
    """A value of the body from a day on; append-only, so that every day's value can be told for ever.

    The newest row of those that have begun applies; `value` is the JSON document of the setting's kind.
    """

    key = models.CharField(_("setting"), max_length=60)
    value = models.JSONField(_("value"))
    source = models.CharField(_("source"), max_length=300)
    valid_from = models.DateField(_("valid from"), default=clock.today)
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("setting of the body")
        verbose_name_plural = _("settings of the body")
        indexes: ClassVar = [models.Index(fields=["key", "-valid_from", "-id"], name="newest_of_a_setting")]

    def __str__(self) -> str:
        return f"{self.key} {self.valid_from}"


class ScoringTable(models.Model):
    """One version of a scheme's indicators, points and rules as the body confirmed it.

    `content` is the canonical text whose SHA-256 is `content_hash`. Two different persons, the head and the
    quality manager, confirm the same content before it may grade a case, and each names the copy of the standard
    that it was checked against.
    """

    scheme = models.CharField(_("scheme"), max_length=40)
    version = models.CharField(_("version"), max_length=40)
    content = models.TextField()
    content_hash = models.CharField(max_length=64)
    state = models.CharField(
        _("state"), max_length=12, choices=ScoringTableState, default=ScoringTableState.DRAFT, editable=False
    )
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    head_confirmed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    head_confirmed_at = models.DateTimeField(null=True, blank=True)
    head_checked_against = models.CharField(max_length=200, blank=True)
    quality_confirmed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    quality_confirmed_at = models.DateTimeField(null=True, blank=True)
    quality_checked_against = models.CharField(max_length=200, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("scoring table")
        verbose_name_plural = _("scoring tables")
        ordering: ClassVar = ["scheme", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "version"], name="one_table_a_scheme_and_version"),
            models.UniqueConstraint(
                fields=["scheme"],
                condition=Q(state=ScoringTableState.CONFIRMED),
                name="one_confirmed_table_a_scheme",
            ),
            models.CheckConstraint(
                condition=Q(head_confirmed_by=None)
                | Q(quality_confirmed_by=None)
                | ~Q(head_confirmed_by=F("quality_confirmed_by")),
                name="scoring_table_confirmed_by_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state=ScoringTableState.CONFIRMED)
                | Q(
                    head_confirmed_by__isnull=False,
                    quality_confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                ),
                name="confirmed_scoring_table_names_both_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.version}"
