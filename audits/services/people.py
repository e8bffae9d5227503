"""Qualifications and declared interests of the body's people; every change is an event."""

from datetime import date

from django.db import transaction

from audits.models import Qualification
from certbody import clock
from certbody.accounts.models import Interest, Organisation, Person, User
from certbody.trail.services import append


def add_qualification(
    *, actor: User, person: Person, kind: str, registration: str, valid_from: date, valid_until: date | None
) -> Qualification:
    """Record for what a person is qualified and from when."""
    with transaction.atomic():
        row = Qualification.objects.create(
            person=person,
            kind=kind,
            registration=registration,
            valid_from=valid_from,
            valid_until=valid_until,
            recorded_at=clock.now(),
        )
        facts = {
            "person": person.pk,
            "kind": kind,
            "valid_from": valid_from,
            "valid_until": valid_until,
        }
        append(name="qualification.added", obj=row, case=None, user=actor, data=facts)
        return row


def end_qualification(qualification: Qualification, *, actor: User, valid_until: date) -> Qualification:
    """Set the last day of a qualification; what it carried before stays carried."""
    with transaction.atomic():
        row = Qualification.objects.select_for_update().get(pk=qualification.pk)
        before, row.valid_until = row.valid_until, valid_until
        row.save(update_fields=["valid_until"])
        facts = {"person": row.person_id, "before": before, "valid_until": valid_until}
        append(name="qualification.ended", obj=row, case=None, user=actor, data=facts)
        return row


def declare_interest(
    *,
    actor: User,
    person: Person,
    organisation: Organisation,
    kind: str,
    since: date,
    until: date | None,
    note: str = "",
) -> Interest:
    """Record an interest of a person in an organisation; it bars until two years after its end."""
    with transaction.atomic():
        row = Interest.objects.create(
            person=person,
            organisation=organisation,
            kind=kind,
            since=since,
            until=until,
            note=note,
            declared_at=clock.now(),
        )
        facts = {
            "person": person.pk,
            "organisation": organisation.pk,
            "kind": kind,
            "since": since,
            "until": until,
        }
        append(name="interest.declared", obj=row, case=None, user=actor, data=facts)
        return row
