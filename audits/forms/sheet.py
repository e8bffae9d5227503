from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audits.forms.fields import text
from certbody.scheme.marks import EmptyPopulation, Excluded, Met, Sampled
from certbody.scheme.marks import Mark as SchemeMark
from certbody.scheme.model import Clause, ClauseKind, Scheme

MOST_SAMPLES = 100_000
TOO_MANY_FAILED = _("No more can be not conforming than were sampled.")
MET, NOT_MET, SAMPLED, EMPTY_MET, EMPTY_NOT_MET, EXCLUDED = (
    "met",
    "not_met",
    "sampled",
    "empty_met",
    "empty_not_met",
    "excluded",
)


class MarkForm(forms.Form):
    """The mark of one clause. `seen` is the operation of the mark that the page showed, empty for none."""

    answer = forms.ChoiceField(label=_("Mark"), widget=forms.RadioSelect)
    sampled = forms.IntegerField(label=_("Sampled"), min_value=1, max_value=MOST_SAMPLES, required=False)
    failed = forms.IntegerField(
        label=_("Not conforming"), min_value=0, max_value=MOST_SAMPLES, required=False
    )
    note = text(_("Evidence and remarks"), rows=3, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, clause: Clause, exclusion: str | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clause = clause
        self.exclusion = exclusion
        is_sampled = clause.kind is ClauseKind.SAMPLED
        choices = (
            [
                (SAMPLED, _("Judged by samples")),
                (EMPTY_MET, _("Nothing to sample, met")),
                (EMPTY_NOT_MET, _("Nothing to sample, not met")),
            ]
            if is_sampled
            else [(MET, _("Met")), (NOT_MET, _("Not met"))]
        )
        if exclusion is not None:
            choices.append((EXCLUDED, _("Left out, as settled at stage 1")))
        answer = self.fields["answer"]
        answer.choices = choices
        if is_sampled:
            # for the page, which says it while the numbers are typed
            self.fields["failed"].widget.attrs["data-too-many"] = TOO_MANY_FAILED
        else:
            del self.fields["sampled"], self.fields["failed"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        match data.get("answer"):
            case "sampled":
                self._check_counts(data)
            case "empty_met" | "empty_not_met" if not data.get("note"):
                self.add_error(
                    "note", _("Say why there was nothing to sample, and what you saw of the arrangement.")
                )
            case "not_met" if not data.get("note"):
                self.add_error("note", _("Say what is not met."))
            case _:
                pass
        return data

    def _check_counts(self, data: dict[str, Any]) -> None:
        for name in ("sampled", "failed"):
            if data.get(name) is None and name not in self.errors:
                self.add_error(name, _("Please give a number."))
        if not self.errors and data["failed"] > data["sampled"]:
            self.add_error("failed", TOO_MANY_FAILED)
        if not self.errors and data["failed"] and not data.get("note"):
            self.add_error("note", _("Say what was found in the samples that do not conform."))

    def mark(self) -> SchemeMark:
        """The mark that was given."""
        data = self.cleaned_data
        match data["answer"]:
            case "sampled":
                return Sampled(data["sampled"], data["failed"])
            case "empty_met" | "empty_not_met" as answer:
                return EmptyPopulation(answer == EMPTY_MET, data["note"])
            case "excluded":
                return Excluded(self.exclusion or "")
        return Met(data["answer"] == MET)


class SpecialForm(forms.Form):
    ground = forms.ChoiceField(label=_("Ground"))
    clause = forms.ChoiceField(label=_("Clause"), required=False)
    note = text(_("What was found (the client reads this)"), rows=3)
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, scheme: Scheme, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ground, clause = self.fields["ground"], self.fields["clause"]
        ground.choices = [(one.key, one.name.in_language(language)) for one in scheme.rules.grounds]
        titles = [(one.id, f"{one.id} {one.title.in_language(language)}") for one in scheme.clauses]
        clause.choices = [("", _("no clause in particular")), *titles]


class NoteForm(forms.Form):
    """A bonus, or the withdrawal of a bonus or a special deduction: what and why."""

    note = text(_("Reason"), rows=2)
    submission = forms.UUIDField(widget=forms.HiddenInput)
