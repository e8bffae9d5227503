from applications.models.application import Application, ApplicationDocument, ProposedExclusion, Site
from applications.models.contract import Contract, ContractLine
from applications.models.review import (
    ApplicationSubmission,
    Declination,
    PlatformResult,
    Question,
    ReturnReason,
    ReviewAssignment,
    ReviewItem,
    Verdict,
)

__all__ = [
    "Application",
    "ApplicationDocument",
    "ApplicationSubmission",
    "Contract",
    "ContractLine",
    "Declination",
    "PlatformResult",
    "ProposedExclusion",
    "Question",
    "ReturnReason",
    "ReviewAssignment",
    "ReviewItem",
    "Site",
    "Verdict",
]
