from certificates.models.certificates import (
    Certificate,
    CycleDate,
    Edition,
    IssuedDocument,
    RegisterTerm,
    StatusChange,
)
from certificates.models.committee import Ballot, Decision, Panel, Seat
from certificates.models.letters import ProofLetter
from certificates.models.subjects import ApplicationSubject

__all__ = [
    "ApplicationSubject",
    "Ballot",
    "Certificate",
    "CycleDate",
    "Decision",
    "Edition",
    "IssuedDocument",
    "Panel",
    "ProofLetter",
    "RegisterTerm",
    "Seat",
    "StatusChange",
]
