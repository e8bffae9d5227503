from django import forms
from django.utils.translation import gettext_lazy as _

from certbody.accounts.roles import Role
from certbody.web.forms import SentOnceForm


class SavedFilterForm(SentOnceForm):
    name = forms.CharField(label=_("Name"), max_length=60)
    shared_with = forms.ChoiceField(
        label=_("Shared with"),
        choices=[("", _("nobody: only I see it")), *Role.choices],
        required=False,
        help_text=_("Holders of the role see the filter; each finds only rows that he may see anyway."),
    )
    is_pinned = forms.BooleanField(label=_("Show it in my menu with its number of rows"), required=False)
    is_default = forms.BooleanField(label=_("Open the list like this"), required=False)
