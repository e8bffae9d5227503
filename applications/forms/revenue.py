"""Which contracts the page of revenue sets against invoices and payments."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from applications.forms.invoice import PastDayField

FIRST_DAY = date(2000, 1, 1)  # before every contract; a day of the year 1 has no moment in UTC


def _day(label: Any) -> PastDayField:
    widget = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
    return PastDayField(label=label, required=False, validators=[MinValueValidator(FIRST_DAY)], widget=widget)


class RevenueForm(forms.Form):
    on = _day(_("At the end of the day"))
    since = _day(_("Accepted since"))
