from applications.models.application import Application, ApplicationDocument, ProposedExclusion, Site
from applications.models.contract import Contract, ContractLine, QuoteLine
from applications.models.enquiry import Enquiry, IndicativeQuote, IndicativeQuoteLine
from applications.models.review import Question, ReviewItem, Verdict

__all__ = [
    "Application",
    "ApplicationDocument",
    "Contract",
    "ContractLine",
    "Enquiry",
    "IndicativeQuote",
    "IndicativeQuoteLine",
    "ProposedExclusion",
    "Question",
    "QuoteLine",
    "ReviewItem",
    "Site",
    "Verdict",
]
