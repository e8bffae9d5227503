"""Which contracts the page of revenue sets against invoices and payments."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms.invoice import PastDayField


class RevenueForm(forms.Form):
    on = PastDayField(label=_("At the end of the day"), required=False)
    since = PastDayField(label=_("Accepted since"), required=False)
