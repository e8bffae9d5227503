from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from applications.models.application import Application
from certbody import clock
from certbody.accounts.models import Person, User
from certbody.files.models import StoredFile

# Items that a kind of application or an absence may leave without an object; every other one is answered.
MAY_BE_NOT_APPLICABLE = ("means", "running_time", "exclusions")


class Verdict(models.TextChoices):
    FULFILLED = "fulfilled", pgettext_lazy("item of the review", "yes")
    OPEN = "open", _("open, to be asked")
    NOT_FULFILLED = "not_fulfilled", pgettext_lazy("item of the review", "no")
    NOT_APPLICABLE = "not_applicable", pgettext_lazy("item of the review", "not applicable")


# With these an item stands in nobody's way.
SETTLED = (Verdict.FULFILLED, Verdict.NOT_APPLICABLE)


class PlatformResult(models.TextChoices):
    """What a public credit platform said about the applicant."""

    CLEAN = "clean", _("no entry")
    MINOR = "minor", _("entries, none of them serious")
    SERIOUS = "serious", _("a serious entry")


class ReturnReason(models.TextChoices):
    """Why something of an application is asked for again; counted, never shown to the client."""

    MISSING = "missing", _("missing")
    UNREADABLE = "unreadable", _("unreadable")
    EXPIRED = "expired", _("out of date")
    CONTRADICTORY = "contradictory", _("contradictory")
    OUTSIDE_SCOPE = "outside_scope", _("outside the scope")
    OTHER = "other", pgettext_lazy("reason", "other")


class ReviewItem(models.Model):
    """What the reviewer found on one item of the application review, for one submission (ISO/IEC 17065, 7.3).

    `credit_china` and `enterprise_credit` hold what the two public platforms (信用中国, 企业信用公示) said on
    `checked_on`, `field_code` the approved field in which the applicant was judged to be. `carried_from` is the
    submission from which an unchanged finding was taken over.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="review_items")
    revision = models.PositiveSmallIntegerField(_("revision"))
    key = models.CharField(_("item"), max_length=40)
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    credit_china = models.CharField(
        _("result of 信用中国"), max_length=8, choices=PlatformResult, blank=True, default=""
    )
    enterprise_credit = models.CharField(
        _("result of 企业信用公示"), max_length=8, choices=PlatformResult, blank=True, default=""
    )
    field_code = models.CharField(_("approved field"), max_length=20, blank=True, default="")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now, editable=False)
    carried_from = models.PositiveSmallIntegerField(
        _("carried over from submission"), null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("item of the application review")
        verbose_name_plural = _("items of the application review")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "revision", "key"], name="one_finding_a_review_item"
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.FULFILLED) | ~Q(note=""),
                name="review_item_not_fulfilled_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.NOT_APPLICABLE) | Q(key__in=MAY_BE_NOT_APPLICABLE),
                name="review_item_may_be_left_out",
            ),
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.FULFILLED)
                | ~(Q(credit_china=PlatformResult.SERIOUS) | Q(enterprise_credit=PlatformResult.SERIOUS)),
                name="serious_entry_is_never_a_yes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.key}"


class Question(models.Model):
    """What the reviewer asks the client for.

    `section` says where in the application it is supplied, `item` and `document` what it is about where it is about
    one item of the review or one kind of document.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="questions")
    revision = models.PositiveSmallIntegerField(_("revision"))
    section = models.CharField(_("section"), max_length=20)
    item = models.CharField(_("item"), max_length=40, blank=True)
    document = models.CharField(_("kind of document"), max_length=40, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=16, choices=ReturnReason, default=ReturnReason.OTHER)
    text = models.CharField(_("question"), max_length=500)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked at"), default=clock.now, editable=False)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("question to the client")
        verbose_name_plural = _("questions to the client")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(reason__in=ReturnReason.values), name="question_has_a_known_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.pk}"


class ReviewAssignment(models.Model):
    """Who reviews an application, from a moment until somebody else does; at most one at a time."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="review_assignments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="review_assignments")
    assigned_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(_("since"), default=clock.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("assignment of a review")
        verbose_name_plural = _("assignments of reviews")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(ended_at=None), name="one_reviewer_an_application"
            )
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.person}"


class ApplicationSubmission(models.Model):
    """The contents of an application as they went into review; written once for each revision.

    `content` holds plain values by section, so that the next submission can be compared with it.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="submissions")
    revision = models.PositiveSmallIntegerField(_("revision"))
    content = models.JSONField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("submission of an application")
        verbose_name_plural = _("submissions of applications")
        ordering: ClassVar = ["application", "revision"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "revision"], name="one_content_a_submission")
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.revision}"


class Declination(models.Model):
    """Why an application was declined, as counted, and until when the client may appeal (inclusive).

    The sentence that the client reads is the application's `closing_reason`.
    """

    class Code(models.TextChoices):
        INFORMATION = "information", _("information still insufficient after asking")
        OUTSIDE_FIELDS = "outside_fields", _("outside the approved fields of the body")
        NO_MEANS = "no_means", _("competence or means not available")
        NOT_ELIGIBLE = "not_eligible", _("legal status does not allow certification")
        SERIOUS_PROBLEM = "serious_problem", _("serious problem or entry in the public credit platforms")
        BLOCKED = "blocked", _("within the waiting time after a refusal or withdrawal")
        IMPARTIALITY = "impartiality", _("impartiality cannot be ensured")
        OTHER = "other", pgettext_lazy("reason", "other")

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="declination")
    code = models.CharField(_("reason for the statistics"), max_length=16, choices=Code)
    appeal_days = models.PositiveSmallIntegerField(_("days to appeal"))
    appeal_until = models.DateField(_("appeal possible until"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("declination")
        verbose_name_plural = _("declinations")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(appeal_days__gte=1), name="declination_can_be_appealed")
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.get_code_display()}"
