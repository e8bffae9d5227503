from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.fees import (
    Basis,
    HeadcountBeyondTable,
    QuoteKind,
    Request,
    SiteFigures,
    Tariff,
    person_days,
    quote,
    quote_kind,
    sample_size,
    sampled,
)
from applications.services.tariffs import days_as
from applications.states import LineKey
from certbody.scheme.load import shipped

ROWS = shipped("gbt27922-2011").person_days.rows
TARIFF = Tariff(
    application=Decimal(1000),
    registration=Decimal(2000),
    annual=Decimal(2000),
    reissue=Decimal(500),
    per_person_day=Decimal(3000),
    min_site_days=Decimal("0.5"),
    category_days=Decimal("0.5"),
    sample_factor=Decimal(1),
    days_as="initial",
    rows=ROWS,
)


def site(pk: int, headcount: int) -> SiteFigures:
    return SiteFigures(pk, f"网点{pk}", f"Outlet {pk}", headcount)


def request(
    headcount: int, *sites: SiteFigures, kind: str = QuoteKind.INITIAL, categories: int = 1
) -> Request:
    return Request(kind, headcount, sites, categories)


def days(
    headcount: int,
    sites: Sequence[SiteFigures] = (),
    days_as: str = "initial",
    categories: int = 1,
    adjustment: Decimal = Decimal(0),
) -> Decimal:
    tariff = replace(TARIFF, days_as=days_as)
    return person_days(request(headcount, *sites, categories=categories), tariff, adjustment)[0]


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
    assert days(headcount, days_as="surveillance") == Decimal(surveillance)
    assert days(headcount, days_as="recertification") == Decimal(recertification)


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
    total, basis = person_days(request(100, site(1, 2)), TARIFF)
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


@given(st.integers(1, 10_700), st.integers(1, 30))
def test_each_product_category_beyond_the_first_adds_half_a_day(headcount, categories):
    assert days(headcount, categories=categories) == days(headcount) + Decimal("0.5") * (categories - 1)


def test_the_categories_are_a_line_of_the_arithmetic():
    _days, basis = person_days(request(40, categories=3), TARIFF)
    line = next(entry for entry in basis if entry["code"] == Basis.CATEGORIES)
    assert (line["categories"], line["further"], line["each"], line["added"]) == (3, 2, "0.5", "1")


def test_a_change_of_data_has_no_person_days_whatever_its_headcount():
    made = quote(request(99_999, kind=QuoteKind.DATA_CHANGE), TARIFF)
    assert (made.person_days, made.total) == (0, Decimal(500))


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        (QuoteKind.UPGRADE, "initial"),
        (QuoteKind.SCOPE_CHANGE, "initial"),
        (QuoteKind.RECERTIFICATION, "recertification"),
        (QuoteKind.TRANSFER, "surveillance"),
    ],
)
def test_each_kind_reads_its_columns_and_a_transfer_those_that_the_body_chose(kind, columns):
    assert days_as(kind, "surveillance") == columns


@pytest.mark.parametrize(
    ("case_kind", "application_kind", "expected"),
    [
        ("initial", "initial", QuoteKind.INITIAL),
        ("recertification", "initial", QuoteKind.RECERTIFICATION),
        ("change", "initial", QuoteKind.SCOPE_CHANGE),
        ("change", "data_change", QuoteKind.DATA_CHANGE),
        ("recertification", "upgrade", QuoteKind.UPGRADE),
        ("transfer", "transfer", QuoteKind.TRANSFER),
    ],
)
def test_the_kind_of_the_application_decides_what_is_quoted(case_kind, application_kind, expected):
    assert quote_kind(case_kind, application_kind) == expected


def test_an_adjustment_is_added_after_the_rounding():
    assert days(40, adjustment=Decimal("-1.5")) == Decimal("4.5")


def test_the_initial_quote_is_application_registration_person_days_and_annual_fee():
    made = quote(request(40), TARIFF)
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
        (QuoteKind.SURVEILLANCE, [LineKey.PERSON_DAYS, LineKey.ANNUAL], 8000),
        (QuoteKind.RECERTIFICATION, [LineKey.REGISTRATION, LineKey.PERSON_DAYS, LineKey.ANNUAL], 16000),
        (QuoteKind.UPGRADE, [LineKey.REGISTRATION, LineKey.PERSON_DAYS], 20000),
        (QuoteKind.SCOPE_CHANGE, [LineKey.REGISTRATION, LineKey.PERSON_DAYS], 20000),
        (QuoteKind.DATA_CHANGE, [LineKey.REISSUE], 500),
    ],
)
def test_later_quotes_leave_out_what_was_paid_once(kind, keys, total):
    tariff = replace(TARIFF, days_as=days_as(kind, "initial"))
    made = quote(request(40, kind=kind), tariff)
    assert [line.key for line in made.lines] == keys
    assert made.total == total


def test_amounts_are_rounded_to_cents_and_sum_up_to_the_total():
    tariff = replace(TARIFF, per_person_day=Decimal("2999.99"))
    made = quote(request(70), tariff)
    line = next(line for line in made.lines if line.key == LineKey.PERSON_DAYS)
    assert line.amount == Decimal("22499.93")
    assert made.total == sum(one.amount for one in made.lines)
