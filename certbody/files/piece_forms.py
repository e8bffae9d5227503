from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from certbody.files import pieces
from certbody.files.checks import PASSING, CheckedFile
from certbody.files.forms import CheckedFileField, ManyFilesInput
from certbody.files.models import Upload
from certbody.files.quota import OverQuota
from certbody.workflow import NotReady

SUFFIX = "_arrived"


class PiecesInput(ManyFilesInput):
    """A file input; beside its files it takes the ids of those that have arrived in pieces."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        sent = data.getlist(name + SUFFIX) if hasattr(data, "getlist") else []
        return [*(super().value_from_datadict(data, files, name) or []), *sent]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and name + SUFFIX not in data

    def use_required_attribute(self, initial: Any) -> bool:
        return False  # the files may have arrived already


class PiecesField(CheckedFileField):
    """Several files, whole or arrived in pieces before the form; cleans to a list of CheckedFiles.

    The form says what it is (`waits_for`). Whatever else is wrong with it, `settle` keeps what was uploaded: files that
    passed wait for the corrected form, files that never will are dropped.
    """

    purpose = ""
    target = ""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", PiecesInput())
        super().__init__(multiple=True, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"data-pieces": ""}

    def waits_for(self, purpose: str, target: str) -> None:
        self.purpose, self.target = purpose, target
        self.chosen: set[str] | None = None  # the ids that the form sent; None before it was sent
        self._taken: dict[int, Upload] = {}
        self._passed: list[CheckedFile] = []
        self._refused: list[Upload] = []

    def clean(self, data: Any, initial: Any = None) -> Any:
        sent = [one for one in data or [] if isinstance(one, str)]
        whole = [one for one in data or [] if not isinstance(one, str)]
        self.chosen = set(sent)
        rows = {str(row.pk): row for row in self.waiting if row.is_complete and pieces.is_here(row)}
        if gone := self.chosen - rows.keys():
            self.chosen -= gone
            raise ValidationError(
                _("A file that you uploaded before is no longer here: please choose it again."), code="gone"
            )
        return self._clean_with([rows[pk] for pk in dict.fromkeys(sent)], whole, initial)

    def check_arrived(self, rows: Sequence[Upload]) -> list[CheckedFile]:
        """Check waiting files by themselves, for a form that asks something about each of them first."""
        checked: list[CheckedFile] = self._clean_with(rows, [], None)
        return checked

    def _clean_with(self, rows: Sequence[Upload], whole: Sequence[Any], initial: Any) -> Any:
        opened = [pieces.opened(row) for row in rows]
        try:
            return super().clean([*whole, *opened], initial)
        finally:
            for file in opened:
                file.close()

    def _checked(self, upload: UploadedFile) -> CheckedFile:
        row = upload.row if isinstance(upload, pieces.ArrivedFile) else None
        try:
            checked = super()._checked(upload)
        except ValidationError as refusal:
            if row is not None and refusal.code not in PASSING:
                self._refused.append(row)
            raise
        if row is not None:
            self._taken[id(checked)] = row
        else:
            self._passed.append(checked)
        return checked

    @property
    def waiting(self) -> list[Upload]:
        """What the uploader has sent for this form already, whole or not."""
        return pieces.waiting_for(self.uploader.user, self.purpose, self.target)

    @property
    def lines(self) -> list[tuple[Upload, bool]]:
        """The waiting files, and whether the form takes each."""
        return [
            (row, row.is_complete and (self.chosen is None or str(row.pk) in self.chosen))
            for row in self.waiting
        ]

    def rows_of(self, files: Sequence[CheckedFile]) -> list[Upload]:
        """The rows of those files that came in pieces: they are used up when the files become documents."""
        return [self._taken[id(file)] for file in files if id(file) in self._taken]

    def settle(self) -> None:
        """After a refusal: keep what passed for the corrected form, drop what can never pass."""
        pieces.discard(self._refused)
        chosen = self.chosen if self.chosen is not None else set()
        for file in self._passed:
            try:
                row = pieces.keep(self.uploader, purpose=self.purpose, target=self.target, file=file)
            except (ValidationError, OverQuota, NotReady):
                continue  # there is no room for it: it has to be chosen again
            chosen.add(str(row.pk))
        self._passed, self.chosen = [], chosen


def arrivals_of(bound: forms.BoundField) -> dict[str, Any]:
    """What the list of waiting files prints under its input."""
    field = bound.field
    if not isinstance(field, PiecesField):
        raise TypeError(f"{bound.name} takes no files in pieces")
    return {
        "field": bound,
        "name": bound.html_name + SUFFIX,
        "lines": field.lines,
        "purpose": field.purpose,
        "target": field.target,
        "piece": pieces.LARGEST_PIECE,
    }
