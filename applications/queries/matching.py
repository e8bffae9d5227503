"""Which invoice a line of a bank statement pays: proposals for finance, never entries by themselves."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from applications.models import BankLine, Invoice

NOT_IN_NAMES = re.compile(r"[\s()（）\[\]【】·.,，、-]+")


def plain_name(name: str) -> str:
    """A name as banks write it: one width, one case, without brackets and blanks."""
    return NOT_IN_NAMES.sub("", unicodedata.normalize("NFKC", name)).casefold()


def is_same_name(one: str, other: str) -> bool:
    return plain_name(one) == plain_name(other) != ""


@dataclass(frozen=True)
class Proposal:
    """An invoice that a line may pay.

    `is_safe`: the client itself pays, and it names the invoice or pays exactly what is open of the only such invoice.
    """

    line: BankLine
    invoice: Invoice
    amount: Decimal
    names_invoice: bool
    is_third_party: bool

    @property
    def is_safe(self) -> bool:
        return not self.is_third_party and self.amount == self.line.amount


def names(text: str, number: str) -> bool:
    """Whether a text holds a number as a word of its own."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return re.search(rf"(?<![A-Z0-9]){re.escape(number.upper())}(?![A-Z0-9])", plain) is not None


def propose(line: BankLine, left: Decimal, invoices: Sequence[Invoice]) -> Proposal | None:
    """The invoice that a line names in its purpose, else the client's only one with exactly this amount open."""
    said = f"{line.purpose} {line.reference}"
    named = [invoice for invoice in invoices if names(said, invoice.number)]
    own = [invoice for invoice in invoices if is_same_name(line.payer, invoice.organisation.name)]
    exact = [invoice for invoice in own if left in amounts_due(invoice)]
    if len(named) == 1:
        return _proposal(line, left, named[0], names_invoice=True)
    if not named and len(exact) == 1:
        return _proposal(line, left, exact[0], names_invoice=False)
    return None


def amounts_due(invoice: Invoice) -> set[Decimal]:
    """What a client may sensibly pay: all that is open, or the next instalment."""
    following = invoice.open_parts()
    return {invoice.open_amount, *([following[0].amount] if following else [])}


def _proposal(line: BankLine, left: Decimal, invoice: Invoice, *, names_invoice: bool) -> Proposal:
    return Proposal(
        line=line,
        invoice=invoice,
        amount=min(left, invoice.open_amount),
        names_invoice=names_invoice,
        is_third_party=not is_same_name(line.payer, invoice.organisation.name),
    )


def safe_ones(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Those that can be confirmed together: an invoice is not paid beyond what is open by several of them."""
    found: list[Proposal] = []
    left: dict[int, Decimal] = {}
    for proposal in proposals:
        open_amount = left.get(proposal.invoice.pk, proposal.invoice.open_amount)
        if proposal.is_safe and proposal.amount <= open_amount:
            left[proposal.invoice.pk] = open_amount - proposal.amount
            found.append(proposal)
    return found
