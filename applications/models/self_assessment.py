from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import GoodsTrade, Organisation, User


class SelfAssessment(models.Model):
    """A self-assessment that a client keeps: binding nobody, owned by the organisation, shown to its members alone.

    `result` holds the figures as they came out, so that a later scoring table changes none; `scheme_hash` says by
    which table. Nothing of the body's work reads this table.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="self_assessments")
    scheme = models.CharField(max_length=40)
    scheme_version = models.CharField(max_length=40)
    scheme_hash = models.CharField(max_length=64)
    goods = models.CharField(_("kind of goods"), max_length=12, choices=GoodsTrade)
    result = models.JSONField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("self-assessment")
        verbose_name_plural = _("self-assessments")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.made_at.astimezone(clock.BODY_ZONE).date().isoformat()}"
