from django import forms
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import MembershipRole
from certbody.web.forms import SentOnceForm


class InvitationForm(SentOnceForm):
    """Whom an owner asks in, and as what."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Only the account of this address can accept."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=MembershipRole.choices,
        initial=MembershipRole.MEMBER,
        help_text=_("Members work on everything; owners decide besides who else acts for the organisation."),
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=MembershipRole.choices)
