import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import CountField, PhoneField, PrintedField, area
from applications.models import Application, Enquiry
from applications.queries import visible_to
from applications.services.enquiries import FIELDS, OF_ANOTHER_ORGANISATION, is_of_who_asked
from applications.services.serving import people_who_serve
from applications.states import Agent, ApplicationKind, Channel
from certbody import clock
from certbody.accounts.credit_code import normal_form, validate_credit_code
from certbody.accounts.models import Person
from certbody.web.edits import EditedStepForm
from certbody.web.forms import DayField, SentOnceForm, StepForm

MOST_SITES = 40


class EnquiryFields(forms.Form):
    """What is known of an enquiry; all but name, channel and day may come later."""

    organisation_name = PrintedField(label=_("Organisation"), max_length=120)
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        required=False,
        help_text=_("With it the enquiry finds its application by itself."),
    )
    contact_name = forms.CharField(label=_("Contact person"), max_length=80, required=False)
    contact_phone = PhoneField(
        label=_("Contact telephone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    contact_email = forms.EmailField(label=_("Contact e-mail"), required=False)
    channel = forms.ChoiceField(label=_("Came by"), choices=Channel.choices)
    kind = forms.ChoiceField(label=_("Asks for"), choices=ApplicationKind.choices)
    headcount = CountField(label=_("Headcount"), required=False)
    site_headcounts = forms.CharField(
        label=_("Headcounts of the sites beside the head office"),
        max_length=200,
        required=False,
        help_text=_("One number a site, with commas between them, for example 12, 8, 3."),
    )
    product_categories = forms.IntegerField(
        label=_("Product categories"), min_value=1, max_value=200, initial=1
    )
    agent_kind = forms.ChoiceField(label=_("Help with the application"), choices=Agent.choices)
    agent_name = forms.CharField(label=_("Name of who helps"), max_length=120, required=False)
    owner = forms.ModelChoiceField(
        label=_("Customer-service owner"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("nobody yet"),
    )
    received_on = DayField(label=_("Received on"))
    follow_up_on = DayField(label=_("Follow up on"), required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=area())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)  # noqa: S101 -- narrows the type
        owner.queryset = people_who_serve().order_by("name", "pk")

    def clean_credit_code(self) -> str:
        code = normal_form(self.cleaned_data["credit_code"])
        if code:
            validate_credit_code(code)
        return code

    def clean_site_headcounts(self) -> str:
        text: str = self.cleaned_data["site_headcounts"]
        counts = re.split(r"[\s,，、;；]+", text.strip()) if text.strip() else []
        if not all(re.fullmatch(r"[0-9]{1,6}", count) for count in counts):
            raise forms.ValidationError(_("Please give numbers only, for example 12, 8, 3."))
        if len(counts) > MOST_SITES:
            raise forms.ValidationError(_("At most %(most)s sites."), params={"most": MOST_SITES})
        return ", ".join(str(int(count)) for count in counts)

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day > clock.today():
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        counts = [int(count) for count in (data.get("site_headcounts") or "").split(", ") if count]
        if data.get("headcount") is not None and sum(counts) > data["headcount"]:
            self.add_error("site_headcounts", _("The sites together have more people than the organisation."))
        if data.get("agent_kind") not in {None, "", Agent.NONE} and not data.get("agent_name"):
            self.add_error("agent_name", _("Please name who helps: it is disclosed in the application."))
        return data

    def content(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}


class NewEnquiryForm(EnquiryFields, SentOnceForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received_on"].initial = clock.today


class EditEnquiryForm(EnquiryFields, EditedStepForm):
    def stored_values(self, obj: Enquiry) -> Mapping[str, Any]:
        return {name: getattr(obj, "owner_id" if name == "owner" else name) for name in FIELDS}

    def step_data(self) -> dict[str, Any]:
        return {"values": self.content()}


class LinkForm(StepForm):
    """Which application the enquiry became; the number of its case is enough."""

    reference = forms.CharField(label=_("Number of the case"), max_length=16)

    def clean_reference(self) -> Application:
        text: str = self.cleaned_data["reference"].strip()
        found = visible_to(self.actor).filter(case__reference=text).first()
        if found is None:
            raise forms.ValidationError(_("There is no application with this number."))
        if not is_of_who_asked(self.obj, found):
            raise forms.ValidationError(OF_ANOTHER_ORGANISATION)
        return found

    def step_data(self) -> dict[str, Any]:
        return {"application": self.cleaned_data["reference"]}


class CloseEnquiryForm(StepForm):
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=area())


class MailQuoteForm(StepForm):
    def consequence(self) -> Any:
        quote = self.obj.quotes.first()
        return _(
            "%(address)s gets the indicative quote of CNY %(total)s by e-mail. It says that it binds nobody."
        ) % {
            "address": self.obj.contact_email,
            "total": f"{quote.total:,.2f}" if quote else "",
        }
