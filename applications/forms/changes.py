"""The sections about a wished change and about the certificate of another body."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.catalogue.sections import Section
from applications.forms.fields import EnglishField, PrintedField, YesNoField, area
from applications.forms.sections import SectionForm
from applications.states import DeclaredState, ScopeEffect, WishedGrade
from certbody import clock
from certbody.web.forms import DayField

DAY_IS_AHEAD = _("This day lies in the future.")


class ChangeForm(SectionForm):
    section = Section.CHANGE

    name = PrintedField(label=_("New name as on the business licence"), max_length=120, required=False)
    name_en = EnglishField(label=_("New name in English"), max_length=200, required=False)
    address = PrintedField(label=_("New registered address"), max_length=200, required=False)
    address_en = EnglishField(label=_("New registered address in English"), max_length=300, required=False)
    changed_on = DayField(
        label=_("Since when is the change in force?"),
        required=False,
        help_text=_("For a new name or registered address the day on which the registry changed it."),
    )
    scope_effect = forms.ChoiceField(
        label=_("What does the new scope do?"),
        choices=ScopeEffect.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    grade = forms.ChoiceField(
        label=_("Which grade do you wish?"),
        choices=[choice for choice in WishedGrade.choices if choice[0] != WishedGrade.QUALIFIED],
        required=False,
        widget=forms.RadioSelect,
        help_text=_("The evaluation decides; the wish only says that the whole evaluation is to be done."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False, widget=area(2))

    def clean_changed_on(self) -> date | None:
        day: date | None = self.cleaned_data["changed_on"]
        if day is not None and day > clock.today():
            raise forms.ValidationError(DAY_IS_AHEAD)
        return day


def _dates_do_not_fit(values: Mapping[str, Any]) -> set[str]:
    issued, ends = values.get("issued_on"), values.get("expires_on")
    return {"issued_on", "expires_on"} if issued and ends and ends <= issued else set()


class TransferForm(SectionForm):
    section = Section.TRANSFER

    issuer = PrintedField(
        label=_("Which certification body issued the certificate?"),
        max_length=120,
        required=False,
        help_text=_("Its name as on the certificate."),
    )
    issuer_approval = PrintedField(
        label=_("Approval number of that body"),
        max_length=60,
        required=False,
        help_text=_("For example CNCA-R-2022-123; it stands on the certificate."),
    )
    number = PrintedField(label=_("Certificate number"), max_length=60, required=False)
    grade = forms.ChoiceField(
        label=_("Grade on the certificate"),
        choices=WishedGrade.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    issued_on = DayField(label=_("Issued on"), required=False)
    expires_on = DayField(label=_("Last valid day"), required=False)
    declared_state = forms.ChoiceField(
        label=_("How does the certificate stand today?"),
        choices=DeclaredState.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("We look it up in the national register."),
    )
    last_audit_on = DayField(label=_("When was the last audit?"), required=False)
    has_open_findings = YesNoField(
        label=_("Findings of the other body"),
        required=False,
        yes=_("Some are still open; I upload them with what has been corrected."),
        no=_("All are closed."),
    )
    reason = forms.CharField(
        label=_("Why do you change the certification body?"), max_length=300, required=False, widget=area(2)
    )

    def clean_issued_on(self) -> date | None:
        return self._not_ahead("issued_on")

    def clean_last_audit_on(self) -> date | None:
        return self._not_ahead("last_audit_on")

    def _not_ahead(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day is not None and day > clock.today():
            raise forms.ValidationError(DAY_IS_AHEAD)
        return day

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if _dates_do_not_fit(self.cleaned_data):
            self.add_error("expires_on", _("The certificate must end after the day of its issue."))
        return data

    def misfits(self, values: Mapping[str, Any]) -> set[str]:
        return _dates_do_not_fit(values)
