"""Sign-ins, refusals and changes of an account's secrets go to the security log, because they commit nothing."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import email_changed, password_changed, password_reset
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest

from certbody.accounts.axes import username_of
from certbody.accounts.models import User
from certbody.security_log import note


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="security signed in")
    user_logged_out.connect(_signed_out, dispatch_uid="security signed out")
    user_login_failed.connect(_refused, dispatch_uid="security sign-in refused")
    user_locked_out.connect(_locked_out, dispatch_uid="security locked out")
    authentication_failed.connect(_code_refused, dispatch_uid="security code refused")
    authenticator_added.connect(_second_factor_added, dispatch_uid="security second factor added")
    authenticator_removed.connect(_second_factor_removed, dispatch_uid="security second factor removed")
    for signal, event in (
        (password_changed, "password changed"),
        (password_reset, "password reset"),
        (email_changed, "e-mail address changed"),
    ):
        _note_always(signal, event)


def _note_always(signal: Signal, event: str) -> None:
    def changed(*, user: User, **_signal: Any) -> None:
        note(event, user=user, result="ok")

    signal.connect(changed, weak=False, dispatch_uid=f"security {event}")


def _signed_in(*, user: User, **_signal: Any) -> None:
    note("signed in", user=user, result="ok")


def _signed_out(*, user: User | None, **_signal: Any) -> None:
    if user is not None:
        note("signed out", user=user, result="ok")


def _refused(*, credentials: dict[str, Any], request: HttpRequest | None = None, **_signal: Any) -> None:
    """An address without an account is not written down: people type their password into the wrong field."""
    tried = username_of(request, credentials) if request else credentials.get("email")
    note("sign-in refused", user=_account(tried), result="refused")


def _locked_out(*, username: str | None, **_signal: Any) -> None:
    note("sign-in locked", user=_account(username), result="refused")


def _code_refused(*, user: User, **_signal: Any) -> None:
    note("second factor refused", user=user, result="refused")


def _account(email: str | None) -> User | None:
    return User.objects.filter(email__iexact=email).first() if email else None


def _second_factor_added(*, request: HttpRequest, user: User, authenticator: Any, **_signal: Any) -> None:
    """Who has just typed a right code has proved the second factor: this session need not ask again."""
    if authenticator.type == authenticator.Type.TOTP:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
    note("second factor added", user=user, result="ok", kind=authenticator.type)


def _second_factor_removed(*, user: User, authenticator: Any, **_signal: Any) -> None:
    note("second factor removed", user=user, result="ok", kind=authenticator.type)
