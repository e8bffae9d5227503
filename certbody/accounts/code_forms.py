"""The code of the second factor, counted like a password: by account and address together."""

from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.base import forms
from django.core.exceptions import ValidationError

from certbody.accounts import axes
from certbody.security_log import note


class _CountedCodeForm(forms.BaseAuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    def clean_code(self) -> str:
        if axes.is_locked(context.request, self.user):
            note("sign-in locked", user=self.user, result="refused")
            raise ImmediateHttpResponse(axes.locked_out(context.request, None, None))
        try:
            return str(super().clean_code())
        except ValidationError as fault:
            if fault.code == "too_many_login_attempts":
                note("second factor locked", user=self.user, result="refused")
            raise


class AuthenticateForm(_CountedCodeForm, forms.AuthenticateForm):  # type: ignore[misc]
    """The second page of the sign-in."""


class ReauthenticateForm(_CountedCodeForm, forms.ReauthenticateForm):  # type: ignore[misc]
    """The same code asked for again before what the public relies on."""
