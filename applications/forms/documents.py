from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.models import Application, ApplicationDocument
from certbody import clock
from certbody.accounts.models import User
from certbody.files.forms import CheckedFileField, uploads_by
from certbody.scheme.model import DocumentKind
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


class DocumentForm(forms.Form):
    """An upload for one line of the checklist."""

    upload = CheckedFileField(label=_("File"))
    number = forms.CharField(
        label=_("Number of the document"), max_length=80, required=False, help_text=_("If it has one.")
    )
    expires_on = DayField(label=_("Valid until"), required=False, help_text=_("If it ends on a day."))

    def __init__(
        self,
        *args: Any,
        actor: User,
        application: Application,
        kind: DocumentKind,
        held: "QuerySet[ApplicationDocument]",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        uploads_by(self, user=actor, organisation=application.case.organisation)
        self.kind = kind
        if held:
            self.fields["replaces"] = EarlierFileField(held)
        if kind.expires:
            self.fields["expires_on"].required = True
            self.fields["expires_on"].help_text = ""

    def clean_expires_on(self) -> Any:
        day = self.cleaned_data["expires_on"]
        if day is not None and day < clock.today():
            raise forms.ValidationError(_("This document has expired: please upload the present one."))
        return day

    def step_data(self) -> dict[str, Any]:
        older = self.cleaned_data.get("replaces")
        return {
            "kind": self.kind.key,
            "upload": self.cleaned_data["upload"],
            "number": self.cleaned_data["number"],
            "expires_on": self.cleaned_data["expires_on"],
            "replaces": older.pk if older else None,
        }
