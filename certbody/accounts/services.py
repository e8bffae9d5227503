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
from certbody.trail.services import append, locked_head


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


class HoldsAnotherOfficeError(RuntimeError):
    """The person behind the address works for the body in another office."""


@transaction.atomic
def first_administrator(*, email: str) -> str:
    """Open the account of the first administrator; return the link with which its owner sets a password.

    Refused as soon as an administrator has a password. Until then asking again gives the same account a fresh link,
    so that a link that ran out locks nobody out; asking for another address closes the account that nobody used, so
    that its link opens nothing any more. Raises AdministratorExistsError, HoldsAnotherOfficeError.
    """
    _refuse_an_administered_body()
    locked_head()  # the only row that an empty body has: two calls at once wait for each other here
    _refuse_an_administered_body()
    _close_unused_administrators(other_than=email)
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = open_account(
            email=email, person=Person.objects.create(name=email.partition("@")[0]), actor=None
        )
    elif user.roles - {Role.ADMINISTRATOR}:
        raise HoldsAnotherOfficeError
    _enable(user)
    if not user.person.role_assignments.filter(role=Role.ADMINISTRATOR, until=None).exists():
        add_role(person=user.person, role=Role.ADMINISTRATOR, actor=None)
    return set_up_link(user)


def _administrators() -> list[User]:
    """Enabled accounts of today's administrators."""
    users = User.objects.filter(person__role_assignments__role=Role.ADMINISTRATOR, is_active=True).distinct()
    return [user for user in users.order_by("pk") if user.has_role(Role.ADMINISTRATOR)]


def _refuse_an_administered_body() -> None:
    if any(user.has_usable_password() for user in _administrators()):
        raise AdministratorExistsError


def _close_unused_administrators(*, other_than: str) -> None:
    """A role lasts to the end of its last day, so the account that held it is disabled as well."""
    for user in _administrators():
        if user.email != other_than.lower():
            for assignment in user.person.role_assignments.filter(role=Role.ADMINISTRATOR, until=None):
                end_role(assignment, actor=None)
            user.is_active = False
            user.save(update_fields=["is_active"])
            append(name="account.disabled", obj=user, case=None, user=None)


def _enable(user: User) -> None:
    """An account that was closed opens again for the new link only, not for a password that was set before."""
    if not user.is_active:
        user.is_active = True
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        append(name="account.enabled", obj=user, case=None, user=None)
