"""Periods in working days, Monday to Friday.

Public holidays are not known here, so a day reckoned across one is the earliest possible, not the promised one.
"""

from datetime import date, timedelta

FRIDAY = 4
_ONE_DAY = timedelta(days=1)


def working_days_later(day: date, count: int) -> date:
    """The day on which `count` working days after `day` are over; with none it is `day` or the next working day.

    Whoever waits since a weekend counts Monday as the first day, as the clock of a published time does.
    """
    weeks, rest = divmod(count, 5)
    if count and day.weekday() > FRIDAY:
        day -= (day.weekday() - FRIDAY) * _ONE_DAY
    reached = _on_a_working_day(day) + timedelta(weeks=weeks)
    for _number in range(rest):
        reached = _on_a_working_day(reached + _ONE_DAY)
    return reached


def _on_a_working_day(day: date) -> date:
    while day.weekday() > FRIDAY:
        day += _ONE_DAY
    return day
