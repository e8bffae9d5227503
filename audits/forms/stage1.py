from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.catalogue.kinds import documents_asked
from applications.models import ApplicationDocument, ProposedExclusion
from applications.queries import documents_in_force
from audits.forms.fields import day, text
from audits.models import Audit, Concern, Conclusion, DocumentVerdict, ExclusionSettlement, Verdict
from certbody.body.queries import scheme_of
from certbody.files.forms import CheckedFileField, uploads_by
from certbody.scheme.model import DocumentKind
from certbody.web.edits import EditedStepForm
from certbody.web.forms import Sentence, StepForm


def _kinds_of(audit: Audit) -> list[DocumentKind]:
    """The checklist of the application, with the papers of a transfer or a change."""
    return documents_asked(audit.case.application, scheme_of(audit.case))


def clause_choices(scheme: Any) -> list[tuple[str, str]]:
    language = get_language() or "en"
    return [(clause.id, f"{clause.id} {clause.title.in_language(language)}") for clause in scheme.clauses]


class JudgeForm(EditedStepForm):
    kind = forms.CharField(max_length=60, widget=forms.HiddenInput)
    document = forms.ModelChoiceField(
        queryset=ApplicationDocument.objects.none(), required=False, widget=forms.HiddenInput
    )
    verdict = forms.ChoiceField(label=_("Verdict"), choices=Verdict.choices, widget=forms.RadioSelect)
    note = text(_("Note"), rows=2, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["document"]
        choice.queryset = documents_in_force(self.obj.case.application)

    @staticmethod
    def values_of(found: DocumentVerdict | None) -> dict[str, Any]:
        return {"verdict": found.verdict, "note": found.note} if found else {"verdict": "", "note": ""}

    def stored_values(self, obj: Any) -> dict[str, Any]:
        """The verdict on this document so far."""
        named = self.cleaned_data if self.is_bound else self.initial
        found = obj.document_verdicts.filter(kind=named.get("kind"), document=named.get("document"))
        return self.values_of(found.first())

    def about(self) -> Sentence:
        """The document: a refused judgement shows its form on a page of its own."""
        kinds = {known.key: known for known in _kinds_of(self.obj)}
        kind = kinds.get(self["kind"].value() or "")
        return kind.name.in_language(get_language() or "en") if kind else ""

    def clean_kind(self) -> str:
        kind: str = self.cleaned_data["kind"]
        if kind not in {known.key for known in _kinds_of(self.obj)}:
            raise forms.ValidationError(_("The scheme asks for no such document."))
        return kind

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        verdict, document = data.get("verdict"), data.get("document")
        if document and data.get("kind") and document.kind != data["kind"]:
            self.add_error(None, _("This document is of another kind; please look at the page again."))
        if not data.get("note") and (document is None or verdict == Verdict.INADEQUATE):
            self.add_error(
                "note",
                _("Say what is not adequate.")
                if document
                else _("Say where the document was seen, or why it is not needed here."),
            )
        return data


class SettleForm(EditedStepForm):
    proposal = forms.ModelChoiceField(queryset=ProposedExclusion.objects.none(), widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        label=_("Settlement"),
        choices=[("accept", _("accept")), ("refuse", _("refuse"))],
        widget=forms.RadioSelect,
    )
    note = text(_("Reason of the settlement"), rows=2, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["proposal"]
        choice.queryset = self.obj.case.application.exclusions.select_related("application")

    @staticmethod
    def values_of(found: ExclusionSettlement | None) -> dict[str, Any]:
        if found is None:
            return {"verdict": "", "note": ""}
        return {"verdict": "accept" if found.is_accepted else "refuse", "note": found.note}

    def stored_values(self, obj: Any) -> dict[str, Any]:
        """The settlement of this exclusion so far."""
        proposal = self.cleaned_data["proposal"] if self.is_bound else None
        return self.values_of(obj.exclusions.filter(clause=proposal.clause).first() if proposal else None)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("verdict") == "refuse" and not data.get("note"):
            self.add_error("note", _("Say why the exclusion is refused."))
        return data

    def step_data(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "proposal": data["proposal"],
            "is_accepted": data["verdict"] == "accept",
            "note": data["note"],
        }


class ConcernForm(StepForm):
    clause = forms.ChoiceField(label=_("Clause"), required=False)
    text = text(_("What stage 2 has to look at"), rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["clause"]
        choice.choices = [("", _("no clause in particular")), *clause_choices(scheme_of(self.obj.case))]


class SupplyForm(StepForm):
    kind = forms.ChoiceField(label=_("Kind of document"))
    replaces = forms.ModelChoiceField(
        label=_("Replaces"),
        queryset=ApplicationDocument.objects.none(),
        required=False,
        empty_label=_("nothing, it is an additional document"),
    )
    upload = CheckedFileField(label=_("File"))
    number = forms.CharField(label=_("Number of the document"), max_length=80, required=False)
    expires_on = day(_("Valid until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        uploads_by(self, user=self.actor, organisation=self.obj.case.organisation)
        language = get_language() or "en"
        kind, replaces = self.fields["kind"], self.fields["replaces"]
        names = {one.key: one.name.in_language(language) for one in _kinds_of(self.obj)}
        kind.choices = list(names.items())
        replaces.queryset = documents_in_force(self.obj.case.application)
        replaces.label_from_instance = lambda row: f"{names.get(row.kind, row.kind)} · {row.file.name}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (older := data.get("replaces")) and older.kind != data.get("kind"):
            self.add_error("replaces", _("A document can replace only one of its own kind."))
        return data

    def step_data(self) -> dict[str, Any]:
        data = super().step_data()
        return data | {"replaces": data["replaces"].pk if data["replaces"] else None}

    def consequence(self) -> Sentence:
        if self.obj.stage1_conclusion != Conclusion.READY:
            return ""
        return _("Stage 1 is concluded as ready; the auditors look at the new document and conclude again.")


class ReadyForm(StepForm):
    note = text(_("Remarks for the client"), required=False)


class NotReadyForm(StepForm):
    note = text(_("What is missing (the client reads this)"))


class ChangeForm(StepForm):
    """New figures replace those of the application; the reviewer asks the client for everything else."""

    headcount = forms.IntegerField(label=_("Headcount found"), min_value=1, max_value=1_000_000)
    service_management_headcount = forms.IntegerField(
        label=_("Service-management headcount found"), min_value=0, max_value=1_000_000
    )
    scope = forms.CharField(label=_("Scope in Chinese"), max_length=300)
    scope_en = forms.CharField(label=_("Scope in English"), max_length=400, required=False)
    sites_changed = forms.BooleanField(label=_("Sites differ from the application"), required=False)
    reason = text(_("What differs"))

    _FACTS = ("headcount", "service_management_headcount", "scope", "scope_en")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self._FACTS:
            self.fields[name].initial = getattr(self.obj.case.application, name)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        whole, part = data.get("headcount"), data.get("service_management_headcount")
        if whole is not None and part is not None and part > whole:
            self.add_error(
                "service_management_headcount", _("This is part of the headcount and cannot exceed it.")
            )
        if not self.errors and not self._changes(data) and not data["sites_changed"]:
            self.add_error(None, _("Nothing differs from the application."))
        return data

    def _changes(self, data: dict[str, Any]) -> dict[str, Any]:
        application = self.obj.case.application
        return {name: data[name] for name in self._FACTS if data[name] != getattr(application, name)}

    def step_data(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "changes": self._changes(data),
            "sites_changed": data["sites_changed"],
            "reason": data["reason"],
        }


class DisposeForm(StepForm):
    concern = forms.ModelChoiceField(queryset=Concern.objects.none(), widget=forms.HiddenInput)
    disposition = text(_("What stage 2 found"), rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["concern"]
        choice.queryset = self.obj.concerns.filter(disposed_by=None)
