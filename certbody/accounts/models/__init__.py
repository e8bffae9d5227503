from certbody.accounts.models.joining import Invitation, JoinRequest, JoinState
from certbody.accounts.models.organisations import (
    GoodsTrade,
    Interest,
    InterestKind,
    LegalForm,
    Membership,
    MembershipRole,
    Organisation,
)
from certbody.accounts.models.people import Authorisation, Person, RoleAssignment, User

__all__ = [
    "Authorisation",
    "GoodsTrade",
    "Interest",
    "InterestKind",
    "Invitation",
    "JoinRequest",
    "JoinState",
    "LegalForm",
    "Membership",
    "MembershipRole",
    "Organisation",
    "Person",
    "RoleAssignment",
    "User",
]
