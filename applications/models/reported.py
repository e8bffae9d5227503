"""What a client says has changed since its application was accepted."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from applications.states import ReportedFact, ReportOutcome
from certbody import clock
from certbody.accounts.models import Person, User


class ReportedChange(models.Model):
    """Headcount, sites or scope differ from the accepted application, as the client tells it (domain.md 6.5).

    `told_by` is whose account wrote it down, `said_by` who of the client said so where the body wrote it down.
    `outcome` is empty while nobody has settled it; `revision` is the accepted submission from which the client goes on
    once it is taken up, `answer` what the client reads when it is declined.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="reported_changes")
    about_headcount = models.BooleanField(_("is about the headcount"), default=False)
    about_sites = models.BooleanField(_("is about sites"), default=False)
    about_scope = models.BooleanField(_("is about goods or scope"), default=False)
    about_other = models.BooleanField(_("is about something else"), default=False)
    description = models.CharField(_("what has changed and why"), max_length=500)
    told_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    said_by = models.CharField(_("who of the client said so"), max_length=120, blank=True)
    told_at = models.DateTimeField(_("told at"), default=clock.now, editable=False)
    outcome = models.CharField(_("outcome"), max_length=8, choices=ReportOutcome, blank=True, editable=False)
    settled_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True, editable=False)
    revision = models.PositiveSmallIntegerField(_("submission"), null=True, blank=True, editable=False)
    answer = models.CharField(_("reason"), max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("reported change")
        verbose_name_plural = _("reported changes")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(outcome=""), name="one_open_report_an_application"
            ),
            models.CheckConstraint(
                condition=~Q(description="")
                & (Q(about_headcount=True) | Q(about_sites=True) | Q(about_scope=True) | Q(about_other=True)),
                name="reported_change_says_what",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_by=None, settled_at=None, revision=None, answer="")
                | Q(
                    outcome=ReportOutcome.TAKEN_UP,
                    settled_by__isnull=False,
                    settled_at__isnull=False,
                    revision__gte=1,
                )
                | Q(
                    ~Q(answer=""),
                    outcome=ReportOutcome.DECLINED,
                    settled_by__isnull=False,
                    settled_at__isnull=False,
                ),
                name="reported_change_is_open_or_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.pk}"

    @property
    def about(self) -> list[ReportedFact]:
        """What has changed, in the order of the form."""
        return [fact for fact in ReportedFact if getattr(self, f"about_{fact}")]

    @property
    def about_labels(self) -> str:
        return ", ".join(str(fact.label) for fact in self.about)
