from applications.models.application import Application, ApplicationDocument, ProposedExclusion, Site
from applications.models.bank import BankLine, BankStatement
from applications.models.contract import Contract, ContractLine
from applications.models.invoice import (
    CreditNote,
    CreditNoteLine,
    Instalment,
    Invoice,
    InvoiceLine,
    InvoiceTitle,
    Payment,
)
from applications.models.review import Question, ReviewItem, Verdict

__all__ = [
    "Application",
    "ApplicationDocument",
    "BankLine",
    "BankStatement",
    "Contract",
    "ContractLine",
    "CreditNote",
    "CreditNoteLine",
    "Instalment",
    "Invoice",
    "InvoiceLine",
    "InvoiceTitle",
    "Payment",
    "ProposedExclusion",
    "Question",
    "ReviewItem",
    "Site",
    "Verdict",
]
