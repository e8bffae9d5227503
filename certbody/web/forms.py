import uuid
from typing import Any

from django import forms
from django.utils.functional import Promise

from certbody.accounts.models import User

Sentence = str | Promise


class DayField(forms.DateField):
    """A day with the browser's own picker; ISO dates where there is none."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(input_formats=["%Y-%m-%d"], **options)


class SentOnceForm(forms.Form):
    """A form whose hidden `submission` tells a second arrival of the same page from another wish."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission"].initial = uuid.uuid4

    def values(self) -> dict[str, Any]:
        """What was typed and chosen."""
        return {name: value for name, value in self.cleaned_data.items() if name != "submission"}


class StepForm(SentOnceForm):
    """The form of a step: what it needs to know, and a sentence that restates what will happen and to whom."""

    def __init__(self, *args: Any, obj: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.obj = obj
        self.actor = actor

    def step_data(self) -> dict[str, Any]:
        """What the step's effect receives."""
        return self.values()

    def about(self) -> Sentence:
        """What the step is about where the case alone does not say it; empty otherwise."""
        return ""

    def consequence(self) -> Sentence:
        """What pressing the button will do; empty when the step's hint says it."""
        return ""
