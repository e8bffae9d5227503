"""Item 39: the n-th write of issuing fails, once or for a while; nothing is ever half issued.

The fault is injected outside the product: a wrapper around the database connection and around the file system.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, connection, transaction

from audits import scoring
from audits.models import Report
from certbody import clock
from certbody.accounts.models import Organisation, User
from certbody.accounts.roles import Role
from certbody.files.models import StoredFile
from certbody.files.storage import private_root
from certbody.outbox import sweeper
from certbody.trail.models import Event
from certbody.trail.verify import chain
from certbody.workflow import perform
from certificates import checks
from certificates.models import Ballot, Certificate, Decision, Panel
from certificates.transitions import CLOSE, VOTE
from tests.certificates.wholeness import nothing_is_half_issued, numbers_have_no_gap
from tests.environment import IS_NIGHTLY
from tests.faults.history import print_figures
from tests.road.audits import Road, add_special, mark_everything, open_sheet_audit
from tests.road.certificates import (
    opened_panel,
    quick_drawing,
    released_case,
    reserved_certificate,
    secretary,
    signed_decision,
    users_of,
)
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

WRITES = ("INSERT", "UPDATE", "DELETE")
MOST_WRITES = 80
# every write at night, by day every fourth; the faults that stay take longer strides
STRIDES = {False: 1, True: 3} if IS_NIGHTLY else {False: 4, True: 9}


class FailingWrites:
    """Fails the n-th write statement, and with `sticky` every later one too."""

    def __init__(self, n: int, *, sticky: bool) -> None:
        self.n, self.sticky, self.seen = n, sticky, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(WRITES):
            self.seen += 1
            if self.seen == self.n or (self.sticky and self.seen > self.n):
                raise OperationalError("injected: this write failed")
        return execute(sql, params, many, context)

    @property
    def has_struck(self) -> bool:
        return self.seen >= self.n


@contextmanager
def failing_disk(n: int) -> Iterator[list[int]]:
    """Fails the n-th fsync or rename."""
    seen = [0]

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def failing(*args: Any, **kwargs: Any) -> Any:
            seen[0] += 1
            if seen[0] == n:
                raise OSError(errno.ENOSPC, "injected: no space left")
            return call(*args, **kwargs)

        return failing

    with (
        mock.patch.object(os, "fsync", counted(os.fsync)),
        mock.patch.object(Path, "replace", counted(Path.replace)),
    ):
        yield seen


def issue(decision: Decision, officer: User) -> None:
    reserved_certificate(decision, officer=officer)
    sweeper.sweep()


def recover(decision: Decision, officer: User) -> Certificate:
    """What happens without anybody's help, and at worst the officer pressing the button again."""
    for minutes in (0, 3, 8):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            if not Certificate.objects.filter(decision=decision).exclude(state="void").exists():
                reserved_certificate(decision, officer=officer)
            sweeper.sweep()
        if Certificate.objects.filter(decision=decision, state="valid").exists():
            break
    return Certificate.objects.exclude(state="void").get(decision=decision)


def everything_is_whole(decisions: list[Decision]) -> None:
    numbers_have_no_gap()
    assert not Certificate.objects.exclude(state__in=["valid", "void"]).exists()
    assert Certificate.objects.filter(state="valid").count() == len(decisions)
    named = set(StoredFile.objects.values_list("sha256", flat=True))
    kept = {path.stem for path in (private_root() / "sha256").rglob("*.pdf") if _is_of_this_test(path)}
    assert kept <= named
    assert list(chain()) == []
    for check in (checks.votes, checks.decisions, checks.impartiality, checks.certificates):
        assert list(check()) == []


def _is_of_this_test(path: Path) -> bool:
    codes = [code.encode() for code in Organisation.objects.values_list("credit_code", flat=True)]
    return any(code in path.read_bytes() for code in codes)


@pytest.mark.nightly
@pytest.mark.parametrize("sticky", [False, True], ids=["once", "for a while"])
def test_item_39_the_nth_write_to_the_database_fails(sticky: bool) -> None:
    officer = make_user(Role.CERTIFICATES)
    decisions, n, struck = [], 1, True
    with quick_drawing():
        while struck:
            decision = signed_decision(released_case())
            decisions.append(decision)
            fault = FailingWrites(n, sticky=sticky)
            with connection.execute_wrapper(fault), suppress(OperationalError):
                issue(decision, officer)
            struck = fault.has_struck
            nothing_is_half_issued(decision)
            assert recover(decision, officer).state == "valid"
            nothing_is_half_issued(decision)
            n += STRIDES[sticky]
    assert n > 30, "the flow has more writes than this: the fault was not injected where it matters"
    everything_is_whole(decisions)


@dataclass(frozen=True)
class Act:
    """Something that must happen as a whole: how it begins, what is done, and what may be seen afterwards."""

    prepare: Callable[[], Any]
    do: Callable[[Any], object]
    is_done: Callable[[Any], bool]
    is_untouched: Callable[[Any], bool]


