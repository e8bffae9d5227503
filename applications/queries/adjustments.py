"""Discounts of person-days and time cuts, as the impartiality mechanism reads them (ISO/IEC 17065 5.2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from applications.models import Contract
from certbody import clock


def adjusted_in(first: date, rows: QuerySet[Contract]) -> QuerySet[Contract]:
    """Contracts whose adjustment was made in the month that begins with this day, in the body's time zone."""
    after = (first + timedelta(days=31)).replace(day=1)
    return (
        rows.exclude(adjustment=0)
        .filter(adjusted_at__gte=_begin(first), adjusted_at__lt=_begin(after))
        .select_related("case__organisation", "adjusted_by", "adjustment_approved_by")
        .order_by("adjusted_at", "pk")
    )


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.BODY_ZONE)


@dataclass(frozen=True)
class AdjustmentSums:
    """How many adjustments there are, and the person-days that they take off and add, both above zero."""

    count: int
    off: Decimal
    added: Decimal


def sums_of(rows: QuerySet[Contract]) -> AdjustmentSums:
    changes = list(rows.values_list("adjustment", flat=True))
    return AdjustmentSums(
        count=len(changes),
        off=-_sum(change for change in changes if change < 0),
        added=_sum(change for change in changes if change > 0),
    )


def _sum(days: Iterable[Decimal]) -> Decimal:
    return sum(days, Decimal(0))
