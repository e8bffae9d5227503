from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import area
from applications.models import (
    Application,
    ApplicationDocument,
    AskAgain,
    DocumentFinding,
    DocumentVerdict,
    Site,
)
from applications.queries.uploads import PURPOSE, target_of
from certbody import clock
from certbody.accounts.models import User
from certbody.files.checks import CheckedFile
from certbody.files.forms import uploads_by
from certbody.files.models import Upload
from certbody.files.piece_forms import PiecesField
from certbody.scheme.model import DocumentKind, DocumentNeed
from certbody.web.edits import EditedForm
from certbody.web.forms import DayField


class EarlierFileField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """Which of the files of the same kind the new one replaces."""

    def __init__(self, held: "QuerySet[ApplicationDocument]") -> None:
        super().__init__(
            queryset=held,
            label=_("Replaces"),
            required=False,
            empty_label=_("nothing, it is an additional document"),
        )

    def label_from_instance(self, document: Any) -> str:
        return str(document.file.name)


class SiteField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """Which site a document speaks of; nothing chosen means all of them."""

    def __init__(self, sites: "QuerySet[Site]") -> None:
        super().__init__(
            queryset=sites, label=_("Site"), required=False, empty_label=_("all sites, in one document")
        )


class UploadForm(forms.Form):
    """Files for one kind of document, with what is printed on them."""

    upload = PiecesField(label=_("Files"))
    number = forms.CharField(
        label=_("Number of the document"), max_length=80, required=False, help_text=_("If it has one.")
    )
    expires_on = DayField(label=_("Valid until"), required=False, help_text=_("If it ends on a day."))
    is_stamped = forms.BooleanField(
        label=_("It is a scan that bears the company’s stamp (公章)"), required=False
    )

    def __init__(
        self, *args: Any, actor: User, application: Application, kind: DocumentKind, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        uploads_by(self, user=actor, organisation=application.case.organisation)
        self.kind = kind
        self.files_field.waits_for(PURPOSE, target_of(application, kind.key))
        if kind.expires:
            self.fields["expires_on"].required = True
            self.fields["expires_on"].help_text = ""

    @property
    def files_field(self) -> PiecesField:
        field = self.fields["upload"]
        if not isinstance(field, PiecesField):
            raise TypeError("The files of a document arrive in pieces")
        return field

    def clean_expires_on(self) -> Any:
        day = self.cleaned_data["expires_on"]
        if day is not None and day < clock.today():
            raise forms.ValidationError(_("This document has expired: please upload the present one."))
        return day

    def used_up(self) -> list[Upload]:
        """What arrived in pieces and becomes a document now."""
        return self.files_field.rows_of(self.cleaned_data["upload"])

    def facts_of(self, upload: CheckedFile) -> dict[str, Any]:
        return {
            "upload": upload,
            "number": self.cleaned_data["number"],
            "expires_on": self.cleaned_data["expires_on"],
            "is_stamped": self.cleaned_data["is_stamped"],
        }


class DocumentForm(UploadForm):
    """An upload for one line of the checklist."""

    def __init__(
        self, *args: Any, held: "QuerySet[ApplicationDocument]", application: Application, **kwargs: Any
    ) -> None:
        super().__init__(*args, application=application, **kwargs)
        if self.kind.required == DocumentNeed.IF_MULTI_SITE:
            self.fields["site"] = SiteField(application.sites.all())
        if held:
            self.fields["replaces"] = EarlierFileField(held)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("replaces") and len(data.get("upload") or []) > 1:
            self.add_error(
                "replaces", _("One file replaces one file: please upload the others by themselves.")
            )
        return data

    def step_data(self) -> list[dict[str, Any]]:
        """What each step receives that adds one of the files."""
        older, site = self.cleaned_data.get("replaces"), self.cleaned_data.get("site")
        about = {
            "kind": self.kind.key,
            "replaces": older.pk if older else None,
            "site": site.pk if site else None,
        }
        return [about | self.facts_of(upload) for upload in self.cleaned_data["upload"]]


class RenewalForm(UploadForm):
    """The newer version of one document after the application was accepted."""

    def __init__(self, *args: Any, document: ApplicationDocument, **kwargs: Any) -> None:
        kwargs["initial"] = {"number": document.number, "is_stamped": document.is_stamped}
        super().__init__(*args, **kwargs)
        self.document = document
        if document.expires_on is not None:
            self.fields["expires_on"].required = True
            self.fields["expires_on"].help_text = ""

    def clean_upload(self) -> Sequence[CheckedFile]:
        files: list[CheckedFile] = self.cleaned_data["upload"]
        if len(files) > 1:
            raise forms.ValidationError(_("One file replaces one file: please choose only one."))
        return files

    def step_data(self) -> dict[str, Any]:
        return {"document": self.document.pk, **self.facts_of(self.cleaned_data["upload"][0])}


class JudgeForm(EditedForm):
    """What the reviewer records on one version of a document."""

    verdict = forms.ChoiceField(label=_("Verdict"), choices=DocumentVerdict.choices, widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=_("Why it is asked for again"), choices=[("", "–"), *AskAgain.choices], required=False
    )
    remark = forms.CharField(
        label=_("Remark to the client"),
        max_length=500,
        required=False,
        widget=area(2),
        help_text=_("The client reads it once you ask."),
    )

    def __init__(
        self, *args: Any, document: ApplicationDocument, found: DocumentFinding | None = None, **kwargs: Any
    ) -> None:
        stored = self.values_of(found)
        super().__init__(*args, edited_object=None, stored=stored, prefix=f"document-{document.pk}", **kwargs)
        self.fields["reason"].widget.attrs["class"] = "form-select"
        self.fields["remark"].widget.attrs["class"] = "form-control"
        self.document = document

    @staticmethod
    def values_of(found: DocumentFinding | None) -> dict[str, Any]:
        if found is None:
            return {"verdict": "", "reason": "", "remark": ""}
        return {"verdict": found.verdict, "reason": found.reason, "remark": found.remark}

    def stored_values(self, obj: Application) -> dict[str, Any]:
        return self.values_of(self.document.findings.filter(revision=obj.revision).first())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("verdict") == DocumentVerdict.ASK_AGAIN and not data.get("reason"):
            self.add_error("reason", _("Please say why the document is asked for again."))
        if data.get("reason") == AskAgain.OTHER and not data.get("remark"):
            self.add_error("remark", _("Please write the other reason down."))
        return data

    def step_data(self) -> dict[str, Any]:
        return {
            "document": self.document.pk,
            "verdict": self.cleaned_data["verdict"],
            "reason": self.cleaned_data["reason"],
            "remark": self.cleaned_data["remark"],
        }
