"""Who has to apply again, by when, and how far that is: the pipeline of renewals and upgrades."""

from django.db.models import OuterRef, QuerySet, Subquery

from applications.models import Application
from certbody import clock
from certbody.accounts.models import Person, User
from certbody.scheme.dates import months_later
from certificates.models import Certificate, CycleDate
from certificates.queries.certificates import visible_to
from certificates.states import STANDING_STATES, CycleKind

MONTHS = (3, 6, 12, 36)


def due(user: User, *, months: int, owner: int | None = None) -> QuerySet[Certificate]:
    """Certificates that stand and run out within so many months, the earliest first.

    With each: `apply_by`, the last safe day to apply for the recertification; `surveillance_due`, the last day of the
    next visit; and of an application that the client began after it `renewal` (its case) and `renewal_state`. An
    upgrade is asked for with the recertification, so the grade stands beside it.
    """
    today = clock.today()
    planned = CycleDate.objects.filter(certificate=OuterRef("pk"))
    visits = planned.filter(kind=CycleKind.SURVEILLANCE, due_on__gte=today).order_by("due_on")
    later = Application.objects.filter(
        case__organisation=OuterRef("organisation"),
        case__scheme=OuterRef("scheme"),
        case__gt=OuterRef("case"),
    ).order_by("-pk")
    rows = visible_to(user).filter(
        state__in=STANDING_STATES,
        continued_by=None,
        expires_on__gte=today,
        expires_on__lte=months_later(today, months),
    )
    if owner is not None:
        rows = rows.filter(organisation__customer_service_owner=owner)
    return (
        rows.select_related("organisation__customer_service_owner")
        .annotate(
            apply_by=Subquery(planned.filter(kind=CycleKind.RECERTIFICATION).values("opens_on")[:1]),
            surveillance_due=Subquery(visits.values("due_on")[:1]),
            renewal=Subquery(later.values("case__reference")[:1]),
            renewal_state=Subquery(later.values("state")[:1]),
        )
        .order_by("expires_on", "pk")
    )


def owners_of_clients() -> QuerySet[Person]:
    """Everybody who looks after a client, for the filter."""
    return Person.objects.filter(served_organisations__isnull=False).distinct().order_by("name", "pk")
