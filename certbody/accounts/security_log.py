"""Sign-ins, refusals and changes of the second factor go to the security log, because they commit nothing."""

from typing import Any

import structlog
from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import email_changed, password_changed, password_reset
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from certbody.accounts.axes import username_of
from certbody.accounts.models import User
from certbody.accounts.origin import client_address

log = structlog.get_logger("security")


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="security signed in")
    user_logged_out.connect(_signed_out, dispatch_uid="security signed out")
    user_login_failed.connect(_refused, dispatch_uid="security sign-in refused")
    user_locked_out.connect(_locked_out, dispatch_uid="security locked out")
    authentication_failed.connect(_code_refused, dispatch_uid="security code refused")
    authenticator_added.connect(_second_factor_added, dispatch_uid="security second factor added")
    authenticator_removed.connect(_second_factor_removed, dispatch_uid="security second factor removed")
    password_changed.connect(_password_changed, dispatch_uid="security password changed")
    password_reset.connect(_password_reset, dispatch_uid="security password reset")
    email_changed.connect(_email_changed, dispatch_uid="security e-mail changed")


def _facts(request: HttpRequest | None, user: User | None) -> dict[str, Any]:
    return {
        "user": user.pk if user else None,
        "roles": sorted(user.roles) if user else [],
        "address": client_address(request) if request else None,
    }


def note_export(request: HttpRequest, *, what: str, file_format: str, rows: int) -> None:
    """A list leaves the house as a file."""
    user = request.user if isinstance(request.user, User) else None
    log.info("list exported", list=what, format=file_format, rows=rows, result="ok", **_facts(request, user))


def _signed_in(*, request: HttpRequest, user: User, **_signal: Any) -> None:
    log.info("signed in", result="ok", **_facts(request, user))


def _signed_out(*, request: HttpRequest, user: User | None, **_signal: Any) -> None:
    if user is not None:
        log.info("signed out", result="ok", **_facts(request, user))


def _refused(*, credentials: dict[str, Any], request: HttpRequest | None = None, **_signal: Any) -> None:
    """An address without an account is not written down: people type their password into the wrong field."""
    tried = username_of(request, credentials) if request else credentials.get("email")
    log.warning("sign-in refused", result="refused", **_facts(request, _account(tried)))


def _locked_out(*, request: HttpRequest, username: str | None, **_signal: Any) -> None:
    log.warning("sign-in locked", result="refused", **_facts(request, _account(username)))


def _code_refused(*, request: HttpRequest, user: User, **_signal: Any) -> None:
    log.warning("second factor refused", result="refused", **_facts(request, user))


def _account(email: str | None) -> User | None:
    return User.objects.filter(email__iexact=email).first() if email else None


def _second_factor_added(*, request: HttpRequest, user: User, authenticator: Any, **_signal: Any) -> None:
    """Who has just typed a right code has proved the second factor: this session need not ask again."""
    if authenticator.type == authenticator.Type.TOTP:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
    log.info("second factor added", kind=authenticator.type, result="ok", **_facts(request, user))


def _second_factor_removed(*, request: HttpRequest, user: User, authenticator: Any, **_signal: Any) -> None:
    log.info("second factor removed", kind=authenticator.type, result="ok", **_facts(request, user))


def _password_changed(*, request: HttpRequest, user: User, **_signal: Any) -> None:
    log.info("password changed", result="ok", **_facts(request, user))


def _password_reset(*, request: HttpRequest, user: User, **_signal: Any) -> None:
    log.info("password reset", result="ok", **_facts(request, user))


def _email_changed(*, request: HttpRequest, user: User, **_signal: Any) -> None:
    log.info("e-mail address changed", result="ok", **_facts(request, user))
