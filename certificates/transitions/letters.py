"""Proof letters: asked for by the client or an office of the body, made by the system."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.permissions import has_role, is_client, system_only
from certbody.workflow import Step, Table, register
from certificates.models import ProofLetter
from certificates.queries.certificates import visible_to
from certificates.services import letters
from certificates.states import LetterState
from certificates.transitions.certificates import certificate_page


def letters_visible_to(user: User) -> "QuerySet[ProofLetter]":
    return ProofLetter.objects.filter(certificate__in=visible_to(user)).select_related("certificate__case")


def letter_page(letter: ProofLetter, user: User | None) -> str:
    return certificate_page(letter.certificate, user)


ASK_FOR_PROOF = Step(
    name="ask",
    event="proof_letter.asked",
    sources=(),
    target=LetterState.ASKED,
    label=_("Make the proof of certification"),
    recorded=_("Proof of certification for a tender asked for"),
    told=_("A proof of certification for a tender was asked for"),
    allowed=is_client | has_role(Role.CERTIFICATES, Role.CONTRACTS, Role.REVIEWER),
    surface="portal",
    guard=letters.may_be_asked,
    effect=letters.ask,
    has_own_page=True,
)
FILE_PROOF = Step(
    name="file",
    event="proof_letter.made",
    sources=(LetterState.ASKED,),
    target=LetterState.MADE,
    label=_("Keep the letter"),
    recorded=_("Proof of certification for a tender made"),
    allowed=system_only,
    surface="system",
    effect=letters.file,
)

PROOF_LETTER = register(
    Table(
        aggregate="proof_letter",
        title=_("Proof of certification"),
        model=ProofLetter,
        states=LetterState,
        steps=(ASK_FOR_PROOF, FILE_PROOF),
        visible_to=letters_visible_to,
        page=letter_page,
    )
)
