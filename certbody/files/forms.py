from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from certbody.files.checks import ACCEPTED, CheckedFile, check_upload, clean_name

MOST_FILES = 10
ACCEPT = {"pdf": ".pdf", "jpg": ".jpg,.jpeg", "png": ".png", "docx": ".docx", "xlsx": ".xlsx"}


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class CheckedFileField(forms.FileField):
    """A file input that says beforehand what it takes and gives back checked files only.

    Cleans to a CheckedFile (None when nothing was chosen and nothing is required), with `multiple` to a list
    of them. Every refused file of several gets its own sentence.
    """

    widget = forms.FileInput

    def __init__(self, *, multiple: bool = False, types: Sequence[str] = ACCEPTED, **options: Any) -> None:
        self.multiple = multiple
        self.types = tuple(types)
        options.setdefault("widget", ManyFilesInput() if multiple else forms.FileInput())
        options.setdefault("help_text", self._help_text())
        super().__init__(**options)

    def _help_text(self) -> Any:
        names = ", ".join(kind.upper() for kind in self.types)
        if self.multiple:
            return format_lazy(
                _("{types}; at most 20 MB each, at most {most} files at once."), types=names, most=MOST_FILES
            )
        return format_lazy(_("{types}; at most 20 MB."), types=names)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"accept": ",".join(ACCEPT[kind] for kind in self.types)}

    def clean(self, data: Any, initial: Any = None) -> Any:
        if not self.multiple:
            upload = super().clean(data, initial)
            return self._checked(upload) if isinstance(upload, UploadedFile) else upload
        uploads = list(data) if isinstance(data, list | tuple) else [data] if data else []
        if not uploads:
            super().clean(None, initial)
            return []
        if len(uploads) > MOST_FILES:
            raise ValidationError(
                _("Please upload at most %(most)s files at once."), code="many", params={"most": MOST_FILES}
            )
        checked, errors = [], []
        for upload in uploads:
            try:
                checked.append(self._checked(super().clean(upload, initial)))
            except ValidationError as error:
                errors.append(error)
        if errors:
            raise ValidationError(errors)
        return checked

    def _checked(self, upload: UploadedFile) -> CheckedFile:
        checked = check_upload(upload)
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
