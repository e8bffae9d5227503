from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models import ApplicationDocument
from audits.models.audits import Audit
from certbody import clock
from certbody.accounts.models import Person


class Verdict(models.TextChoices):
    ADEQUATE = "adequate", _("adequate")
    INADEQUATE = "inadequate", _("not adequate")
    NOT_NEEDED = "not_needed", _("not needed here")


class DocumentVerdict(models.Model):
    """What the auditors found of one application document, or of a kind of document that was not handed in.

    Without a document the note says where it was seen or why it is not needed.
    """

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="document_verdicts")
    kind = models.CharField(_("kind of document"), max_length=60)
    document = models.ForeignKey(
        ApplicationDocument, on_delete=models.PROTECT, null=True, blank=True, related_name="verdicts"
    )
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict)
    note = models.TextField(_("note"), blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("verdict on a document")
        verbose_name_plural = _("verdicts on documents")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["audit", "document"],
                condition=models.Q(document__isnull=False),
                name="one_verdict_a_document",
            ),
            models.UniqueConstraint(
                fields=["audit", "kind"], condition=models.Q(document=None), name="one_verdict_a_missing_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(document__isnull=False) | ~models.Q(note=""),
                name="verdict_without_document_has_a_note",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audit} · {self.kind} · {self.get_verdict_display()}"


class ExclusionSettlement(models.Model):
    """Whether a clause that the client proposed to exclude is left out; settled at stage 1 (docs/decisions/0017)."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="exclusions")
    clause = models.CharField(_("clause"), max_length=20)
    reason = models.TextField(_("reason given by the client"))
    is_accepted = models.BooleanField(_("is accepted"))
    note = models.TextField(_("reason of the settlement"), blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("settled exclusion")
        verbose_name_plural = _("settled exclusions")
        ordering: ClassVar = ["clause"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["audit", "clause"], name="one_settlement_a_clause"),
            models.CheckConstraint(
                condition=models.Q(is_accepted=True) | ~models.Q(note=""),
                name="refused_exclusion_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audit} · {self.clause}"


class Concern(models.Model):
    """What stage 1 leaves for stage 2 to look at; every one is disposed of before the sheet is closed."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="concerns")
    clause = models.CharField(_("clause"), max_length=20, blank=True)
    text = models.TextField(_("concern"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    disposition = models.TextField(_("what stage 2 found"), blank=True)
    disposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    disposed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("concern")
        verbose_name_plural = _("concerns")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(disposed_by=None, disposed_at=None, disposition="")
                | (
                    models.Q(disposed_by__isnull=False, disposed_at__isnull=False) & ~models.Q(disposition="")
                ),
                name="disposed_concern_is_complete",
            )
        ]

    def __str__(self) -> str:
        return f"{self.audit} · {self.clause} · {self.pk}"
