from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audits.forms.fields import day
from audits.models import QualificationKind
from certbody.accounts.models import InterestKind, Organisation
from certbody.web.forms import SentOnceForm


class QualificationForm(SentOnceForm):
    kind = forms.ChoiceField(label=_("Qualified as"), choices=QualificationKind.choices)
    registration = forms.CharField(label=_("Registration number"), max_length=60)
    valid_from = day(_("Valid from"))
    valid_until = day(_("Valid until"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("valid_from"), data.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("The last day cannot lie before the first."))
        return data


class EndForm(forms.Form):
    valid_until = day(_("Last day"))

    def __init__(self, *args: Any, valid_from: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.valid_from = valid_from

    def clean_valid_until(self) -> Any:
        last = self.cleaned_data["valid_until"]
        if last < self.valid_from:
            raise forms.ValidationError(_("The last day cannot lie before the first."))
        return last


class InterestForm(SentOnceForm):
    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.order_by("name", "id"),
        empty_label=_("please choose"),
    )
    kind = forms.ChoiceField(label=_("Kind of interest"), choices=InterestKind.choices)
    since = day(_("Since"))
    until = day(_("Until"), required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("since"), data.get("until")
        if first and last and last < first:
            self.add_error("until", _("The last day cannot lie before the first."))
        return data
