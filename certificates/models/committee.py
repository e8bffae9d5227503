"""The committee's vote and the decision that follows from it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Authorisation, Person
from certbody.cases.models import Case
from certbody.files.models import StoredFile
from certificates.states import Capacity, Choice, DecisionState, Grade, Majority, Outcome, PanelState


class Panel(models.Model):
    """One vote of the committee on one motion about one released report; closed once, never opened again.

    `quorum`, `majority` and `chair_breaks_tie` are the body's settings at the opening, so that a later change of a
    setting does not change an old vote. The counts are filled in by the closing.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="panels")
    report = models.ForeignKey("audits.Report", on_delete=models.PROTECT, related_name="panels")
    session = models.PositiveSmallIntegerField(_("session"))
    state = models.CharField(_("state"), max_length=8, choices=PanelState, default=PanelState.OPEN)
    motion_outcome = models.CharField(_("motion"), max_length=8, choices=Outcome)
    motion_grade = models.CharField(_("grade of the motion"), max_length=10, choices=Grade, blank=True)
    motion_reasons = models.TextField(_("reasons of the motion"), max_length=4000)
    quorum = models.PositiveSmallIntegerField(_("quorum"))
    majority = models.CharField(_("majority"), max_length=16, choices=Majority)
    chair_breaks_tie = models.BooleanField(_("the chair's vote breaks a tie"))
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=clock.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    carried = models.BooleanField(null=True, blank=True)
    votes_for = models.PositiveSmallIntegerField(null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField(null=True, blank=True)
    abstained = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("panel")
        verbose_name_plural = _("panels")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "session"], name="one_panel_a_session"),
            models.UniqueConstraint(fields=["case"], condition=Q(state="open"), name="one_open_panel_a_case"),
            models.CheckConstraint(
                condition=Q(motion_outcome="grant", motion_grade__in=Grade.values)
                | Q(motion_outcome="refuse", motion_grade=""),
                name="motion_grants_a_grade_or_refuses",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(carried__isnull=False, closed_at__isnull=False),
                name="closed_panel_has_a_result",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.session}"


class Seat(models.Model):
    """A person's seat on one panel; whoever took part in the evaluation cannot take one (a trigger refuses it)."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="seats")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="seats")
    capacity = models.CharField(_("capacity"), max_length=8, choices=Capacity, default=Capacity.MEMBER)
    recused_at = models.DateTimeField(null=True, blank=True)
    recusal_reason = models.CharField(_("reason of the recusal"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["panel", "person"], name="one_seat_a_person"),
            models.UniqueConstraint(
                fields=["panel"], condition=Q(capacity="chair"), name="one_chair_a_panel"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.panel} · {self.person}"


class Ballot(models.Model):
    """The one final vote of a seat; append-only. Choice and reason are shown to others only after the closing."""

    seat = models.OneToOneField(Seat, on_delete=models.PROTECT, related_name="ballot")
    choice = models.CharField(_("vote"), max_length=8, choices=Choice)
    reason = models.TextField(_("reason"), max_length=2000)
    cast_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.seat} · {self.get_choice_display()}"


class Decision(models.Model):
    """What a carried motion decided; the head signs it or returns it and never edits it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    panel = models.OneToOneField(Panel, on_delete=models.PROTECT, related_name="decision")
    report = models.ForeignKey("audits.Report", on_delete=models.PROTECT, related_name="decisions")
    state = models.CharField(_("state"), max_length=8, choices=DecisionState, default=DecisionState.TAKEN)
    outcome = models.CharField(_("decision"), max_length=8, choices=Outcome)
    grade = models.CharField(_("grade"), max_length=10, choices=Grade, blank=True)
    reasons = models.TextField(_("reasons"), max_length=4000)
    taken_on = models.DateField(_("taken on"), default=clock.today)
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    authorisation = models.ForeignKey(
        Authorisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    return_reason = models.TextField(_("reason of the return"), max_length=2000, blank=True)
    letter = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report"], condition=~Q(state="returned"), name="one_standing_decision_a_report"
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="signed_decision_names_its_signatory",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="grant") | Q(grade__in=Grade.values), name="granted_decision_has_a_grade"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.get_outcome_display()}"
