from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.fees import QuoteKind
from applications.models.application import Application
from applications.states import OPEN_QUOTE, AdjustmentCode, ContractState, LineKey, Wish
from certbody import clock
from certbody.accounts.models import Person, User
from certbody.cases.models import Case
from certbody.files.models import StoredFile


class Contract(models.Model):
    """The quote and, once accepted, the certification contract (ISO/IEC 17065, 4.1.2). Amounts in CNY.

    `person_days` are the days charged: those of the table, the sampled sites and the product categories, plus
    `adjustment`. `quoted` holds the facts of the application that the quote is for, `tariff` the values of the fee
    table of the day `tariff_on`: from both the arithmetic can be repeated. `accepted_sha256` is the hash of the
    document that was accepted: the offer's PDF, or the signed scan. `amends` is the contract that this one takes the
    place of once it is accepted; until then that one stays in force.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="contracts")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="contracts")
    number = models.CharField(_("contract number"), max_length=24, unique=True)
    revision = models.PositiveSmallIntegerField(_("revision"))
    state = models.CharField(
        _("state"), max_length=12, choices=ContractState, default=ContractState.DRAFT, editable=False
    )
    kind = models.CharField(
        _("quoted as"), max_length=16, choices=QuoteKind, default=QuoteKind.INITIAL, editable=False
    )
    application_revision = models.PositiveSmallIntegerField(
        _("submission that the contract is for"), default=0, editable=False
    )
    headcount = models.PositiveIntegerField(_("headcount the quote is for"))
    quoted = models.JSONField(default=dict, editable=False)
    tariff_on = models.DateField(_("fee table of"), null=True, blank=True, editable=False)
    tariff = models.JSONField(default=dict, editable=False)
    person_days = models.DecimalField(_("person-days"), max_digits=7, decimal_places=2)
    adjustment = models.DecimalField(
        _("adjustment in person-days"), max_digits=6, decimal_places=2, default=Decimal(0)
    )
    adjustment_code = models.CharField(
        _("ground of the adjustment"), max_length=12, choices=AdjustmentCode, blank=True
    )
    adjustment_reason = models.CharField(_("reason for the adjustment"), max_length=300, blank=True)
    adjusted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    adjusted_at = models.DateTimeField(_("adjusted at"), null=True, blank=True, editable=False)
    adjustment_most_percent = models.PositiveSmallIntegerField(
        _("percent that needed no second person that day"), null=True, blank=True, editable=False
    )
    adjustment_is_beyond = models.BooleanField(
        _("adjustment goes beyond that bound"), default=False, editable=False
    )
    adjustment_approved_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    adjustment_approved_at = models.DateTimeField(_("approved at"), null=True, blank=True, editable=False)
    adjustment_refusal = models.CharField(
        _("why the adjustment was refused"), max_length=300, blank=True, editable=False
    )
    total = models.DecimalField(_("total (CNY)"), max_digits=12, decimal_places=2)
    amends = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="amendments", editable=False
    )
    amendment_wish = models.CharField(
        _("amended at the wish of"), max_length=8, choices=Wish, blank=True, editable=False
    )
    amendment_reason = models.CharField(
        _("reason for the amendment"), max_length=300, blank=True, editable=False
    )
    template_version = models.CharField(_("version of the text"), max_length=16, blank=True, editable=False)
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
    signatory = models.CharField(_("who signed on paper"), max_length=80, blank=True, editable=False)
    signed_on = models.DateField(_("day of the signature on paper"), null=True, blank=True, editable=False)
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
                condition=Q(state__in=OPEN_QUOTE),
                name="one_open_quote_an_application",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(state=ContractState.ACCEPTED),
                name="one_contract_in_force_an_application",
            ),
            models.UniqueConstraint(fields=["application", "revision"], name="one_contract_a_revision"),
            models.CheckConstraint(
                condition=Q(person_days__gt=0) | Q(kind=QuoteKind.DATA_CHANGE, person_days=0),
                name="contract_has_person_days",
            ),
            models.CheckConstraint(
                condition=Q(adjustment=0) | (~Q(adjustment_reason="") & ~Q(adjustment_code="")),
                name="contract_adjustment_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(adjustment_approved_by=None)
                | Q(adjusted_by=None)
                | ~Q(adjusted_by=F("adjustment_approved_by")),
                name="adjustment_approved_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(ContractState.OFFERED, ContractState.ACCEPTED))
                | Q(adjustment_is_beyond=False)
                | Q(adjustment_approved_by__isnull=False),
                name="offered_adjustment_is_within_or_approved",
            ),
            models.CheckConstraint(
                condition=Q(amends=None) | ~Q(amendment_reason="") | Q(amendment_wish=Wish.REVIEW),
                name="amendment_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=ContractState.ACCEPTED)
                | (Q(accepted_at__isnull=False, accepted_by__isnull=False) & ~Q(accepted_sha256="")),
                name="contract_acceptance_is_recorded",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-id"], name="contract_by_state"),
            models.Index(fields=["adjusted_at"], condition=~Q(adjustment=0), name="contract_by_adjustment"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def table_days(self) -> Decimal:
        """The person-days before the adjustment."""
        return self.person_days - self.adjustment

    @property
    def waits_for_approval(self) -> bool:
        """True while a second person has not agreed to an adjustment beyond the bound."""
        return self.adjustment_is_beyond and self.adjustment_approved_by_id is None

    @property
    def is_current(self) -> bool:
        """True when it is for the application as it was last reviewed."""
        return bool(self.application_revision == self.application.revision)


class QuoteLine(models.Model):
    """One line of a quote: amount = quantity x unit price, rounded to cents.

    `basis` holds the figures that the quantity follows from. The database holds `key` to the closed list of LineKey:
    training or consulting can be no line (ISO/IEC 17065 4.2.6).
    """

    position = models.PositiveSmallIntegerField(_("position"))
    key = models.CharField(_("item"), max_length=24, choices=LineKey)
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=2)
    unit_price = models.DecimalField(_("unit price (CNY)"), max_digits=12, decimal_places=2)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=2)
    basis = models.JSONField(default=list)

    class Meta:
        abstract = True
        ordering: ClassVar = ["position"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(key__in=LineKey.values), name="%(class)s_is_a_known_item"),
        ]

    @property
    def adjustment_reason(self) -> str:
        """What the adjustment in the basis was made for; empty where none can be made."""
        return ""


class ContractLine(QuoteLine):
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="lines")

    class Meta(QuoteLine.Meta):
        verbose_name = _("line of a contract")
        verbose_name_plural = _("lines of a contract")
        constraints: ClassVar = [
            *QuoteLine.Meta.constraints,
            models.UniqueConstraint(fields=["contract", "position"], name="one_line_a_position"),
        ]

    def __str__(self) -> str:
        return f"{self.contract} · {self.position}"

    @property
    def adjustment_reason(self) -> str:
        contract = self.contract
        code = contract.get_adjustment_code_display()
        return f"{code}: {contract.adjustment_reason}" if code else contract.adjustment_reason
