from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models import Contract
from audits.models.people import Qualification
from audits.states import AuditState
from certbody import clock
from certbody.accounts.models import Person, User
from certbody.cases.models import Case


class AuditMode(models.TextChoices):
    """How stage 2 is done, in the codes of the regulator's audit-plan sheet (2021 no. 102)."""

    ON_SITE = "FS01", _("on site")
    REMOTE = "FS02", _("remote")
    BOTH = "FS03", _("on site and remote")


class Stage1Mode(models.TextChoices):
    DESK = "desk", _("at the desk")
    ON_SITE = "on_site", _("on site")
    COMBINED = "combined", _("combined with stage 2 in one visit")


class Conclusion(models.TextChoices):
    READY = "ready", _("ready for stage 2")
    NOT_READY = "not_ready", _("not ready for stage 2")


class Audit(models.Model):
    """One audit of one case: plan, stage 1, the scored stage 2.

    `plan_version` counts every change of team, dates or mode; the plan counts as confirmed by the client and reported
    to the regulator only while `confirmed_version` and `reported_version` equal it (docs/decisions/0017). `result`,
    `grade` and `final_exact` (numerator/denominator) are written at the closing meeting from the operations whose hash
    is `operations_hash`.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="audit")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="audits")
    state = models.CharField(
        _("state"), max_length=12, choices=AuditState, default=AuditState.PLANNED, editable=False
    )
    mode = models.CharField(_("audit mode"), max_length=4, choices=AuditMode, blank=True)
    stage1_mode = models.CharField(_("stage 1"), max_length=8, choices=Stage1Mode, blank=True)
    stage1_on = models.DateField(_("day of stage 1"), null=True, blank=True)
    stage2_from = models.DateField(_("first day of stage 2"), null=True, blank=True)
    stage2_to = models.DateField(_("last day of stage 2"), null=True, blank=True)
    plan_note = models.TextField(_("plan: places, order of the visits, remarks"), blank=True)
    plan_version = models.PositiveSmallIntegerField(default=0)
    plan_change_reason = models.TextField(_("why the confirmed plan changed"), blank=True)
    proposed_version = models.PositiveSmallIntegerField(null=True, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    confirmed_version = models.PositiveSmallIntegerField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    objection = models.TextField(_("objection of the client"), blank=True)
    reported_version = models.PositiveSmallIntegerField(null=True, blank=True)
    regulator_reported_on = models.DateField(_("plan reported to the regulator on"), null=True, blank=True)
    regulator_reference = models.CharField(_("reference of the report"), max_length=80, blank=True)
    stage1_conclusion = models.CharField(
        _("conclusion of stage 1"), max_length=10, choices=Conclusion, blank=True
    )
    stage1_note = models.TextField(_("reasons of the conclusion"), blank=True)
    stage1_concluded_at = models.DateTimeField(null=True, blank=True)
    change_reason = models.TextField(_("how headcount, sites or scope differ"), blank=True)
    closing_meeting_on = models.DateField(_("closing meeting on"), null=True, blank=True)
    correction_reason = models.TextField(_("why the closed sheet was opened again"), blank=True)
    operations_hash = models.CharField(max_length=64, blank=True, editable=False)
    result = models.JSONField(null=True, blank=True, editable=False)
    grade = models.CharField(_("grade"), max_length=10, blank=True, editable=False)
    final_exact = models.CharField(max_length=80, blank=True, editable=False)
    opened_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(stage2_from=None)
                | models.Q(stage2_to=None)
                | models.Q(stage2_to__gte=models.F("stage2_from")),
                name="stage2_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[AuditState.SCORED, AuditState.CLOSED])
                | (~models.Q(operations_hash="") & ~models.Q(grade="") & ~models.Q(final_exact="")),
                name="scored_audit_has_a_result",
            ),
        ]

    def __str__(self) -> str:
        return str(self.case)

    @property
    def is_plan_confirmed(self) -> bool:
        """True while the client has agreed to the plan as it stands now."""
        return self.plan_version > 0 and self.confirmed_version == self.plan_version

    @property
    def is_plan_proposed(self) -> bool:
        return self.plan_version > 0 and self.proposed_version == self.plan_version

    @property
    def is_plan_unanswered(self) -> bool:
        """True while the client has the plan as it stands now and has neither confirmed it nor objected."""
        return self.is_plan_proposed and not self.is_plan_confirmed

    @property
    def day_over(self) -> date | None:
        """The planned first day of the stage ahead, once it is over."""
        ahead = self.stage1_on if self.state == AuditState.PLANNED else self.stage2_from
        return ahead if ahead is not None and ahead < clock.today() else None

    @property
    def day_missed(self) -> date | None:
        """The day that is over while the client has not answered the plan."""
        return self.day_over if self.is_plan_unanswered else None

    @property
    def is_plan_reported(self) -> bool:
        """True while the regulator holds the plan as it stands now."""
        return self.plan_version > 0 and self.reported_version == self.plan_version


class TeamRole(models.TextChoices):
    """An expert advises and never scores."""

    LEAD = "lead", _("lead auditor")
    AUDITOR = "auditor", _("auditor")
    EXPERT = "expert", _("technical expert")


class TeamMember(models.Model):
    """A person on the team of an audit, from the appointment until the dismissal."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="team")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="audit_memberships")
    role = models.CharField(_("role in the team"), max_length=8, choices=TeamRole)
    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="+")
    appointed_at = models.DateTimeField(default=clock.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["audit", "person"],
                condition=models.Q(ended_at=None),
                name="one_open_place_in_the_team",
            ),
            models.UniqueConstraint(
                fields=["audit"],
                condition=models.Q(ended_at=None, role=TeamRole.LEAD),
                name="one_lead_auditor_an_audit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audit} · {self.person} · {self.get_role_display()}"
