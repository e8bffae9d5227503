from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certbody import clock
from certbody.scheme.dates import (
    Period,
    first_surveillance_window,
    last_valid_day,
    months_later,
    next_surveillance_due,
    recertification_application_due,
    recertification_period,
    third_anniversary,
)
from tests.scheme.sheets import quick

DAY = timedelta(days=1)
ISSUE_DATES = [
    date(2024, 1, 1) + DAY * offset for offset in range((date(2032, 12, 31) - date(2024, 1, 1)).days + 1)
]


def same_day_later(day: date, years: int) -> date:
    """The anniversary by a way of its own: the day after 28 February stands in for a missing 29 February."""
    if (day.month, day.day) == (2, 29):
        return date(day.year + years, 2, 28) + DAY
    return date(day.year + years, day.month, day.day)


def test_item_54_the_last_valid_day_of_every_issue_date_is_the_eve_of_its_third_anniversary():
    assert len(ISSUE_DATES) == 3288
    for issued in ISSUE_DATES:
        assert third_anniversary(issued) == same_day_later(issued, 3)
        assert last_valid_day(issued) == same_day_later(issued, 3) - DAY


@pytest.mark.parametrize(
    ("issued", "last"),
    [
        (date(2024, 2, 28), date(2027, 2, 27)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2024, 3, 1), date(2027, 2, 28)),
        (date(2025, 3, 1), date(2028, 2, 29)),
        (date(2025, 2, 28), date(2028, 2, 27)),
        (date(2026, 12, 31), date(2029, 12, 30)),
        (date(2027, 1, 1), date(2029, 12, 31)),
        (date(2028, 2, 29), date(2031, 2, 28)),
    ],
)
def test_item_54_leap_days_and_month_ends_are_counted_by_the_rule(issued, last):
    assert last_valid_day(issued) == last


def test_item_54_a_later_issue_never_ends_earlier():
    ends = [last_valid_day(issued) for issued in ISSUE_DATES]
    assert ends == sorted(ends)


def test_item_54_validity_holds_for_1095_or_1096_days():
    assert {(last_valid_day(issued) - issued).days + 1 for issued in ISSUE_DATES} == {1095, 1096}


def test_item_54_the_first_surveillance_ends_within_the_first_twelve_months():
    for issued in ISSUE_DATES:
        window = first_surveillance_window(issued)
        assert window == Period(issued, same_day_later(issued, 1) - DAY)
        assert (window.last - window.first).days + 1 in {365, 366}


def test_item_54_later_surveillance_ends_within_twelve_months_of_the_visit_before():
    assert next_surveillance_due(date(2027, 6, 10)) == date(2028, 6, 10)
    assert next_surveillance_due(date(2028, 2, 29)) == date(2029, 2, 28)
    assert next_surveillance_due(date(2027, 2, 28)) == date(2028, 2, 28)
    for visited in ISSUE_DATES:
        assert 365 <= (next_surveillance_due(visited) - visited).days <= 366


def test_item_54_two_visits_on_their_last_days_still_fit_into_the_cycle():
    for issued in ISSUE_DATES:
        first = first_surveillance_window(issued).last
        assert next_surveillance_due(next_surveillance_due(first)) <= last_valid_day(issued)


def test_item_54_recertification_follows_without_gap_or_overlap_and_keeps_its_anniversary():
    for issued in ISSUE_DATES:
        old_last = last_valid_day(issued)
        following = recertification_period(old_last)
        assert following.first == old_last + DAY == third_anniversary(issued)
        assert following.last == last_valid_day(following.first)


@pytest.mark.parametrize(
    ("expiry", "due"),
    [
        (date(2027, 2, 28), date(2026, 11, 28)),
        (date(2027, 5, 31), date(2027, 2, 28)),
        (date(2028, 5, 31), date(2028, 2, 29)),
        (date(2027, 1, 15), date(2026, 10, 15)),
    ],
)
def test_item_54_the_application_for_recertification_is_due_whole_months_before_expiry(expiry, due):
    assert recertification_application_due(expiry, 3) == due


def test_item_54_the_last_day_and_no_day_after_it_lies_in_the_period():
    period = Period(date(2026, 3, 1), last_valid_day(date(2026, 3, 1)))
    assert period.first in period
    assert period.last in period
    assert period.first - DAY not in period
    assert period.last + DAY not in period


@pytest.mark.parametrize(
    ("moment", "is_valid"),
    [
        (datetime(2027, 2, 28, 15, 59, 59, tzinfo=UTC), True),
        (datetime(2027, 2, 28, 16, 0, 0, tzinfo=UTC), False),
    ],
)
def test_item_54_a_certificate_ends_with_the_last_second_of_its_last_day_in_shanghai(moment, is_valid):
    period = Period(date(2024, 2, 29), last_valid_day(date(2024, 2, 29)))
    with clock.at(moment):
        assert (clock.today() in period) is is_valid


@pytest.mark.parametrize(
    ("decided", "last"),
    [
        (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), date(2029, 12, 30)),
        (datetime(2026, 12, 31, 16, 1, tzinfo=UTC), date(2029, 12, 31)),
        (datetime(2026, 12, 31, 16, 30, tzinfo=UTC), date(2029, 12, 31)),
    ],
)
def test_item_54_the_day_of_issue_is_the_day_in_shanghai(decided, last):
    with clock.at(decided):
        assert last_valid_day(clock.today()) == last


@quick
@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.integers(-60, 60))
def test_months_are_counted_to_the_same_day_or_the_end_of_a_shorter_month(day, months):
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + DAY).day == 1)
