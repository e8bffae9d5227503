from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from applications.states import LIVE_CONTRACT, ContractState
from certbody import clock
from certbody.accounts.models import Person, User
from certbody.cases.models import Case
from certbody.files.models import StoredFile


class Contract(models.Model):
    """The quote and, once accepted, the certification contract (ISO/IEC 17065, 4.1.2). Amounts in CNY.

    `person_days` are the days charged: those of the table and the sampled sites, plus `adjustment`. `accepted_sha256`
    is the hash of the document that was accepted: the offer's PDF, or the signed scan.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="contracts")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="contracts")
    number = models.CharField(_("contract number"), max_length=24, unique=True)
    revision = models.PositiveSmallIntegerField(_("revision"))
    state = models.CharField(
        _("state"), max_length=12, choices=ContractState, default=ContractState.DRAFT, editable=False
    )
    headcount = models.PositiveIntegerField(_("headcount the quote is for"))
    person_days = models.DecimalField(_("person-days"), max_digits=7, decimal_places=2)
    adjustment = models.DecimalField(
        _("adjustment in person-days"), max_digits=6, decimal_places=2, default=Decimal(0)
    )
    adjustment_reason = models.CharField(_("reason for the adjustment"), max_length=300, blank=True)
    total = models.DecimalField(_("total (CNY)"), max_digits=12, decimal_places=2)
    pdf = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    pdf_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    offered_at = models.DateTimeField(_("offered at"), null=True, blank=True, editable=False)
    valid_until = models.DateField(_("offer valid until"), null=True, blank=True, editable=False)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    accepted_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    signed_scan = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    scan_return_reason = models.CharField(_("why the scan was returned"), max_length=300, blank=True)
    scan_checked_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    void_reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(state__in=LIVE_CONTRACT),
                name="one_live_contract_an_application",
            ),
            models.UniqueConstraint(fields=["application", "revision"], name="one_contract_a_revision"),
            models.CheckConstraint(condition=Q(person_days__gt=0), name="contract_has_person_days"),
            models.CheckConstraint(
                condition=Q(adjustment=0) | ~Q(adjustment_reason=""), name="contract_adjustment_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state=ContractState.ACCEPTED)
                | (Q(accepted_at__isnull=False, accepted_by__isnull=False) & ~Q(accepted_sha256="")),
                name="contract_acceptance_is_recorded",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "-id"], name="contract_by_state")]

    def __str__(self) -> str:
        return self.number


class ContractLine(models.Model):
    """One line of the quote: amount = quantity x unit price, rounded to cents.

    `basis` holds the figures that the quantity follows from.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"))
    key = models.CharField(_("item"), max_length=24)
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=2)
    unit_price = models.DecimalField(_("unit price (CNY)"), max_digits=12, decimal_places=2)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=2)
    basis = models.JSONField(default=list)

    class Meta:
        verbose_name = _("line of a contract")
        verbose_name_plural = _("lines of a contract")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contract", "position"], name="one_line_a_position"),
        ]

    def __str__(self) -> str:
        return f"{self.contract} · {self.position}"
