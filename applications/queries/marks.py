"""Which documents of this floor no longer hold, and what the copies say that are given out."""

from applications.models import Contract, Invoice
from applications.states import ContractState
from applications.states.invoices import InvoiceState
from certbody.files.marking import Mark
from certbody.files.models import StoredFile


def mark_of_file(*, file: StoredFile) -> Mark | None:
    """A void or superseded contract and an invoice that was credited in full; None for everything else."""
    if file.kind == "contract":
        return _of_contract(file)
    return _of_invoice(file) if file.kind == "invoice" else None


def _of_contract(file: StoredFile) -> Mark | None:
    contract = Contract.objects.filter(pdf=file).first()
    if contract is None or contract.state not in {ContractState.VOID, ContractState.SUPERSEDED}:
        return None
    if contract.state == ContractState.VOID:
        return Mark("作废", "VOID")
    later = contract.amendments.exclude(accepted_at=None).order_by("accepted_at").first()
    return Mark("已被取代", "SUPERSEDED", instead=later.number if later else "")


def _of_invoice(file: StoredFile) -> Mark | None:
    invoice = Invoice.objects.filter(pdf=file, state=InvoiceState.CREDITED).first()
    if invoice is None:
        return None
    note = invoice.credit_notes.order_by("-made_on", "-pk").first()
    return Mark("已冲销", "CREDITED", on=note.made_on, instead=note.number) if note else None
