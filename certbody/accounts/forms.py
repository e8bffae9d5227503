from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from certbody.accounts import appointments, identity
from certbody.accounts.identity_number import normal_form, validate_identity_number
from certbody.accounts.models import Person, RoleAssignment, User
from certbody.pdf.glyphs import validate_printable


def _printable(name: str) -> str:
    validate_printable(name)
    return name


class SignupDetailsForm(forms.Form):
    """What sign-up asks for beside address and password; allauth puts its own fields around it."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        validators=[validate_printable],
    )

    def signup(self, _request: HttpRequest, _user: User) -> None:
        """Nothing is left to do: the adapter has already made the person, without whom no account can be saved."""


class PersonForm(forms.ModelForm[Person]):
    """A person; the identity-document number is written once and never shown again."""

    identity_number = forms.CharField(
        label=_("Identity-document number"),
        max_length=40,
        required=False,
        help_text=_(
            "Stored encrypted and never shown again. It recognises one human being behind two accounts."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        validators=[validate_identity_number],
    )

    class Meta:
        model = Person
        fields = ("name", "name_en")

    def clean_name(self) -> str:
        return _printable(self.cleaned_data["name"])

    def clean_name_en(self) -> str:
        return _printable(self.cleaned_data["name_en"])

    def clean_identity_number(self) -> str:
        number = normal_form(self.cleaned_data["identity_number"])
        if number:
            same = Person.objects.filter(identity_fingerprint=identity.fingerprint(number))
            if same.exclude(pk=self.instance.pk).exists():
                raise forms.ValidationError(_("This human being is already known as another person."))
        return number

    def save(self, commit: bool = True) -> Person:
        if number := self.cleaned_data.get("identity_number"):
            self.instance.identity_sealed = identity.seal(number)
            self.instance.identity_fingerprint = identity.fingerprint(number)
        return super().save(commit)


class UserForm(forms.ModelForm[User]):
    """An account; nobody chooses a password for somebody else, so there is no field for one."""

    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("In which mails are written.")
    )

    class Meta:
        model = User
        fields = ("person", "email", "language", "is_active")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        taken = User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists()
        if (
            taken
            or EmailAddress.objects.filter(email__iexact=email).exclude(user_id=self.instance.pk).exists()
        ):
            raise forms.ValidationError(_("Another account has this e-mail address."))
        return email


class RoleAssignmentForm(forms.ModelForm[RoleAssignment]):
    """A role of a person; `actor`, who gives it, is set by the page. Only a longer time is checked anew."""

    actor: User

    class Meta:
        model = RoleAssignment
        fields = ("person", "role", "since", "until")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors or self._is_no_longer(data["until"]):
            return data
        person: Person = data["person"] if self.instance._state.adding else self.instance.person
        appointments.lock(person)
        for sentence in appointments.bars_role(
            person=person,
            role=data.get("role", self.instance.role),
            since=data.get("since", self.instance.since),
            until=data["until"],
            actor=self.actor,
        ):
            self.add_error(
                "person" if "person" in self.fields else None, forms.ValidationError(str(sentence))
            )
        return data

    def _is_no_longer(self, until: date | None) -> bool:
        before = self.instance.until
        if self.instance._state.adding:
            return False
        return before == until or (until is not None and (before is None or until < before))
