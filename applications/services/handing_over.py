"""Handing an organisation over to its true owner: a code that somebody else registered, or people who are all gone.

Registration is open to everybody (decision 9), so a registered code proves nothing. The business licence and the letter
of the legal representative do; whoever has looked at them hands the organisation over, and that stands in the trail.
"""

from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from applications.services.members import (
    end_office_of_owner,
    let_in,
    locked_organisation,
    record,
    take_back_invitations,
)
from applications.states import ApplicationState
from certbody import clock
from certbody.accounts.models import JoinState, Membership, MembershipRole, Organisation, Person, User
from certbody.accounts.roles import Role
from certbody.desk.services import open_for
from certbody.outbox.recipients import accounts_of
from certbody.outbox.services import promise_message, wake_after_commit
from certbody.trail.models import Event
from certbody.trail.services import append
from certbody.workflow import NotAllowed, NotReady, table

WHO_HANDS_OVER = (Role.REVIEWER, Role.HEAD)
HANDED_OVER = "organisation.handed_over"
ONLY_THE_HEAD = _(
    "This organisation has submitted an application, so its papers would be handed over as well. Only the head does "
    "that."
)
NO_SUCH_ACCOUNT = _(
    "No client has signed in with this address. The person creates an account and confirms the address first; people "
    "who work for the body act for no client."
)
ALREADY_ALONE = _("This person is the only one who acts for the organisation already.")


class Ground(models.TextChoices):
    """Why an organisation gets other people; counted and kept in the trail."""

    REGISTERED_BY_OTHERS = "registered_by_others", _("somebody else registered the organisation")
    NOBODY_LEFT = "nobody_left", _("nobody who acted for it works there any more")


def refuse_to_hand_over(organisation: Organisation, actor: User) -> None:
    """Raise NotAllowed where the papers of a request would change hands without the head."""
    if not actor.has_role(*WHO_HANDS_OVER):
        raise NotAllowed(_("Only the application review and the head hand an organisation over."))
    submitted = Application.objects.filter(case__organisation=organisation).exclude(
        state=ApplicationState.DRAFT
    )
    if submitted.exists() and not actor.has_role(Role.HEAD):
        raise NotAllowed(ONLY_THE_HEAD)


def client_account(email: str) -> User | None:
    """The account of a client who has signed in with an address, and so has confirmed it."""
    found = User.objects.filter(email__iexact=email.strip(), is_active=True, last_login__isnull=False)
    account = found.select_related("person").first()
    return account if account is not None and not account.is_staff_member else None


def hand_over(
    *, organisation: Organisation, email: str, ground: str, seen_on: date, actor: User
) -> Membership:
    """Make one person the owner and end everybody else's membership; all of them are told by mail.

    `seen_on` is the day on which the business licence and the letter of the legal representative were looked at.
    Raises NotAllowed, NotReady.
    """
    with transaction.atomic():
        fresh = locked_organisation(organisation)
        actor = User.objects.select_related("person").get(pk=actor.pk)  # a role may have ended meanwhile
        refuse_to_hand_over(fresh, actor)
        account = client_account(email)
        if account is None:
            raise NotReady(NO_SUCH_ACCOUNT)
        acting = list(fresh.memberships.filter(ended_at=None).select_related("person").order_by("pk"))
        if [(row.person_id, row.role) for row in acting] == [(account.person_id, MembershipRole.OWNER)]:
            raise NotReady(ALREADY_ALONE)
        owner = _make_owner(fresh, account.person)
        others = [row for row in acting if row.pk != owner.pk]
        for membership in others:
            membership.ended_at = clock.now()
            membership.save(update_fields=["ended_at"])
            end_office_of_owner(membership, actor)
            record("membership.ended", membership, actor)
        take_back_invitations(fresh.invitations.all(), actor)
        _ask_the_new_owner(fresh)
        facts: dict[str, Any] = {"person": owner.person_id, "ground": ground, "seen_on": seen_on.isoformat()}
        facts["ended"] = [row.pk for row in others]
        event = append(name=HANDED_OVER, obj=fresh, case=None, user=actor, data=facts)
        _tell([owner.person, *(row.person for row in others)], event)
        wake_after_commit()
    return owner


def _make_owner(organisation: Organisation, person: Person) -> Membership:
    """The owner comes before the others go: an organisation is never without one."""
    membership = let_in(organisation=organisation, person=person, role=MembershipRole.OWNER)
    if membership.role != MembershipRole.OWNER:
        membership.role = MembershipRole.OWNER
        membership.save(update_fields=["role"])
    return membership


def _ask_the_new_owner(organisation: Organisation) -> None:
    """Requests that nobody has answered wait for the new owner now."""
    for request in organisation.join_requests.filter(state=JoinState.OPEN):
        for task in table("join_request").step("ask").opens:
            open_for(task, request, None)


def _tell(people: list[Person], event: Event) -> None:
    for person in people:
        for address, language in accounts_of(person):
            promise_message(
                kind=HANDED_OVER,
                obj=event,
                case=None,
                recipient=address,
                language=language,
                context={"path": "/portal/", "facts": {}},
            )
