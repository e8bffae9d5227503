"""Written authorisations of persons by the head: only the head gives them, ends them, and each leaves an event."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts import appointments
from certbody.accounts.models import Authorisation, Person, User
from certbody.accounts.roles import Role
from certbody.body import permissions
from certbody.trail.services import append
from certbody.workflow import Missing, NotAllowed, NotReady, WrongState

READERS = (Role.HEAD, Role.QUALITY, Role.INSPECTOR)


@transaction.atomic
def authorise(
    *, person: Person, kind: str, since: date, until: date, reference: str, actor: User
) -> Authorisation:
    """Authorise a person for these days, both inclusive, under the reference of the written authorisation."""
    _refuse_others(actor)
    appointments.lock(person)
    barred = appointments.bars_authorisation(person=person, since=since, until=until, actor=actor)
    if missing := tuple(Missing(sentence) for sentence in barred):
        raise NotReady(_("This person cannot be authorised."), missing)
    row = Authorisation.objects.create(
        person=person, kind=kind, since=since, until=until, reference=reference
    )
    _record("person.authorised", row, actor)
    return row


@transaction.atomic
def end(authorisation: Authorisation, *, actor: User, last_day: date) -> None:
    """End an authorisation earlier: `last_day` still counts, so that no signature given until now loses its ground."""
    _refuse_others(actor)
    row = Authorisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=authorisation.pk)
    if not max(row.since, clock.today()) <= last_day < row.until:
        raise WrongState(_("An authorisation ends today or later, and earlier than it would have ended."))
    row.until = last_day
    row.save(update_fields=["until"])
    _record("person.authorisation_ended", row, actor)


def _refuse_others(actor: User) -> None:
    verdict = permissions.is_head(actor, None)
    if not verdict:
        raise NotAllowed(verdict.reason)


def _record(name: str, row: Authorisation, actor: User) -> None:
    facts = {"authorisation": row.pk, "kind": row.kind, "since": row.since, "until": row.until}
    append(name=name, obj=row.person, case=None, user=actor, data=facts)
