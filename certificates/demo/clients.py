"""What the clients of the demo do beside their cases: several people, several organisations, a letter for a tender."""

from applications.services import members
from applications.transitions.joining import ASK
from certbody import clock
from certbody.accounts.models import JoinRequest, MembershipRole, Organisation
from certbody.workflow import perform
from certificates.demo.people import Account, account, make_account
from certificates.models import Certificate, ProofLetter
from certificates.states import CertificateState
from certificates.transitions.letters import ASK_FOR_PROOF

COLLEAGUE = Account("colleague", "黄晓明", "Huang Xiaoming")
NEWCOMER = Account("newcomer", "林静", "Lin Jing")


def tell_of_clients() -> None:
    """A colleague acts for both first clients; an invitation and a request to join are open."""
    colleague, newcomer = (make_account(entry, clock.today()) for entry in (COLLEAGUE, NEWCOMER))
    first, second = (
        Organisation.objects.get(memberships__person=account(name).person) for name in ("client", "client2")
    )
    for owner, organisation in (("client", first), ("client2", second)):
        invitation = members.invite(
            organisation=organisation, email=colleague.email, role=MembershipRole.MEMBER, actor=account(owner)
        )
        members.accept(invitation=invitation, actor=colleague)
    members.invite(
        organisation=first,
        email="finance@client.example",
        role=MembershipRole.MEMBER,
        actor=account("client"),
    )
    perform(ASK, JoinRequest(organisation=first, person=newcomer.person), actor=newcomer)
    _prove_for_a_tender(first)


def _prove_for_a_tender(organisation: Organisation) -> None:
    held = Certificate.objects.filter(organisation=organisation, state=CertificateState.VALID).first()
    if held is not None:
        letter = ProofLetter(certificate=held, as_of=clock.today(), tender="深圳市政府采购 ZB-2026-118")
        perform(ASK_FOR_PROOF, letter, actor=account("client"))
