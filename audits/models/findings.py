from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from audits.models.audits import Audit
from audits.models.sheet import ScoreOperation
from audits.states import FindingState
from certbody import clock
from certbody.accounts.models import Person
from certbody.cases.models import Case
from certbody.files.models import StoredFile


class Finding(models.Model):
    """A nonconformity behind a special deduction.

    Its rectification closes it and never restores a point (docs/decisions/0017).
    """

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="findings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="findings")
    number = models.CharField(_("number"), max_length=24, unique=True)
    state = models.CharField(
        _("state"), max_length=10, choices=FindingState, default=FindingState.OPEN, editable=False
    )
    ground = models.CharField(_("ground"), max_length=40)
    text = models.TextField(_("finding"))
    clause = models.CharField(_("clause"), max_length=20, blank=True)
    due_on = models.DateField(_("to be answered by"))
    deduction = models.OneToOneField(ScoreOperation, on_delete=models.PROTECT, related_name="finding")
    return_reason = models.TextField(_("why the answer was returned"), blank=True)
    verification_note = models.TextField(_("how it was verified"), blank=True)
    verified_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    raised_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(state=FindingState.VERIFIED)
                | models.Q(verified_by__isnull=False, verified_at__isnull=False),
                name="verified_finding_names_who",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_overdue(self) -> bool:
        """Whether the client's answer should have come before today."""
        return self.state in {FindingState.OPEN, FindingState.REOPENED} and self.due_on < clock.today()


class FindingAnswer(models.Model):
    """One answer of the client: cause, correction, corrective action, and the evidence for them."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="answers")
    cause = models.TextField(_("cause"))
    correction = models.TextField(_("correction: what was put right"))
    corrective_action = models.TextField(_("corrective action: why it will not happen again"))
    files = models.ManyToManyField(StoredFile, related_name="+", blank=True, verbose_name=_("evidence"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("answer to a finding")
        verbose_name_plural = _("answers to findings")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.finding} · {self.pk}"
