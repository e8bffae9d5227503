from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from certbody import clock
from certbody.accounts.models import Person
from certbody.files.models import StoredFile


class Verdict(models.TextChoices):
    FULFILLED = "fulfilled", _("fulfilled")
    OPEN = "open", _("open, to be asked")
    NOT_FULFILLED = "not_fulfilled", _("not fulfilled")


class ReviewItem(models.Model):
    """What the reviewer found on one item of the application review, for one submission (ISO/IEC 17065, 7.3)."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="review_items")
    revision = models.PositiveSmallIntegerField(_("revision"))
    key = models.CharField(_("item"), max_length=40)
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict)
    note = models.CharField(_("note"), max_length=500, blank=True)
    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("item of the application review")
        verbose_name_plural = _("items of the application review")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "revision", "key"], name="one_finding_a_review_item"
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.FULFILLED) | ~Q(note=""),
                name="review_item_not_fulfilled_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.key}"


class Question(models.Model):
    """What the reviewer asks the client for; `section` says where in the application it is supplied."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="questions")
    revision = models.PositiveSmallIntegerField(_("revision"))
    section = models.CharField(_("section"), max_length=20)
    item = models.CharField(_("item"), max_length=40, blank=True)
    text = models.CharField(_("question"), max_length=500)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked at"), default=clock.now, editable=False)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("question to the client")
        verbose_name_plural = _("questions to the client")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.application} · {self.pk}"
