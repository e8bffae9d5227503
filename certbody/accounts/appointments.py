"""What bars a person from an office: one's own hand, an office held alone, an identity that nobody recorded.

The database cannot know who sits before the form, so these rules stand where people give offices to people: in the
administrator's pages and on the head's page of authorisations. Rows that a body imports are not asked.
"""

from collections.abc import Iterator
from datetime import date
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import Authorisation, Person, RoleAssignment, User
from certbody.accounts.roles import HELD_ALONE, KNOWN_BY_IDENTITY, Role

Rows = TypeVar("Rows", bound=Model)
Sentence = str | Promise

OWN_ROLE = _("Nobody gives a role to himself or herself: another administrator does this.")
OWN_AUTHORISATION = _("Nobody authorises himself or herself.")
HELD_ALONE_BY = {
    Role.ADMINISTRATOR: _(
        "This person is an administrator in these days and can hold no other office of the body."
    ),
    Role.INSPECTOR: _("This person is an inspector in these days and can hold no other office of the body."),
}
HOLDS_AN_OFFICE = {
    Role.ADMINISTRATOR: _(
        "This person holds another office of the body in these days and cannot be an administrator."
    ),
    Role.INSPECTOR: _(
        "This person holds another office of the body in these days and cannot be an inspector."
    ),
}
IDENTITY_MISSING = _(
    "The identity-document number of this person is not recorded yet: an administrator enters it first."
)


def lock(person: Person) -> None:
    """Let two who give offices to one person wait for each other."""
    Person.objects.select_for_update(no_key=True).filter(pk=person.pk).first()


def bars_role(
    *, person: Person, role: str, since: date, until: date | None, actor: User
) -> Iterator[Sentence]:
    """Why a person cannot be given a role for these days, both inclusive; nothing when they can."""
    if person.pk == actor.person_id:
        yield OWN_ROLE
    others = _within(person.role_assignments.exclude(role=role), since, until)
    yield from _bars_beside(others)
    if role in HELD_ALONE:
        authorised = _within(Authorisation.objects.filter(person=person), since, until)
        if others.exclude(role__in=HELD_ALONE).exists() or authorised.exists():
            yield HOLDS_AN_OFFICE[Role(role)]
    if role in KNOWN_BY_IDENTITY and person.identity_fingerprint is None:
        yield IDENTITY_MISSING


def bars_authorisation(*, person: Person, since: date, until: date, actor: User) -> Iterator[Sentence]:
    """Why a person cannot be authorised for these days, both inclusive; nothing when they can."""
    if person.pk == actor.person_id:
        yield OWN_AUTHORISATION
    yield from _bars_beside(_within(person.role_assignments.all(), since, until))
    if person.identity_fingerprint is None:
        yield IDENTITY_MISSING


def _bars_beside(held: QuerySet[RoleAssignment]) -> Iterator[Sentence]:
    for role in sorted(held.filter(role__in=HELD_ALONE).values_list("role", flat=True).distinct()):
        yield HELD_ALONE_BY[Role(role)]


def _within(rows: QuerySet[Rows], since: date, until: date | None) -> QuerySet[Rows]:
    """The rows with a day in common with these days."""
    common = rows.filter(Q(until=None) | Q(until__gte=since))
    return common if until is None else common.filter(since__lte=until)
