from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Person


class QualificationKind(models.TextChoices):
    LEAD = "lead", _("lead auditor")
    AUDITOR = "auditor", _("auditor")
    EXPERT = "expert", _("technical expert")
    TECHNICAL_REVIEWER = "technical_reviewer", _("technical reviewer")


class Qualification(models.Model):
    """For what a person is qualified, from a day to a day, both inclusive; an open end means until further notice."""

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="qualifications", verbose_name=_("person")
    )
    kind = models.CharField(_("qualified as"), max_length=20, choices=QualificationKind)
    registration = models.CharField(_("registration number"), max_length=60)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    recorded_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        ordering: ClassVar = ["-valid_from", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(valid_until=None) | models.Q(valid_until__gte=models.F("valid_from")),
                name="qualification_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_kind_display()} · {self.registration}"

    def is_valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)
