"""Accounts of the body that nobody uses any more are disabled, so that nobody else does."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from certbody import clock
from certbody.accounts.models import User
from certbody.trail.models import Event
from certbody.trail.services import append

STALE_AFTER = timedelta(days=90)


def stale_accounts() -> list[User]:
    """Enabled accounts of people who hold or held a role, without a sign-in for more than 90 days.

    The days count from the last sign-in, from the opening of an account that was never used, and anew from the day on
    which an administrator enabled it again. Clients stay: a certificate lasts three years, and they sign in rarely.
    """
    limit = clock.now() - STALE_AFTER
    enabled_since = Event.objects.filter(name="account.enabled", object_type="accounts.user", at__gte=limit)
    again = {int(pk) for pk in enabled_since.values_list("object_id", flat=True)}
    staff = User.objects.filter(is_active=True, is_demo=False, person__role_assignments__isnull=False)
    unused = staff.filter(Q(last_login=None) | Q(last_login__lt=limit), date_joined__lt=limit)
    return list(unused.exclude(pk__in=again).order_by("email").distinct())


@transaction.atomic
def disable_stale_accounts() -> list[User]:
    """Disable them and return them; their sessions end at the next request, and the trail says why."""
    stale = stale_accounts()
    for user in stale:
        user.is_active = False
        user.save(update_fields=["is_active"])
        facts = {"reason": "stale", "days": STALE_AFTER.days, "last_login": user.last_login}
        append(name="account.disabled", obj=user, case=None, user=None, data=facts)
    return stale
