from allauth.account.models import EmailAddress
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from certbody.accounts import identity
from certbody.accounts.models import Authorisation, Person, RoleAssignment, User


class SignupDetailsForm(forms.Form):
    """What sign-up asks for beside address and password; allauth puts its own fields around it."""

    name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
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
    )

    class Meta:
        model = Person
        fields = ("name", "name_en")

    def clean_identity_number(self) -> str:
        number: str = self.cleaned_data["identity_number"]
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
    class Meta:
        model = RoleAssignment
        fields = ("person", "role", "since", "until")


class AuthorisationForm(forms.ModelForm[Authorisation]):
    class Meta:
        model = Authorisation
        fields = ("person", "kind", "since", "until", "reference")
