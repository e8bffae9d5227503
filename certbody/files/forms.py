import hashlib
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import Organisation, User
from certbody.files.checks import (
    ACCEPTED,
    MOST_BYTES,
    MOST_BYTES_AT_ONCE,
    CheckedFile,
    check_upload,
    clean_name,
    refuse,
)
from certbody.files.quarantine import is_known_infection
from certbody.files.quota import OverQuota, Uploader, check_quota
from certbody.web.forms import StepForm

MOST_FILES = 10
ACCEPT = {"pdf": ".pdf", "jpg": ".jpg,.jpeg", "png": ".png", "docx": ".docx", "xlsx": ".xlsx"}


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class CheckedFileField(forms.FileField):
    """A file input that says beforehand what it takes and gives back checked files only.

    Cleans to a CheckedFile (None when nothing was chosen and nothing is required), with `multiple` to a list
    of them. Every refused file of several gets its own sentence. The form says who uploads (`uploads_by`): quota and
    turns are counted for that person.
    """

    widget = forms.FileInput
    uploader: Uploader

    def __init__(
        self,
        *,
        multiple: bool = False,
        most: int = MOST_FILES,
        types: Sequence[str] = ACCEPTED,
        **options: Any,
    ) -> None:
        self.multiple = multiple
        self.most = most
        self.types = tuple(types)
        options.setdefault("allow_empty_file", True)  # refused by the checks, with the name of the file
        options.setdefault("widget", ManyFilesInput() if multiple else forms.FileInput())
        options.setdefault("help_text", self._help_text())
        super().__init__(**options)

    def _help_text(self) -> Any:
        names = ", ".join(kind.upper() for kind in self.types)
        if self.multiple:
            return format_lazy(
                _("{types}; at most 20 MB each, at most {most} files and 60 MB at once."),
                types=names,
                most=self.most,
            )
        return format_lazy(_("{types}; at most 20 MB."), types=names)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """What the browser needs to offer the right files, and to say before sending that they are too large."""
        return super().widget_attrs(widget) | {
            "accept": ",".join(ACCEPT[kind] for kind in self.types),
            "data-most-bytes": MOST_BYTES,
            "data-too-large": _("A file may have at most 20 MB, and all of one form 60 MB together."),
            "data-most-bytes-together": MOST_BYTES_AT_ONCE,
        }

    def clean(self, data: Any, initial: Any = None) -> Any:
        if not self.multiple:
            upload = super().clean(data, initial)
            if not isinstance(upload, UploadedFile):
                return upload
            self._check_quota([upload])
            return self._checked(upload)
        uploads = list(data) if isinstance(data, list | tuple) else [data] if data else []
        if not uploads:
            super().clean(None, initial)
            return []
        if len(uploads) > self.most:
            raise ValidationError(
                _("Please upload at most %(most)s files at once."), code="many", params={"most": self.most}
            )
        if sum(upload.size or 0 for upload in uploads) > MOST_BYTES_AT_ONCE:
            raise ValidationError(_("Please upload at most 60 MB at once."), code="size")
        self._check_quota(uploads)
        checked, errors = [], []
        for upload in uploads:
            try:
                checked.append(self._checked(super().clean(upload, initial)))
            except ValidationError as error:
                errors.append(error)
        if errors:
            raise ValidationError(errors)
        return checked

    def _check_quota(self, uploads: list[UploadedFile]) -> None:
        try:
            check_quota(self.uploader, [upload.size or 0 for upload in uploads])
        except OverQuota as refusal:
            raise ValidationError(refusal.sentence, code="quota") from None

    def _checked(self, upload: UploadedFile) -> CheckedFile:
        checked = check_upload(upload, party=self.uploader.party)
        if is_known_infection(hashlib.sha256(checked.read_all()).hexdigest()):
            # a picture is written anew, so the scanner saw other bytes than those that it found infected when stored
            refuse("infected", checked.name or "")
        if checked.extension not in self.types:
            raise ValidationError(
                _("“%(name)s” cannot be accepted here: please upload %(types)s."),
                code="type",
                params={
                    "name": clean_name(upload.name or ""),
                    "types": ", ".join(kind.upper() for kind in self.types),
                },
            )
        return checked


def uploads_by(form: forms.Form, *, user: User, organisation: Organisation | None) -> None:
    """Tell every file field of a form who uploads, and for which organisation."""
    for field in form.fields.values():
        if isinstance(field, CheckedFileField):
            field.uploader = Uploader(user, organisation)


class ReleaseForm(StepForm):
    """Why a closed file is harmless; the scanner has taken its word back already."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the record: what was checked, and with whom."),
    )

    def about(self) -> Any:
        return self.obj.file.name
