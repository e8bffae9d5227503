"""Who acts for an organisation in the portal: invitations, roles and the end of a membership.

Every change locks the organisation first, so that of two at once the second sees what the first one did.
"""

import hashlib
import secrets
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from applications.queries.members import is_owner, owners_of
from certbody import clock
from certbody.accounts.models import Invitation, Membership, MembershipRole, Organisation, Person, User
from certbody.body.settings_catalogue import setting
from certbody.desk.models import Task
from certbody.outbox.services import promise_job, wake_after_commit
from certbody.trail.models import Event
from certbody.trail.services import append

MAIL_JOB = "invitation.mail"
JOIN_TASK = "organisation.answer_join_request"
NO_LONGER_OPEN = _(
    "This invitation no longer lets anybody in: it was used, taken back or has run out. Ask for a new one."
)
OTHER_ADDRESS = _(
    "This invitation was sent to another e-mail address. Sign in with the account of that address, or create one."
)
ALREADY_INVITED = _("This address is invited already. You can send the mail again.")
ALREADY_MEMBER = _("The person with this address acts for the organisation already.")
MOST_A_DAY = 50  # more people than any client's office; the body's mail server writes to strangers for nobody
MOST_MAILS = 10  # of one invitation
TOO_MANY_TODAY = _("At most %(most)s invitations a day are possible. Please try again tomorrow.")
TOO_MANY_MAILS = _("This invitation was mailed %(most)s times. Please ask whether the address is right.")
NO_OWNER_ANY_MORE = _("Only an owner of the organisation does this, and you are none any more.")
LAST_OWNER = _("An organisation needs an owner: make somebody else an owner first.")


def token_of(invitation: Invitation) -> str:
    """The secret in the link of the newest mail: made from the secret key when a mail leaves, stored nowhere."""
    return salted_hmac("invitation", f"{invitation.pk}:{invitation.mails}", algorithm="sha256").hexdigest()


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_of(token: str) -> Invitation | None:
    """The invitation whose newest mail holds this secret, open or not."""
    found = Invitation.objects.filter(token_hash=hash_of(token)).select_related("organisation")
    return found.first() if token else None


def locked_organisation(organisation: Organisation) -> Organisation:
    return Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def refuse_who_is_no_owner(organisation: Organisation, actor: User) -> None:
    """Asked behind the lock: of two owners one may have sent the other away since the page was opened."""
    if not is_owner(actor, organisation):
        raise ValidationError(NO_OWNER_ANY_MORE)


def invite(*, organisation: Organisation, email: str, role: str, actor: User) -> Invitation:
    """Ask an address in; the mail with the link follows. Raises ValidationError."""
    address = email.strip().lower()
    with transaction.atomic():
        fresh = locked_organisation(organisation)
        refuse_who_is_no_owner(fresh, actor)
        if fresh.memberships.filter(ended_at=None, person__users__email__iexact=address).exists():
            raise ValidationError({"email": ALREADY_MEMBER})
        _refuse_flood(fresh, actor)
        _close_run_out(fresh, address)
        invitation = Invitation(
            organisation=fresh,
            email=address,
            role=role,
            created_by=actor.person,
            token_hash=secrets.token_hex(32),
            expires_on=_last_day(),
        )
        try:
            with transaction.atomic():
                invitation.save(force_insert=True)
        except IntegrityError as fault:
            raise ValidationError({"email": ALREADY_INVITED}) from fault
        _send(invitation, actor, "invitation.created")
    return invitation


def _refuse_flood(organisation: Organisation, actor: User) -> None:
    """Invitations are mails to strangers in the body's name: few a day by one person, and in one organisation."""
    of_today = Invitation.objects.filter(created_at__gt=clock.now() - timedelta(days=1))
    if of_today.filter(Q(organisation=organisation) | Q(created_by=actor.person)).count() >= MOST_A_DAY:
        raise ValidationError(TOO_MANY_TODAY % {"most": MOST_A_DAY})


def _last_day() -> date:
    return clock.today() + timedelta(days=setting("invitation_days"))


def _close_run_out(organisation: Organisation, address: str) -> None:
    """An invitation that has run out makes room for a new one to the same address."""
    old = organisation.invitations.filter(
        email__iexact=address, used_at=None, revoked_at=None, expires_on__lt=clock.today()
    )
    old.update(revoked_at=clock.now())


def _send(invitation: Invitation, actor: User, event_name: str) -> None:
    """Count one more mail, which ends the link of the one before, and promise it."""
    invitation.mails += 1
    invitation.token_hash = hash_of(token_of(invitation))
    invitation.save(update_fields=["mails", "token_hash", "expires_on"])
    event = record(event_name, invitation, actor)
    promise_job(kind=MAIL_JOB, obj=event, case=None)
    wake_after_commit()


def record(name: str, obj: Invitation | Membership, actor: User) -> Event:
    facts = {"organisation": obj.organisation_id, "role": obj.role}
    return append(name=name, obj=obj, case=None, user=actor, data=facts)


