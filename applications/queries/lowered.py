"""What was invoiced beyond the contract in force, after an amendment that lowers the fees."""

from collections import defaultdict
from decimal import Decimal

from applications.fees.amounts import ZERO, total_of
from applications.models import Contract, CreditNoteLine, Invoice, InvoiceLine
from applications.states import ContractState
from applications.states.invoices import OF_THE_CONTRACT, SENT_STATES


def over_invoiced(contract: Contract) -> dict[str, Decimal]:
    """How much of each item was invoiced and not credited beyond what the contract has; items without any are left out.

    Invoices of the contracts that it took the place of count. Drafts do not: they are discarded, not credited.
    """
    sent = Invoice.objects.filter(contract__application=contract.application_id, state__in=SENT_STATES)
    over: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for key, amount in InvoiceLine.objects.filter(invoice__in=sent).values_list("key", "amount"):
        over[key] += amount
    taken_back = CreditNoteLine.objects.filter(line__invoice__in=sent)
    for key, amount in taken_back.values_list("line__key", "amount"):
        over[key] += amount
    for line in contract.lines.all():
        over[line.key] -= line.amount
    return {key: amount for key, amount in over.items() if key in OF_THE_CONTRACT and amount > 0}


def proposed_credit(invoice: Invoice) -> dict[int, Decimal]:
    """Line of an invoice → what a credit note should take back, so that the contract in force is not overcharged."""
    contract = Contract.objects.filter(
        application=invoice.contract.application_id, state=ContractState.ACCEPTED
    ).first()
    over = over_invoiced(contract) if contract is not None else {}
    proposed = {}
    for line in invoice.lines.prefetch_related("credits"):
        left = line.amount + total_of(row.amount for row in line.credits.all())
        if amount := min(over.get(line.key, ZERO), left):
            proposed[line.pk] = amount
    return proposed
