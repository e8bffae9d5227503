"""Fields that several forms share."""

from typing import Any

from django import forms

LONGEST_TEXT = 4000


def day(label: Any, **options: Any) -> forms.DateField:
    """A calendar day, typed or picked."""
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options
    )


def text(label: Any, *, rows: int = 4, **options: Any) -> forms.CharField:
    """A text of several lines, at most 4,000 characters."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=LONGEST_TEXT, widget=widget, **options)
