"""The clocks of body and client: calendar days shared out by whose turn it was, working days for published times."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certbody.clock import BODY_ZONE
from certbody.desk.clocks import (
    Used,
    Wait,
    days_used,
    turn_since,
)
from certbody.scheme.working_days import working_day_after, working_days_between


def at(day: int, hour: int = 12) -> datetime:
    """A moment of March 2027; the first is a Monday."""
    return datetime(2027, 3, 1, hour, tzinfo=BODY_ZONE) + timedelta(days=day - 1)


def test_days_go_to_whoever_had_the_turn_at_their_end() -> None:
    waits = [Wait(at(1), at(4)), Wait(at(9))]
    # second and third are the client's, fourth to eighth the body's, ninth and tenth the client's again
    assert days_used(opened=at(1), until=at(10), waits=waits) == Used(body=5, client=4)


def test_a_day_without_anything_waiting_is_the_body_s_and_the_first_day_counts_for_nobody() -> None:
    assert days_used(opened=at(1), until=at(1, 23), waits=[]) == Used(0, 0)
    assert days_used(opened=at(1, 0), until=at(6), waits=[]) == Used(5, 0)


def test_two_things_that_wait_at_once_count_a_day_once() -> None:
    waits = [Wait(at(2), at(6)), Wait(at(3), at(5)), Wait(at(5), at(6))]
    assert days_used(opened=at(1), until=at(7), waits=waits) == Used(body=2, client=4)


def test_what_was_answered_on_the_same_day_costs_nobody_a_day() -> None:
    assert days_used(opened=at(1), until=at(3), waits=[Wait(at(2, 9), at(2, 17))]) == Used(2, 0)


def test_a_day_ends_in_the_zone_of_the_body() -> None:
    late = at(2, 23).astimezone(None)
    assert days_used(opened=at(1), until=at(3), waits=[Wait(late, at(3, 1))]) == Used(1, 1)


MOMENTS = st.integers(0, 525_600).map(lambda minutes: at(1, 0) + timedelta(minutes=minutes))


@given(MOMENTS, MOMENTS, st.lists(st.tuples(MOMENTS, st.none() | MOMENTS), max_size=6))
def test_the_two_clocks_together_show_every_day_of_the_case(
    opened: datetime, until: datetime, spans: list[tuple[datetime, datetime | None]]
) -> None:
    waits = [Wait(begun, ended) for begun, ended in spans if ended is None or ended >= begun]
    used = days_used(opened=opened, until=until, waits=waits)
    assert used.body + used.client == max((until.date() - opened.date()).days, 0)
    assert min(used.body, used.client) >= 0


def test_the_turn_is_the_client_s_while_anything_waits() -> None:
    assert turn_since(opened=at(1), waits=[]) == (False, at(1))
    assert turn_since(opened=at(1), waits=[Wait(at(1), at(4))]) == (False, at(4))
    assert turn_since(opened=at(1), waits=[Wait(at(1), at(4)), Wait(at(6)), Wait(at(5))]) == (True, at(5))


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [(1, 1, 0), (1, 2, 1), (1, 5, 4), (5, 6, 0), (5, 8, 1), (1, 15, 10), (6, 7, 0), (6, 8, 1), (8, 1, 0)],
)
def test_working_days_are_monday_to_friday_after_the_first_day(first: int, last: int, days: int) -> None:
    assert working_days_between(at(first).date(), at(last).date()) == days


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(1, 300))
def test_the_last_day_of_a_time_is_the_working_day_with_that_number(first: date, number: int) -> None:
    last = working_day_after(first, number)
    assert working_days_between(first, last) == number
    assert last.weekday() < 5
    assert working_days_between(first, last - timedelta(days=1)) == number - 1
