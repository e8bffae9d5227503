from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.fees import (
    Basis,
    HeadcountBeyondTable,
    LineKey,
    SiteFigures,
    Tariff,
    person_days,
    quote,
    sample_size,
    sampled,
)
from certbody.cases.models import CaseKind
from certbody.scheme.load import shipped

ROWS = shipped("gbt27922-2011").person_days.rows
TARIFF = Tariff(
    application=Decimal(1000),
    registration=Decimal(2000),
    annual=Decimal(2000),
    per_person_day=Decimal(3000),
    min_site_days=Decimal("0.5"),
    sample_factor=Decimal(1),
    rows=ROWS,
)


def site(pk: int, headcount: int) -> SiteFigures:
    return SiteFigures(pk, f"网点{pk}", f"Outlet {pk}", headcount)


def days(
    headcount: int, sites: list[SiteFigures] | None = None, kind: str = CaseKind.INITIAL, **more
) -> Decimal:
    return person_days(kind=kind, headcount=headcount, sites=sites or [], tariff=TARIFF, **more)[0]


@pytest.mark.parametrize(
    ("headcount", "initial", "surveillance", "recertification"),
    [
        (1, "3", "1.5", "2"),
        (10, "3", "1.5", "2"),
        (11, "4", "1.5", "2.5"),
        (85, "7.5", "2.5", "4.5"),
        (10700, "25", "8.5", "15.5"),
    ],
)
def test_one_place_costs_what_the_row_of_its_headcount_says(
    headcount, initial, surveillance, recertification
):
    assert days(headcount) == Decimal(initial)
    assert days(headcount, kind=CaseKind.SURVEILLANCE) == Decimal(surveillance)
    assert days(headcount, kind=CaseKind.RECERTIFICATION) == Decimal(recertification)


@pytest.mark.parametrize("headcount", [0, 10_701])
def test_a_headcount_outside_the_table_is_not_guessed(headcount):
    with pytest.raises(HeadcountBeyondTable):
        days(headcount)


@pytest.mark.parametrize(
    ("sites", "factor", "expected"),
    [
        (0, "1", 0),
        (1, "1", 1),
        (4, "1", 2),
        (5, "1", 3),
        (100, "1", 10),
        (4, "0.6", 2),
        (100, "0.6", 6),
        (25, "0.8", 4),
        (3, "5", 3),
    ],
)
def test_the_sample_is_the_factor_times_the_square_root_rounded_up(sites, factor, expected):
    assert sample_size(sites, Decimal(factor)) == expected


@given(st.integers(0, 300), st.decimals("0", "3", places=1))
def test_the_sample_never_falls_short_and_is_never_one_too_many(sites, factor):
    size = sample_size(sites, factor)
    assert 0 <= size <= sites
    assert size == sites or size**2 >= factor**2 * sites
    assert size == 0 or (size - 1) ** 2 < factor**2 * sites


def test_the_largest_sites_are_counted_first():
    assert [one.pk for one in sampled([site(1, 5), site(2, 9), site(3, 9), site(4, 1)], Decimal(1))] == [2, 3]


def test_a_site_with_a_share_above_the_least_is_contained_in_the_days_on_site():
    assert days(100, [site(1, 40)]) == days(100)


def test_a_small_site_is_raised_to_half_a_day_and_the_sum_is_rounded_up_to_half_days():
    # 100 people: 1.5 + 7.0; an outlet of 2 has a share of 0.14, so 0.36 are added: 8.86 becomes 9
    total, basis = person_days(kind=CaseKind.INITIAL, headcount=100, sites=[site(1, 2)], tariff=TARIFF)
    assert total == Decimal(9)
    outlet = next(entry for entry in basis if entry["code"] == Basis.SITE)
    assert (outlet["share"], outlet["added"]) == ("0.14", "0.36")
    assert basis[-1] == {"code": Basis.ROUNDED, "sum": "8.86", "days": "9"}


@given(st.integers(1, 10_700), st.lists(st.integers(0, 500), max_size=40))
def test_days_are_half_days_and_more_sites_never_cost_less(headcount, counts):
    counts = [min(count, headcount) for count in counts]
    sites = [site(number, count) for number, count in enumerate(counts)]
    total = days(headcount, sites)
    assert total % Decimal("0.5") == 0
    assert total >= days(headcount)


def test_an_adjustment_is_added_after_the_rounding():
    assert days(40, adjustment=Decimal("-1.5")) == Decimal("4.5")


def test_the_initial_quote_is_application_registration_person_days_and_annual_fee():
    made = quote(kind=CaseKind.INITIAL, headcount=40, sites=[], tariff=TARIFF)
    assert [(line.key, line.quantity, line.amount) for line in made.lines] == [
        (LineKey.APPLICATION, 1, 1000),
        (LineKey.REGISTRATION, 1, 2000),
        (LineKey.PERSON_DAYS, 6, 18000),
        (LineKey.ANNUAL, 1, 2000),
    ]
    assert made.total == Decimal(23000)


@pytest.mark.parametrize(
    ("kind", "keys", "total"),
    [
        (CaseKind.SURVEILLANCE, [LineKey.PERSON_DAYS, LineKey.ANNUAL], 8000),
        (CaseKind.RECERTIFICATION, [LineKey.REGISTRATION, LineKey.PERSON_DAYS, LineKey.ANNUAL], 16000),
    ],
)
def test_later_quotes_leave_out_what_was_paid_once(kind, keys, total):
    made = quote(kind=kind, headcount=40, sites=[], tariff=TARIFF)
    assert [line.key for line in made.lines] == keys
    assert made.total == total


def test_amounts_are_rounded_to_cents_and_sum_up_to_the_total():
    tariff = Tariff(**{**vars(TARIFF), "per_person_day": Decimal("2999.99")})
    made = quote(kind=CaseKind.INITIAL, headcount=70, sites=[], tariff=tariff)
    line = next(line for line in made.lines if line.key == LineKey.PERSON_DAYS)
    assert line.amount == Decimal("22499.93")
    assert made.total == sum(one.amount for one in made.lines)
