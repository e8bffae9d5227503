"""Item 32: numbers are unique, one case gets one certificate, and every gap is explained."""

import time
from datetime import UTC, datetime
from functools import partial

import pytest

from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Counter
from certbody.trail.verify import chain
from certbody.workflow import Refused, perform
from certificates.models import Certificate, Decision
from certificates.transitions import RESERVE
from tests.kernel.threads import at_once
from tests.road.certificates import released_case, signed_decision
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

CASES, SAME_CASE = 20, 16
BEFORE_MIDNIGHT = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
AFTER_MIDNIGHT = datetime(2026, 12, 31, 16, 0, 1, tzinfo=UTC)


def reserve(decision: int, officer: User, moment: datetime) -> str:
    with clock.at(moment):
        wanted = Decision.objects.select_related("case").get(pk=decision)
        made: Certificate = perform(RESERVE, Certificate(case=wanted.case, decision=wanted), actor=officer)
        return made.number


def test_item_32_parallel_issues_at_the_turn_of_the_year_get_distinct_numbers_without_a_gap() -> None:
    officer = make_user(Role.CERTIFICATES)
    with clock.at(BEFORE_MIDNIGHT):
        decisions = [signed_decision(released_case()).pk for _number in range(CASES)]
    moments = [BEFORE_MIDNIGHT if number % 2 else AFTER_MIDNIGHT for number in range(CASES)]
    numbers = at_once(
        [partial(reserve, pk, officer, moment) for pk, moment in zip(decisions, moments, strict=True)]
    )
    half = CASES // 2
    expected = [f"EX{year}SC{number:05}R1" for year in (26, 27) for number in range(1, half + 1)]
    assert sorted(map(str, numbers)) == expected
    assert list(chain()) == []


def test_item_32_sixteen_parallel_issues_of_one_case_make_one_certificate() -> None:
    officer = make_user(Role.CERTIFICATES)
    decision = signed_decision().pk
    results = at_once([partial(reserve, decision, officer, clock.now()) for _number in range(SAME_CASE)])
    made = [result for result in results if isinstance(result, str)]
    assert len(made) == 1
    assert all(isinstance(result, Refused) for result in results if not isinstance(result, str))
    assert Certificate.objects.count() == 1
    assert Counter.objects.get(name__startswith="certificate").value == 1
    assert list(chain()) == []


def naive_number(counter: int) -> int:
    """Read, add one, save: without the lock of the row."""
    row = Counter.objects.get(pk=counter)
    time.sleep(0.01)
    row.value += 1
    row.save()
    return row.value


def test_item_32_without_the_lock_the_numbers_repeat() -> None:
    """Negative control: if this shows no damage, the tests above prove nothing."""
    counter = Counter.objects.create(name="naive", value=0)
    numbers = at_once([partial(naive_number, counter.pk) for _number in range(CASES)])
    given = [number for number in numbers if isinstance(number, int)]
    assert len(set(given)) < len(given)
