"""Exact amounts in CNY: rounding to cents, the tax that a price includes, what is still open of agreed parts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from applications.fees import CENT

ZERO = Decimal(0)


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def total_of(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def line_amount(quantity: Decimal, unit_price: Decimal) -> Decimal:
    return cents(quantity * unit_price)


def tax_in(amount: Decimal, rate: Decimal) -> Decimal:
    """The tax that an amount includes at a rate in per cent, rounded to cents as the electronic invoice does a line."""
    return amount - cents(amount * 100 / (100 + rate))


@dataclass(frozen=True)
class Part:
    """An agreed part of an invoice: how much is due on which day."""

    due_on: date
    amount: Decimal


def open_parts(parts: Sequence[Part], covered: Decimal) -> list[Part]:
    """What is still open of each part when `covered` is paid or credited: the earliest part is covered first."""
    found = []
    for part in sorted(parts, key=lambda one: one.due_on):
        taken = min(covered, part.amount)
        covered -= taken
        if taken < part.amount:
            found.append(Part(part.due_on, part.amount - taken))
    return found


def due_until(parts: Iterable[Part], day: date) -> Decimal:
    """How much is due up to a day, inclusive."""
    return total_of(part.amount for part in parts if part.due_on <= day)


def in_equal_parts(total: Decimal, number: int) -> list[Decimal]:
    """A total in equal parts of whole cents; what does not divide goes to the first ones, a cent each."""
    whole, left = divmod(int(total * 100), number)
    return [Decimal(whole + (place < left)) / 100 for place in range(number)]
