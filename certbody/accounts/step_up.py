"""Asking for proof of identity again: staff before an act that the public relies on, clients before they sign."""

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest

from certbody import clock
from certbody.accounts.models import User

# what is issued, suspended, restored, withdrawn, signed or voted; the events of the upper floors' steps
EVENTS = frozenset(
    {
        "panel.voted",
        "decision.signed",
        "certificate.reserved",
        "certificate.suspended",
        "certificate.restored",
        "certificate.withdrawn",
    }
)


# what a client signs for its organisation (ISO/IEC 17065 4.1.2.1: a legally enforceable agreement)
CLIENT_EVENTS = frozenset({"contract.accepted"})


def _is_due(request: HttpRequest, event: str) -> bool:
    """Whether the proof that the step asks for is older than ACCOUNT_REAUTHENTICATION_TIMEOUT seconds.

    Staff prove the second factor; demo accounts of staff have none. Clients prove by any way in which they sign in.
    """
    user = request.user
    if not isinstance(user, User):
        return False
    records = get_authentication_records(request, user)
    if user.is_staff_member:
        if event not in EVENTS or user.is_demo:
            return False
        records = [record for record in records if record["method"] == "mfa"]
    elif event not in CLIENT_EVENTS:
        return False
    newest = max((record["at"] for record in records), default=0)
    return clock.now().timestamp() - newest >= app_settings.REAUTHENTICATION_TIMEOUT


def require_fresh_proof(request: HttpRequest, event: str) -> None:
    """Ask for it where it is due: allauth keeps what was posted in the session and takes it up again after it."""
    if _is_due(request, event):
        raise ReauthenticationRequired
