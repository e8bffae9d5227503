"""The customer-service owner: the person at the body whom an organisation can turn to (docs/decisions/0017)."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from certbody import clock
from certbody.accounts.models import Organisation, Person, User
from certbody.accounts.roles import Role
from certbody.trail.models import Event
from certbody.trail.services import append

SERVING = (Role.CONTRACTS, Role.REVIEWER)
WHO_NAMES = (Role.REVIEWER, Role.CONTRACTS, Role.HEAD)


def people_who_serve(*roles: Role) -> QuerySet[Person]:
    """Who may look after clients today: holders of one of the roles, of both kinds when none is named."""
    today = clock.today()
    return (
        Person.objects.filter(
            Q(role_assignments__until=None) | Q(role_assignments__until__gte=today),
            role_assignments__role__in=roles or SERVING,
            role_assignments__since__lte=today,
            users__is_active=True,
        )
        .distinct()
        .order_by("pk")
    )


def set_customer_service_owner(*, organisation: Organisation, person: Person, actor: User | None) -> bool:
    """Name who looks after a client; False when it is that person already. Raises ValidationError."""
    if not people_who_serve().filter(pk=person.pk).exists():
        raise ValidationError(
            _(
                "Only people of the contracts or the application review look after clients: choose one of them."
            )
        )
    with transaction.atomic():
        fresh = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        before = fresh.customer_service_owner_id
        if before == person.pk:
            return False
        fresh.customer_service_owner = person
        fresh.save(update_fields=["customer_service_owner"])
        append(
            name="organisation.owner_named",
            obj=fresh,
            case=None,
            user=actor,
            data={"person": person.pk, "before": before},
        )
    return True


def name_default_owner(application: Application, _actor: User | None, _event: Event) -> None:
    """Give a client that has nobody yet whoever of the contracts serves the fewest clients, else of the review.

    Of several who serve equally many it is the one who is known longest; an owner who was named once stays.
    """
    organisation = application.case.organisation
    if organisation.customer_service_owner_id is not None:
        return
    for role in SERVING:
        people = people_who_serve(role).annotate(clients=Count("served_organisations", distinct=True))
        if person := people.order_by("clients", "pk").first():
            set_customer_service_owner(organisation=organisation, person=person, actor=None)
            return
