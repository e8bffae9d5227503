"""Which certificate an application renews or changes; the floor of applications knows it by a question only."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from certbody import clock
from certificates.models.certificates import Certificate


class ApplicationSubject(models.Model):
    """Made with the application, in the same transaction, and never changed: the certificate is its own for ever."""

    application = models.OneToOneField(
        Application,
        on_delete=models.PROTECT,
        related_name="certificate_subject",
        verbose_name=_("application"),
    )
    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, related_name="applications", verbose_name=_("certificate")
    )
    made_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("certificate that an application concerns")
        verbose_name_plural = _("certificates that applications concern")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.application} → {self.certificate}"
