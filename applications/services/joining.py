"""Effects of asking to be let into an organisation and of its owners' answers."""

from applications.services import members
from certbody import clock
from certbody.accounts.models import JoinRequest, MembershipRole, User
from certbody.workflow import Facts


def ask(request: JoinRequest, *, actor: User | None) -> Facts:
    request.save(force_insert=True)
    return {"organisation": request.organisation_id, "person": request.person_id}


def let_in(request: JoinRequest, *, actor: User | None) -> Facts:
    membership = members.let_in(
        organisation=request.organisation, person=request.person, role=MembershipRole.MEMBER
    )
    _answered(request)
    return {"organisation": request.organisation_id, "person": request.person_id, "membership": membership.pk}


def decline(request: JoinRequest, *, actor: User | None) -> Facts:
    _answered(request)
    return {"organisation": request.organisation_id, "person": request.person_id}


def _answered(request: JoinRequest) -> None:
    request.answered_at = clock.now()
    request.save(update_fields=["answered_at"])
