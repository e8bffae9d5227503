"""What `verify_trail` re-derives on this floor: sums of quotes and hashes of accepted contracts."""

from collections.abc import Iterator
from decimal import Decimal

from applications.models import Contract
from applications.services.quotes import repeated
from applications.states import ContractState, LineKey


def contracts() -> Iterator[str]:
    """Name every contract whose lines or accepted document are not what its row says."""
    rows = Contract.objects.select_related("pdf", "signed_scan").prefetch_related("lines").order_by("pk")
    for contract in rows.iterator(chunk_size=500):
        lines = list(contract.lines.all())
        if sum((line.amount for line in lines), Decimal(0)) != contract.total:
            yield f"applications_contract {contract.pk}: {contract.number} total is not the sum of its lines"
        days = [line.quantity for line in lines if line.key == LineKey.PERSON_DAYS]
        if sum(days, Decimal(0)) != contract.person_days:
            yield f"applications_contract {contract.pk}: {contract.number} person-days are not those of its lines"
        if contract.tariff and [
            (line.key, line.quantity, line.amount) for line in repeated(contract).lines
        ] != [(line.key, line.quantity, line.amount) for line in lines]:
            yield f"applications_contract {contract.pk}: {contract.number} does not follow from its stored fee table"
        if contract.pdf is not None and contract.pdf_sha256 != contract.pdf.sha256:
            yield f"applications_contract {contract.pk}: {contract.number} is not the document {contract.pdf.name}"
        if contract.state in {ContractState.ACCEPTED, ContractState.SUPERSEDED}:
            yield from _accepted(contract)


def _accepted(contract: Contract) -> Iterator[str]:
    documents = {file.sha256 for file in (contract.pdf, contract.signed_scan) if file is not None}
    if contract.accepted_at is not None and contract.accepted_sha256 not in documents:
        yield f"applications_contract {contract.pk}: {contract.number} what was accepted is none of its documents"
