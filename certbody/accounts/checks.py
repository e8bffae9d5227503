from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from certbody.accounts.models import User


def no_public_demo_accounts(**_given: Any) -> list[checks.CheckMessage]:
    """A body at an https address holds no demo account: their password is known and no code follows it."""
    if not settings.IS_HTTPS:
        return []
    try:
        number = User.objects.filter(is_demo=True).count()
    except DatabaseError:  # before the first migration there are no accounts
        return []
    if not number:
        return []
    return [
        checks.Error(
            f"This public body holds {number} demo accounts.",
            hint="They cannot sign in here. A real body starts in an empty CERTBODY_HOME.",
            id="accounts.E001",
        )
    ]


def connect() -> None:
    checks.register(no_public_demo_accounts, checks.Tags.security, deploy=True)
