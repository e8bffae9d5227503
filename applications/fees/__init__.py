"""The quote: person-days and amounts from headcount, sites and the body's tables. Plain functions, exact numbers.

Person-days are days of 8 hours. The row of the total headcount gives the days for planning and documents and the days
on site for head office and sites together. Of the n further sites the rounded-up factor x square root of n are visited,
the largest first, the head office always. Each visited site has its share of the days on site by its own headcount, not
below the least person-days of an outlet; what a share falls short of that is added, a published practice. The sum is
rounded up to half days, then the contract officer's adjustment is added. Each product category beyond the first adds
the body's days for it before the rounding.

A change of name, address or sites is no audit: it has no person-days and one fixed fee. A higher grade and a change of
scope take the full days of an initial audit (docs/decisions/0017); what a transfer takes is the body's choice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.states import ApplicationKind, LineKey
from certbody.cases.models import CaseKind
from certbody.scheme.model import PersonDayRow

HALF_DAY = Fraction(1, 2)
CENT = Decimal("0.01")


class Basis(models.TextChoices):
    """What a line of the arithmetic is about; the sentences are in `queries/arithmetic.py`."""

    PLANNING = "planning"
    ON_SITE = "on_site"
    SAMPLE = "sample"
    SITE = "site"
    CATEGORIES = "categories"
    ROUNDED = "rounded"
    ADJUSTMENT = "adjustment"


class QuoteKind(models.TextChoices):
    """What a quote is for: the kind of the application, or a surveillance."""

    INITIAL = "initial", _("initial certification")
    SURVEILLANCE = "surveillance", _("surveillance")
    RECERTIFICATION = "recertification", _("recertification")
    SCOPE_CHANGE = "scope_change", _("change of scope")
    DATA_CHANGE = "data_change", _("change of name, address or sites")
    UPGRADE = "upgrade", _("higher grade")
    TRANSFER = "transfer", _("transfer from another certification body")


LINES: dict[str, tuple[LineKey, ...]] = {
    QuoteKind.INITIAL: (LineKey.APPLICATION, LineKey.REGISTRATION, LineKey.PERSON_DAYS, LineKey.ANNUAL),
    QuoteKind.TRANSFER: (LineKey.APPLICATION, LineKey.REGISTRATION, LineKey.PERSON_DAYS, LineKey.ANNUAL),
    QuoteKind.SURVEILLANCE: (LineKey.PERSON_DAYS, LineKey.ANNUAL),
    QuoteKind.RECERTIFICATION: (LineKey.REGISTRATION, LineKey.PERSON_DAYS, LineKey.ANNUAL),
    QuoteKind.SCOPE_CHANGE: (LineKey.REGISTRATION, LineKey.PERSON_DAYS),
    QuoteKind.UPGRADE: (LineKey.REGISTRATION, LineKey.PERSON_DAYS),
    QuoteKind.DATA_CHANGE: (LineKey.REISSUE,),
}


def quote_kind(case_kind: str, application_kind: str) -> QuoteKind:
    """What an application is quoted as; the kind of the case decides where the application names no other."""
    if application_kind != ApplicationKind.INITIAL:
        return QuoteKind(application_kind)
    return QuoteKind.SCOPE_CHANGE if case_kind == CaseKind.CHANGE else QuoteKind(case_kind)


@dataclass(frozen=True)
class SiteFigures:
    pk: int
    name: str
    name_en: str
    headcount: int


@dataclass(frozen=True)
class Tariff:
    """The body's figures for a quote: amounts in CNY, `sample_factor` before the square root of the number of sites.

    `category_days` are the person-days of each product category beyond the first; `days_as` names the columns of the
    person-day table that count: those of an initial audit, a surveillance or a recertification.
    """

    application: Decimal
    registration: Decimal
    annual: Decimal
    reissue: Decimal
    per_person_day: Decimal
    min_site_days: Decimal
    category_days: Decimal
    sample_factor: Decimal
    days_as: str
    rows: Sequence[PersonDayRow]

    def price_of(self, key: str) -> Decimal:
        """The unit price of a line."""
        return {
            LineKey.APPLICATION: self.application,
            LineKey.REGISTRATION: self.registration,
            LineKey.PERSON_DAYS: self.per_person_day,
            LineKey.ANNUAL: self.annual,
            LineKey.REISSUE: self.reissue,
        }[LineKey(key)]


@dataclass(frozen=True)
class Request:
    """What the client asks for, as far as a quote depends on it; `sites` are those beside the head office."""

    kind: str
    headcount: int
    sites: tuple[SiteFigures, ...] = ()
    product_categories: int = 1


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
    request: Request, tariff: Tariff, adjustment: Decimal = Decimal(0)
) -> tuple[Decimal, tuple[dict[str, Any], ...]]:
    """Person-days of a request and the figures they follow from. Raises HeadcountBeyondTable."""
    row = row_for(tariff.rows, request.headcount)
    planning, on_site = _days_of(row, tariff.days_as)
    span = {"headcount": request.headcount, "first": row.first, "last": row.last}
    basis: list[dict[str, Any]] = [
        {"code": Basis.PLANNING, **span, "days": str(planning)},
        {"code": Basis.ON_SITE, **span, "days": str(on_site)},
    ]
    total = Fraction(planning) + Fraction(on_site)
    for entry, added in (*_sites(request, on_site, tariff), *_categories(request, tariff)):
        basis.append(entry)
        total += added
    rounded = round_up_to_half(total)
    basis.append({"code": Basis.ROUNDED, "sum": str(_decimal(total)), "days": str(rounded)})
    if adjustment:
        basis.append({"code": Basis.ADJUSTMENT, "change": str(adjustment), "days": str(rounded + adjustment)})
    return rounded + adjustment, tuple(basis)


def _sites(request: Request, on_site: Decimal, tariff: Tariff) -> Iterator[tuple[dict[str, Any], Fraction]]:
    """The sites that are visited, and what each adds."""
    visited = sampled(request.sites, tariff.sample_factor)
    if request.sites:
        sample = {"sites": len(request.sites), "sampled": len(visited), "factor": str(tariff.sample_factor)}
        yield {"code": Basis.SAMPLE, **sample}, Fraction(0)
    for site in visited:
        share = Fraction(on_site) * site.headcount / request.headcount
        added = max(Fraction(0), Fraction(tariff.min_site_days) - share)
        entry = {
            "code": Basis.SITE,
            "site": site.pk,
            "name": site.name,
            "name_en": site.name_en,
            "headcount": site.headcount,
            "of": request.headcount,
            "on_site": str(on_site),
            "share": str(_decimal(share)),
            "least": str(tariff.min_site_days),
            "added": str(_decimal(added)),
        }
        yield entry, added


def _categories(request: Request, tariff: Tariff) -> Iterator[tuple[dict[str, Any], Fraction]]:
    further = max(0, request.product_categories - 1)
    if further:
        added = Fraction(tariff.category_days) * further
        figures = {"further": further, "each": str(tariff.category_days), "added": str(_decimal(added))}
        yield {"code": Basis.CATEGORIES, "categories": request.product_categories, **figures}, added


def quote(request: Request, tariff: Tariff, adjustment: Decimal = Decimal(0)) -> Quote:
    """The lines of a quote; its fees are those of the body. Raises HeadcountBeyondTable.

    Which lines a kind has is in LINES; what was paid once is not charged again. Travel is charged at cost and is no
    line. What has no person-days cannot be adjusted.
    """
    keys = LINES[request.kind]
    days: Decimal = Decimal(0)
    basis: tuple[dict[str, Any], ...] = ()
    if LineKey.PERSON_DAYS in keys:
        days, basis = person_days(request, tariff, adjustment)
    lines = tuple(
        Line(key, days, tariff.price_of(key), basis)
        if key == LineKey.PERSON_DAYS
        else Line(key, Decimal(1), tariff.price_of(key))
        for key in keys
    )
    return Quote(lines, days)
