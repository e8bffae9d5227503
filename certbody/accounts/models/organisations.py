from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.credit_code import validate_credit_code
from certbody.accounts.models.people import Person


class LegalForm(models.TextChoices):
    COMPANY = "company", _("company")
    PUBLIC_INSTITUTION = "public_institution", _("public institution")
    ASSOCIATION = "association", _("association")
    PARTNERSHIP = "partnership", _("partnership")
    SOLE = "sole", _("sole proprietorship")
    BRANCH = "branch", _("branch without legal personality")


class GoodsTrade(models.TextChoices):
    """Kind of goods: decides which clauses may be excluded (GB/T 27922 6.2.2)."""

    TANGIBLE = "tangible", _("tangible goods")
    INTANGIBLE = "intangible", _("intangible goods")
    MIXED = "mixed", _("tangible and intangible goods")


class Organisation(models.Model):
    """The client: an independent legal person registered in mainland China."""

    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=200)
    credit_code = models.CharField(
        _("unified social credit code"), max_length=18, unique=True, validators=[validate_credit_code]
    )
    legal_form = models.CharField(_("legal form"), max_length=24, choices=LegalForm)
    registered_address = models.CharField(_("registered address"), max_length=200)
    registered_address_en = models.CharField(_("registered address in English"), max_length=300)
    operating_address = models.CharField(_("operating address"), max_length=200)
    legal_representative = models.CharField(_("legal representative"), max_length=80)
    contact_name = models.CharField(_("contact person"), max_length=80)
    contact_phone = models.CharField(_("contact telephone"), max_length=40)
    contact_email = models.EmailField(_("contact e-mail"))
    headcount = models.PositiveIntegerField(_("headcount"))
    service_management_headcount = models.PositiveIntegerField(_("service-management headcount"))
    managers_trained = models.PositiveIntegerField(_("trained after-sales service managers"))
    customer_service_owner = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="served_organisations",
        verbose_name=_("customer-service owner"),
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(service_management_headcount__lte=models.F("headcount")),
                name="service_management_is_part_of_headcount",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def service_managers_needed(self) -> int:
        """Ceiling of 10 % of the service-management headcount, at least one (clause 5.1.2.2)."""
        return max(1, -(-self.service_management_headcount // 10))


class MembershipRole(models.TextChoices):
    OWNER = "owner", _("owner")
    MEMBER = "member", _("member")


class Membership(models.Model):
    """A person who acts for an organisation in the portal, from a moment until it ended."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=8, choices=MembershipRole)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "person"],
                condition=models.Q(ended_at=None),
                name="one_open_membership",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.organisation}"


class InterestKind(models.TextChoices):
    CONSULTED = "consulted", _("consulted for the organisation")
    TRAINED = "trained", _("trained its people in-house")
    EMPLOYED = "employed", _("was employed by the organisation")
    GROUP = "group", _("has a stake or a relative there")


class Interest(models.Model):
    """A declared interest of a person in an organisation; bars for two years after its end (ISO/IEC 17065 4.2.10)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="interests")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="interests")
    kind = models.CharField(_("kind"), max_length=12, choices=InterestKind)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    declared_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("interest")
        verbose_name_plural = _("interests")

    def __str__(self) -> str:
        return f"{self.person} · {self.organisation} · {self.get_kind_display()}"
