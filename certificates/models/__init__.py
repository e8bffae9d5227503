from certificates.models.certificates import (
    Certificate,
    CycleDate,
    Edition,
    IssuedDocument,
    RegisterTerm,
    StatusChange,
)
from certificates.models.committee import Ballot, Decision, Panel, Seat

__all__ = [
    "Ballot",
    "Certificate",
    "CycleDate",
    "Decision",
    "Edition",
    "IssuedDocument",
    "Panel",
    "RegisterTerm",
    "Seat",
    "StatusChange",
]
