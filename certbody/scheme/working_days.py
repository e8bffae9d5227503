"""Periods in working days, Monday to Friday.

No calendar of public holidays is kept, so a time that runs over one ends a few days too early: what is promised is then
too strict with the body, what is foreseen is the earliest possible, and pages say so.
"""

from datetime import date, timedelta

SATURDAY = 5


def working_days_between(first: date, last: date) -> int:
    """Working days after `first` up to and with `last`; none when `last` is not later."""
    days = max((last - first).days, 0)
    weeks, rest = divmod(days, 7)
    return weeks * 5 + sum(
        (first + timedelta(days=number)).weekday() < SATURDAY for number in range(1, rest + 1)
    )


def working_day_after(first: date, number: int) -> date:
    """The last day of a time of so many working days that runs since `first`."""
    weeks, rest = divmod(number, 5)
    day = first + timedelta(weeks=weeks)
    while rest:
        day += timedelta(days=1)
        rest -= day.weekday() < SATURDAY
    while number and day.weekday() >= SATURDAY:
        day -= timedelta(days=1)
    return day
