"""Which contracts the page of revenue sets against invoices and payments."""

from datetime import date

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from applications.forms.invoice import PastDayField

FIRST_DAY = date(2000, 1, 1)  # before every contract; a day of the year 1 has no moment in UTC


class RevenueForm(forms.Form):
    on = PastDayField(
        label=_("At the end of the day"), required=False, validators=[MinValueValidator(FIRST_DAY)]
    )
    since = PastDayField(label=_("Accepted since"), required=False, validators=[MinValueValidator(FIRST_DAY)])
