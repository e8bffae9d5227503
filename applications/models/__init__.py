from applications.models.application import Application, ApplicationDocument, ProposedExclusion, Site
from applications.models.bank import BankLine, BankStatement
from applications.models.changes import RequestedChange, TransferredCertificate
from applications.models.contract import Contract, ContractLine, QuoteLine
from applications.models.documents import AskAgain, DocumentFinding, DocumentVerdict
from applications.models.enquiry import Enquiry, IndicativeQuote, IndicativeQuoteLine
from applications.models.invoice import (
    CreditNote,
    CreditNoteLine,
    Instalment,
    Invoice,
    InvoiceLine,
    InvoiceTitle,
    Payment,
)
from applications.models.reported import ReportedChange
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
from applications.models.self_assessment import SelfAssessment

__all__ = [
    "Application",
    "ApplicationDocument",
    "ApplicationSubmission",
    "AskAgain",
    "BankLine",
    "BankStatement",
    "Contract",
    "ContractLine",
    "CreditNote",
    "CreditNoteLine",
    "Declination",
    "DocumentFinding",
    "DocumentVerdict",
    "Enquiry",
    "IndicativeQuote",
    "IndicativeQuoteLine",
    "Instalment",
    "Invoice",
    "InvoiceLine",
    "InvoiceTitle",
    "Payment",
    "PlatformResult",
    "ProposedExclusion",
    "Question",
    "QuoteLine",
    "ReportedChange",
    "RequestedChange",
    "ReturnReason",
    "ReviewAssignment",
    "ReviewItem",
    "SelfAssessment",
    "Site",
    "TransferredCertificate",
    "Verdict",
]
