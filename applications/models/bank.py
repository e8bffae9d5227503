"""Statements of the body's bank and their lines."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Person


class BankStatement(models.Model):
    """A file of the bank as it was uploaded: its rows as texts, until somebody has said what its columns are.

    `sha256` is the hash of the file, so that the same file is taken once.
    """

    name = models.CharField(_("file name"), max_length=160)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    rows = models.JSONField(default=list)
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded at"), default=clock.now, editable=False)
    imported_at = models.DateTimeField(_("taken over at"), null=True, blank=True)
    known = models.PositiveIntegerField(_("lines that were there already"), default=0)
    skipped = models.PositiveIntegerField(_("rows that are no money received"), default=0)

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.name


class BankLine(models.Model):
    """Money received, as the statement says it; append-only. `fingerprint` knows a line that comes again."""

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    row = models.PositiveIntegerField(_("row of the file"))
    on = models.DateField(_("day at the bank"))
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=2)
    payer = models.CharField(_("payer"), max_length=200)
    purpose = models.CharField(_("purpose"), max_length=500, blank=True)
    reference = models.CharField(_("reference of the bank"), max_length=120, blank=True)
    fingerprint = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("line of a bank statement")
        verbose_name_plural = _("lines of a bank statement")
        ordering: ClassVar = ["-on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="bank_line_is_money_received")
        ]

    def __str__(self) -> str:
        return f"{self.on} · {self.amount}"
