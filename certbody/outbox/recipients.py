"""Who gets a mail: (address, language) pairs; nobody is the default recipient."""

from collections.abc import Iterator
from typing import Any

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


def accounts_of(person: Person) -> Iterator[Recipient]:
    yield from person.users.filter(is_active=True).order_by("pk").values_list("email", "language")
