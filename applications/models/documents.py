from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.application import ApplicationDocument
from certbody import clock
from certbody.accounts.models import Person


class DocumentVerdict(models.TextChoices):
    ACCEPTED = "accepted", _("sufficient")
    ASK_AGAIN = "ask_again", _("ask again")


class AskAgain(models.TextChoices):
    """Why a document is asked for again; the remark says the rest."""

    UNREADABLE = "unreadable", _("cannot be read")
    INCOMPLETE = "incomplete", _("pages or parts are missing")
    EXPIRED = "expired", _("has expired or expires too soon")
    OTHER_PARTY = "other_party", _("speaks of another organisation, address or site")
    WRONG_KIND = "wrong_kind", _("is another document than the one asked for")
    NOT_STAMPED = "not_stamped", _("bears no company stamp or signature")
    OTHER = "other", _("another reason")


class DocumentFinding(models.Model):
    """What the reviewer found on exactly this version of a document, in one round of the application review.

    A newer version has no finding: it has not been seen yet. `revision` is the submission under review.
    """

    document = models.ForeignKey(ApplicationDocument, on_delete=models.PROTECT, related_name="findings")
    revision = models.PositiveSmallIntegerField(_("revision"))
    verdict = models.CharField(_("verdict"), max_length=12, choices=DocumentVerdict)
    reason = models.CharField(_("reason"), max_length=12, choices=AskAgain, blank=True)
    remark = models.CharField(_("remark to the client"), max_length=500, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("finding on a document")
        verbose_name_plural = _("findings on documents")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document", "revision"], name="one_finding_a_document_and_revision"
            ),
            models.CheckConstraint(
                condition=Q(verdict=DocumentVerdict.ACCEPTED, reason="")
                | (Q(verdict=DocumentVerdict.ASK_AGAIN) & ~Q(reason="")),
                name="document_asked_again_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(reason=AskAgain.OTHER) | ~Q(remark=""), name="another_reason_has_a_remark"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} · {self.verdict}"

    @property
    def is_open(self) -> bool:
        """True while the client is to bring another version of this document."""
        return (
            self.verdict == DocumentVerdict.ASK_AGAIN
            and self.document.replaced_by_id is None
            and self.document.removed_at is None
        )
