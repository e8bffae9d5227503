import uuid
from typing import Any

from django import forms
from django.utils.functional import Promise

from certbody.accounts.models import User

Sentence = str | Promise


class StepForm(forms.Form):
    """The form of a step: what it needs to know, and a sentence that restates what will happen and to whom."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, obj: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.obj = obj
        self.actor = actor
        self.fields["submission"].initial = uuid.uuid4

    def step_data(self) -> dict[str, Any]:
        """What the step's effect receives."""
        return {name: value for name, value in self.cleaned_data.items() if name != "submission"}

    def about(self) -> Sentence:
        """What the step is about where the case alone does not say it; empty otherwise."""
        return ""

    def consequence(self) -> Sentence:
        """What pressing the button will do; empty when the step's hint says it."""
        return ""
