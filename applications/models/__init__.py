from applications.models.application import Application, ApplicationDocument, ProposedExclusion, Site
from applications.models.contract import Contract, ContractLine
from applications.models.documents import AskAgain, DocumentFinding, DocumentVerdict
from applications.models.review import Question, ReviewItem, Verdict

__all__ = [
    "Application",
    "ApplicationDocument",
    "AskAgain",
    "Contract",
    "ContractLine",
    "DocumentFinding",
    "DocumentVerdict",
    "ProposedExclusion",
    "Question",
    "ReviewItem",
    "Site",
    "Verdict",
]
