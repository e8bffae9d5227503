from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet

from certbody.accounts.models import Organisation, User
from certbody.accounts.roles import ALL_CASES
from certbody.cases.models import Case

Row = TypeVar("Row", bound=Model)


def visible_to(user: User | AnonymousUser) -> QuerySet[Case]:
    """Cases that a user may know of: an office role sees all, an appointment its own, a client its organisation's."""
    if not isinstance(user, User) or not user.is_active:
        return Case.objects.none()
    if user.has_role(*ALL_CASES):
        return Case.objects.all()
    if user.is_staff_member:
        return Case.objects.filter(
            Q(pk__in=user.person.accesses.filter(ended_at=None).values("case")),
        )
    return Case.objects.filter(organisation__in=user.organisations.values("pk"))


def of_visible_cases(rows: QuerySet[Row], user: User | AnonymousUser, *, path: str = "case") -> QuerySet[Row]:
    """The rows whose case, found along `path`, a user may know of.

    Whoever sees all cases is not made to list them first.
    """
    if isinstance(user, User) and user.is_active and user.has_role(*ALL_CASES):
        return rows
    return rows.filter(**{f"{path}__in": visible_to(user)})


def organisations_visible_to(user: User | AnonymousUser) -> QuerySet[Organisation]:
    """Organisations that a user may know of: an office role all, others those of their cases."""
    if not isinstance(user, User) or not user.is_active:
        return Organisation.objects.none()
    if user.has_role(*ALL_CASES):
        return Organisation.objects.all()
    if user.is_staff_member:
        return Organisation.objects.filter(pk__in=visible_to(user).values("organisation"))
    return user.organisations


def search(user: User, query: str, *, most: int = 50) -> QuerySet[Case]:
    """Visible cases whose number, organisation (Chinese or English name) or credit code contains the words."""
    found = (
        Q(reference__icontains=query)
        | Q(organisation__name__contains=query)
        | Q(organisation__name_en__icontains=query)
        | Q(organisation__credit_code__startswith=query.upper())
    )
    return visible_to(user).filter(found).select_related("organisation")[:most]
