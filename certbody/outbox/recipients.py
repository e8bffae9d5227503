"""Who gets a mail: (address, language) pairs; nobody is the default recipient."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from certbody import clock
from certbody.accounts.models import Person, User

Recipient = tuple[str, str]


def client_of(obj: Any) -> Iterator[Recipient]:
    """Everybody who acts for the client of the object's case."""
    users = User.objects.filter(
        is_active=True,
        person__memberships__organisation_id=obj.case.organisation_id,
        person__memberships__ended_at=None,
    )
    yield from users.order_by("pk").values_list("email", "language").distinct()


def holders_of(role: str) -> Iterator[Recipient]:
    """Everybody who holds a role today."""
    today = clock.today()
    users = User.objects.filter(
        Q(person__role_assignments__until=None) | Q(person__role_assignments__until__gte=today),
        is_active=True,
        person__role_assignments__role=role,
        person__role_assignments__since__lte=today,
    )
    yield from users.order_by("pk").values_list("email", "language").distinct()


def accounts_of(person: Person) -> Iterator[Recipient]:
    yield from person.users.filter(is_active=True).order_by("pk").values_list("email", "language")
