from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import CountField, EnglishField, PhoneField, PrintedField
from applications.services.organisations import ALREADY_REGISTERED, IDENTITY, NOT_OF_MAINLAND
from certbody.accounts.credit_code import is_of_mainland, normal_form, validate_credit_code
from certbody.accounts.models import LegalForm, Organisation
from certbody.body.settings_catalogue import setting
from certbody.web.edits import EditedForm


class RegistrationForm(forms.Form):
    """The first step of registering: where the organisation is registered, and under which code."""

    MAINLAND, ELSEWHERE = "mainland", "elsewhere"

    registered_in = forms.ChoiceField(
        label=_("Where is the organisation registered?"),
        choices=[
            (MAINLAND, _("in mainland China")),
            (ELSEWHERE, _("in Hong Kong, Macao, Taiwan or another country")),
        ],
        initial=MAINLAND,
        widget=forms.RadioSelect,
    )
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        required=False,
        help_text=_("18 characters; you find it on the business licence."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_credit_code(self) -> str:
        code = normal_form(self.cleaned_data["credit_code"])
        if self.cleaned_data.get("registered_in") == self.ELSEWHERE:
            return code
        if not code:
            raise forms.ValidationError(_("Please enter the credit code."), code="required")
        validate_credit_code(code)
        return code

    @property
    def is_of_mainland(self) -> bool:
        """Whether what was answered lets the registration go on (docs/decisions/0017)."""
        here = self.cleaned_data["registered_in"] == self.MAINLAND
        return here and is_of_mainland(self.cleaned_data["credit_code"])


class JoinForm(forms.Form):
    """Which registered organisation somebody asks to be let into."""

    credit_code = forms.CharField(max_length=40, validators=[validate_credit_code])

    def clean_credit_code(self) -> str:
        return normal_form(self.cleaned_data["credit_code"])


def accepted_legal_forms() -> str:
    """The legal forms that the body certifies at present, as a list in words."""
    labels = (str(LegalForm(form).label) for form in setting("accepted_legal_forms"))
    return pgettext("between the items of a list", ", ").join(labels)


class OrganisationForm(EditedForm):
    """What is known about an organisation. With `locked`, what contracts and certificates print stands still."""

    name = PrintedField(
        label=_("Name as on the business licence"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    name_en = EnglishField(
        label=_("Name in English"), max_length=200, help_text=_("As the certificate is to print it.")
    )
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        help_text=_("18 characters; you find it on the business licence."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    legal_form = forms.ChoiceField(label=_("Legal form"), choices=LegalForm.choices)
    registered_address = PrintedField(label=_("Registered address"), max_length=200)
    registered_address_en = EnglishField(label=_("Registered address in English"), max_length=300)
    operating_address = PrintedField(
        label=_("Operating address"), max_length=200, help_text=_("Where the work is done; often the same.")
    )
    legal_representative = PrintedField(label=_("Legal representative"), max_length=80)
    contact_name = PrintedField(label=_("Contact person"), max_length=80)
    contact_phone = PhoneField(
        label=_("Contact telephone"), max_length=40, widget=forms.TextInput(attrs={"type": "tel"})
    )
    contact_email = forms.EmailField(label=_("Contact e-mail"))
    headcount = CountField(label=_("Headcount"), help_text=_("Everybody who works for the organisation."))
    service_management_headcount = CountField(
        label=_("Service-management headcount"),
        help_text=_("Who manages after-sales service: head office, branches and outlets together."),
    )
    managers_trained = CountField(
        label=_("Trained after-sales service managers"), help_text=_("Training by any provider counts.")
    )

    def __init__(
        self,
        *args: Any,
        organisation: Organisation | None = None,
        locked: bool = False,
        credit_code: str = "",
        **kwargs: Any,
    ) -> None:
        self.organisation = organisation
        # a field that is locked answers with its initial value, whatever is posted
        kwargs["initial"] = self.stored_values(organisation) or {"credit_code": credit_code}
        super().__init__(*args, edited_object=organisation, **kwargs)
        self.is_locked = locked
        if organisation is None:
            self._confine_to_what_can_apply()
        if locked:
            for name in IDENTITY:
                self.fields[name].disabled = True

    def _confine_to_what_can_apply(self) -> None:
        """A new organisation says its legal form first: some cannot be certified, and nobody should find out later."""
        self.fields["legal_form"].help_text = gettext("We certify at present: %(forms)s.") % {
            "forms": accepted_legal_forms()
        }
        if self.initial["credit_code"]:
            self.fields["credit_code"].widget.attrs["readonly"] = True

    def clean_legal_form(self) -> str:
        form: str = self.cleaned_data["legal_form"]
        if self.organisation is None and form not in setting("accepted_legal_forms"):
            raise forms.ValidationError(
                gettext(
                    "Organisations of this legal form cannot be certified here at present; accepted: %(forms)s. "
                    "If yours is another, please write to us."
                )
                % {"forms": accepted_legal_forms()},
                code="not_accepted",
            )
        return form

    def stored_values(self, obj: Organisation | None) -> dict[str, Any]:
        return {name: getattr(obj, name) for name in self.content_names()} if obj is not None else {}

    def content_names(self) -> list[str]:
        return [name for name in self.base_fields if name != "seen"]

    def values(self) -> dict[str, Any]:
        """What is known of the organisation, without what only the page needs."""
        return {name: self.cleaned_data[name] for name in self.content_names()}

    def clean_credit_code(self) -> str:
        code = normal_form(self.cleaned_data["credit_code"])
        validate_credit_code(code)
        if not is_of_mainland(code):
            raise forms.ValidationError(NOT_OF_MAINLAND, code="not_of_mainland")
        taken = Organisation.objects.filter(credit_code=code)
        if self.organisation is not None:
            taken = taken.exclude(pk=self.organisation.pk)
        if taken.exists():
            raise forms.ValidationError(ALREADY_REGISTERED, code="known")
        return code

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        headcount, management = data.get("headcount"), data.get("service_management_headcount")
        if headcount == 0:
            self.add_error("headcount", _("Somebody must work for the organisation."))
        if headcount is not None and management is not None and management > headcount:
            self.add_error("service_management_headcount", _("This is more than the whole headcount."))
        if headcount is not None and (data.get("managers_trained") or 0) > headcount:
            self.add_error("managers_trained", _("This is more than the whole headcount."))
        return data
