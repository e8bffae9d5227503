from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.states import WRITABLE, Agent, ApplicationKind, ApplicationState, SiteKind
from certbody import clock
from certbody.accounts.models import GoodsTrade, User
from certbody.cases.models import Case
from certbody.files.models import StoredFile


def managers_needed(service_management: int) -> int:
    """Trained service managers for so many people in service management: 10 % of them rounded up, at least one."""
    return max(1, -(-service_management // 10))


class Application(models.Model):
    """The client's request for certification (ISO/IEC 17065, 7.2).

    Every field may be empty in a draft; what a submission needs is asked by `completeness.missing_in`. `revision`
    counts the submissions. `edits` holds how often each section was saved, `submitted_edits` those counts as of the
    last submission: together they say which sections a resubmission has changed.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="application")
    state = models.CharField(
        _("state"), max_length=12, choices=ApplicationState, default=ApplicationState.DRAFT, editable=False
    )
    kind = models.CharField(
        _("kind of application"), max_length=16, choices=ApplicationKind, default=ApplicationKind.INITIAL
    )
    scope = models.CharField(_("scope in Chinese"), max_length=300, blank=True)
    scope_en = models.CharField(_("scope in English"), max_length=400, blank=True)
    goods = models.CharField(_("kind of goods"), max_length=12, choices=GoodsTrade, blank=True)
    product_categories = models.PositiveSmallIntegerField(
        _("categories of goods"),
        null=True,
        blank=True,
        help_text=_("How many kinds of goods are serviced apart."),
    )
    headcount = models.PositiveIntegerField(_("headcount"), null=True, blank=True)
    service_management_headcount = models.PositiveIntegerField(
        _("service-management headcount"), null=True, blank=True
    )
    managers_trained = models.PositiveIntegerField(
        _("trained after-sales service managers"), null=True, blank=True
    )
    system_running_since = models.DateField(_("the service system runs since"), null=True, blank=True)
    person_in_charge = models.CharField(
        _("person in charge of after-sales service"), max_length=80, blank=True
    )
    funds_note = models.CharField(_("funds set aside for after-sales service"), max_length=300, blank=True)
    no_serious_fault = models.BooleanField(
        _("no serious quality or after-sales problem in the past year"), null=True, blank=True
    )
    operates_lawfully = models.BooleanField(_("operates lawfully in mainland China"), null=True, blank=True)
    pays_fees_itself = models.BooleanField(_("pays the certification fees itself"), null=True, blank=True)
    agent_kind = models.CharField(_("help with the application"), max_length=12, choices=Agent, blank=True)
    agent_name = models.CharField(_("name of who helped"), max_length=120, blank=True)
    note = models.CharField(_("anything else we should know"), max_length=500, blank=True)
    closing_reason = models.CharField(_("reason"), max_length=500, blank=True, editable=False)
    revision = models.PositiveSmallIntegerField(_("revision"), default=0, editable=False)
    edits = models.JSONField(default=dict, editable=False)
    submitted_edits = models.JSONField(default=dict, editable=False)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(headcount=None)
                | Q(service_management_headcount=None)
                | Q(service_management_headcount__lte=F("headcount")),
                name="application_management_is_part_of_headcount",
            ),
            models.CheckConstraint(
                condition=Q(state=ApplicationState.DRAFT)
                | Q(state=ApplicationState.WITHDRAWN)
                | Q(revision__gte=1, submitted_at__isnull=False),
                name="application_in_review_was_submitted",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-id"], name="application_by_state"),
            models.Index(fields=["-submitted_at", "-id"], name="application_by_submission"),
        ]

    def __str__(self) -> str:
        return f"{self.case.reference} · {self.case.organisation.name}"

    @property
    def is_writable(self) -> bool:
        """True while the client may write in it."""
        return self.state in WRITABLE

    @property
    def service_managers_needed(self) -> int | None:
        """Ceiling of 10 % of the service-management headcount, at least one (clause 5.1.2.2)."""
        if self.service_management_headcount is None:
            return None
        return managers_needed(self.service_management_headcount)


class Site(models.Model):
    """A place of work that the certificate is to cover; exactly one of an application is the head office.

    `kind` and `is_head_office` say the same, and the database holds them together.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(_("name of the site"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=200)
    address_en = models.CharField(_("address in English"), max_length=300, blank=True)
    activity = models.CharField(_("activity"), max_length=200, blank=True)
    activity_en = models.CharField(_("activity in English"), max_length=300, blank=True)
    headcount = models.PositiveIntegerField(_("headcount of the site"), null=True, blank=True)
    service_management_headcount = models.PositiveIntegerField(
        _("service-management headcount of the site"), null=True, blank=True
    )
    managers_trained = models.PositiveIntegerField(
        _("trained after-sales service managers of the site"), null=True, blank=True
    )
    kind = models.CharField(_("kind of site"), max_length=12, choices=SiteKind, default=SiteKind.BRANCH)
    is_head_office = models.BooleanField(_("is the head office"), default=False)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering: ClassVar = ["-is_head_office", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(is_head_office=True),
                name="one_head_office_an_application",
            ),
            models.CheckConstraint(
                condition=Q(headcount=None)
                | Q(service_management_headcount=None)
                | Q(service_management_headcount__lte=F("headcount")),
                name="site_management_is_part_of_headcount",
            ),
            models.CheckConstraint(
                condition=Q(is_head_office=True, kind=SiteKind.HEAD_OFFICE)
                | Q(is_head_office=False) & ~Q(kind=SiteKind.HEAD_OFFICE),
                name="site_kind_says_whether_it_is_the_head_office",
            ),
            models.CheckConstraint(
                condition=Q(headcount=None)
                | Q(managers_trained=None)
                | Q(managers_trained__lte=F("headcount")),
                name="site_managers_are_part_of_headcount",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ApplicationDocument(models.Model):
    """A document of the scheme's checklist as the client handed it in.

    A newer file replaces an older one and both stay, so that it remains known which version was reviewed; the one
    in force has neither `replaced_by` nor `removed_at`.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(_("kind of document"), max_length=40)
    number = models.CharField(_("number of the document"), max_length=80, blank=True)
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    is_stamped = models.BooleanField(_("bears the company’s stamp (公章)"), default=False)
    site = models.ForeignKey(
        Site,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("site"),
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded at"), default=clock.now, editable=False)
    replaced_by = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces"
    )
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # whether nobody can open its file any more; set by the queries that ask for it
    is_closed = False

    class Meta:
        verbose_name = _("document of an application")
        verbose_name_plural = _("documents of an application")
        ordering: ClassVar = ["kind", "id"]
        indexes: ClassVar = [
            models.Index(
                fields=["application", "kind"],
                condition=Q(replaced_by=None, removed_at=None),
                name="document_in_force",
            ),
            models.Index(
                fields=["-uploaded_at", "-id"],
                condition=Q(replaced_by=None, removed_at=None),
                name="document_by_upload",
            ),
            models.Index(
                fields=["expires_on", "id"],
                condition=Q(replaced_by=None, removed_at=None),
                name="document_by_expiry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.file}"


class ProposedExclusion(models.Model):
    """A clause that the client proposes to leave out, with the reason (GB/T 27922-2011, 6.2.2); settled at stage 1."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="exclusions")
    clause = models.CharField(_("clause"), max_length=16)
    reason = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("proposed exclusion")
        verbose_name_plural = _("proposed exclusions")
        ordering: ClassVar = ["clause"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "clause"], name="one_proposed_exclusion_a_clause")
        ]

    def __str__(self) -> str:
        return self.clause
