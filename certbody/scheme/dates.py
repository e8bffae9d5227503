"""Rule R: the days on which a certificate begins and ends and its visits fall due.

Every date is a calendar day of the body's zone (Asia/Shanghai) and every bound is inclusive. Where the target
year of an anniversary has no 29 February, the anniversary is 1 March.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

VALIDITY_YEARS = 3
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from `first` to `last`, both inclusive."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def anniversary(day: date, years: int) -> date:
    """The same day of a later year; 29 February becomes 1 March in a year without one."""
    if day.month == 2 and day.day == 29 and not calendar.isleap(day.year + years):
        return date(day.year + years, 3, 1)
    return day.replace(year=day.year + years)


def third_anniversary(day: date) -> date:
    """The first day on which a certificate that begins on `day` is no longer valid."""
    return anniversary(day, VALIDITY_YEARS)


def last_valid_day(issue_date: date) -> date:
    """The third anniversary minus one day: 2024-02-29 and 2024-03-01 both give 2027-02-28."""
    return third_anniversary(issue_date) - _ONE_DAY


def recertification_period(old_last_day: date) -> Period:
    """The cycle decided before the old expiry: from the day after it, three years by the same count."""
    first = old_last_day + _ONE_DAY
    return Period(first, last_valid_day(first))


def first_surveillance_window(issue_date: date) -> Period:
    """When the first surveillance visit may end: on or before the last day of the first twelve months."""
    return Period(issue_date, anniversary(issue_date, 1) - _ONE_DAY)


def next_surveillance_due(last_visit_end: date) -> date:
    """The last day on which the next visit may end: twelve months after the last day of the visit before.

    The months run from the day after that visit, so they end on the same day of the next year; after a
    29 February they end on 28 February.
    """
    return months_later(last_visit_end, 12)


def recertification_application_due(expiry: date, months: int) -> date:
    """The last day to apply for recertification: the set number of months before the last valid day.

    A day that the target month does not have becomes its last day.
    """
    return months_later(expiry, -months)


def months_later(day: date, months: int) -> date:
    """The same day `months` later (earlier when negative), or the last day of a month too short for it."""
    years, month0 = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))
