"""Who acts for an organisation in the portal, and who is asked in or asks."""

from django.db.models import OuterRef, QuerySet, Subquery

from certbody import clock
from certbody.accounts.models import (
    Invitation,
    JoinRequest,
    JoinState,
    Membership,
    MembershipRole,
    Organisation,
    User,
)


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """Who acts for an organisation now, in the order in which they came."""
    return organisation.memberships.filter(ended_at=None).select_related("person").order_by("pk")


def owners_of(organisation: Organisation) -> QuerySet[Membership]:
    """Those of its members who change the organisation and let others in."""
    return members_of(organisation).filter(role=MembershipRole.OWNER)


def is_owner(user: User, organisation: Organisation) -> bool:
    return owners_of(organisation).filter(person=user.person_id).exists()


def waiting_invitations_of(organisation: Organisation) -> QuerySet[Invitation]:
    """Invitations that were neither used nor taken back; one that has run out stays, for it can be sent again."""
    return organisation.invitations.filter(used_at=None, revoked_at=None)


def open_invitations_to(user: User) -> list[Invitation]:
    """The open invitations to the address of an account, which its owner has proved to read."""
    if user.is_staff_member:
        return []
    rows = Invitation.objects.filter(
        email=user.email.lower(), used_at=None, revoked_at=None, expires_on__gte=clock.today()
    )
    return list(rows.select_related("organisation"))


def open_requests_of(organisation: Organisation) -> QuerySet[JoinRequest]:
    """Who asks to be let in, with the name and the address (`asker_email`) by which an owner knows him."""
    address = User.objects.filter(person=OuterRef("person"), is_active=True).order_by("pk").values("email")
    rows = organisation.join_requests.filter(state=JoinState.OPEN).select_related("person", "organisation")
    return rows.annotate(asker_email=Subquery(address[:1]))
