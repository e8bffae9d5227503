"""Files of a case or an organisation: one row a document, its bytes stored once under their SHA-256."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Organisation
from certbody.cases.models import Case
from certbody.files.states import CLOSED, QuarantineState

EXTENSIONS = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


class Audience(models.TextChoices):
    """Who may read a file: `client` also the organisation itself, the others only people of the body."""

    CLIENT = "client", _("client and certification body")
    STAFF = "staff", _("certification body only")
    PANEL = "panel", _("committee and certification body only")


class StoredFile(models.Model):
    """One document as it was handed in or made; a row is written once and never changed.

    `sha256` is the hash of the stored bytes and names their place; `evidence_date` is the day that the
    document speaks of (the day a photograph was taken), not the day of the upload.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="files", verbose_name=_("case")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="files",
        verbose_name=_("organisation"),
    )
    kind = models.SlugField(_("kind of document"), max_length=60)
    audience = models.CharField(_("who may read it"), max_length=8, choices=Audience)
    name = models.CharField(_("file name"), max_length=160)
    content_type = models.CharField(_("file type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="uploaded_files",
        verbose_name=_("uploaded by"),
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), default=clock.now, editable=False)
    evidence_date = models.DateField(_("date of the evidence"), null=True, blank=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering: ClassVar = ["uploaded_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(size__gt=0), name="stored_file_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("files:download", args=[self.pk])

    @property
    def path(self) -> str:
        """Place of the bytes below the private storage."""
        return content_path(self.sha256, EXTENSIONS.get(self.content_type, "bin"))


class Upload(models.Model):
    """A file on its way in pieces: not checked yet, nobody's document, and gone a day after it began.

    `received` bytes from the beginning are safe in the private storage. `purpose` names the form that waits for it and
    `target` what that form is about; both are checked again when the form takes the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="uploads",
        verbose_name=_("uploaded by"),
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    purpose = models.SlugField(max_length=40)
    target = models.CharField(max_length=80)
    name = models.CharField(_("file name"), max_length=160)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    received = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("file on its way")
        verbose_name_plural = _("files on their way")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(size__gt=0, received__lte=models.F("size")),
                name="upload_receives_no_more_than_its_size",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="upload_by_age")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_complete(self) -> bool:
        """True when every byte is here."""
        return self.received == self.size

    @property
    def percent(self) -> int:
        """How much of it is here, in whole percent, rounded down."""
        return self.received * 100 // self.size


class Scan(models.Model):
    """When the virus scanner last gave its word on these bytes, and which: one row for all files that hold them.

    `scanned_at` is empty for bytes that no scanner has seen, `infection` for clean ones. `tried_on` is the day of the
    last attempt, so that bytes on which the scanner has no word hold up no others.
    """

    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    scanned_at = models.DateTimeField(null=True, blank=True)
    tried_on = models.DateField(null=True, blank=True)
    infection = models.CharField(_("finding of the scanner"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        indexes: ClassVar = [
            models.Index(fields=["scanned_at", "id"], name="scan_by_age"),
            models.Index(fields=["sha256"], condition=~models.Q(infection=""), name="scan_that_found"),
        ]

    def __str__(self) -> str:
        return self.sha256


class Quarantine(models.Model):
    """A stored file in which malicious software was found after it was taken: nobody opens it any more.

    The file keeps its row and its bytes, because the trail names them. `infection` is the scanner's name of what it
    found; `release_reason` is why the quality manager took it for a false alarm.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="quarantines")
    state = models.CharField(
        _("state"), max_length=12, choices=QuarantineState, default=QuarantineState.HELD, editable=False
    )
    infection = models.CharField(_("finding of the scanner"), max_length=100)
    found_at = models.DateTimeField(_("found at"), default=clock.now, editable=False)
    release_reason = models.CharField(_("reason for the release"), max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("quarantine")
        verbose_name_plural = _("quarantines")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["file"],
                condition=models.Q(state__in=CLOSED),
                name="one_quarantine_a_file",
            ),
            models.CheckConstraint(condition=~models.Q(infection=""), name="quarantine_says_what_was_found"),
            models.CheckConstraint(
                condition=~models.Q(state=QuarantineState.RELEASED) | ~models.Q(release_reason=""),
                name="released_file_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file} · {self.infection}"

    @property
    def is_closed(self) -> bool:
        """True while nobody may open the file."""
        return self.state in CLOSED


def content_path(sha256: str, extension: str) -> str:
    return f"sha256/{sha256[:2]}/{sha256}.{extension}"