def send_again(*, invitation: Invitation, actor: User) -> None:
    """Send the mail once more, with a new link and a new last day. Raises ValidationError."""
    with transaction.atomic():
        fresh = _locked_open(invitation, even_run_out=True)
        refuse_who_is_no_owner(fresh.organisation, actor)
        if fresh.mails >= MOST_MAILS:
            raise ValidationError(TOO_MANY_MAILS % {"most": MOST_MAILS})
        fresh.expires_on = _last_day()
        _send(fresh, actor, "invitation.sent_again")


def revoke(*, invitation: Invitation, actor: User) -> None:
    """Take an invitation back; its link lets nobody in any more. Raises ValidationError."""
    with transaction.atomic():
        fresh = _locked_open(invitation, even_run_out=True)
        refuse_who_is_no_owner(fresh.organisation, actor)
        fresh.revoked_at = clock.now()
        fresh.save(update_fields=["revoked_at"])
        record("invitation.revoked", fresh, actor)


def _locked_open(invitation: Invitation, *, even_run_out: bool = False) -> Invitation:
    """The invitation as it is now, behind the lock on its organisation; refused when it is not open."""
    locked_organisation(invitation.organisation)
    fresh = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    is_open = fresh.used_at is None and fresh.revoked_at is None
    if not is_open or (fresh.has_run_out and not even_run_out):
        raise ValidationError(NO_LONGER_OPEN)
    return fresh


def accept(*, invitation: Invitation, actor: User) -> Membership:
    """Let the invited person in, once, and nobody but the owner of the address. Raises ValidationError."""
    with transaction.atomic():
        fresh = _locked_open(invitation)
        actor = User.objects.select_related("person").get(pk=actor.pk)  # as it is now, behind the lock
        if actor.email.lower() != fresh.email or not actor.is_active:
            raise ValidationError(OTHER_ADDRESS)
        if actor.is_staff_member:
            raise ValidationError(
                _("People who work for the certification body do not act for a client with the same account.")
            )
        if fresh.organisation.memberships.filter(person=actor.person, ended_at=None).exists():
            raise ValidationError(ALREADY_MEMBER)
        fresh.used_at = clock.now()
        fresh.save(update_fields=["used_at"])
        membership = let_in(organisation=fresh.organisation, person=actor.person, role=fresh.role)
        record("membership.begun", membership, actor)
    return membership


def let_in(*, organisation: Organisation, person: Person, role: str) -> Membership:
    """Begin a membership inside the caller's transaction; one that is open already stays as it is."""
    membership, _is_new = Membership.objects.get_or_create(
        organisation=organisation, person=person, ended_at=None, defaults={"role": role}
    )
    return membership


def _locked_membership(membership: Membership) -> Membership:
    locked_organisation(membership.organisation)
    fresh = Membership.objects.select_for_update(no_key=True, of=("self",)).get(pk=membership.pk)
    if fresh.ended_at is not None:
        raise ValidationError(_("This membership has ended already."))
    return fresh


def _refuse_last_owner(membership: Membership) -> None:
    owners = owners_of(membership.organisation)
    if membership.role == MembershipRole.OWNER and not owners.exclude(pk=membership.pk).exists():
        raise ValidationError(LAST_OWNER)


def end_membership(*, membership: Membership, actor: User) -> None:
    """End a membership now; the last owner cannot go. Raises ValidationError."""
    with transaction.atomic():
        fresh = _locked_membership(membership)
        if fresh.person_id != actor.person_id:  # everybody may leave by himself
            refuse_who_is_no_owner(fresh.organisation, actor)
        _refuse_last_owner(fresh)
        fresh.ended_at = clock.now()
        fresh.save(update_fields=["ended_at"])
        end_office_of_owner(fresh, actor)
        record("membership.ended", fresh, actor)


def change_role(*, membership: Membership, role: str, actor: User) -> None:
    """Make a member an owner or an owner a member; one owner stays. Raises ValidationError."""
    with transaction.atomic():
        fresh = _locked_membership(membership)
        refuse_who_is_no_owner(fresh.organisation, actor)
        if fresh.role == role:
            return
        _refuse_last_owner(fresh)
        fresh.role = role
        fresh.save(update_fields=["role"])
        if role != MembershipRole.OWNER:
            end_office_of_owner(fresh, actor)
        record("membership.role_changed", fresh, actor)


def end_office_of_owner(membership: Membership, actor: User) -> None:
    """Whoever is no owner any more lets nobody in: neither by a request that waits nor by an invitation of his.

    An owner who was sent away could otherwise come back by an invitation to another address of his own.
    """
    requests = membership.organisation.join_requests.values_list("pk", flat=True)
    waiting = Task.objects.filter(kind=JOIN_TASK, person=membership.person, closed_at=None)
    waiting.filter(object_id__in=[str(pk) for pk in requests]).update(closed_at=clock.now())
    take_back_invitations(membership.organisation.invitations.filter(created_by=membership.person), actor)


def take_back_invitations(rows: QuerySet[Invitation], actor: User) -> None:
    """Take back those of the invitations that are open, inside the caller's transaction."""
    for invitation in rows.filter(used_at=None, revoked_at=None).select_for_update(no_key=True):
        invitation.revoked_at = clock.now()
        invitation.save(update_fields=["revoked_at"])
        record("invitation.revoked", invitation, actor)
