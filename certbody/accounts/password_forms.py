"""Forms with a new password typed twice: every fault of it is told at once, each beside its field.

allauth compares the two only while the first passes the rules, so whoever typed a weak password and mistyped it again
learned of the second fault after mending the first.
"""

from typing import Any

from allauth.account import forms as allauth_forms
from django.utils.translation import gettext as _


class ToldAtOnce:
    """Compares what was typed, whatever else is wrong with it."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()  # type: ignore[misc]  # allauth's forms stand behind it
        first, second = self["password1"].data, self["password2"].data  # type: ignore[index]
        if first and second and first != second and "password2" not in self.errors:  # type: ignore[attr-defined]
            self.add_error("password2", _("You must type the same password each time."))  # type: ignore[attr-defined]
        return data


class SignupForm(ToldAtOnce, allauth_forms.SignupForm):  # type: ignore[misc]  # allauth ships no types
    """Opening an account."""


class ChangePasswordForm(ToldAtOnce, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    """A new password for somebody who is signed in."""


class ResetPasswordKeyForm(ToldAtOnce, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password behind the link of a mail."""
