from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.fees import QuoteKind
from applications.models.application import Application
from applications.models.contract import QuoteLine
from applications.states import Agent, ApplicationKind, Channel, EnquiryState
from certbody import clock
from certbody.accounts.models import Person


class Enquiry(models.Model):
    """Somebody asks for certification before there is an application; the market department keeps it.

    `contact_…` are personal data and stand nowhere else: no event, mail context or task holds them. `site_headcounts`
    are those of the sites beside the head office. `application` is the one that became of it.
    """

    reference = models.CharField(_("number of the enquiry"), max_length=16, unique=True, editable=False)
    state = models.CharField(
        _("state"), max_length=12, choices=EnquiryState, default=EnquiryState.LOGGED, editable=False
    )
    organisation_name = models.CharField(_("organisation"), max_length=120)
    credit_code = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    contact_name = models.CharField(_("contact"), max_length=80, blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail address"), blank=True)
    channel = models.CharField(_("came by"), max_length=12, choices=Channel)
    kind = models.CharField(
        _("asks for"), max_length=16, choices=ApplicationKind, default=ApplicationKind.INITIAL
    )
    headcount = models.PositiveIntegerField(_("headcount"), null=True, blank=True)
    site_headcounts = models.CharField(
        _("headcounts of the sites beside the head office"),
        max_length=300,
        blank=True,
        validators=[RegexValidator(r"\A[0-9]{1,6}(, [0-9]{1,6})*\Z")],
    )
    product_categories = models.PositiveSmallIntegerField(_("product categories"), default=1)
    agent_kind = models.CharField(
        _("help with the application"), max_length=12, choices=Agent, default=Agent.NONE
    )
    agent_name = models.CharField(_("name of who helps"), max_length=120, blank=True)
    owner = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer-service owner"),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    received_on = models.DateField(_("received on"), default=clock.today)
    follow_up_on = models.DateField(_("follow up on"), null=True, blank=True)
    closing_reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, blank=True, related_name="enquiries", editable=False
    )
    logged_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", editable=False)
    logged_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("enquiry")
        verbose_name_plural = _("enquiries")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state=EnquiryState.CLOSED) | ~Q(closing_reason=""),
                name="closed_enquiry_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=EnquiryState.APPLIED) | Q(application__isnull=False),
                name="enquiry_that_applied_names_its_application",
            ),
            models.CheckConstraint(
                condition=Q(product_categories__gte=1), name="enquiry_is_for_a_product_category"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-id"], name="enquiry_by_state"),
            models.Index(fields=["credit_code"], name="enquiry_by_credit_code"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.organisation_name}"


class IndicativeQuote(models.Model):
    """What certification would cost by the fee table of a day; it binds nobody (ISO/IEC 17065, 4.6 b).

    `request` and `tariff` are what it was worked out from, so that it can be repeated.
    """

    enquiry = models.ForeignKey(Enquiry, on_delete=models.PROTECT, related_name="quotes")
    position = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("quoted as"), max_length=16, choices=QuoteKind)
    request = models.JSONField(default=dict)
    tariff = models.JSONField(default=dict)
    tariff_on = models.DateField(_("fee table of"))
    person_days = models.DecimalField(_("person-days"), max_digits=7, decimal_places=2)
    total = models.DecimalField(_("total (CNY)"), max_digits=12, decimal_places=2)
    valid_until = models.DateField(_("valid until"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"), default=clock.now)
    mailed_at = models.DateTimeField(_("mailed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("indicative quote")
        verbose_name_plural = _("indicative quotes")
        ordering: ClassVar = ["-position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enquiry", "position"], name="one_indicative_quote_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.enquiry.reference}-{self.position}"


class IndicativeQuoteLine(QuoteLine):
    quote = models.ForeignKey(IndicativeQuote, on_delete=models.PROTECT, related_name="lines")

    class Meta(QuoteLine.Meta):
        verbose_name = _("line of an indicative quote")
        verbose_name_plural = _("lines of an indicative quote")
        constraints: ClassVar = [
            *QuoteLine.Meta.constraints,
            models.UniqueConstraint(fields=["quote", "position"], name="one_indicative_line_a_position"),
        ]

    def __str__(self) -> str:
        return f"{self.quote} · {self.position}"
