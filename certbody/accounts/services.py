from datetime import date
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from certbody import clock
from certbody.accounts.models import Person, RoleAssignment, User
from certbody.accounts.roles import Role
from certbody.trail.models import Event
from certbody.trail.services import append


@transaction.atomic
def open_account(
    *, email: str, person: Person, actor: User | None, password: str | None = None, **fields: Any
) -> User:
    """Open an account for somebody whose address the body vouches for; without a password its owner sets one."""
    user = User.objects.create_user(email, password, person=person, **fields)
    record_opened(user, actor=actor)
    return user


def record_opened(user: User, *, actor: User | None) -> Event:
    """Note that an account was opened, and that its address needs no further check."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return append(name="account.opened", obj=user, case=None, user=actor, data={"person": user.person_id})


def set_up_link(user: User) -> str:
    """A link with which the account's owner sets a password: it works once and for an hour (PASSWORD_RESET_TIMEOUT)."""
    key = default_token_generator.make_token(user)
    arguments = {"uidb36": user_pk_to_url_str(user), "key": key}
    return str(settings.CERTBODY_URL) + reverse("account_reset_password_from_key", kwargs=arguments)


@transaction.atomic
def add_role(
    *, person: Person, role: str, actor: User | None, since: date | None = None, until: date | None = None
) -> RoleAssignment:
    """Give a person a role from a day on, today by default; days are inclusive."""
    assignment = RoleAssignment.objects.create(
        person=person, role=role, since=since or clock.today(), until=until
    )
    record_role_added(assignment, actor=actor)
    return assignment


def record_role_added(assignment: RoleAssignment, *, actor: User | None) -> None:
    _record("person.role_added", assignment, actor)


def record_role_changed(assignment: RoleAssignment, *, actor: User | None) -> None:
    name = "person.role_ended" if assignment.until is not None else "person.role_prolonged"
    _record(name, assignment, actor)


def _record(name: str, assignment: RoleAssignment, actor: User | None) -> None:
    facts = {"role": assignment.role, "since": assignment.since, "until": assignment.until}
    append(name=name, obj=assignment.person, case=None, user=actor, data=facts)


@transaction.atomic
def end_role(assignment: RoleAssignment, *, actor: User | None, until: date | None = None) -> None:
    """End a role with a day, today by default: it is the last day on which the role is held."""
    assignment.until = until or clock.today()
    assignment.save(update_fields=["until"])
    record_role_changed(assignment, actor=actor)


class AdministratorExistsError(RuntimeError):
    """Somebody already administers this body."""


@transaction.atomic
def first_administrator(*, email: str) -> str:
    """Open the account of the first administrator; return the link with which its owner sets a password.

    Refused as soon as an administrator has a password. Until then asking again gives a fresh link, so that a link that
    ran out locks nobody out.
    """
    today = clock.today()
    assignments = RoleAssignment.objects.select_for_update().filter(role=Role.ADMINISTRATOR, since__lte=today)
    holders = User.objects.filter(person__role_assignments__in=assignments, is_active=True)
    if any(user.has_usable_password() for user in holders if user.has_role(Role.ADMINISTRATOR)):
        raise AdministratorExistsError
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = open_account(
            email=email, person=Person.objects.create(name=email.partition("@")[0]), actor=None
        )
    if not user.has_role(Role.ADMINISTRATOR):
        add_role(person=user.person, role=Role.ADMINISTRATOR, actor=None)
    return set_up_link(user)
