"""Fields that several forms share."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from certbody.web.forms import DayField

LONGEST_TEXT = 4000


def day(label: Any, **options: Any) -> forms.DateField:
    """A calendar day, typed as 2027-03-01 or picked, of this century."""
    century = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2099, 12, 31))]
    return DayField(label=label, validators=century, **options)


def text(label: Any, *, rows: int = 4, **options: Any) -> forms.CharField:
    """A text of several lines, at most 4,000 characters."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=LONGEST_TEXT, widget=widget, **options)
