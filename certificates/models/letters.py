from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Person
from certbody.cases.models import Case
from certbody.files.models import StoredFile
from certificates.models.certificates import Certificate
from certificates.states import LetterState


class ProofLetter(models.Model):
    """A letter for a tender: that a certificate was valid on a day. What it prints is kept from the asking on."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="letters")
    ordinal = models.PositiveSmallIntegerField(_("which"))
    state = models.CharField(_("state"), max_length=8, choices=LetterState, default=LetterState.ASKED)
    as_of = models.DateField(_("as of the day"))
    tender = models.CharField(_("for which tender"), max_length=160, blank=True)
    printed = models.JSONField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now, editable=False)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("proof of certification")
        verbose_name_plural = _("proofs of certification")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["certificate", "ordinal"], name="proof_letters_are_numbered"),
            models.CheckConstraint(
                condition=~models.Q(state="made") | models.Q(file__isnull=False),
                name="made_letter_has_its_file",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"{self.certificate.number}-L{self.ordinal}"

    @property
    def case(self) -> Case:
        return self.certificate.case

    @property
    def case_id(self) -> int:
        return self.certificate.case_id

    @property
    def facts(self) -> dict[str, Any]:
        return dict(self.printed)
