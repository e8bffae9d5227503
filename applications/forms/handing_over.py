from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms.invoice import PastDayField
from applications.services.handing_over import NO_SUCH_ACCOUNT, Ground, client_account
from certbody.web.forms import SentOnceForm


class HandOverForm(SentOnceForm):
    """To whom an organisation goes, why, and when the proof was looked at."""

    email = forms.EmailField(
        label=_("E-mail address of the new owner"),
        help_text=_("The address with which the person signs in to the portal."),
    )
    ground = forms.ChoiceField(label=_("Why"), choices=Ground.choices, widget=forms.RadioSelect)
    seen_on = PastDayField(
        label=_("Business licence and letter of the legal representative looked at on"),
        help_text=_("The letter names the person and bears the company’s stamp (公章)."),
    )

    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"]
        if client_account(address) is None:
            raise forms.ValidationError(NO_SUCH_ACCOUNT)
        return address

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("email", "ground", "seen_on")}
