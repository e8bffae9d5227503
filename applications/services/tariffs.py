"""The fee table: the body's settings of fees and person-days, as they stand on a day.

Each value holds from a day on and may be entered ahead; a fee table is what all of them say together. A quote stores
the day whose table it used and the values themselves, so that its arithmetic can be repeated for ever.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from applications.fees import Quote, QuoteKind, Request, Tariff, row_for
from certbody import clock
from certbody.body.queries import first_days_of
from certbody.body.settings_catalogue import settings_of
from certbody.body.settings_catalogue.kinds import cells_of
from certbody.cases.models import CaseKind
from certbody.scheme.model import PersonDayRow

TRANSFER_AS = "transfer_person_days_as"
ROWS = "person_days"
_FACTORS = {
    QuoteKind.SURVEILLANCE: "site_sample_factor_surveillance",
    QuoteKind.RECERTIFICATION: "site_sample_factor_recertification",
    QuoteKind.INITIAL: "site_sample_factor_initial",
}
_AMOUNTS = {
    "application": "fee_application",
    "registration": "fee_registration",
    "annual": "fee_annual",
    "reissue": "fee_reissue",
    "per_person_day": "fee_per_person_day",
    "min_site_days": "min_site_person_days",
    "category_days": "category_person_days",
}
TABLE_KEYS = (*_AMOUNTS.values(), *_FACTORS.values(), TRANSFER_AS, ROWS)
_OWN_DAYS = frozenset({QuoteKind.SURVEILLANCE, QuoteKind.RECERTIFICATION})


def days_as(kind: str, transfer_as: str) -> str:
    """Which columns of the person-day table count for a kind of quote."""
    if kind == QuoteKind.TRANSFER:
        return transfer_as
    return kind if kind in _OWN_DAYS else CaseKind.INITIAL.value


def tariff_for(kind: str, on: date | None = None) -> Tariff:
    """The fee table of a day, today by default, for a kind of quote."""
    values = settings_of(TABLE_KEYS, on)
    columns = days_as(kind, values[TRANSFER_AS])
    return Tariff(
        **{name: values[key] for name, key in _AMOUNTS.items()},
        sample_factor=values[_FACTORS[QuoteKind(columns)]],
        days_as=columns,
        rows=values[ROWS],
    )


def in_force_since(on: date) -> date | None:
    """The first day of the fee table of a day; None for the one that the product was delivered with."""
    days = [day for day in first_days_of(TABLE_KEYS, on).values() if day is not None]
    return max(days, default=None)


def record_of(tariff: Tariff, request: Request) -> dict[str, Any]:
    """What a quote stores of the table it used; of the person-days only the row that was read."""
    on = clock.today()
    since = in_force_since(on)
    reads_table = request.kind != QuoteKind.DATA_CHANGE
    rows = [row_for(tariff.rows, request.headcount)] if reads_table else []
    return {
        "on": on.isoformat(),
        "since": since.isoformat() if since else None,
        "sample_factor": str(tariff.sample_factor),
        "days_as": tariff.days_as,
        "rows": [[str(cell) for cell in cells_of(row)] for row in rows],
        **{name: str(getattr(tariff, name)) for name in _AMOUNTS},
    }


def tariff_of(record: Mapping[str, Any]) -> Tariff:
    """The table as a quote stored it."""
    rows = [
        PersonDayRow(int(first), int(last), *(Decimal(day) for day in days))
        for first, last, *days in record["rows"]
    ]
    return Tariff(
        **{name: Decimal(record[name]) for name in _AMOUNTS},
        sample_factor=Decimal(record["sample_factor"]),
        days_as=record["days_as"],
        rows=rows,
    )


def values_of_lines(made: Quote) -> Iterator[dict[str, Any]]:
    """The lines of a quote as values of `QuoteLine`, in their order."""
    for position, line in enumerate(made.lines, 1):
        yield {
            "position": position,
            "key": line.key,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "amount": line.amount,
            "basis": list(line.basis),
        }
