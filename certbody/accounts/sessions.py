"""When a session begins, gets another key and ends."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest

from certbody import clock
from certbody.accounts.models import User

LONGEST_SESSION = 12 * 3600
TOUCHED = "touched_at"
TOUCH_EVERY = 60


def begin_session(*, request: HttpRequest, **_signal: Any) -> None:
    """Note the moment from which silence is counted; the sign-in itself calls this, so that the next page does not."""
    request.session[TOUCHED] = int(clock.now().timestamp())


def change_key(*, request: HttpRequest, **_signal: Any) -> None:
    """Give the session another key after each proof (password, code): who knew the one before holds nothing."""
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def touch(request: HttpRequest) -> None:
    """Put the end of the session off, writing its row at most once a minute."""
    if abs(int(clock.now().timestamp()) - request.session.get(TOUCHED, 0)) >= TOUCH_EVERY:
        begin_session(request=request)


def end_dead_session(request: HttpRequest) -> None:
    """End a session whose account was disabled or that began more than LONGEST_SESSION seconds ago."""
    is_disabled = SESSION_KEY in request.session and not request.user.is_authenticated
    if is_disabled or _is_too_old(request):
        logout(request)


def _is_too_old(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user) if isinstance(request.user, User) else []
    return bool(records) and clock.now().timestamp() - records[0]["at"] > LONGEST_SESSION
