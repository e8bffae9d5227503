"""What a client wishes to change on a certificate, and the certificate of another body that it brings along."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from applications.states import DeclaredState, ScopeEffect, WishedGrade


class RequestedChange(models.Model):
    """The wished values of an application that changes a certificate.

    Name and address begin as the certificate prints them. A wished scope stands in the application itself, wished
    sites are its sites; the certificate keeps its present values until an edition with others is issued.
    """

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="requested_change")
    name = models.CharField(_("new name"), max_length=120, blank=True)
    name_en = models.CharField(_("new name in English"), max_length=200, blank=True)
    address = models.CharField(_("new registered address"), max_length=200, blank=True)
    address_en = models.CharField(_("new registered address in English"), max_length=300, blank=True)
    changed_on = models.DateField(_("in force since"), null=True, blank=True)
    scope_effect = models.CharField(
        _("what the new scope does"), max_length=10, choices=ScopeEffect, blank=True
    )
    grade = models.CharField(_("wished grade"), max_length=10, choices=WishedGrade, blank=True)
    reason = models.CharField(_("reason of the change"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("requested change")
        verbose_name_plural = _("requested changes")

    def __str__(self) -> str:
        return str(self.application)


class TransferredCertificate(models.Model):
    """The certificate of another body that a transfer rests on, as the client declares it (docs/decisions/0017)."""

    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, related_name="transferred_certificate"
    )
    issuer = models.CharField(_("certification body that issued it"), max_length=120, blank=True)
    issuer_approval = models.CharField(_("approval number of that body"), max_length=60, blank=True)
    number = models.CharField(_("certificate number"), max_length=60, blank=True)
    grade = models.CharField(_("grade"), max_length=10, choices=WishedGrade, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    expires_on = models.DateField(_("last valid day"), null=True, blank=True)
    declared_state = models.CharField(_("state today"), max_length=10, choices=DeclaredState, blank=True)
    last_audit_on = models.DateField(_("day of the last audit"), null=True, blank=True)
    has_open_findings = models.BooleanField(_("findings are open"), null=True, blank=True)
    reason = models.CharField(_("reason of the transfer"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("certificate of another body")
        verbose_name_plural = _("certificates of other bodies")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(issued_on=None) | Q(expires_on=None) | Q(expires_on__gt=F("issued_on")),
                name="transferred_certificate_ends_after_its_issue",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.number}"
