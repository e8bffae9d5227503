"""The quote: person-days and amounts from headcount, sites and the body's tables. Plain functions, exact numbers.

Person-days are days of 8 hours. The row of the total headcount gives the days for planning and documents and the days
on site for head office and sites together. Of the n further sites the rounded-up factor x square root of n are visited,
the largest first, the head office always. Each visited site has its share of the days on site by its own headcount, not
below the least person-days of an outlet; what a share falls short of that is added (domain.md section 3). The sum is
rounded up to half days, then the contract officer's adjustment is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db import models

from certbody.cases.models import CaseKind
from certbody.scheme.model import PersonDayRow

HALF_DAY = Fraction(1, 2)
CENT = Decimal("0.01")


class Basis(models.TextChoices):
    """What a line of the arithmetic is about; the sentences are in `arithmetic.py`."""

    PLANNING = "planning"
    ON_SITE = "on_site"
    SAMPLE = "sample"
    SITE = "site"
    ROUNDED = "rounded"
    ADJUSTMENT = "adjustment"


class LineKey(models.TextChoices):
    APPLICATION = "application"
    REGISTRATION = "registration"
    PERSON_DAYS = "person_days"
    ANNUAL = "annual"


@dataclass(frozen=True)
class SiteFigures:
    pk: int
    name: str
    name_en: str
    headcount: int


@dataclass(frozen=True)
class Tariff:
    """The body's figures for a quote: amounts in CNY, `sample_factor` before the square root of the number of sites."""

    application: Decimal
    registration: Decimal
    annual: Decimal
    per_person_day: Decimal
    min_site_days: Decimal
    sample_factor: Decimal
    rows: Sequence[PersonDayRow]


@dataclass(frozen=True)
class Line:
    key: str
    quantity: Decimal
    unit_price: Decimal
    basis: tuple[dict[str, Any], ...] = ()

    @property
    def amount(self) -> Decimal:
        return (self.quantity * self.unit_price).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Quote:
    lines: tuple[Line, ...]
    person_days: Decimal

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))


class HeadcountBeyondTable(Exception):
    """The body's person-day table has no row for this headcount."""


def row_for(rows: Sequence[PersonDayRow], headcount: int) -> PersonDayRow:
    """The row of the table for a headcount; raises HeadcountBeyondTable."""
    for row in rows:
        if row.first <= headcount <= row.last:
            return row
    raise HeadcountBeyondTable(headcount)


def sample_size(sites: int, factor: Decimal) -> int:
    """The smallest whole number not below factor x square root of the number of sites, at most all of them."""
    wanted = Fraction(factor) ** 2 * sites
    size = 0
    while size**2 < wanted and size < sites:
        size += 1
    return size


def sampled(sites: Sequence[SiteFigures], factor: Decimal) -> list[SiteFigures]:
    """The sites that the quote counts: the largest ones; the planner may visit others of the same number."""
    ranked = sorted(sites, key=lambda site: (-site.headcount, site.pk))
    return ranked[: sample_size(len(sites), factor)]


def _days_of(row: PersonDayRow, kind: str) -> tuple[Decimal, Decimal]:
    """Days for planning and documents, and days on site."""
    if kind == CaseKind.SURVEILLANCE:
        return row.surveillance_total - row.surveillance_site, row.surveillance_site
    if kind == CaseKind.RECERTIFICATION:
        return row.recertification_total - row.recertification_site, row.recertification_site
    return row.initial_planning, row.initial_site


def round_up_to_half(days: Fraction) -> Decimal:
    halves = -(-days // HALF_DAY)
    return Decimal(int(halves)) / 2


def _decimal(value: Fraction) -> Decimal:
    """Two places, rounded down: what a page shows of a share."""
    return Decimal(int(value * 100)) / 100


def person_days(
    *,
    kind: str,
    headcount: int,
    sites: Sequence[SiteFigures],
    tariff: Tariff,
    adjustment: Decimal = Decimal(0),
) -> tuple[Decimal, tuple[dict[str, Any], ...]]:
    """Person-days of a case and the figures they follow from. Raises HeadcountBeyondTable."""
    row = row_for(tariff.rows, headcount)
    planning, on_site = _days_of(row, kind)
    span = {"headcount": headcount, "first": row.first, "last": row.last}
    basis: list[dict[str, Any]] = [
        {"code": Basis.PLANNING, **span, "days": str(planning)},
        {"code": Basis.ON_SITE, **span, "days": str(on_site)},
    ]
    total = Fraction(planning) + Fraction(on_site)
    visited = sampled(sites, tariff.sample_factor)
    if sites:
        basis.append(
            {
                "code": Basis.SAMPLE,
                "sites": len(sites),
                "sampled": len(visited),
                "factor": str(tariff.sample_factor),
            }
        )
    for site in visited:
        share = Fraction(on_site) * site.headcount / headcount
        added = max(Fraction(0), Fraction(tariff.min_site_days) - share)
        total += added
        basis.append(
            {
                "code": Basis.SITE,
                "site": site.pk,
                "name": site.name,
                "name_en": site.name_en,
                "headcount": site.headcount,
                "of": headcount,
                "on_site": str(on_site),
                "share": str(_decimal(share)),
                "least": str(tariff.min_site_days),
                "added": str(_decimal(added)),
            }
        )
    rounded = round_up_to_half(total)
    basis.append({"code": Basis.ROUNDED, "sum": str(_decimal(total)), "days": str(rounded)})
    if adjustment:
        basis.append({"code": Basis.ADJUSTMENT, "change": str(adjustment), "days": str(rounded + adjustment)})
    return rounded + adjustment, tuple(basis)


def quote(
    *,
    kind: str,
    headcount: int,
    sites: Sequence[SiteFigures],
    tariff: Tariff,
    adjustment: Decimal = Decimal(0),
) -> Quote:
    """The lines of a quote (domain.md section 3, Fees). Raises HeadcountBeyondTable.

    Initial: application + registration + person-days x rate + annual fee; surveillance: person-days and annual fee;
    recertification: registration, person-days and annual fee. Travel is charged at cost and is no line.
    """
    days, basis = person_days(
        kind=kind, headcount=headcount, sites=sites, tariff=tariff, adjustment=adjustment
    )
    one = Decimal(1)
    lines = [
        Line(LineKey.PERSON_DAYS, days, tariff.per_person_day, basis),
        Line(LineKey.ANNUAL, one, tariff.annual),
    ]
    if kind != CaseKind.SURVEILLANCE:
        lines.insert(0, Line(LineKey.REGISTRATION, one, tariff.registration))
    if kind not in {CaseKind.SURVEILLANCE, CaseKind.RECERTIFICATION}:
        lines.insert(0, Line(LineKey.APPLICATION, one, tariff.application))
    return Quote(tuple(lines), days)
