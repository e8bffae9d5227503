"""Sums of amounts in the database, exact on either one.

SQLite keeps a decimal as a float and adds floats. An amount has two places and at most twelve digits, so its float
times a hundred is rounded to its number of cents exactly, and whole numbers are added exactly.
"""

from decimal import Decimal

from django.db.models import BigIntegerField, Expression, F, Sum, Value
from django.db.models.functions import Cast, Coalesce, Round


def cents_of(field: str) -> Cast:
    """The amount of a column in cents, as a whole number."""
    return Cast(Round(F(field) * Value(100)), BigIntegerField())


def sum_of_cents(cents: Expression) -> Coalesce:
    """The sum of whole numbers of cents; nought over no rows."""
    return Coalesce(Sum(cents), Value(0), output_field=BigIntegerField())


def amount_of(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
