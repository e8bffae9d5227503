from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from audits.models.audits import Audit
from audits.states import ReportState
from certbody.accounts.models import Person
from certbody.cases.models import Case
from certbody.files.models import StoredFile


class Recommendation(models.TextChoices):
    GRANT = "grant", _("grant the certificate")
    REFUSE = "refuse", _("refuse the certificate")


class GradeWord(models.TextChoices):
    """The words for grades that rows and files keep, from the highest to the lowest."""

    STAR5 = "star5", _("Five stars")
    STAR4 = "star4", _("Four stars")
    STAR3 = "star3", _("Three stars")
    QUALIFIED = "qualified", _("Qualified")
    FAIL = "fail", _("Not passed")


class Report(models.Model):
    """The audit report: written and signed off by the lead auditor, released or returned by the technical reviewer.

    A returned report is a draft of the next version. `pdf` belongs to `pdf_version` of the text.
    """

    audit = models.OneToOneField(Audit, on_delete=models.PROTECT, related_name="report")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    state = models.CharField(
        _("state"), max_length=10, choices=ReportState, default=ReportState.DRAFT, editable=False
    )
    version = models.PositiveSmallIntegerField(default=1)
    summary = models.TextField(_("summary"), blank=True)
    strengths = models.TextField(_("strengths"), blank=True)
    improvements = models.TextField(_("opportunities for improvement"), blank=True)
    signed_off_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_off_at = models.DateTimeField(null=True, blank=True)
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    pdf_version = models.PositiveSmallIntegerField(null=True, blank=True)
    returned_reason = models.TextField(_("why the report was returned"), blank=True)
    returned_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)
    recommendation = models.CharField(_("recommendation"), max_length=8, choices=Recommendation, blank=True)
    recommended_grade = models.CharField(_("recommended grade"), max_length=10, choices=GradeWord, blank=True)
    recommendation_text = models.TextField(_("reasons of the recommendation"), blank=True)
    released_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(state=ReportState.RELEASED)
                | (
                    models.Q(released_by__isnull=False, released_at__isnull=False, pdf__isnull=False)
                    & ~models.Q(recommendation="")
                ),
                name="released_report_is_complete",
            ),
            models.CheckConstraint(
                condition=models.Q(released_by=None) | ~models.Q(released_by=models.F("signed_off_by")),
                name="report_is_released_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audit} · {self.version}"

    @property
    def has_current_pdf(self) -> bool:
        return self.pdf_id is not None and self.pdf_version == self.version
