"""Certificates, their editions and printed documents, their history, and what the register searches."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Organisation, Person
from certbody.cases.models import Case
from certbody.files.models import StoredFile
from certificates.models.committee import Decision
from certificates.states import (
    STANDING_STATES,
    CertificateState,
    CycleKind,
    EditionState,
    Grade,
    Language,
    StatusGround,
)

WHOLE_SCOPE = "all"


class Certificate(models.Model):
    """A certificate has its number for ever; dates follow rule R and are inclusive, in the body's zone.

    `continued_by` names the certificate that takes over; the state of the older one stays what it is. `attempts`
    counts failed attempts at issuing; `searchable` is the folded text of the names, see `certificates.folding`.
    """

    number = models.CharField(_("certificate number"), max_length=40, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="certificates")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="certificates")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="certificates")
    scheme = models.CharField(_("scheme"), max_length=40)
    scope_key = models.CharField(max_length=40, default=WHOLE_SCOPE)
    state = models.CharField(
        _("state"), max_length=12, choices=CertificateState, default=CertificateState.RESERVED
    )
    grade = models.CharField(_("grade"), max_length=10, choices=Grade)
    cycle = models.PositiveSmallIntegerField(_("cycle"))
    first_issued_on = models.DateField(_("first issued on"))
    issued_on = models.DateField(_("issued on"))
    valid_from = models.DateField(_("valid from"))
    expires_on = models.DateField(_("last valid day"))
    continued_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="continues"
    )
    reserved_at = models.DateTimeField(default=clock.now, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    void_reason = models.CharField(_("why the number is void"), max_length=500, blank=True)
    searchable = models.TextField(blank=True, editable=False)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "scheme", "scope_key"],
                condition=Q(state__in=["valid", "suspended"], continued_by=None),
                name="one_standing_certificate_a_scope",
            ),
            models.UniqueConstraint(
                fields=["decision"], condition=~Q(state="void"), name="one_certificate_a_decision"
            ),
            models.CheckConstraint(
                condition=Q(expires_on__gte=F("valid_from"), valid_from__gte=F("issued_on"))
                & Q(issued_on__gte=F("first_issued_on")),
                name="certificate_dates_are_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(state="void") | ~Q(void_reason=""), name="void_number_is_explained"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "expires_on"], name="certificate_state_expiry"),
            models.Index(fields=["organisation", "-id"], name="certificate_of_organisation"),
        ]

    def __str__(self) -> str:
        return self.number

    def stands_on(self, day: date) -> bool:
        """Whether nothing has ended it and its last valid day, inclusive, is not over."""
        return self.state in STANDING_STATES and self.expires_on >= day


class Edition(models.Model):
    """One printing of a certificate: the stored manifest holds every printed fact, `manifest_sha256` its hash."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField(_("edition"))
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="editions")
    state = models.CharField(_("state"), max_length=12, choices=EditionState, default=EditionState.RESERVED)
    manifest = models.JSONField()
    manifest_sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering: ClassVar = ["certificate", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["certificate", "number"], name="edition_numbers_are_unique"),
            models.UniqueConstraint(
                fields=["certificate"], condition=Q(state="current"), name="one_current_edition"
            ),
            models.UniqueConstraint(
                fields=["decision"], condition=~Q(state="void"), name="one_edition_a_decision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certificate} · {self.number}"

    @property
    def case(self) -> Case:
        return self.certificate.case

    @property
    def case_id(self) -> int:
        return self.certificate.case_id

    @property
    def facts(self) -> dict[str, Any]:
        return dict(self.manifest)


class IssuedDocument(models.Model):
    """The PDF of an edition in one language, written once; `sha256` is the hash of its bytes."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="documents")
    language = models.CharField(_("language"), max_length=8, choices=Language)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField("SHA-256", max_length=64)
    made_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("issued document")
        verbose_name_plural = _("issued documents")
        ordering: ClassVar = ["edition", "-language"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "language"], name="one_document_a_language")
        ]

    def __str__(self) -> str:
        return f"{self.edition} · {self.language}"


class StatusChange(models.Model):
    """The public status of a certificate from a day on, until the next change; append-only."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="status_changes")
    status = models.CharField(_("status"), max_length=12, choices=CertificateState)
    ground = models.CharField(_("ground"), max_length=16, choices=StatusGround)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    effective_on = models.DateField(_("effective on"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("change of status")
        verbose_name_plural = _("changes of status")
        ordering: ClassVar = ["certificate", "id"]
        indexes: ClassVar = [
            models.Index(fields=["certificate", "effective_on", "id"], name="status_on_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.certificate} · {self.get_status_display()} · {self.effective_on}"


class CycleDate(models.Model):
    """A planned visit of the cycle: the window opens on one day, the last day is `due_on` (rule R, inclusive)."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="cycle_dates")
    kind = models.CharField(_("kind"), max_length=16, choices=CycleKind)
    ordinal = models.PositiveSmallIntegerField(_("which"))
    opens_on = models.DateField(_("opens on"))
    due_on = models.DateField(_("due on"))

    class Meta:
        verbose_name = _("date of the cycle")
        verbose_name_plural = _("dates of the cycle")
        ordering: ClassVar = ["certificate", "due_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["certificate", "kind", "ordinal"], name="one_date_a_visit"),
            models.CheckConstraint(condition=Q(due_on__gte=F("opens_on")), name="visit_window_is_in_order"),
        ]
        indexes: ClassVar = [models.Index(fields=["due_on"], name="cycle_date_due")]

    def __str__(self) -> str:
        return f"{self.certificate} · {self.get_kind_display()} {self.ordinal}"


class RegisterTerm(models.Model):
    """Two neighbouring characters of a certified name, folded: what the public search looks up."""

    certificate = models.ForeignKey(
        Certificate, on_delete=models.CASCADE, related_name="terms", db_index=False
    )
    term = models.CharField(max_length=2)

    class Meta:
        verbose_name = _("term of the register")
        verbose_name_plural = _("terms of the register")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["certificate", "term"], name="one_entry_a_term")
        ]
        indexes: ClassVar = [models.Index(fields=["term", "certificate"], name="register_by_term")]

    def __str__(self) -> str:
        return self.term
