from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Organisation, Person


class CaseKind(models.TextChoices):
    INITIAL = "initial", _("initial certification")
    SURVEILLANCE = "surveillance", _("surveillance")
    RECERTIFICATION = "recertification", _("recertification")
    CHANGE = "change", _("change")
    TRANSFER = "transfer", _("transfer")


class Case(models.Model):
    """One organisation, one scheme, one passage: the thread through everything.

    `scheme_version` and `scheme_hash` are pinned by the step that opens the audit and never change afterwards.
    """

    reference = models.CharField(_("case number"), max_length=16, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cases")
    scheme = models.CharField(_("scheme"), max_length=40)
    scheme_version = models.CharField(max_length=40, blank=True)
    scheme_hash = models.CharField(max_length=64, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=CaseKind, default=CaseKind.INITIAL)
    cycle = models.PositiveSmallIntegerField(_("cycle"), default=1)
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="following"
    )
    opened_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.reference


class Part(models.TextChoices):
    """In what a person took part; the first group is evaluation and bars from review, vote and signature."""

    STAGE_1 = "stage1", _("stage 1 audit")
    STAGE_2 = "stage2", _("stage 2 audit")
    MYSTERY = "mystery", _("mystery-customer visit")
    EXPERTISE = "expertise", _("technical expertise")
    VERIFICATION = "verification", _("verification of rectification")
    SALES = "sales", _("offer and contract")
    PAYMENT = "payment", _("invoices and payments")
    APPLICATION_REVIEW = "application_review", _("application review")
    PLANNING = "planning", _("planning")
    TECHNICAL_REVIEW = "technical_review", _("technical review")
    VOTE = "vote", _("committee vote")
    SIGNATURE = "signature", _("signature")
    ISSUE = "issue", _("issue of the certificate")


EVALUATION = frozenset({Part.STAGE_1, Part.STAGE_2, Part.MYSTERY, Part.EXPERTISE, Part.VERIFICATION})


class Involvement(models.Model):
    """Who took part in what of a case; by steps, append-only, the ground of independence (ISO/IEC 17065 7.5, 7.6)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="involvements")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="involvements")
    part = models.CharField(_("part"), max_length=20, choices=Part)
    since = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("involvement")
        verbose_name_plural = _("involvements")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "person", "part"], name="one_involvement_a_part")
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.person} · {self.get_part_display()}"


SEAT_ON_PANEL = "panel"


class CaseAccess(models.Model):
    """Lets a person see one case, because an appointment or a seat asks for it; ended when that ends."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="accesses")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="accesses")
    ground = models.CharField(max_length=20)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("access to a case")
        verbose_name_plural = _("accesses to cases")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "person", "ground"],
                condition=models.Q(ended_at=None),
                name="one_open_access_a_ground",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.person}"


class Counter(models.Model):
    """Gap-free numbers of a kind: the row is locked while a number is taken."""

    name = models.CharField(max_length=60, unique=True)
    value = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
