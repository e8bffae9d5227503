"""Asking staff for the second factor again before an act that the public relies on."""

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


def _is_due(request: HttpRequest) -> bool:
    """Whether a member of staff proved the second factor longer ago than ACCOUNT_REAUTHENTICATION_TIMEOUT seconds.

    Demo accounts have no second factor and clients take none of these steps.
    """
    user = request.user
    if not isinstance(user, User) or user.is_demo or not user.is_staff_member:
        return False
    proofs = [
        record["at"] for record in get_authentication_records(request, user) if record["method"] == "mfa"
    ]
    return not proofs or clock.now().timestamp() - max(proofs) >= app_settings.REAUTHENTICATION_TIMEOUT


def require_fresh_proof(request: HttpRequest) -> None:
    """Ask for a code where one is due: allauth keeps what was posted in the session and takes it up again after it."""
    if _is_due(request):
        raise ReauthenticationRequired
