from applications.models.application import Application, ApplicationDocument, ProposedExclusion, Site
from applications.models.changes import RequestedChange, TransferredCertificate
from applications.models.contract import Contract, ContractLine
from applications.models.review import Question, ReviewItem, Verdict

__all__ = [
    "Application",
    "ApplicationDocument",
    "Contract",
    "ContractLine",
    "ProposedExclusion",
    "Question",
    "RequestedChange",
    "ReviewItem",
    "Site",
    "TransferredCertificate",
    "Verdict",
]
