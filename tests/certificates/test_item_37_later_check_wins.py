"""Item 37: what changed between looking and acting counts, and locks are taken in one order.

Lock order: case → aggregate → certificate → trail (see `certbody.workflow`).
"""

import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from certbody import clock
from certbody.accounts.models import RoleAssignment, User
from certbody.accounts.roles import Role
from certbody.cases.models import CaseKind
from certbody.outbox import sweeper
from certbody.trail.models import Event
from certbody.trail.verify import chain
from certbody.workflow import NotAllowed, Refused, perform
from certificates.models import Certificate
from certificates.transitions import RESERVE, SUSPEND
from tests.kernel.bench import make_table, step
from tests.kernel.pages import address, open_bench, signed_in, submission
from tests.kernel.threads import at_once
from tests.road.audits import released_report
from tests.road.certificates import (
    issued_certificate,
    quick_drawing,
    released_case,
    reserved_certificate,
    signed_decision,
)
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True)]

ROUNDS = 3
RANKS = {"cases_case": 0, "certificates_certificate": 1, "trail_trailhead": 2}


def end_role(user: User) -> None:
    today = clock.today()
    RoleAssignment.objects.filter(person=user.person).update(
        since=today - timedelta(days=9), until=today - timedelta(days=1)
    )


def test_item_37_a_role_that_ended_after_the_form_was_opened_no_longer_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_bench(monkeypatch)
    table, user = make_table(), make_user(Role.QUALITY)
    browser = signed_in(user)
    assert browser.get(address(table, "note")).status_code == 200
    end_role(user)
    assert browser.post(address(table, "note"), submission()).status_code == 404
    assert not Event.objects.filter(name="bench.noted").exists()


@pytest.mark.parametrize(
    "end", [end_role, lambda user: User.objects.filter(pk=user.pk).update(is_active=False)]
)
def test_item_37_who_acts_is_asked_again_under_the_lock(end: Callable[[User], object]) -> None:
    """As if the role ended while the request waited for the lock: what the request knew of its user is old."""
    table, user = make_table(), make_user(Role.QUALITY)
    assert user.has_role(Role.QUALITY)
    end(user)
    assert user.has_role(Role.QUALITY), "the request still remembers the role"
    with pytest.raises(NotAllowed):
        perform(step(), table, actor=user)
    assert not Event.objects.exists()


@pytest.mark.race
def test_item_37_a_certificate_suspended_in_time_is_never_taken_over() -> None:
    for _round in range(ROUNDS):
        with clock.at(date(2024, 1, 15)):
            first = issued_certificate()
        with clock.at(date(2026, 12, 1)):
            released = released_case(organisation=first.organisation, kind=CaseKind.RECERTIFICATION, cycle=2)
            second = reserved_certificate(signed_decision(released))
            head = make_user(Role.HEAD)
        at_once([partial(suspend, first, head), issue_all])
        suspended = Event.objects.get(name="certificate.suspended", object_id=str(first.pk))
        issued = Event.objects.filter(name="certificate.issued", object_id=str(second.pk)).first()
        first.refresh_from_db()
        assert issued is None or issued.sequence < suspended.sequence
        assert (first.continued_by_id == second.pk) is (issued is not None)
    assert list(chain()) == []


def suspend(certificate: Certificate, head: User) -> None:
    with clock.at(date(2026, 12, 1)):
        perform(SUSPEND, certificate, actor=head, ground="surveillance", reason="未按期监督")


def issue_all() -> None:
    with clock.at(date(2026, 12, 1)), quick_drawing():
        sweeper.sweep()


@pytest.mark.race
def test_item_37_without_the_lock_a_suspended_certificate_is_taken_over() -> None:
    """Negative control: looking first and acting later misses what happened in between."""
    with clock.at(date(2026, 11, 1)):
        first = issued_certificate()
    head = make_user(Role.HEAD)
    taken_over: list[str] = []

    def take_over_naively() -> None:
        seen = Certificate.objects.get(pk=first.pk)
        time.sleep(0.5)
        if seen.state == "valid":
            taken_over.append(Certificate.objects.get(pk=first.pk).state)

    def suspend_meanwhile() -> None:
        time.sleep(0.1)
        suspend(first, head)

    at_once([take_over_naively, suspend_meanwhile])
    assert taken_over == ["suspended"]


class Locks:
    """Which rows are locked by which table's name, transaction by transaction."""

    def __init__(self) -> None:
        self.taken: list[list[str]] = [[]]

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "FOR NO KEY UPDATE" in sql or sql.rstrip().endswith("FOR UPDATE"):
            found = re.search(r'FROM "(\w+)"', sql)
            assert found, sql
            self.taken[-1].append(found.group(1))
        return execute(sql, params, many, context)

    def of_one_step(self, act: Callable[[], object]) -> list[str]:
        self.taken.append([])
        with connection.execute_wrapper(self):
            act()
        return self.taken[-1]


def is_in_order(tables: list[str]) -> bool:
    """The case before everything, certificates before the trail.

    Other rows of a case may be locked at any time by whoever holds the case: nobody else waits for them with the case
    or the trail in hand.
    """
    ranks = [RANKS[table] for table in dict.fromkeys(tables) if table in RANKS]
    return ranks == sorted(ranks) and ("cases_case" not in tables or tables[0] == "cases_case")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL locks rows")
def test_item_37_every_step_locks_case_then_aggregate_then_certificate_then_trail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over the whole road from the opened audit to the issued and suspended certificate."""
    from certbody import workflow

    locks, seen, take = Locks(), [], workflow._perform

    def watched(which: workflow.Step, obj: Any, actor: User | None, data: Any) -> Any:
        if seen and seen[-1][1] is None:  # a step inside a step belongs to the outer one's transaction
            return take(which, obj, actor, data)
        seen.append((which.event, None))
        made: list[Any] = []
        try:
            tables = locks.of_one_step(lambda: made.append(take(which, obj, actor, data)))
        except Refused:
            seen.pop()
            raise
        seen[-1] = (which.event, tables)
        return made[0]

    monkeypatch.setattr(workflow, "_perform", watched)
    released_report()
    certificate = issued_certificate()
    certificate.refresh_from_db()
    perform(SUSPEND, certificate, actor=make_user(Role.HEAD), ground="requirements", reason="投诉未处理")
    assert len({event for event, _tables in seen}) > 20
    assert {event: tables for event, tables in seen if not is_in_order(tables)} == {}
    assert RESERVE.event in dict(seen)


def test_item_37_the_order_is_told_from_a_ring() -> None:
    """The control: the check above refuses what two steps could wait for each other with."""
    assert is_in_order(
        ["cases_case", "audits_audit", "certificates_certificate", "trail_trailhead", "audits_report"]
    )
    assert not is_in_order(["trail_trailhead", "certificates_certificate"])
    assert not is_in_order(["audits_audit", "cases_case"])
