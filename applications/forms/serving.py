from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.services.serving import people_who_serve
from certbody.accounts.models import Organisation, Person
from certbody.web.edits import EditedForm


class OwnerForm(EditedForm):
    """Who at the body looks after a client."""

    edited = ("customer_service_owner",)

    customer_service_owner = forms.ModelChoiceField(
        label=_("Customer-service owner"),
        queryset=Person.objects.none(),
        empty_label=_("please choose"),
        help_text=_(
            "The client sees this name as its contact, with the telephone and e-mail address of the office."
        ),
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, edited_object=organisation, **kwargs)
        self.fields["customer_service_owner"].queryset = people_who_serve()  # type: ignore[attr-defined]