def _panel_with_votes() -> Panel:
    panel = opened_panel(released_case())
    for member in users_of(panel):
        perform(VOTE, panel, actor=member, choice="for", reason="已阅。")
    return panel


def _panel_is(panel: Panel, state: str, decisions: int) -> bool:
    panel.refresh_from_db()
    closed = Event.objects.filter(name="panel.closed", object_id=str(panel.pk)).count()
    found = Decision.objects.filter(panel=panel).count()
    return (panel.state, found, closed) == (state, decisions, decisions)


def _ballots(panel: Panel, count: int) -> bool:
    voted = Event.objects.filter(name="panel.voted", object_id=str(panel.pk)).count()
    return (Ballot.objects.filter(seat__panel=panel).count(), voted) == (count, count)


def _marked_sheet() -> Road:
    road = open_sheet_audit()
    mark_everything(road)
    add_special(road)
    return road


def _sheet_is_closed(road: Road) -> bool:
    audit = road.reload()
    return (
        audit.state == "scored"
        and audit.operations_hash == scoring.operations_hash(audit)
        and audit.result == scoring.result_of(audit).as_dict()
        and audit.findings.count() == Report.objects.filter(audit=audit).count() == 1
        and Event.objects.filter(name="audit.sheet_closed", object_id=str(audit.pk)).count() == 1
    )


def _sheet_is_open(road: Road) -> bool:
    audit = road.reload()
    events = Event.objects.filter(name="audit.sheet_closed", object_id=str(audit.pk))
    return audit.state == "stage2" and not (
        audit.result
        or audit.findings.exists()
        or Report.objects.filter(audit=audit).exists()
        or events.exists()
    )


ACTS = {
    "a vote": Act(
        prepare=lambda: opened_panel(released_case()),
        do=lambda panel: perform(VOTE, panel, actor=users_of(panel)[0], choice="for", reason="已阅。"),
        is_done=lambda panel: _ballots(panel, 1),
        is_untouched=lambda panel: _ballots(panel, 0),
    ),
    "closing the panel and taking the decision": Act(
        prepare=_panel_with_votes,
        do=lambda panel: perform(CLOSE, panel, actor=secretary()),
        is_done=lambda panel: _panel_is(panel, "closed", 1),
        is_untouched=lambda panel: _panel_is(panel, "open", 0),
    ),
    "freezing the sheet": Act(
        prepare=_marked_sheet,
        do=lambda road: road.take("close_sheet", road.lead, closing_meeting_on=clock.today()),
        is_done=_sheet_is_closed,
        is_untouched=_sheet_is_open,
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_item_39_the_nth_write_of_another_act_fails_and_nothing_of_it_happened(name: str) -> None:
    """One object is enough: after each failure it must be untouched, so the next write can fail on it."""
    act = ACTS[name]
    thing, n = act.prepare(), 1
    while True:
        fault = FailingWrites(n, sticky=bool(n % 2))
        with connection.execute_wrapper(fault), suppress(OperationalError):
            act.do(thing)
        if not fault.has_struck:
            break
        assert act.is_untouched(thing), f"the {n}th write"
        n += 1
    assert n > 3, "the fault was not injected where it matters"
    assert act.is_done(thing)
    assert list(chain()) == []
    print_figures(39, act=name, writes=n - 1, half=0)


def test_item_39_the_nth_write_to_the_disk_fails() -> None:
    officer = make_user(Role.CERTIFICATES)
    decisions, n, struck = [], 1, True
    with quick_drawing():
        while struck:
            decision = signed_decision(released_case())
            decisions.append(decision)
            with failing_disk(n) as seen, suppress(OSError):
                issue(decision, officer)
            struck = seen[0] >= n
            nothing_is_half_issued(decision)
            assert recover(decision, officer).state == "valid"
            nothing_is_half_issued(decision)
            n += 1
    assert n > 6
    everything_is_whole(decisions)


def test_item_39_without_the_transaction_a_failing_write_leaves_half_a_certificate() -> None:
    """Negative control: the same fault in the same steps, which keep what was done before it, does the damage."""
    officer = make_user(Role.CERTIFICATES)
    halves = []
    with quick_drawing():
        for n in range(1, MOST_WRITES):
            decision = signed_decision(released_case())
            with (
                mock.patch("certbody.workflow.transaction.atomic", _keeping_what_was_done),
                connection.execute_wrapper(FailingWrites(n, sticky=True)),
                suppress(OperationalError),
            ):
                issue(decision, officer)
            try:
                nothing_is_half_issued(decision)
            except (AssertionError, ObjectDoesNotExist):
                halves.append(n)
                break
    assert halves


ATOMIC = transaction.atomic


@contextmanager
def _keeping_what_was_done(*_args: object, **_options: object) -> Iterator[None]:
    """A transaction that keeps what was written before the fault."""
    fault = None
    with ATOMIC():
        try:
            yield
        except OperationalError as caught:
            fault = caught
    if fault is not None:
        raise fault
