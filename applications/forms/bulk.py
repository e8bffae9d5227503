"""What an action on several rows asks for once."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.services.review_queue import reviewers
from applications.services.serving import people_who_serve
from certbody.accounts.models import Person


class ReviewerForm(forms.Form):
    """Who is to review the applications."""

    person = forms.ModelChoiceField(
        label=_("Reviewer"), queryset=Person.objects.none(), empty_label=_("please choose")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = reviewers()  # type: ignore[attr-defined]


class OwnerOfManyForm(forms.Form):
    """Who at the body is to look after the clients."""

    person = forms.ModelChoiceField(
        label=_("Customer-service owner"), queryset=Person.objects.none(), empty_label=_("please choose")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people_who_serve()  # type: ignore[attr-defined]
